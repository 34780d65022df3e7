"""Limit and offset paging, the same for every list endpoint."""

from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.db import MAX_INTEGER, ModelT

DEFAULT_LIMIT = 20
MAX_LIMIT = 100

SchemaT = TypeVar("SchemaT", bound=BaseModel)


class Page(BaseModel, Generic[SchemaT]):
    items: list[SchemaT]
    total: int
    limit: int
    offset: int


@dataclass(frozen=True)
class PageParams:
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT
    offset: Annotated[int, Query(ge=0, le=MAX_INTEGER)] = 0


PageDep = Annotated[PageParams, Depends()]


def paginate(
    session: Session, statement: Select[ModelT], page: PageParams, schema: type[SchemaT]
) -> Page[SchemaT]:
    """Run an ordered `statement` for one page and count what it would return in full."""
    counted = statement.order_by(None).subquery()
    total = session.scalar(select(func.count()).select_from(counted)) or 0
    rows = session.scalars(statement.limit(page.limit).offset(page.offset))
    items = [schema.model_validate(row) for row in rows]
    return Page(items=items, total=total, limit=page.limit, offset=page.offset)
