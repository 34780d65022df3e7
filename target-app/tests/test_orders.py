from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

Factory = Callable[..., dict[str, Any]]
Refused = Callable[..., tuple[int, str]]


def test_order_reserves_stock_and_adds_up(
    client: TestClient, make_product: Factory, make_order: Factory, now: datetime
) -> None:
    hammer = make_product(price="24.50", stock=5)["id"]
    nail = make_product(price="0.05", stock=1000)["id"]

    order = make_order({hammer: 2, nail: 300}, customer=" Ada  Byron ")

    assert (order["customer"], order["status"]) == ("Ada Byron", "pending")
    assert datetime.fromisoformat(order["created_at"]) == now
    assert order["lines"] == [
        {"product_id": hammer, "quantity": 2, "unit_price": "24.50"},
        {"product_id": nail, "quantity": 300, "unit_price": "0.05"},
    ]
    assert order["total"] == "64.00"
    assert [item["stock"] for item in client.get("/products").json()["items"]] == [3, 700]
    assert client.get(f"/orders/{order['id']}").json() == order


def test_order_that_cannot_be_filled_reserves_nothing(
    client: TestClient, make_product: Factory, refused: Refused
) -> None:
    plenty, scarce = make_product(stock=10)["id"], make_product(stock=1)["id"]
    lines = [{"product_id": plenty, "quantity": 4}, {"product_id": scarce, "quantity": 2}]
    body = {"customer": "Ada", "lines": lines}

    assert refused("POST", "/orders", body) == (409, "insufficient_stock")
    assert client.get(f"/products/{plenty}").json()["stock"] == 10
    assert client.get("/orders").json()["total"] == 0


def test_orders_need_lines_with_quantities_of_known_products(refused: Refused) -> None:
    for lines, result in (
        ([], (422, "validation_error")),
        ([{"product_id": 5, "quantity": 0}], (422, "validation_error")),
        ([{"product_id": 5, "quantity": 1}], (404, "product_not_found")),
    ):
        assert refused("POST", "/orders", {"customer": "Ada", "lines": lines}) == result


def test_paid_order_keeps_its_stock_and_the_price_it_was_placed_at(
    client: TestClient, make_order: Factory, send: Factory, now: datetime
) -> None:
    order = make_order()
    path = f"/products/{order['lines'][0]['product_id']}"
    send("PATCH", path, price="99.00")

    paid = send("POST", f"/orders/{order['id']}/pay")

    assert datetime.fromisoformat(paid["closed_at"]) == now
    assert paid == order | {"status": "paid", "closed_at": paid["closed_at"]}
    assert client.get(path).json()["stock"] == 0


def test_cancelling_gives_the_stock_back_and_is_recorded(
    client: TestClient, make_product: Factory, make_order: Factory, send: Factory
) -> None:
    product = make_product(stock=3)
    path = f"/products/{product['id']}"
    order_id = make_order({product["id"]: 2})["id"]

    assert send("POST", f"/orders/{order_id}/cancel")["status"] == "cancelled"

    movements = client.get(f"{path}/stock/movements").json()["items"]
    assert [(item["kind"], item["quantity"], item["order_id"]) for item in movements] == [
        ("receive", 3, None),
        ("reserve", -2, order_id),
        ("release", 2, order_id),
    ]
    assert client.get(path).json()["stock"] == 3


@pytest.mark.parametrize("action", ["pay", "cancel"])
def test_closed_order_stays_as_it_is(
    client: TestClient, make_order: Factory, send: Factory, refused: Refused, action: str
) -> None:
    path = f"/orders/{make_order()['id']}"
    closed = send("POST", f"{path}/{action}")
    products = client.get("/products").json()

    assert refused("POST", f"{path}/pay") == (409, "order_not_pending")
    assert refused("POST", f"{path}/cancel") == (409, "order_not_pending")
    assert client.get(path).json() == closed
    assert client.get("/products").json() == products


def test_unknown_order_is_not_found(refused: Refused) -> None:
    assert refused("GET", "/orders/4") == (404, "order_not_found")
    assert refused("POST", "/orders/4/pay") == (404, "order_not_found")


def test_orders_are_listed_by_status(
    client: TestClient, make_order: Factory, send: Factory, refused: Refused
) -> None:
    ids = [make_order()["id"] for _ in range(4)]
    send("POST", f"/orders/{ids[1]}/pay")

    def listed(query: str) -> list[int]:
        return [item["id"] for item in client.get(f"/orders?{query}").json()["items"]]

    assert listed("") == ids
    assert listed("status=paid") == [ids[1]]
    assert listed("status=pending&limit=1&offset=1") == [ids[2]]
    assert refused("GET", "/orders?status=lost") == (422, "validation_error")
