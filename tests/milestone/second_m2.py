"""Black-box acceptance checks for M2: GET /products/{id}/stock/reservations.

Copied into the implementation's tests/ folder and run there; judges behaviour over HTTP only.
"""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

Factory = Callable[..., dict[str, Any]]
Read = Callable[[int], dict[str, int]]

FIELDS = ("available", "reserved", "total", "orders")


@pytest.fixture
def read(client: TestClient) -> Read:
    """Read the reservations of a product without a key; the four numbers in order of FIELDS."""

    def apply(product_id: int) -> dict[str, int]:
        response = client.get(f"/products/{product_id}/stock/reservations")
        assert response.status_code == 200, response.text
        body = response.json()
        return {field: body[field] for field in FIELDS}

    return apply


@pytest.fixture
def place(send: Factory) -> Callable[..., int]:
    """Place an order of lines (product id, quantity), which may repeat a product."""

    def apply(*lines: tuple[int, int]) -> int:
        body = [{"product_id": key, "quantity": value} for key, value in lines]
        order_id: int = send("POST", "/orders", customer="Ada", lines=body)["id"]
        return order_id

    return apply


def numbers(available: int, reserved: int, total: int, orders: int) -> dict[str, int]:
    return dict(zip(FIELDS, (available, reserved, total, orders), strict=True))


# "Please let anyone, without a key, read the reservations of one product at
# /products/{id}/stock/reservations."
def test_reservations_are_read_without_a_key(client: TestClient, make_product: Factory) -> None:
    response = client.get(f"/products/{make_product(stock=1)['id']}/stock/reservations")

    assert response.status_code == 200
    assert "x-api-key" not in response.request.headers


# "The answer should have four whole numbers"
def test_answer_has_four_whole_numbers(
    client: TestClient, make_product: Factory, place: Callable[..., int]
) -> None:
    product = make_product(stock=9)["id"]
    place((product, 2))
    for product_id in (product, make_product()["id"]):
        body = client.get(f"/products/{product_id}/stock/reservations").json()

        assert set(body) == set(FIELDS)
        assert {type(value) for value in body.values()} == {int}


# "available, the product's present stock level; reserved, the units of this product in all orders
# that are pending right now; total, the sum of those two; and orders, how many different pending
# orders contain the product."
def test_numbers_cover_all_pending_orders(
    make_product: Factory, place: Callable[..., int], read: Read
) -> None:
    product = make_product(stock=20)["id"]
    place((product, 3))
    place((product, 4))
    place((product, 1))

    assert read(product) == numbers(12, 8, 20, 3)


# "available, the product's present stock level"
def test_available_follows_the_stock_level(
    send: Factory, make_product: Factory, place: Callable[..., int], read: Read
) -> None:
    product = make_product(stock=5)["id"]
    place((product, 5))
    assert read(product) == numbers(0, 5, 5, 1)

    send("POST", f"/products/{product}/stock/receive", quantity=7)
    assert read(product) == numbers(7, 5, 12, 1)
    send("POST", f"/products/{product}/stock/adjust", quantity=-2, note="Loss")
    assert read(product) == numbers(5, 5, 10, 1)


# "the units of this product" - not those of the other lines or the other orders.
def test_other_products_of_the_orders_do_not_count(
    make_product: Factory, place: Callable[..., int], read: Read
) -> None:
    hammer, nail, idle = (make_product(stock=100)["id"] for _ in range(3))
    place((hammer, 2), (nail, 30))
    place((nail, 5))

    assert read(hammer) == numbers(98, 2, 100, 1)
    assert read(nail) == numbers(65, 35, 100, 2)
    assert read(idle) == numbers(100, 0, 100, 0)


# "An order that names the product more than once adds all its units to reserved but counts as one
# order"
def test_two_lines_for_one_product_are_one_order(
    make_product: Factory, place: Callable[..., int], read: Read
) -> None:
    product, other = make_product(stock=50)["id"], make_product(stock=50)["id"]
    place((product, 2), (other, 1), (product, 3), (product, 2))
    assert read(product) == numbers(43, 7, 50, 1)

    place((product, 4), (product, 4))
    assert read(product) == numbers(35, 15, 50, 2)
    assert read(other) == numbers(49, 1, 50, 1)


