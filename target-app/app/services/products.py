from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import commit_or_raise, get_or_404
from app.errors import conflict
from app.models import Category, Product
from app.money import to_cents
from app.pagination import Page, PageParams, paginate
from app.schemas import ProductCreate, ProductRead, ProductUpdate
from app.text import fold, slugify


def list_products(
    session: Session, page: PageParams, category: str | None = None, q: str | None = None
) -> Page[ProductRead]:
    statement = select(Product).order_by(Product.id)
    if category is not None:
        statement = statement.join(Category).where(Category.slug == slugify(category))
    if q is not None:
        statement = statement.where(Product.search_name.contains(fold(q), autoescape=True))
    return paginate(session, statement, page, ProductRead)


def create_product(session: Session, data: ProductCreate, now: datetime) -> Product:
    product = Product(
        sku=data.sku,
        name=data.name,
        search_name=fold(data.name),
        price_cents=to_cents(data.price),
        category_id=get_or_404(session, Category, data.category_id).id,
        created_at=now,
    )
    session.add(product)
    message = f"There is already a product with the SKU '{data.sku}'."
    commit_or_raise(session, conflict("product_exists", message))
    return product


def update_product(session: Session, product_id: int, data: ProductUpdate) -> Product:
    product = get_or_404(session, Product, product_id)
    if data.name is not None:
        product.name = data.name
        product.search_name = fold(data.name)
    if data.price is not None:
        product.price_cents = to_cents(data.price)
    if data.category_id is not None:
        product.category_id = get_or_404(session, Category, data.category_id).id
    session.commit()
    return product


def delete_product(session: Session, product_id: int) -> None:
    session.delete(get_or_404(session, Product, product_id))
    message = f"Product {product_id} appears on orders."
    commit_or_raise(session, conflict("product_in_use", message))
