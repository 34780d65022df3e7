"""Engine, sessions and the few database helpers the services share."""

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, TypeVar

from fastapi import Depends, Request
from sqlalchemy import DateTime, Dialect, Engine, Enum, StaticPool, create_engine, event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

from app.errors import AppError, not_found

MAX_INTEGER = 2**63 - 1


class UtcDateTime(TypeDecorator[datetime]):
    """Aware datetimes in and out; SQLite itself would drop the time zone."""

    impl = DateTime
    cache_ok = True

    # The signatures are SQLAlchemy's: `dialect` comes whether it is needed or not.
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    # SQLAlchemy reads this attribute of the class; nothing ever changes it.
    type_annotation_map = {  # noqa: RUF012
        datetime: UtcDateTime(),
        StrEnum: Enum(StrEnum, native_enum=False, length=20, values_callable=list),
    }


ModelT = TypeVar("ModelT", bound=Base)


def build_engine(url: str) -> Engine:
    if url == "sqlite://":
        # An in-memory database lives in its connection, so all threads must share one.
        engine = create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
    else:
        engine = create_engine(url)
    event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA foreign_keys = ON"))
    return engine


def get_session(request: Request) -> Iterator[Session]:
    """One session per request. Services commit; whatever is left open is rolled back."""
    factory: sessionmaker[Session] = request.app.state.session_factory
    with factory() as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]


def get_or_404(session: Session, model: type[ModelT], row_id: int) -> ModelT:
    row = session.get(model, row_id)
    if row is None:
        raise not_found(model.__name__.lower(), row_id)
    return row


def commit_or_raise(session: Session, error: AppError) -> None:
    """Commit; a broken unique or foreign key constraint becomes `error`.

    Asking the database beats checking first: there is no gap between check and write.
    """
    try:
        session.commit()
    except IntegrityError as exc:
        session.rollback()
        raise error from exc