# "orders that have been paid or cancelled count for nothing"
def test_paid_and_cancelled_orders_count_for_nothing(
    send: Factory, make_product: Factory, place: Callable[..., int], read: Read
) -> None:
    product = make_product(stock=20)["id"]
    paid, cancelled, _ = place((product, 3)), place((product, 5)), place((product, 1))
    send("POST", f"/orders/{paid}/pay")
    send("POST", f"/orders/{cancelled}/cancel")

    assert read(product) == numbers(16, 1, 17, 1)


# "so paying an order lowers reserved and total"
def test_paying_lowers_reserved_and_total(
    send: Factory, make_product: Factory, place: Callable[..., int], read: Read
) -> None:
    product = make_product(stock=10)["id"]
    order, _ = place((product, 2), (product, 2)), place((product, 1))
    assert read(product) == numbers(5, 5, 10, 2)

    send("POST", f"/orders/{order}/pay")

    assert read(product) == numbers(5, 1, 6, 1)


# "while cancelling it moves its units from reserved to available and leaves total as it was"
def test_cancelling_moves_units_from_reserved_to_available(
    send: Factory, make_product: Factory, place: Callable[..., int], read: Read
) -> None:
    product = make_product(stock=10)["id"]
    order, _ = place((product, 2), (product, 2)), place((product, 1))
    assert read(product) == numbers(5, 5, 10, 2)

    send("POST", f"/orders/{order}/cancel")

    assert read(product) == numbers(9, 1, 10, 1)


# "A product without pending orders shows zero for reserved and for orders"
def test_product_without_pending_orders_shows_zero(
    send: Factory, make_product: Factory, place: Callable[..., int], read: Read
) -> None:
    never, empty, closed = (make_product(stock=stock)["id"] for stock in (4, 0, 4))
    send("POST", f"/orders/{place((closed, 1))}/pay")

    assert read(never) == numbers(4, 0, 4, 0)
    assert read(empty) == numbers(0, 0, 0, 0)
    assert read(closed) == numbers(3, 0, 3, 0)


# "a product that does not exist gets the usual not-found answer with status 404"
def test_unknown_product_gets_the_usual_not_found_answer(
    client: TestClient, send: Factory, make_product: Factory, place: Callable[..., int]
) -> None:
    kept, deleted = make_product(stock=2)["id"], make_product(stock=2)["id"]
    place((kept, 1))
    send("DELETE", f"/products/{deleted}")

    for unknown in (deleted, 987654):
        usual = client.get(f"/products/{unknown}/stock/movements")
        response = client.get(f"/products/{unknown}/stock/reservations")

        assert response.status_code == 404
        assert response.json() == usual.json()
        assert response.json()["error"]["code"] == "product_not_found"


# "Reading this must change nothing, neither the stock level nor the ledger."
def test_reading_changes_nothing(
    client: TestClient, make_product: Factory, place: Callable[..., int], read: Read
) -> None:
    product = make_product(stock=10)["id"]
    place((product, 2), (product, 1))
    paths = (f"/products/{product}", f"/products/{product}/stock/movements", "/orders", "/products")
    before = [client.get(path).json() for path in paths]

    answers = [read(product) for _ in range(3)]

    assert answers == [numbers(7, 3, 10, 1)] * 3
    assert [client.get(path).json() for path in paths] == before


# "in all orders that are pending" - more of them than fit on a page of any list.
def test_more_orders_than_a_page_holds_are_all_counted(
    make_product: Factory, place: Callable[..., int], read: Read
) -> None:
    product = make_product(stock=500)["id"]
    for _ in range(103):
        place((product, 2))

    assert read(product) == numbers(294, 206, 500, 103)


# "without a key" is for reading only; nothing else is promised at the address.
def test_nothing_can_be_written_at_the_address(client: TestClient, make_product: Factory) -> None:
    path = f"/products/{make_product(stock=3)['id']}/stock/reservations"
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert client.request(method, path).status_code in {401, 404, 405}
