"""Examples of the Spec: Send the version of the app in an X-API-Version header."""

from importlib import import_module

import pytest
from fastapi.testclient import TestClient


@pytest.mark.parametrize(
    "path",
    ["/health", "/categories", "/products", "/orders", "/docs"],
    ids=["health", "categories", "products", "orders", "docs"],
)
def test_request_succeeds_whatever_route_and_method_and_whether(
    client: TestClient,
    path: str,
) -> None:
    """WHEN a request succeeds, whatever its route and method and whether or not...

    Criteria: C1
    """
    version = import_module("app").__version__

    response = client.get(path)

    assert response.status_code == 200, response.text
    assert response.headers["X-API-Version"] == str(version)


def test_request_succeeds_whatever_route_and_method_and_whether_2(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN a request succeeds, whatever its route and method and whether or not...

    Criteria: C1
    """
    version = import_module("app").__version__

    response = client.post(
        "/categories",
        json={"name": "Garden tools"},
        headers=auth_headers,
    )

    assert response.status_code == 201, response.text
    assert response.headers["X-API-Version"] == str(version)
    assert response.json()["name"] == "Garden tools"


def test_request_succeeds_whatever_route_and_method_and_whether_3(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN a request succeeds, whatever its route and method and whether or not...

    Criteria: C1
    """
    version = import_module("app").__version__
    response = client.post(
        "/categories",
        json={"name": "Garden tools"},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    id_ = response.json()["id"]

    response = client.delete(f"/categories/{id_}", headers=auth_headers)

    assert response.status_code == 204, response.text
    assert response.headers["X-API-Version"] == str(version)


@pytest.mark.parametrize(
    "path",
    ["/no-such-route", "/products/999999", "/categories/999999", "/orders/999999"],
    ids=["no_such_route", "products_999999", "categories_999999", "orders_999999"],
)
def test_request_is_refused_with_4xx_status_be_by_route_by(
    client: TestClient,
    path: str,
) -> None:
    """WHEN a request is refused with a 4XX status, be it by a route, by...

    Criteria: C2
    """
    version = import_module("app").__version__

    response = client.get(path)

    assert response.status_code == 404, response.text
    assert response.headers["X-API-Version"] == str(version)


def test_request_is_refused_with_4xx_status_be_by_route_by_2(
    client: TestClient,
) -> None:
    """WHEN a request is refused with a 4XX status, be it by a route, by...

    Criteria: C2
    """
    version = import_module("app").__version__

    response = client.put("/health", json={})

    assert response.status_code == 405, response.text
    assert response.headers["X-API-Version"] == str(version)
