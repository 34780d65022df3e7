from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.errors import AppError
from app.models import MovementKind, Product
from app.services.stock import move_stock

Factory = Callable[..., dict[str, Any]]
Refused = Callable[..., tuple[int, str]]


def test_movements_change_the_stock_and_are_listed_page_by_page(
    client: TestClient, make_product: Factory, send: Factory, now: datetime
) -> None:
    make_product(stock=50)
    path = f"/products/{make_product()['id']}"

    received = send("POST", f"{path}/stock/receive", quantity=12, note="Delivery 7")
    found = send("POST", f"{path}/stock/adjust", quantity=1, note="Recount")
    lost = send("POST", f"{path}/stock/adjust", quantity=-13, note="Fire")

    assert (received["kind"], received["note"]) == ("receive", "Delivery 7")
    assert datetime.fromisoformat(received["created_at"]) == now
    assert client.get(path).json()["stock"] == 0
    page = client.get(f"{path}/stock/movements", params={"limit": 2, "offset": 1}).json()
    assert (page["items"], page["total"]) == ([found, lost], 3)


def test_stock_never_falls_below_zero(
    client: TestClient, make_product: Factory, refused: Refused
) -> None:
    path = f"/products/{make_product(stock=5)['id']}"
    body = {"quantity": -6, "note": "Loss"}

    assert refused("POST", f"{path}/stock/adjust", body) == (409, "insufficient_stock")
    assert client.get(path).json()["stock"] == 5
    assert client.get(f"{path}/stock/movements").json()["total"] == 1


def test_movements_need_a_sensible_quantity_and_adjustments_a_reason(refused: Refused) -> None:
    for quantity in (0, -1, 1.5, 1_000_001):
        result = refused("POST", "/products/1/stock/receive", {"quantity": quantity})
        assert result == (422, "validation_error")
    result = refused("POST", "/products/1/stock/adjust", {"quantity": 1, "note": "  "})
    assert result == (422, "validation_error")


def test_move_stock_trusts_the_database_over_a_stale_object(
    session: Session, make_product: Factory, send: Factory, now: datetime
) -> None:
    product = session.get_one(Product, make_product(stock=5)["id"])
    session.commit()
    send("POST", f"/products/{product.id}/stock/adjust", quantity=-4, note="Sold elsewhere")

    with pytest.raises(AppError, match="has 1 in stock, 2 needed"):
        move_stock(session, product, MovementKind.RESERVE, -2, now)
