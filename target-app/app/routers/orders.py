from fastapi import APIRouter

from app.clock import Now
from app.db import SessionDep, get_or_404
from app.models import Order, OrderStatus
from app.pagination import Page, PageDep
from app.schemas import Id, OrderCreate, OrderRead
from app.security import WriteAccess
from app.services import orders as service

router = APIRouter(prefix="/orders", tags=["orders"])


@router.get("")
def list_orders(
    session: SessionDep, page: PageDep, status: OrderStatus | None = None
) -> Page[OrderRead]:
    return service.list_orders(session, page, status=status)


@router.post("", status_code=201, response_model=OrderRead, dependencies=[WriteAccess])
def place_order(session: SessionDep, now: Now, data: OrderCreate) -> Order:
    return service.place_order(session, data, now)


@router.get("/{order_id}", response_model=OrderRead)
def get_order(session: SessionDep, order_id: Id) -> Order:
    return get_or_404(session, Order, order_id)


@router.post("/{order_id}/pay", response_model=OrderRead, dependencies=[WriteAccess])
def pay_order(session: SessionDep, now: Now, order_id: Id) -> Order:
    return service.pay_order(session, order_id, now)


@router.post("/{order_id}/cancel", response_model=OrderRead, dependencies=[WriteAccess])
def cancel_order(session: SessionDep, now: Now, order_id: Id) -> Order:
    return service.cancel_order(session, order_id, now)
