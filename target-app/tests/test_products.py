from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

Factory = Callable[..., dict[str, Any]]
Refused = Callable[..., tuple[int, str]]

NEW = {"sku": "hm-16", "name": " Claw  hammer ", "price": "24.495", "category_id": 1}


def test_create_product_returns_the_stored_product(
    client: TestClient, send: Factory, make_category: Factory, now: datetime
) -> None:
    category_id = make_category()["id"]

    product = send("POST", "/products", **NEW | {"category_id": category_id})

    assert product == {
        "id": product["id"],
        "sku": "HM-16",
        "name": "Claw hammer",
        "price": "24.50",
        "stock": 0,
        "category_id": category_id,
        "created_at": now.isoformat().replace("+00:00", "Z"),
    }
    assert client.get(f"/products/{product['id']}").json() == product


@pytest.mark.parametrize(
    "change", [{"price": "-0.01"}, {"price": "NaN"}, {"sku": "a b"}, {"name": " "}]
)
def test_unusable_fields_are_refused(refused: Refused, change: dict[str, str]) -> None:
    assert refused("POST", "/products", NEW | change) == (422, "validation_error")


def test_product_needs_a_known_category_and_a_new_sku(
    make_product: Factory, refused: Refused
) -> None:
    body = NEW | {"category_id": make_product(sku="HM-16")["category_id"]}

    assert refused("POST", "/products", body) == (409, "product_exists")
    assert refused("POST", "/products", NEW | {"category_id": 77}) == (404, "category_not_found")


@pytest.mark.parametrize(
    ("q", "found"),
    [("creme", {"Crème pot", "Creme"}), ("CRÈME  pot", {"Crème pot"}), ("%", {"9%"}), ("_", set())],
)
def test_search_ignores_case_and_accents_and_takes_wildcards_literally(
    client: TestClient, make_product: Factory, q: str, found: set[str]
) -> None:
    for name in ("Crème pot", "Creme", "9%"):
        make_product(name=name)

    page = client.get("/products", params={"q": q}).json()

    assert {item["name"] for item in page["items"]} == found


def test_filters_combine_and_page_with_a_full_total(
    client: TestClient, make_category: Factory, make_product: Factory
) -> None:
    paint = make_category("Paint")["id"]
    for name in ("Red gloss", "Red matt", "Blue matt", "Red chalk"):
        make_product(name=name, category_id=paint)
    make_product(name="Red brush")

    page = client.get("/products?category=paint&q=red&limit=1&offset=1").json()

    assert [item["name"] for item in page["items"]] == ["Red matt"]
    assert page["total"] == 3
    assert client.get("/products?category=paint").json()["total"] == 4
    assert client.get("/products?category=unknown").json()["total"] == 0


@pytest.mark.parametrize("body", [{"name": "Mallet"}, {"price": "8.00"}, {"category_id": 2}])
def test_patch_changes_only_what_is_sent(
    client: TestClient, make_product: Factory, send: Factory, body: dict[str, object]
) -> None:
    product, _ = make_product(name="Hammer"), make_product(name="Saw")
    path = f"/products/{product['id']}"

    changed = send("PATCH", path, **body)

    assert changed == product | body
    assert client.get("/products", params={"q": changed["name"]}).json()["items"] == [changed]


@pytest.mark.parametrize("body", [{"name": None}, {"price": None}, {"sku": "NEW"}, {"stock": 5}])
def test_patch_refuses_nulls_and_fixed_fields(refused: Refused, body: dict[str, object]) -> None:
    assert refused("PATCH", "/products/1", body) == (422, "validation_error")


def test_delete_removes_a_product_that_was_never_ordered(
    make_product: Factory, make_order: Factory, send: Factory, refused: Refused
) -> None:
    ordered, unsold = make_product(stock=1)["id"], make_product(stock=3)["id"]
    make_order({ordered: 1})

    assert refused("DELETE", f"/products/{ordered}") == (409, "product_in_use")
    send("DELETE", f"/products/{unsold}")
    assert refused("GET", f"/products/{unsold}") == (404, "product_not_found")
