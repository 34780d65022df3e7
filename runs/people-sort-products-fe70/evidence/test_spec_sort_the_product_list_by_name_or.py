"""Examples of the Spec: Sort the product list by name or price."""

from typing import Any

import pytest
from fastapi.testclient import TestClient


def set_the_scene(client: TestClient, auth_headers: dict[str, str]) -> dict[str, Any]:
    """Take the steps that the examples start from; return what they saved."""
    response = client.post("/categories", json={"name": "fruit"}, headers=auth_headers)
    assert response.status_code < 300, response.text
    fruit_id = response.json()["id"]
    response = client.post(
        "/products",
        json={
            "sku": "SKU-0001",
            "name": "banana",
            "price": "3.00",
            "category_id": fruit_id,
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    response = client.post(
        "/products",
        json={
            "sku": "SKU-0002",
            "name": "apple",
            "price": "10.00",
            "category_id": fruit_id,
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    response = client.post(
        "/products",
        json={
            "sku": "SKU-0003",
            "name": "Cherry",
            "price": "1.00",
            "category_id": fruit_id,
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    response = client.post(
        "/products",
        json={
            "sku": "SKU-0004",
            "name": "Apple",
            "price": "3.00",
            "category_id": fruit_id,
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    return {"fruit_id": fruit_id}


def test_get_products_is_requested_with_sort_name_price_name_or(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN GET /products is requested with sort=name, price, -name or -price...

    Criteria: C1
    """
    set_the_scene(client, auth_headers)

    response = client.get("/products", params={"sort": "price"})

    assert response.status_code == 200, response.text
    body = response.json()
    assert [item["name"] for item in body["items"]] == [
        "Cherry",
        "banana",
        "Apple",
        "apple",
    ]
    assert body["total"] == 4


def test_get_products_is_requested_with_sort_name_price_name_or_2(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN GET /products is requested with sort=name, price, -name or -price...

    Criteria: C1
    """
    set_the_scene(client, auth_headers)

    response = client.get("/products", params={"sort": "-price"})

    assert response.status_code == 200, response.text
    body = response.json()
    assert [item["name"] for item in body["items"]] == [
        "apple",
        "banana",
        "Apple",
        "Cherry",
    ]
    assert body["total"] == 4


def test_get_products_is_requested_with_sort_name_price_name_or_3(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN GET /products is requested with sort=name, price, -name or -price...

    Criteria: C1
    """
    set_the_scene(client, auth_headers)

    response = client.get("/products", params={"sort": "-name"})

    assert response.status_code == 200, response.text
    body = response.json()
    assert [item["name"] for item in body["items"]] == [
        "Cherry",
        "banana",
        "apple",
        "Apple",
    ]
    assert body["total"] == 4


def test_get_products_is_sorted_by_name_compare_names_without(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN GET /products is sorted by name, THE API SHALL compare names without...

    Criteria: C2
    """
    set_the_scene(client, auth_headers)

    response = client.get("/products", params={"sort": "name"})

    assert response.status_code == 200, response.text
    body = response.json()
    assert [item["name"] for item in body["items"]] == [
        "apple",
        "Apple",
        "banana",
        "Cherry",
    ]
    assert body["total"] == 4


def test_get_products_is_sorted_by_name_compare_names_without_2(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN GET /products is sorted by name, THE API SHALL compare names without...

    Criteria: C2
    """
    set_the_scene(client, auth_headers)
    response = client.post("/categories", json={"name": "pastry"}, headers=auth_headers)
    assert response.status_code < 300, response.text
    pastry_id = response.json()["id"]
    response = client.post(
        "/products",
        json={
            "sku": "SKU-0005",
            "name": "Éclair b",
            "price": "2.00",
            "category_id": pastry_id,
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    response = client.post(
        "/products",
        json={
            "sku": "SKU-0006",
            "name": "éclair a",
            "price": "2.00",
            "category_id": pastry_id,
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text

    response = client.get("/products", params={"category": "pastry", "sort": "name"})

    assert response.status_code == 200, response.text
    assert [item["name"] for item in response.json()["items"]] == [
        "éclair a",
        "Éclair b",
    ]


def test_get_products_is_requested_with_sort_together_with_limit(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN GET /products is requested with sort together with limit, offset...

    Criteria: C3
    """
    set_the_scene(client, auth_headers)

    response = client.get("/products", params={"sort": "name", "limit": 2, "offset": 1})

    assert response.status_code == 200, response.text
    body = response.json()
    assert [item["name"] for item in body["items"]] == ["Apple", "banana"]
    assert body["total"] == 4
    assert body["limit"] == 2
    assert body["offset"] == 1


def test_get_products_is_requested_with_sort_together_with_limit_2(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN GET /products is requested with sort together with limit, offset...

    Criteria: C3
    """
    set_the_scene(client, auth_headers)
    response = client.post("/categories", json={"name": "tools"}, headers=auth_headers)
    assert response.status_code < 300, response.text
    tools_id = response.json()["id"]
    response = client.post(
        "/products",
        json={
            "sku": "SKU-0005",
            "name": "wrench",
            "price": "8.00",
            "category_id": tools_id,
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    response = client.post(
        "/products",
        json={
            "sku": "SKU-0006",
            "name": "hammer",
            "price": "9.00",
            "category_id": tools_id,
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text

    response = client.get(
        "/products",
        params={"category": "tools", "sort": "name", "limit": 1},
    )

    assert response.status_code == 200, response.text
    body = response.json()
    assert [item["name"] for item in body["items"]] == ["hammer"]
    assert body["total"] == 2


def test_get_products_is_requested_with_sort_together_with_limit_3(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN GET /products is requested with sort together with limit, offset...

    Criteria: C3
    """
    scene = set_the_scene(client, auth_headers)
    fruit_id = scene["fruit_id"]
    response = client.post(
        "/products",
        json={
            "sku": "SKU-0005",
            "name": "pear red",
            "price": "2.00",
            "category_id": fruit_id,
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    response = client.post(
        "/products",
        json={
            "sku": "SKU-0006",
            "name": "pear big",
            "price": "0.50",
            "category_id": fruit_id,
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text

    response = client.get("/products", params={"q": "pear", "sort": "price"})

    assert response.status_code == 200, response.text
    body = response.json()
    assert [item["name"] for item in body["items"]] == ["pear big", "pear red"]
    assert body["total"] == 2


def test_get_products_is_requested_without_sort_list_products_by(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN GET /products is requested without sort, THE API SHALL list the...

    Criteria: C4
    """
    set_the_scene(client, auth_headers)

    response = client.get("/products")

    assert response.status_code == 200, response.text
    body = response.json()
    assert [item["name"] for item in body["items"]] == [
        "banana",
        "apple",
        "Cherry",
        "Apple",
    ]
    assert body["total"] == 4


@pytest.mark.parametrize(
    "value",
    ["stock", "id", "-sku", "NAME", "--name", "+price", "name,price", ""],
    ids=["stock", "id", "sku", "NAME", "name", "price", "name_price", "empty"],
)
def test_get_products_is_requested_with_value_of_sort_other_than(
    client: TestClient,
    auth_headers: dict[str, str],
    value: str,
) -> None:
    """WHEN GET /products is requested with a value of sort other than name...

    Criteria: C5
    """
    set_the_scene(client, auth_headers)

    response = client.get("/products", params={"sort": value})

    assert response.status_code == 422, response.text
