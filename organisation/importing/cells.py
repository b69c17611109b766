"""What a cell must hold: texts, codes, dates, kinds. Every function raises CellRefused with a reason."""

import re
import unicodedata
from datetime import date
from functools import lru_cache

from organisation.domain.names import fold_text, normalise_text
from organisation.importing.faults import CellRefused
from organisation.importing.xlsx_rows import ErrorValue

EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
CODE_LENGTH = 40
EMAIL_LENGTH = 254
# A spreadsheet would run such a text as a formula when the data is exported again.
_FORMULA_SIGNS = ("=", "+", "-", "@")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z")
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+\Z")
_ISO_DATE = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?:[ T]00:00(?::00(?:\.0+)?)?)?\Z", re.ASCII
)
_DAY_FIRST = re.compile(r"(?P<day>\d{1,2})([/.-])(?P<month>\d{1,2})\2(?P<year>\d{4})\Z", re.ASCII)
_GENDERS = {"f": "f", "m": "m", "nu": "f", "nam": "m", "female": "f", "male": "m"}
_KINDS = {
    "nation": "nation",
    "ministry": "ministry",
    "province": "province",
    "department": "department",
    "district": "district",
    "commune": "commune",
    "office": "office",
    "quoc gia": "nation",
    "bo": "ministry",
    "tinh": "province",
    "thanh pho": "province",
    "so": "department",
    "so, nganh": "department",
    "huyen": "district",
    "quan": "district",
    "xa": "commune",
    "phuong": "commune",
    "dac khu": "commune",
    "phong": "office",
    "phong, ban": "office",
}
_POSTING_KINDS = {
    "primary": "",
    "secondary": "secondary",
    "secondment": "secondment",
    "chinh": "",
    "chinh thuc": "",
    "kiem nhiem": "secondary",
    "biet phai": "secondment",
}
KINDS = tuple(dict.fromkeys(_KINDS.values()))


def parse_text(cell: str | date, length: int) -> str:
    """Return the text in NFC with single spaces, of at most `length` characters; "" when the cell is empty."""
    if isinstance(cell, date):
        raise CellRefused("date_in_text", value=cell)
    if isinstance(cell, ErrorValue):
        raise CellRefused("error_value", value=cell)
    text = normalise_text(cell)
    if text.startswith(_FORMULA_SIGNS):
        raise CellRefused("formula", value=text)
    if len(text) > length:
        raise CellRefused("too_long", limit=length)
    if not text.isprintable() and any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn") for char in text):
        raise CellRefused("control_character")
    return text


def parse_code(cell: str | date) -> str:
    """Return a code of letters, digits, full stops, hyphens and underscores; "" when the cell is empty."""
    text = parse_text(cell, CODE_LENGTH)
    if text and not _CODE.match(text):
        raise CellRefused("bad_code", value=text)
    return text


def parse_email(cell: str | date) -> str:
    """Return an e-mail address; "" when the cell is empty."""
    text = parse_text(cell, EMAIL_LENGTH)
    if text and not _EMAIL.match(text):
        raise CellRefused("bad_email", value=text)
    return text


def parse_gender(cell: str | date) -> str:
    """Return "f", "m" or "" for f, m, female, male, nữ, nam or an empty cell."""
    text = parse_text(cell, 20)
    if text and fold_text(text) not in _GENDERS:
        raise CellRefused("bad_gender", value=text)
    return _GENDERS.get(fold_text(text), "")


def parse_kind(cell: str | date) -> str:
    """Return a kind of unit from its English or Vietnamese word; "" when the cell is empty."""
    text = parse_text(cell, 40)
    if text and fold_text(text) not in _KINDS:
        raise CellRefused("bad_kind", value=text, kinds=", ".join(KINDS))
    return _KINDS.get(fold_text(text), "")


def parse_posting_kind(cell: str | date) -> str:
    """Return "secondary" or "secondment" from its English or Vietnamese word; "" for primary or an empty cell."""
    text = parse_text(cell, 40)
    if text and fold_text(text) not in _POSTING_KINDS:
        raise CellRefused("bad_posting_kind", value=text)
    return _POSTING_KINDS.get(fold_text(text), "")


def parse_date(cell: str | date) -> date | None:
    """Return the date of a cell that is one or reads 2024-12-31 or 31/12/2024; None when the cell is empty."""
    if isinstance(cell, str):
        if isinstance(cell, ErrorValue):
            raise CellRefused("error_value", value=cell)
        day = _date_of(cell.strip())
    else:
        day = cell
    if day is not None and not EARLIEST <= day <= LATEST:
        raise CellRefused("date_out_of_range", value=day, earliest=EARLIEST, latest=LATEST)
    return day


@lru_cache(maxsize=65536)
def _date_of(text: str) -> date | None:
    if not text:
        return None
    match = _ISO_DATE.match(text) or _DAY_FIRST.match(text)
    if match is None:
        raise CellRefused("bad_date", value=text)
    try:
        return date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError:
        raise CellRefused("bad_date", value=text) from None
