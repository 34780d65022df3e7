from typing import Annotated

from fastapi import APIRouter, Query

from app.clock import Now
from app.db import SessionDep, get_or_404
from app.models import Product
from app.pagination import Page, PageDep
from app.schemas import Id, ProductCreate, ProductRead, ProductUpdate
from app.security import WriteAccess
from app.services import products as service

router = APIRouter(prefix="/products", tags=["products"])


@router.get("")
def list_products(
    session: SessionDep,
    page: PageDep,
    category: Annotated[str | None, Query(max_length=160)] = None,
    q: Annotated[str | None, Query(max_length=100)] = None,
) -> Page[ProductRead]:
    """Filter by the slug of a category, and by text in the name."""
    return service.list_products(session, page, category=category, q=q)


@router.post("", status_code=201, response_model=ProductRead, dependencies=[WriteAccess])
def create_product(session: SessionDep, now: Now, data: ProductCreate) -> Product:
    return service.create_product(session, data, now)


@router.get("/{product_id}", response_model=ProductRead)
def get_product(session: SessionDep, product_id: Id) -> Product:
    return get_or_404(session, Product, product_id)


@router.patch("/{product_id}", response_model=ProductRead, dependencies=[WriteAccess])
def update_product(session: SessionDep, product_id: Id, data: ProductUpdate) -> Product:
    return service.update_product(session, product_id, data)


@router.delete("/{product_id}", status_code=204, dependencies=[WriteAccess])
def delete_product(session: SessionDep, product_id: Id) -> None:
    service.delete_product(session, product_id)
