"""Examples of the Spec: List the products whose stock is low."""

from typing import Any

import pytest
from fastapi.testclient import TestClient


def set_the_scene(client: TestClient, auth_headers: dict[str, str]) -> dict[str, Any]:
    """Take the steps that the examples start from; return what they saved."""
    response = client.post(
        "/categories",
        json={"name": "Furniture"},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    category = response.json()["id"]
    response = client.post(
        "/products",
        json={
            "sku": "ABC-101",
            "name": "Desk",
            "price": "10.00",
            "category_id": category,
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    desk = response.json()["id"]
    response = client.post(
        f"/products/{desk}/stock/receive",
        json={"quantity": 6},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    response = client.post(
        "/products",
        json={
            "sku": "ABC-102",
            "name": "Chair",
            "price": "10.00",
            "category_id": category,
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    chair = response.json()["id"]
    response = client.post(
        f"/products/{chair}/stock/receive",
        json={"quantity": 5},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    response = client.post(
        "/products",
        json={
            "sku": "ABC-103",
            "name": "Lamp",
            "price": "10.00",
            "category_id": category,
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    lamp = response.json()["id"]
    response = client.post(
        "/products",
        json={
            "sku": "ABC-104",
            "name": "Bench",
            "price": "10.00",
            "category_id": category,
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    bench = response.json()["id"]
    response = client.post(
        f"/products/{bench}/stock/receive",
        json={"quantity": 5},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    return {"chair": chair, "lamp": lamp, "bench": bench}


@pytest.mark.parametrize(
    ("threshold", "names"),
    [
        (0, ["Lamp"]),
        (4, ["Lamp"]),
        (5, ["Lamp", "Chair", "Bench"]),
        (6, ["Lamp", "Chair", "Bench", "Desk"]),
        (1000, ["Lamp", "Chair", "Bench", "Desk"]),
    ],
    ids=[
        "0-Lamp",
        "4-Lamp",
        "5-Lamp_Chair_Bench",
        "6-Lamp_Chair_Bench_Desk",
        "1000-Lamp_Chair_Bench_Desk",
    ],
)
def test_get_products_low_stock_is_requested_list_only_products(
    client: TestClient,
    auth_headers: dict[str, str],
    threshold: int,
    names: list[str],
) -> None:
    """WHEN GET /products/low-stock is requested THE API SHALL list only the...

    Criteria: C1
    """
    set_the_scene(client, auth_headers)

    response = client.get("/products/low-stock", params={"threshold": threshold})

    assert response.status_code == 200, response.text
    assert [item["name"] for item in response.json()["items"]] == names


def test_get_products_low_stock_is_requested_list_only_products_2(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN GET /products/low-stock is requested THE API SHALL list only the...

    Criteria: C1
    """
    scene = set_the_scene(client, auth_headers)
    lamp = scene["lamp"]
    response = client.delete(f"/products/{lamp}", headers=auth_headers)
    assert response.status_code < 300, response.text

    response = client.get("/products/low-stock", params={"threshold": 4})

    assert response.status_code == 200, response.text
    body = response.json()
    assert body["items"] == []
    assert body["total"] == 0


def test_query_parameter_threshold_is_not_given_take_5_and_is(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN the query parameter threshold is not given THE API SHALL take 5, and...

    Criteria: C2
    """
    scene = set_the_scene(client, auth_headers)
    chair = scene["chair"]
    lamp = scene["lamp"]
    bench = scene["bench"]

    response = client.get("/products/low-stock")

    assert response.status_code == 200, response.text
    body = response.json()
    assert [item["id"] for item in body["items"]] == [lamp, chair, bench]
    assert [item["stock"] for item in body["items"]] == [0, 5, 5]


@pytest.mark.parametrize(
    "threshold",
    ["-1", "1001", "2.5", "few"],
    ids=["1", "1001", "2.5", "few"],
)
def test_query_parameter_threshold_is_not_given_take_5_and_is_2(
    client: TestClient,
    auth_headers: dict[str, str],
    threshold: str,
) -> None:
    """WHEN the query parameter threshold is not given THE API SHALL take 5, and...

    Criteria: C2
    """
    set_the_scene(client, auth_headers)

    response = client.get("/products/low-stock", params={"threshold": threshold})

    assert response.status_code == 422, response.text


@pytest.mark.parametrize(
    ("limit", "offset", "names"),
    [(2, 0, ["Lamp", "Chair"]), (2, 2, ["Bench"]), (1, 1, ["Chair"]), (2, 3, [])],
    ids=["2-0-Lamp_Chair", "2-2-Bench", "1-1-Chair", "2-3-other"],
)
def test_list_is_requested_with_no_key_answer_paged_like_every(
    client: TestClient,
    auth_headers: dict[str, str],
    limit: int,
    offset: int,
    names: list[str],
) -> None:
    """WHEN the list is requested with no key THE API SHALL answer it paged like...

    Criteria: C3
    """
    set_the_scene(client, auth_headers)

    response = client.get(
        "/products/low-stock",
        params={"limit": limit, "offset": offset},
    )

    assert response.status_code == 200, response.text
    body = response.json()
    assert [item["name"] for item in body["items"]] == names
    assert body["total"] == 3
    assert body["limit"] == limit
    assert body["offset"] == offset


def test_list_is_requested_with_no_key_answer_paged_like_every_2(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN the list is requested with no key THE API SHALL answer it paged like...

    Criteria: C3
    """
    set_the_scene(client, auth_headers)

    response = client.get("/products/low-stock")

    assert response.status_code == 200, response.text
    body = response.json()
    assert body["total"] == 3
    assert body["limit"] == 20
    assert body["offset"] == 0


@pytest.mark.parametrize("limit", [0, 101], ids=["0", "101"])
def test_list_is_requested_with_no_key_answer_paged_like_every_3(
    client: TestClient,
    auth_headers: dict[str, str],
    limit: int,
) -> None:
    """WHEN the list is requested with no key THE API SHALL answer it paged like...

    Criteria: C3
    """
    set_the_scene(client, auth_headers)

    response = client.get("/products/low-stock", params={"limit": limit})

    assert response.status_code == 422, response.text
