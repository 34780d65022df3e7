"""Black-box acceptance checks for M1: notes of up to 500 characters on stock movements.

Copied into the implementation's tests/ folder and run there; judges behaviour over HTTP only.
"""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

Factory = Callable[..., dict[str, Any]]
Refused = Callable[..., tuple[int, str]]

ACTIONS = ["receive", "adjust"]


@pytest.fixture
def path(make_product: Factory) -> str:
    return f"/products/{make_product(stock=5)['id']}"


def state(client: TestClient, path: str) -> tuple[Any, Any]:
    """The product with its stock level, and its whole ledger."""
    ledger = client.get(f"{path}/stock/movements", params={"limit": 100}).json()
    return client.get(path).json(), ledger


# "A note may be up to 500 characters long instead of 200, when stock is received as well as when
# it is adjusted."
@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("length", [201, 499, 500])
def test_note_of_up_to_500_characters_is_accepted_and_moves_stock(
    client: TestClient, send: Factory, path: str, action: str, length: int
) -> None:
    note = "n" * (length - 1) + "."

    movement = send("POST", f"{path}/stock/{action}", quantity=3, note=note)

    assert movement["note"] == note
    assert movement["kind"] == action
    assert client.get(path).json()["stock"] == 8


# "Notes on stock movements are cut too short" - the whole note has to be readable afterwards.
@pytest.mark.parametrize("action", ACTIONS)
def test_long_note_is_shown_whole_in_the_ledger(
    client: TestClient, send: Factory, path: str, action: str
) -> None:
    note = ("Box damaged " * 50)[:499] + "!"

    send("POST", f"{path}/stock/{action}", quantity=1, note=note)

    _, ledger = state(client, path)
    assert ledger["items"][-1]["note"] == note
    assert len(ledger["items"][-1]["note"]) == 500


# "up to 500 characters" - characters, not bytes.
@pytest.mark.parametrize("action", ACTIONS)
def test_500_characters_outside_ascii_are_500_characters(
    client: TestClient, send: Factory, path: str, action: str
) -> None:
    note = "é" * 499 + "\N{PACKAGE}"

    assert send("POST", f"{path}/stock/{action}", quantity=1, note=note)["note"] == note


# "instead of 200" - only the number changes: as before, the limit counts the tidied note.
@pytest.mark.parametrize("action", ACTIONS)
def test_limit_counts_the_note_without_superfluous_whitespace(
    send: Factory, path: str, action: str
) -> None:
    note = f"  {'a' * 249} \t\n {'b' * 250}   "

    movement = send("POST", f"{path}/stock/{action}", quantity=1, note=note)

    assert movement["note"] == f"{'a' * 249} {'b' * 250}"


# An adjustment downwards is an adjustment as well.
def test_long_note_on_a_negative_adjustment(client: TestClient, send: Factory, path: str) -> None:
    movement = send("POST", f"{path}/stock/adjust", quantity=-5, note="x" * 500)

    assert (movement["quantity"], movement["note"]) == (-5, "x" * 500)
    assert client.get(path).json()["stock"] == 0


# "A longer note stays refused with a 422, and nothing is moved then."
@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("note", ["n" * 501, "é" * 501, "n" * 5000, "a" * 250 + " " + "b" * 250])
def test_longer_note_is_refused_and_nothing_is_moved(
    client: TestClient, refused: Refused, path: str, action: str, note: str
) -> None:
    before = state(client, path)

    result = refused("POST", f"{path}/stock/{action}", {"quantity": 2, "note": note})

    assert result == (422, "validation_error")
    assert state(client, path) == before


# "A longer note stays refused ..., and nothing is moved then." - also on the way down.
def test_longer_note_on_a_negative_adjustment_moves_nothing(
    client: TestClient, refused: Refused, path: str
) -> None:
    before = state(client, path)

    result = refused("POST", f"{path}/stock/adjust", {"quantity": -2, "note": "n" * 501})

    assert result == (422, "validation_error")
    assert state(client, path) == before


# Stays as today: notes within the old limit, no note on a receipt, a needed note on an adjustment.
def test_short_and_missing_notes_are_treated_as_before(
    client: TestClient, send: Factory, refused: Refused, path: str
) -> None:
    assert send("POST", f"{path}/stock/receive", quantity=1)["note"] == ""
    assert send("POST", f"{path}/stock/receive", quantity=1, note="x" * 200)["note"] == "x" * 200
    assert send("POST", f"{path}/stock/adjust", quantity=1, note=" a  b ")["note"] == "a b"
    before = state(client, path)
    for body in ({"quantity": 1}, {"quantity": 1, "note": ""}, {"quantity": 1, "note": " " * 300}):
        assert refused("POST", f"{path}/stock/adjust", body) == (422, "validation_error")
    for body in ({"quantity": 1, "note": 7}, {"quantity": 1, "note": None}):
        assert refused("POST", f"{path}/stock/receive", body) == (422, "validation_error")
    assert state(client, path) == before


# Stays as today: the request is about notes on stock movements and no other text.
def test_limits_of_other_texts_stay_as_they_are(
    refused: Refused, make_product: Factory, make_category: Factory
) -> None:
    category_id = make_category()["id"]
    product = make_product(stock=1)
    new = {"sku": "S-1", "name": "n", "price": "1", "category_id": category_id}
    lines = [{"product_id": product["id"], "quantity": 1}]
    for path, body in (
        ("/categories", {"name": "n" * 81}),
        ("/products", new | {"name": "n" * 121}),
        ("/products", new | {"sku": "S" * 41}),
        ("/orders", {"customer": "n" * 121, "lines": lines}),
    ):
        assert refused("POST", path, body) == (422, "validation_error"), path
