from fastapi import APIRouter

from app.clock import Now
from app.db import SessionDep, get_or_404
from app.models import Category
from app.pagination import Page, PageDep
from app.schemas import CategoryCreate, CategoryRead, Id
from app.security import WriteAccess
from app.services import categories as service

router = APIRouter(prefix="/categories", tags=["categories"])


@router.get("")
def list_categories(session: SessionDep, page: PageDep) -> Page[CategoryRead]:
    return service.list_categories(session, page)


@router.post("", status_code=201, response_model=CategoryRead, dependencies=[WriteAccess])
def create_category(session: SessionDep, now: Now, data: CategoryCreate) -> Category:
    return service.create_category(session, data, now)


@router.get("/{category_id}", response_model=CategoryRead)
def get_category(session: SessionDep, category_id: Id) -> Category:
    return get_or_404(session, Category, category_id)


@router.delete("/{category_id}", status_code=204, dependencies=[WriteAccess])
def delete_category(session: SessionDep, category_id: Id) -> None:
    service.delete_category(session, category_id)
