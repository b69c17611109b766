"""Numbers as people in Vietnam write them: 1.234,5 in Vietnamese, 1,234.5 in English.

`1.234` alone is 1234 in one language and one and 234 thousandths in the other: it is refused unless the writer's
notation is known. Groups may be set off by spaces too (1 234,5), which is never ambiguous.
"""

import re
from decimal import Context, Decimal

NOTATIONS = ("vi", "en")
LONGEST = 40
LARGEST = Decimal(10) ** 15
_CONTEXT = Context(prec=60)
_DECIMAL_MARK = {"vi": ",", "en": "."}
_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2007": " ", "\u2212": "-", "\u2013": "-"})
_SHAPE = re.compile(r"([+-]?) ?([0-9][0-9.,]*(?: [0-9][0-9.,]*)*)")


class NumberFormError(ValueError):
    """A text that is no number, or not clearly one. reason: `not_a_number`, `ambiguous_number`, `too_large`."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def read_number(text: str, *, notation: str | None = None, whole: bool = False) -> Decimal:
    """Read a number in either notation.

    notation: `vi` or `en`, how the writer meant what could be read two ways. whole: only whole numbers are meant, so
    that a mark followed by three digits sets off a group. Raises NumberFormError.
    """
    text = " ".join(text.translate(_SPACES).split())
    found = _SHAPE.fullmatch(text)
    if len(text) > LONGEST or found is None:
        raise NumberFormError("not_a_number")
    readings = {name: value for name in NOTATIONS if (value := _read(found[2], _DECIMAL_MARK[name])) is not None}
    if not readings:
        raise NumberFormError("not_a_number")
    if whole or len(set(readings.values())) == 1:
        value = max(readings.values())
    elif notation in readings:
        value = readings[notation]
    else:
        raise NumberFormError("ambiguous_number")
    if abs(value) >= LARGEST:
        raise NumberFormError("too_large")
    return -value if found[1] == "-" else value


def _read(text: str, decimal_mark: str) -> Decimal | None:
    """The number when this is its decimal mark, None when it cannot be. The other mark, or spaces, set off groups."""
    whole, *fraction = text.split(decimal_mark)
    if len(fraction) > 1 or (fraction and not fraction[0].isdigit()):
        return None
    group_mark = "." if decimal_mark == "," else ","
    if group_mark in whole and " " in whole:
        return None
    first, *groups = re.split(r"[ .,]", whole)
    if groups and (not 1 <= len(first) <= 3 or first.startswith("0") or any(len(group) != 3 for group in groups)):
        return None
    return Decimal("".join([first, *groups]) + "." + (fraction[0] if fraction else "0"))


def show_number(value: Decimal, locale: str, decimals: int = 9) -> str:
    """A number for reading, which `read_number` reads back in that notation: no-break spaces from 10 000 on.

    decimals: how many are shown at most; needless zeros never are.
    """
    digits = format(_CONTEXT.quantize(abs(value), Decimal(1).scaleb(-decimals)), "f")
    whole, _, fraction = digits.partition(".")
    fraction = fraction.rstrip("0")
    if len(whole) > 4:
        whole = f"{int(whole):,}".replace(",", "\u00a0")
    mark = _DECIMAL_MARK["en" if locale == "en" else "vi"]
    sign = "-" if value < 0 and (fraction or whole != "0") else ""
    return f"{sign}{whole}{mark}{fraction}" if fraction else f"{sign}{whole}"
