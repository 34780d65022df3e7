"""Request and response bodies."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from app.db import MAX_INTEGER
from app.models import MovementKind, OrderStatus
from app.money import format_cents
from app.text import slugify, squeeze


def _has_slug(name: str) -> str:
    if not slugify(name):
        raise ValueError("must contain a letter or a digit")
    return name


Id = Annotated[int, Field(ge=1, le=MAX_INTEGER)]
# `squeeze` comes first, so that the limits count what will be stored.
Name = Annotated[str, AfterValidator(squeeze), Field(min_length=1, max_length=120)]
CategoryName = Annotated[Name, Field(max_length=80), AfterValidator(_has_slug)]
Note = Annotated[str, AfterValidator(squeeze), Field(max_length=200)]
Sku = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,40}$"), AfterValidator(str.upper)]
Price = Annotated[Decimal, Field(ge=0, le=1_000_000)]
Quantity = Annotated[int, Field(ge=1, le=1_000_000)]
# Reads whole cents from a model and shows them as an amount such as "12.50".
Amount = Annotated[str, BeforeValidator(format_cents)]


class InputModel(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PatchModel(InputModel):
    """Fields left out stay as they are, and so `None` always means "left out"."""

    @model_validator(mode="after")
    def _refuse_nulls(self) -> Self:
        if any(getattr(self, name) is None for name in self.model_fields_set):
            raise ValueError("fields may be left out but not null")
        return self


class OutputModel(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class CategoryCreate(InputModel):
    name: CategoryName


class CategoryRead(OutputModel):
    id: int
    name: str
    slug: str
    created_at: datetime


class ProductCreate(InputModel):
    sku: Sku
    name: Name
    price: Price
    category_id: Id


class ProductUpdate(PatchModel):
    name: Name | None = None
    price: Price | None = None
    category_id: Id | None = None


class ProductRead(OutputModel):
    id: int
    sku: str
    name: str
    price: Amount = Field(validation_alias="price_cents")
    stock: int
    category_id: int
    created_at: datetime


class StockReceive(InputModel):
    quantity: Quantity
    note: Note = ""


class StockAdjust(InputModel):
    quantity: Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
    # A correction without a reason is of no use to whoever reads the ledger.
    note: Annotated[Note, Field(min_length=1)]


class MovementRead(OutputModel):
    id: int
    product_id: int
    order_id: int | None
    kind: MovementKind
    quantity: int
    note: str
    created_at: datetime


class OrderLineCreate(InputModel):
    product_id: Id
    quantity: Quantity


class OrderCreate(InputModel):
    customer: Name
    lines: Annotated[list[OrderLineCreate], Field(min_length=1, max_length=50)]


class OrderLineRead(OutputModel):
    product_id: int
    quantity: int
    unit_price: Amount = Field(validation_alias="unit_price_cents")


class OrderRead(OutputModel):
    id: int
    customer: str
    status: OrderStatus
    lines: list[OrderLineRead]
    total: Amount = Field(validation_alias="total_cents")
    created_at: datetime
    closed_at: datetime | None
