"""Numbers as files of others write them."""

from decimal import Decimal, InvalidOperation

from assessments.items.question import MOST_DECIMALS

HIGHEST_POWER = 30
"""Of ten in a number; no type takes as large a one, and written out a larger one fills the memory."""


def decimal_of(text: str) -> Decimal | None:
    """A finite number that can be written out, rounded to the decimals that contents have; None for any other text."""
    try:
        value = Decimal(text.strip())
        if not value.is_finite() or value.adjusted() > HIGHEST_POWER:
            return None
        return round(value, MOST_DECIMALS)
    except InvalidOperation:
        return None
