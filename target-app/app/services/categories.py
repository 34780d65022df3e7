from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import commit_or_raise, get_or_404
from app.errors import conflict
from app.models import Category
from app.pagination import Page, PageParams, paginate
from app.schemas import CategoryCreate, CategoryRead
from app.text import slugify


def list_categories(session: Session, page: PageParams) -> Page[CategoryRead]:
    return paginate(session, select(Category).order_by(Category.id), page, CategoryRead)


def create_category(session: Session, data: CategoryCreate, now: datetime) -> Category:
    category = Category(name=data.name, slug=slugify(data.name), created_at=now)
    session.add(category)
    message = f"There is already a category with the slug '{category.slug}'."
    commit_or_raise(session, conflict("category_exists", message))
    return category


def delete_category(session: Session, category_id: int) -> None:
    session.delete(get_or_404(session, Category, category_id))
    message = f"Category {category_id} still has products."
    commit_or_raise(session, conflict("category_in_use", message))
