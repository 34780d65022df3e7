"""Black-box acceptance checks for M3: an optional reference on orders.

Copied into the implementation's tests/ folder and run there; judges behaviour over HTTP only.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from app.main import create_app
from app.settings import Settings

Factory = Callable[..., dict[str, Any]]
KEY = "black-box-key-0123"


class Shop:
    """Orders of one well-stocked product, placed through a running service."""

    def __init__(self, client: TestClient, key: str) -> None:
        self.client = client
        self.headers = {"X-API-Key": key}
        category = self.send("POST", "/categories", {"name": "Tools"})["id"]
        self.products = [
            self.send(
                "POST",
                "/products",
                {"sku": sku, "name": sku, "price": "2.50", "category_id": category},
            )["id"]
            for sku in ("HAMMER", "NAIL")
        ]
        for product in self.products:
            self.send("POST", f"/products/{product}/stock/receive", {"quantity": 100})

    def send(self, method: str, path: str, body: object = None) -> Any:
        response = self.client.request(method, path, json=body, headers=self.headers)
        assert response.is_success, response.text
        return response.json()

    def body(self, **fields: object) -> dict[str, Any]:
        lines = [{"product_id": product, "quantity": 2} for product in self.products]
        return {"customer": "Ada", "lines": lines} | fields

    def place(self, **fields: object) -> dict[str, Any]:
        response = self.client.post("/orders", json=self.body(**fields), headers=self.headers)
        assert response.status_code == 201, response.text
        order: dict[str, Any] = response.json()
        return order

    def refuse(self, **fields: object) -> tuple[int, str]:
        """Insist on a refusal in the error form that leaves orders, stock and ledgers alone."""
        before = self.state()
        response = self.client.post("/orders", json=self.body(**fields), headers=self.headers)
        assert response.is_error, response.text
        error = response.json()["error"]
        assert response.json() == {"error": {"code": error["code"], "message": error["message"]}}
        assert isinstance(error["code"], str)
        assert isinstance(error["message"], str)
        assert self.state() == before
        return response.status_code, error["code"]

    def close(self, order: dict[str, Any], action: str) -> Any:
        return self.send("POST", f"/orders/{order['id']}/{action}")

    def get(self, order: dict[str, Any]) -> Any:
        return self.client.get(f"/orders/{order['id']}").json()

    def state(self) -> list[Any]:
        paths = ["/orders", "/products"]
        paths += [f"/products/{product}/stock/movements" for product in self.products]
        return [self.client.get(path, params={"limit": 100}).json() for path in paths]


@pytest.fixture
def shop(client: TestClient, auth_headers: dict[str, str]) -> Shop:
    return Shop(client, auth_headers["X-API-Key"])


# "whoever places an order should be able to give an optional text called reference along with it"
def test_order_takes_a_reference(shop: Shop) -> None:
    order = shop.place(reference="PO-4711")

    assert order["reference"] == "PO-4711"
    assert order["status"] == "pending"
    assert order["total"] == "10.00"


# "Whitespace at both ends is dropped and every run of whitespace inside becomes one space"
@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("  PO-1", "PO-1"),
        ("PO-1  ", "PO-1"),
        ("PO-1\n", "PO-1"),
        ("\t PO-1 \r\n", "PO-1"),
        ("PO    1   a", "PO 1 a"),
        ("PO\t1", "PO 1"),
        ("PO \n\t 1", "PO 1"),
    ],
)
def test_whitespace_is_tidied(shop: Shop, typed: str, shown: str) -> None:
    order = shop.place(reference=typed)

    assert order["reference"] == shown
    assert shop.get(order)["reference"] == shown


# "what is left must be 1 to 40 characters long"
@pytest.mark.parametrize("reference", ["7", "-", "x", "A" * 39, "A" * 40, "a" * 19 + " " + "9" * 20])
def test_1_to_40_characters_are_accepted(shop: Shop, reference: str) -> None:
    assert shop.place(reference=reference)["reference"] == reference


# "what is left must be 1 to 40 characters long" - the length is that of the tidied text.
def test_length_counts_what_is_left(shop: Shop) -> None:
    assert shop.place(reference=f"   {'A' * 40}\t\n  ")["reference"] == "A" * 40
    spread = f"{'B' * 20}{' ' * 30}{'B' * 19}"
    assert shop.place(reference=spread)["reference"] == f"{'B' * 20} {'B' * 19}"


# "what is left must be 1 to 40 characters long ..., and anything else ... is refused with status
# 422 and the code validation_error"
@pytest.mark.parametrize(
    "reference", ["", " ", " \t\n ", "A" * 41, "A" * 1000, "A" * 20 + "  " + "B" * 20]
)
def test_other_lengths_are_refused(shop: Shop, reference: str) -> None:
    shop.place(reference="control")

    assert shop.refuse(reference=reference) == (422, "validation_error")


# "consist only of the unaccented letters A to Z in either case, the digits 0 to 9, hyphens and
# spaces"
def test_all_allowed_characters_are_accepted(shop: Shop) -> None:
    for reference in ("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "zyxwvutsrqponmlkjihgfedcba-1", "01234 56789-"):
        assert shop.place(reference=reference)["reference"] == reference


# "... and anything else ... is refused with status 422 and the code validation_error"
@pytest.mark.parametrize(
    "reference",
    [
        "PO_1",
        "PO/1",
        "PO.1",
        "PO#1",
        "PO:1",
        "PO+1",
        "PO\\1",
        "'; --",
        "PO\x001",
        "PO-\u00e9",  # e with an acute accent
        "PO-e\u0301",  # the same, decomposed
        "PO-\u00df",  # sharp s
        "\u212a-1",  # Kelvin sign: lower case is a plain k
        "\u017f-1",  # long s: upper case is a plain S
        "\uff21-1",  # full-width A
        "PO-\u0661",  # Arabic-Indic digit one
        "PO-\u00b2",  # superscript two
        "PO\u20131",  # en dash
        "PO\u00ad1",  # soft hyphen
        "PO\u200b1",  # zero width space
        "\u0410-1",  # Cyrillic A
        "PO \U0001f4e6",
    ],
)
def test_other_characters_are_refused(shop: Shop, reference: str) -> None:
    shop.place(reference="control")

    assert shop.refuse(reference=reference) == (422, "validation_error")


# "anything else, including a value that is not text, is refused with status 422 and the code
# validation_error"
@pytest.mark.parametrize(
    "reference", [4711, 0, 1.5, True, False, [], {}, ["PO-1"], {"reference": "PO-1"}]
)
def test_values_that_are_not_text_are_refused(shop: Shop, reference: object) -> None:
    shop.place(reference="control")

    assert shop.refuse(reference=reference) == (422, "validation_error")


# "The tidied reference, with upper and lower case as it was typed, must be shown as reference
# wherever an order is shown: in the answers to placing, paying and cancelling it, when it is read
# by itself, and in the list of orders"
@pytest.mark.parametrize(("action", "status"), [("pay", "paid"), ("cancel", "cancelled")])
def test_reference_is_shown_wherever_the_order_is_shown(
    shop: Shop, action: str, status: str
) -> None:
    order = shop.place(reference=" Po  4711-aBc ")
    shown = "Po 4711-aBc"

    assert order["reference"] == shown
    assert shop.get(order) == order
    assert shop.client.get("/orders").json()["items"] == [order]
    assert shop.client.get("/orders?status=pending").json()["items"] == [order]
    closed = shop.close(order, action)
    assert closed["reference"] == shown
    assert shop.get(order) == closed
    assert shop.client.get("/orders").json()["items"] == [closed]
    assert shop.client.get(f"/orders?status={status}").json()["items"] == [closed]


# "an order placed with no reference, or with null for it, shows null"
@pytest.mark.parametrize("fields", [{}, {"reference": None}])
@pytest.mark.parametrize("action", ["pay", "cancel"])
def test_order_without_reference_shows_null(
    shop: Shop, fields: dict[str, object], action: str
) -> None:
    order = shop.place(**fields)
    listed = shop.client.get("/orders").json()["items"]
    answers = [order, shop.get(order), *listed, shop.close(order, action), shop.get(order)]

    assert len(answers) == 5
    for answer in answers:
        assert "reference" in answer
        assert answer["reference"] is None


# "any number of orders may be without one"
def test_many_orders_may_be_without_reference(shop: Shop) -> None:
    orders = [shop.place(), shop.place(reference=None), shop.place(), shop.place(reference=None)]
    shop.close(orders[0], "pay")
    shop.place()
    shop.place(reference="PO-1")

    listed = shop.client.get("/orders").json()["items"]
    assert [order["reference"] for order in listed] == [None] * 5 + ["PO-1"]


# "Two orders that are pending or paid may not have the same reference ...: the second is refused
# with status 409 in the usual error form, no order is created, and stock levels and ledgers stay as
# they were." (`refuse` compares orders, stock levels and ledgers before and after.)
def test_reference_of_a_pending_order_is_refused(shop: Shop) -> None:
    shop.place(reference="PO-1")

    assert shop.refuse(reference="PO-1")[0] == 409
    assert shop.refuse(reference="PO-1", customer="Somebody else")[0] == 409


def test_reference_of_a_paid_order_is_refused(shop: Shop) -> None:
    shop.close(shop.place(reference="PO-1"), "pay")

    assert shop.refuse(reference="PO-1")[0] == 409


# "where a difference only in upper and lower case is no difference"
@pytest.mark.parametrize("action", [None, "pay"])
@pytest.mark.parametrize(("first", "second"), [("PO-1a", "po-1A"), ("po x", "PO X"), ("iI", "Ii")])
def test_upper_and_lower_case_make_no_difference(
    shop: Shop, first: str, second: str, action: str | None
) -> None:
    order = shop.place(reference=first)
    if action:
        shop.close(order, action)

    assert shop.refuse(reference=second)[0] == 409
    assert shop.get(order)["reference"] == first


# "The tidied reference ..." - two that are the same once tidied are the same.
@pytest.mark.parametrize("second", ["  PO 1 ", "PO \t\n 1", "po   1\n"])
def test_references_are_compared_tidied(shop: Shop, second: str) -> None:
    shop.place(reference="PO 1")

    assert shop.refuse(reference=second)[0] == 409


def test_untidy_first_reference_blocks_the_tidy_one(shop: Shop) -> None:
    shop.place(reference="  PO \t 1 ")

    assert shop.refuse(reference="PO 1")[0] == 409


# "a difference only in upper and lower case is no difference" - any other difference is one.
def test_other_differences_are_differences(shop: Shop) -> None:
    references = ["PO 1", "PO-1", "PO1", "PO--1", "PO-1-", "-PO-1", "PO-01", "PO-10", "PO - 1"]
    for reference in references:
        assert shop.place(reference=reference)["reference"] == reference

    assert shop.client.get("/orders").json()["total"] == len(references)


# "A cancelled order keeps showing its reference but no longer blocks it, so a new order may use it
# again."
def test_cancelled_order_keeps_its_reference_but_does_not_block_it(shop: Shop) -> None:
    first = shop.place(reference="PO-1")
    cancelled = shop.close(first, "cancel")

    second = shop.place(reference="po-1")

    assert cancelled["reference"] == "PO-1"
    assert shop.get(first) == cancelled
    assert shop.get(second)["reference"] == "po-1"
    listed = shop.client.get("/orders").json()["items"]
    assert [order["reference"] for order in listed] == ["PO-1", "po-1"]


# The same, and the new order is pending, so it blocks the reference in its turn.
def test_reference_used_again_blocks_again(shop: Shop) -> None:
    shop.close(shop.place(reference="PO-1"), "cancel")
    second = shop.place(reference="PO-1")
    assert shop.refuse(reference="pO-1")[0] == 409

    shop.close(second, "cancel")
    third = shop.place(reference="PO-1")
    assert shop.refuse(reference="PO-1")[0] == 409

    assert shop.close(third, "pay")["reference"] == "PO-1"
    assert shop.refuse(reference="po-1")[0] == 409
    shown = [order["reference"] for order in shop.client.get("/orders").json()["items"]]
    assert shown == ["PO-1"] * 3


# "Two orders that are pending or paid" - an order that was never created blocks nothing.
def test_refused_orders_do_not_block_their_reference(shop: Shop) -> None:
    too_many = [{"product_id": shop.products[0], "quantity": 101}]
    unknown = [{"product_id": 987654, "quantity": 1}]
    both = [{"product_id": shop.products[1], "quantity": 1}, *too_many]

    assert shop.refuse(reference="PO-1", lines=too_many) == (409, "insufficient_stock")
    assert shop.refuse(reference="PO-1", lines=both) == (409, "insufficient_stock")
    assert shop.refuse(reference="PO-1", lines=unknown) == (404, "product_not_found")
    assert shop.refuse(reference="PO-1", lines=[]) == (422, "validation_error")
    assert shop.place(reference="PO-1")["reference"] == "PO-1"


# "no order is created, and stock levels and ledgers stay as they were" - and the service goes on.
def test_orders_can_be_placed_after_a_refusal(shop: Shop) -> None:
    first = shop.place(reference="PO-1")
    assert shop.refuse(reference="PO-1")[0] == 409

    second = shop.place(reference="PO-2")

    listed = shop.client.get("/orders").json()["items"]
    assert [order["id"] for order in listed] == [first["id"], second["id"]]
    assert [item["stock"] for item in shop.client.get("/products").json()["items"]] == [96, 96]


# "A reference cannot be changed after the order was placed."
def test_reference_cannot_be_changed(shop: Shop) -> None:
    order, bare = shop.place(reference="PO-1"), shop.place()
    for target, shown in ((order, "PO-1"), (bare, None)):
        path = f"/orders/{target['id']}"
        for method in ("PATCH", "PUT"):
            response = shop.client.request(
                method, path, json={"reference": "NEW"}, headers=shop.headers
            )
            assert response.is_error
            assert shop.get(target)["reference"] == shown
        for action in ("pay", "cancel"):
            for url in (f"{path}/{action}", f"{path}/{action}?reference=NEW"):
                shop.client.post(url, json={"reference": "NEW"}, headers=shop.headers)
                assert shop.get(target)["reference"] == shown


# Placing an order needs the key, as today; an order refused for that does not take the reference.
def test_order_refused_for_its_key_does_not_block_its_reference(shop: Shop) -> None:
    assert shop.client.post("/orders", json=shop.body(reference="PO-1")).status_code == 401
    assert shop.place(reference="PO-1")["reference"] == "PO-1"


# "Two orders that are pending or paid may not have the same reference" - also after a restart.
def test_references_still_block_after_a_restart(tmp_path: Path) -> None:
    settings = Settings(
        api_key=SecretStr(KEY), database_url=f"sqlite:///{tmp_path / 'shop.db'}"
    )
    with TestClient(create_app(settings)) as client:
        shop = Shop(client, KEY)
        shop.close(shop.place(reference="free"), "cancel")
        shop.place(reference="PO-1")
    with TestClient(create_app(settings)) as client:
        shop.client = client
        assert shop.refuse(reference="po-1")[0] == 409
        assert shop.place(reference="FREE")["reference"] == "FREE"
        listed = client.get("/orders").json()["items"]
        assert [order["reference"] for order in listed] == ["free", "PO-1", "FREE"]


# The orders of one database say nothing about those of another.
def test_services_on_different_databases_do_not_block_each_other() -> None:
    settings = Settings(api_key=SecretStr(KEY), database_url="sqlite://")
    with TestClient(create_app(settings)) as one, TestClient(create_app(settings)) as two:
        shops = Shop(one, KEY), Shop(two, KEY)
        for shop in shops:
            assert shop.place(reference="PO-1")["reference"] == "PO-1"
        for shop in shops:
            assert shop.refuse(reference="PO-1")[0] == 409
