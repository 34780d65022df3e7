"""Examples of the Spec: The API's version in every answer."""

import pytest
from fastapi.testclient import TestClient


@pytest.mark.parametrize(
    "path",
    ["/health", "/products", "/orders", "/categories", "/openapi.json"],
    ids=["health", "products", "orders", "categories", "openapi.json"],
)
def test_any_route_answers_send_header_x_version_with_version_of(
    client: TestClient,
    path: str,
) -> None:
    """WHEN any route answers THE API SHALL send the header X-API-Version with...

    Criteria: C1
    """
    response = client.get(path)

    assert response.status_code == 200, response.text
    assert response.headers["X-API-Version"] == "0.3.0"


def test_any_route_answers_send_header_x_version_with_version_of_2(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN any route answers THE API SHALL send the header X-API-Version with...

    Criteria: C1
    """
    response = client.post("/categories", json={"name": "Paint"}, headers=auth_headers)

    assert response.status_code == 201, response.text
    assert response.headers["X-API-Version"] == "0.3.0"


@pytest.mark.parametrize(
    ("path", "status"),
    [("/nowhere", 404), ("/products/999", 404), ("/products?limit=0", 422)],
    ids=["nowhere-404", "products_999-404", "products_limit_0-422"],
)
def test_answers_with_error_send_header_x_version_too(
    client: TestClient,
    path: str,
    status: int,
) -> None:
    """WHEN the API answers with an error THE API SHALL send the header...

    Criteria: C2
    """
    response = client.get(path)

    assert response.status_code == status, response.text
    assert response.headers["X-API-Version"] == "0.3.0"


def test_answers_with_error_send_header_x_version_too_2(client: TestClient) -> None:
    """WHEN the API answers with an error THE API SHALL send the header...

    Criteria: C2
    """
    response = client.post("/categories", json={"name": "Paint"})

    assert response.status_code == 401, response.text
    assert response.headers["X-API-Version"] == "0.3.0"
