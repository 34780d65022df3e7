from fastapi import APIRouter

from app.clock import Now
from app.db import SessionDep
from app.models import MovementKind, StockMovement
from app.pagination import Page, PageDep
from app.schemas import Id, MovementRead, StockAdjust, StockReceive
from app.security import WriteAccess
from app.services import stock as service

router = APIRouter(prefix="/products/{product_id}/stock", tags=["stock"])


@router.post("/receive", status_code=201, response_model=MovementRead, dependencies=[WriteAccess])
def receive(session: SessionDep, now: Now, product_id: Id, data: StockReceive) -> StockMovement:
    return service.record_movement(session, product_id, MovementKind.RECEIVE, data, now)


@router.post("/adjust", status_code=201, response_model=MovementRead, dependencies=[WriteAccess])
def adjust(session: SessionDep, now: Now, product_id: Id, data: StockAdjust) -> StockMovement:
    return service.record_movement(session, product_id, MovementKind.ADJUST, data, now)


@router.get("/movements")
def list_movements(session: SessionDep, page: PageDep, product_id: Id) -> Page[MovementRead]:
    return service.list_movements(session, product_id, page)
