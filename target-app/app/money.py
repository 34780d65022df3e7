"""Money is stored and added up as whole cents, and crosses the API as decimal text."""

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def to_cents(amount: Decimal) -> int:
    """Round half up to the nearest cent: 0.125 becomes 13."""
    return int(amount.quantize(CENT, rounding=ROUND_HALF_UP) * 100)


def format_cents(cents: int) -> str:
    """Show cents as an amount with two decimals: 1250 becomes "12.50"."""
    sign = "-" if cents < 0 else ""
    whole, rest = divmod(abs(cents), 100)
    return f"{sign}{whole}.{rest:02d}"
