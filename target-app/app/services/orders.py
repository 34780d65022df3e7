from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.db import get_or_404
from app.errors import conflict
from app.models import MovementKind, Order, OrderLine, OrderStatus, Product
from app.pagination import Page, PageParams, paginate
from app.schemas import OrderCreate, OrderRead
from app.services.stock import move_stock


def list_orders(
    session: Session, page: PageParams, status: OrderStatus | None = None
) -> Page[OrderRead]:
    statement = select(Order).order_by(Order.id)
    if status is not None:
        statement = statement.where(Order.status == status)
    return paginate(session, statement, page, OrderRead)


def place_order(session: Session, data: OrderCreate, now: datetime) -> Order:
    """Create a pending order and reserve its stock: all lines, or nothing at all."""
    order = Order(customer=data.customer, status=OrderStatus.PENDING, created_at=now)
    session.add(order)
    session.flush()
    for line in data.lines:
        product = get_or_404(session, Product, line.product_id)
        move_stock(session, product, MovementKind.RESERVE, -line.quantity, now, order=order)
        reserved = OrderLine(
            product_id=product.id, quantity=line.quantity, unit_price_cents=product.price_cents
        )
        order.lines.append(reserved)
    session.commit()
    return order


def pay_order(session: Session, order_id: int, now: datetime) -> Order:
    order = _close(session, order_id, OrderStatus.PAID, now)
    session.commit()
    return order


def cancel_order(session: Session, order_id: int, now: datetime) -> Order:
    order = _close(session, order_id, OrderStatus.CANCELLED, now)
    for line in order.lines:
        product = get_or_404(session, Product, line.product_id)
        move_stock(session, product, MovementKind.RELEASE, line.quantity, now, order=order)
    session.commit()
    return order


def _close(session: Session, order_id: int, status: OrderStatus, now: datetime) -> Order:
    order = get_or_404(session, Order, order_id)
    # Conditional, so that of two requests at once only one closes the order.
    closed = session.scalar(
        update(Order)
        .where(Order.id == order.id, Order.status == OrderStatus.PENDING)
        .values(status=status, closed_at=now)
        .returning(Order.id)
        .execution_options(synchronize_session=False)
    )
    session.refresh(order, ["status", "closed_at"])
    if closed is None:
        raise conflict("order_not_pending", f"Order {order.id} is {order.status}, not pending.")
    return order
