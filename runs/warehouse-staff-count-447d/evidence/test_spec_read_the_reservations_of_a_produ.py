"""Examples of the Spec: Read the reservations of a product."""

from typing import Any

from fastapi.testclient import TestClient


def set_the_scene(client: TestClient, auth_headers: dict[str, str]) -> dict[str, Any]:
    """Take the steps that the examples start from; return what they saved."""
    response = client.post(
        "/categories",
        json={"name": "Lighting"},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    category = response.json()["id"]
    response = client.post(
        "/products",
        json={
            "sku": "LAMP-1",
            "name": "Lamp",
            "price": "12.50",
            "category_id": category,
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    lamp = response.json()["id"]
    response = client.post(
        f"/products/{lamp}/stock/receive",
        json={"quantity": 10},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    return {"category": category, "lamp": lamp}


def test_client_sends_get_products_id_stock_reservations_without(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN a client sends GET /products/{id}/stock/reservations without an API...

    Criteria: C1
    """
    scene = set_the_scene(client, auth_headers)
    lamp = scene["lamp"]

    response = client.get(f"/products/{lamp}/stock/reservations")

    assert response.status_code == 200, response.text
    assert response.json()["available"] == 10


def test_reservations_of_product_are_read_return_integers(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN the reservations of a product are read, THE API SHALL return the...

    Criteria: C2
    """
    scene = set_the_scene(client, auth_headers)
    lamp = scene["lamp"]
    response = client.post(
        "/orders",
        json={"customer": "Ada", "lines": [{"product_id": lamp, "quantity": 3}]},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    response = client.post(
        "/orders",
        json={"customer": "Ada", "lines": [{"product_id": lamp, "quantity": 2}]},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text

    response = client.get(f"/products/{lamp}/stock/reservations")

    assert response.status_code == 200, response.text
    body = response.json()
    assert body["available"] == 5
    assert body["reserved"] == 5
    assert body["total"] == 10
    assert body["orders"] == 2


def test_reservations_of_product_are_read_return_integers_2(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN the reservations of a product are read, THE API SHALL return the...

    Criteria: C2
    """
    scene = set_the_scene(client, auth_headers)
    category = scene["category"]
    lamp = scene["lamp"]
    response = client.post(
        "/products",
        json={
            "sku": "BULB-1",
            "name": "Bulb",
            "price": "12.50",
            "category_id": category,
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    bulb = response.json()["id"]
    response = client.post(
        f"/products/{bulb}/stock/receive",
        json={"quantity": 8},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    response = client.post(
        "/orders",
        json={
            "customer": "Ada",
            "lines": [
                {"product_id": lamp, "quantity": 1},
                {"product_id": bulb, "quantity": 4},
            ],
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    response = client.post(
        "/orders",
        json={"customer": "Ada", "lines": [{"product_id": bulb, "quantity": 2}]},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text

    response = client.get(f"/products/{lamp}/stock/reservations")

    assert response.status_code == 200, response.text
    body = response.json()
    assert body["available"] == 9
    assert body["reserved"] == 1
    assert body["total"] == 10
    assert body["orders"] == 1


def test_pending_order_names_product_in_several_lines_add_units(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN a pending order names the product in several lines, THE API SHALL add...

    Criteria: C3
    """
    scene = set_the_scene(client, auth_headers)
    lamp = scene["lamp"]
    response = client.post(
        "/orders",
        json={
            "customer": "Ada",
            "lines": [
                {"product_id": lamp, "quantity": 3},
                {"product_id": lamp, "quantity": 2},
            ],
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text

    response = client.get(f"/products/{lamp}/stock/reservations")

    assert response.status_code == 200, response.text
    body = response.json()
    assert body["available"] == 5
    assert body["reserved"] == 5
    assert body["total"] == 10
    assert body["orders"] == 1


def test_pending_order_names_product_in_several_lines_add_units_2(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN a pending order names the product in several lines, THE API SHALL add...

    Criteria: C3
    """
    scene = set_the_scene(client, auth_headers)
    lamp = scene["lamp"]
    response = client.post(
        "/orders",
        json={
            "customer": "Ada",
            "lines": [
                {"product_id": lamp, "quantity": 2},
                {"product_id": lamp, "quantity": 2},
            ],
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    response = client.post(
        "/orders",
        json={"customer": "Ada", "lines": [{"product_id": lamp, "quantity": 1}]},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text

    response = client.get(f"/products/{lamp}/stock/reservations")

    assert response.status_code == 200, response.text
    body = response.json()
    assert body["available"] == 5
    assert body["reserved"] == 5
    assert body["total"] == 10
    assert body["orders"] == 2


def test_order_has_been_paid_or_cancelled_leave_out_of_reserved(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN an order has been paid or cancelled, THE API SHALL leave it out of...

    Criteria: C4
    """
    scene = set_the_scene(client, auth_headers)
    lamp = scene["lamp"]
    response = client.post(
        "/orders",
        json={"customer": "Ada", "lines": [{"product_id": lamp, "quantity": 3}]},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    first = response.json()["id"]
    response = client.post(
        "/orders",
        json={"customer": "Ada", "lines": [{"product_id": lamp, "quantity": 2}]},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    response = client.post(f"/orders/{first}/pay", headers=auth_headers)
    assert response.status_code < 300, response.text

    response = client.get(f"/products/{lamp}/stock/reservations")

    assert response.status_code == 200, response.text
    body = response.json()
    assert body["available"] == 5
    assert body["reserved"] == 2
    assert body["total"] == 7
    assert body["orders"] == 1


def test_order_has_been_paid_or_cancelled_leave_out_of_reserved_2(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN an order has been paid or cancelled, THE API SHALL leave it out of...

    Criteria: C4
    """
    scene = set_the_scene(client, auth_headers)
    lamp = scene["lamp"]
    response = client.post(
        "/orders",
        json={"customer": "Ada", "lines": [{"product_id": lamp, "quantity": 3}]},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    first = response.json()["id"]
    response = client.post(
        "/orders",
        json={"customer": "Ada", "lines": [{"product_id": lamp, "quantity": 2}]},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    response = client.post(f"/orders/{first}/cancel", headers=auth_headers)
    assert response.status_code < 300, response.text

    response = client.get(f"/products/{lamp}/stock/reservations")

    assert response.status_code == 200, response.text
    body = response.json()
    assert body["available"] == 8
    assert body["reserved"] == 2
    assert body["total"] == 10
    assert body["orders"] == 1


def test_no_pending_order_contains_product_return_0_for_reserved(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN no pending order contains the product, THE API SHALL return 0 for...

    Criteria: C5
    """
    scene = set_the_scene(client, auth_headers)
    lamp = scene["lamp"]

    response = client.get(f"/products/{lamp}/stock/reservations")

    assert response.status_code == 200, response.text
    body = response.json()
    assert body["available"] == 10
    assert body["reserved"] == 0
    assert body["total"] == 10
    assert body["orders"] == 0


def test_no_pending_order_contains_product_return_0_for_reserved_2(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN no pending order contains the product, THE API SHALL return 0 for...

    Criteria: C5
    """
    scene = set_the_scene(client, auth_headers)
    category = scene["category"]
    lamp = scene["lamp"]
    response = client.post(
        "/products",
        json={
            "sku": "BULB-1",
            "name": "Bulb",
            "price": "12.50",
            "category_id": category,
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    bulb = response.json()["id"]
    response = client.post(
        "/orders",
        json={"customer": "Ada", "lines": [{"product_id": lamp, "quantity": 3}]},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text

    response = client.get(f"/products/{bulb}/stock/reservations")

    assert response.status_code == 200, response.text
    body = response.json()
    assert body["available"] == 0
    assert body["reserved"] == 0
    assert body["total"] == 0
    assert body["orders"] == 0


def test_reservations_of_product_that_does_not_exist_are_read(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN the reservations of a product that does not exist are read, THE API...

    Criteria: C6
    """
    scene = set_the_scene(client, auth_headers)
    lamp = scene["lamp"]
    response = client.get(f"/products/{lamp}/stock/reservations")
    assert response.status_code < 300, response.text

    response = client.get("/products/999999/stock/reservations")

    assert response.status_code == 404, response.text


def test_reservations_of_product_have_been_read_show_same_stock(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN the reservations of a product have been read, THE API SHALL show the...

    Criteria: C7
    """
    scene = set_the_scene(client, auth_headers)
    lamp = scene["lamp"]
    response = client.post(
        "/orders",
        json={"customer": "Ada", "lines": [{"product_id": lamp, "quantity": 3}]},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    response = client.get(f"/products/{lamp}")
    assert response.status_code < 300, response.text
    stock = response.json()["stock"]
    response = client.get(f"/products/{lamp}/stock/reservations")
    assert response.status_code < 300, response.text

    response = client.get(f"/products/{lamp}")

    assert response.status_code == 200, response.text
    assert response.json()["stock"] == stock


def test_reservations_of_product_have_been_read_show_same_stock_2(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN the reservations of a product have been read, THE API SHALL show the...

    Criteria: C7
    """
    scene = set_the_scene(client, auth_headers)
    lamp = scene["lamp"]
    response = client.post(
        "/orders",
        json={"customer": "Ada", "lines": [{"product_id": lamp, "quantity": 3}]},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    response = client.get(f"/products/{lamp}/stock/movements")
    assert response.status_code < 300, response.text
    moves = response.json()["total"]
    response = client.get(f"/products/{lamp}/stock/reservations")
    assert response.status_code < 300, response.text

    response = client.get(f"/products/{lamp}/stock/movements")

    assert response.status_code == 200, response.text
    assert response.json()["total"] == moves
