from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

Factory = Callable[..., dict[str, Any]]
Refused = Callable[..., tuple[int, str]]


def test_create_category_cleans_the_name_and_makes_a_unique_slug(
    client: TestClient, send: Factory, refused: Refused, now: datetime
) -> None:
    category = send("POST", "/categories", name=" Garden   Tools ")

    assert category["name"] == "Garden Tools"
    assert category["slug"] == "garden-tools"
    assert datetime.fromisoformat(category["created_at"]) == now
    assert client.get(f"/categories/{category['id']}").json() == category
    assert refused("POST", "/categories", {"name": "Gärden tools"}) == (409, "category_exists")


@pytest.mark.parametrize("name", ["", "   ", "!!!", "x" * 81, 7, None])
def test_unusable_names_are_refused(refused: Refused, name: object) -> None:
    assert refused("POST", "/categories", {"name": name}) == (422, "validation_error")


def test_delete_removes_a_category_without_products(
    make_product: Factory, send: Factory, refused: Refused
) -> None:
    product = make_product()
    path = f"/categories/{product['category_id']}"

    assert refused("DELETE", path) == (409, "category_in_use")
    send("DELETE", f"/products/{product['id']}")
    send("DELETE", path)
    assert refused("GET", path) == (404, "category_not_found")


def test_list_is_paged_in_order_of_id(client: TestClient, make_category: Factory) -> None:
    empty = {"items": [], "total": 0, "limit": 20, "offset": 0}
    assert client.get("/categories").json() == empty
    for name in ("Wood", "Paint", "Glue"):
        make_category(name)

    page = client.get("/categories", params={"limit": 2, "offset": 1}).json()

    assert [item["name"] for item in page["items"]] == ["Paint", "Glue"]
    assert (page["total"], page["limit"], page["offset"]) == (3, 2, 1)
