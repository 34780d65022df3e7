from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from sqlalchemy.orm import Session

from app.clock import utc_now
from app.models import Category
from app.money import format_cents, to_cents
from app.text import fold, slugify, squeeze


def test_amounts_round_half_up_to_cents() -> None:
    amounts = ("0", "12.5", "0.124", "0.125", "1.005")
    assert [to_cents(Decimal(amount)) for amount in amounts] == [0, 1250, 12, 13, 101]


def test_cents_are_shown_with_two_decimals() -> None:
    assert [format_cents(cents) for cents in (5, 1250, -105)] == ["0.05", "12.50", "-1.05"]


def test_squeeze_and_fold_even_out_differences_in_writing() -> None:
    assert squeeze("  a \t b\n\nc ") == "a b c"
    assert fold(" Crème  BRÛLÉE ") == "creme brulee"
    assert fold("Straße") == fold("STRASSE")


def test_slugs_are_plain_ascii() -> None:
    assert slugify("--Café & Bar!") == "cafe-bar"
    assert slugify("!?") == ""


def test_datetimes_come_back_aware_and_in_utc(session: Session) -> None:
    local = datetime(2026, 7, 1, 14, 0, tzinfo=timezone(timedelta(hours=2)))
    session.add(Category(name="A", slug="a", created_at=local))
    session.commit()
    session.expire_all()

    stored = session.get_one(Category, 1).created_at

    assert stored == local
    assert stored.tzinfo is UTC
    assert utc_now().tzinfo is UTC
