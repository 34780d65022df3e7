"""Examples of the Spec: List the products that are low on stock."""

import pytest
from fastapi.testclient import TestClient


def set_the_scene(client: TestClient, auth_headers: dict[str, str]) -> None:
    """Take the steps that the examples start from."""
    response = client.post(
        "/categories",
        json={"name": "hardware"},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    category_id = response.json()["id"]
    response = client.post(
        "/products",
        json={
            "sku": "SKU-0001",
            "name": "nails",
            "price": "1.00",
            "category_id": category_id,
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    nails_id = response.json()["id"]
    response = client.post(
        "/products",
        json={
            "sku": "SKU-0002",
            "name": "bolts",
            "price": "1.00",
            "category_id": category_id,
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    bolts_id = response.json()["id"]
    response = client.post(
        "/products",
        json={
            "sku": "SKU-0003",
            "name": "nuts",
            "price": "1.00",
            "category_id": category_id,
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    response = client.post(
        "/products",
        json={
            "sku": "SKU-0004",
            "name": "clips",
            "price": "1.00",
            "category_id": category_id,
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    response = client.post(
        f"/products/{nails_id}/stock/receive",
        json={"quantity": 5},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    response = client.post(
        f"/products/{bolts_id}/stock/receive",
        json={"quantity": 6},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text


def test_get_products_low_stock_is_requested_list_exactly(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN GET /products/low-stock is requested, THE API SHALL list exactly the...

    Criteria: C1
    """
    set_the_scene(client, auth_headers)

    response = client.get("/products/low-stock", params={"threshold": 6})

    assert response.status_code == 200, response.text
    body = response.json()
    assert [item["name"] for item in body["items"]] == [
        "nuts",
        "clips",
        "nails",
        "bolts",
    ]
    assert [item["stock"] for item in body["items"]] == [0, 0, 5, 6]
    assert body["total"] == 4


def test_get_products_low_stock_is_requested_list_exactly_2(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN GET /products/low-stock is requested, THE API SHALL list exactly the...

    Criteria: C1
    """
    set_the_scene(client, auth_headers)

    response = client.get("/products/low-stock", params={"threshold": 4})

    assert response.status_code == 200, response.text
    body = response.json()
    assert [item["name"] for item in body["items"]] == ["nuts", "clips"]
    assert body["total"] == 2


def test_get_products_low_stock_is_requested_list_exactly_3(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN GET /products/low-stock is requested, THE API SHALL list exactly the...

    Criteria: C1
    """
    set_the_scene(client, auth_headers)

    response = client.get("/products/low-stock", params={"threshold": 0})

    assert response.status_code == 200, response.text
    body = response.json()
    assert [item["name"] for item in body["items"]] == ["nuts", "clips"]
    assert body["total"] == 2


def test_get_products_low_stock_is_requested_take_query_parameter(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN GET /products/low-stock is requested, THE API SHALL take the query...

    Criteria: C2
    """
    set_the_scene(client, auth_headers)

    response = client.get("/products/low-stock")

    assert response.status_code == 200, response.text
    body = response.json()
    assert [item["name"] for item in body["items"]] == ["nuts", "clips", "nails"]
    assert body["total"] == 3


def test_get_products_low_stock_is_requested_take_query_parameter_2(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN GET /products/low-stock is requested, THE API SHALL take the query...

    Criteria: C2
    """
    set_the_scene(client, auth_headers)

    response = client.get("/products/low-stock", params={"threshold": 1000})

    assert response.status_code == 200, response.text
    body = response.json()
    assert [item["name"] for item in body["items"]] == [
        "nuts",
        "clips",
        "nails",
        "bolts",
    ]
    assert body["total"] == 4


@pytest.mark.parametrize(
    "value",
    ["-1", "1001", "2.5", "few", ""],
    ids=["1", "1001", "2.5", "few", "empty"],
)
def test_get_products_low_stock_is_requested_take_query_parameter_3(
    client: TestClient,
    auth_headers: dict[str, str],
    value: str,
) -> None:
    """WHEN GET /products/low-stock is requested, THE API SHALL take the query...

    Criteria: C2
    """
    set_the_scene(client, auth_headers)

    response = client.get("/products/low-stock", params={"threshold": value})

    assert response.status_code == 422, response.text


def test_get_products_low_stock_is_requested_without_key_answer(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN GET /products/low-stock is requested without an API key, THE API...

    Criteria: C3
    """
    set_the_scene(client, auth_headers)

    response = client.get("/products/low-stock", params={"limit": 2, "offset": 1})

    assert response.status_code == 200, response.text
    body = response.json()
    assert [item["name"] for item in body["items"]] == ["clips", "nails"]
    assert body["total"] == 3
    assert body["limit"] == 2
    assert body["offset"] == 1


def test_get_products_low_stock_is_requested_without_key_answer_2(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN GET /products/low-stock is requested without an API key, THE API...

    Criteria: C3
    """
    set_the_scene(client, auth_headers)

    response = client.get("/products/low-stock")

    assert response.status_code == 200, response.text
    body = response.json()
    assert len(body["items"]) == 3
    assert body["total"] == 3
    assert body["limit"] == 20
    assert body["offset"] == 0


@pytest.mark.parametrize("limit", [0, 101], ids=["0", "101"])
def test_get_products_low_stock_is_requested_without_key_answer_3(
    client: TestClient,
    auth_headers: dict[str, str],
    limit: int,
) -> None:
    """WHEN GET /products/low-stock is requested without an API key, THE API...

    Criteria: C3
    """
    set_the_scene(client, auth_headers)

    response = client.get("/products/low-stock", params={"limit": limit})

    assert response.status_code == 422, response.text
