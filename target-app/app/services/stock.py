from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.db import get_or_404
from app.errors import conflict
from app.models import MovementKind, Order, Product, StockMovement
from app.pagination import Page, PageParams, paginate
from app.schemas import MovementRead, StockAdjust, StockReceive


def move_stock(
    session: Session,
    product: Product,
    kind: MovementKind,
    quantity: int,
    now: datetime,
    *,
    note: str = "",
    order: Order | None = None,
) -> StockMovement:
    """Change a stock level and write the ledger line. The only way to change stock.

    It does not commit, so that an order can move several products or none.
    """
    # The condition is part of the update, so two requests cannot take the same unit.
    changed = session.scalar(
        update(Product)
        .where(Product.id == product.id, Product.stock + quantity >= 0)
        .values(stock=Product.stock + quantity)
        .returning(Product.id)
        .execution_options(synchronize_session=False)
    )
    session.refresh(product, ["stock"])
    if changed is None:
        message = f"Product {product.id} has {product.stock} in stock, {-quantity} needed."
        raise conflict("insufficient_stock", message)
    movement = StockMovement(
        product_id=product.id,
        order_id=order.id if order else None,
        kind=kind,
        quantity=quantity,
        note=note,
        created_at=now,
    )
    session.add(movement)
    return movement


def record_movement(
    session: Session,
    product_id: int,
    kind: MovementKind,
    data: StockReceive | StockAdjust,
    now: datetime,
) -> StockMovement:
    product = get_or_404(session, Product, product_id)
    movement = move_stock(session, product, kind, data.quantity, now, note=data.note)
    session.commit()
    return movement


def list_movements(session: Session, product_id: int, page: PageParams) -> Page[MovementRead]:
    product = get_or_404(session, Product, product_id)
    of_product = select(StockMovement).where(StockMovement.product_id == product.id)
    return paginate(session, of_product.order_by(StockMovement.id), page, MovementRead)
