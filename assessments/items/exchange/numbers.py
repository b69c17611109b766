"""Numbers as files of others write them."""

import re
from decimal import Decimal, InvalidOperation

from assessments.items.question import MOST_DECIMALS

HIGHEST_POWER = 30
"""Of ten in a number; no type takes as large a one, and written out a larger one fills the memory."""
_ONE_COMMA = re.compile(r"(-?[0-9]+),([0-9]{1,2}|[0-9]{4,})")


def with_point(text: str) -> str:
    """The text with its decimal comma as a point; a comma that could set off thousands stays, and is refused later."""
    found = _ONE_COMMA.fullmatch(text.strip())
    return f"{found[1]}.{found[2]}" if found else text


def decimal_of(text: str) -> Decimal | None:
    """A finite number that can be written out, rounded to the decimals that contents have; None for any other text."""
    try:
        value = Decimal(text.strip())
        if not value.is_finite() or value.adjusted() > HIGHEST_POWER:
            return None
        return round(value, MOST_DECIMALS)
    except InvalidOperation:
        return None
