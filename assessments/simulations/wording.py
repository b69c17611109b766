"""Texts in the two languages, and comparisons of typed answers that forgive case, diacritics and number format."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

LOCALES = ("vi", "en")

_NUMBER = re.compile(
    r"(?<!\d)(?<!\d[.,])(?P<whole>\d{1,3}(?:(?P<mark>[ .,\u00a0\u202f])\d{3})(?:(?P=mark)\d{3})*|\d+)"
    r"(?:[.,](?P<part>\d{1,2}))?(?!\d|[.,]\d)\s*(?P<unit>nghin|ngan|trieu|k\b|tr\b)?"
)
_UNITS = {"nghin": 1_000, "ngan": 1_000, "k": 1_000, "trieu": 1_000_000, "tr": 1_000_000}


@dataclass(frozen=True, slots=True)
class LocaleText:
    """One text in Vietnamese and in English; neither is ever missing."""

    vi: str
    en: str

    def at(self, locale: str) -> str:
        """The text in `locale` (`vi` or `en`); ValueError for another."""
        if locale not in LOCALES:
            raise ValueError(f"locale is {locale!r}; expected one of {', '.join(LOCALES)}")
        return self.vi if locale == "vi" else self.en


def paragraphs(text: str) -> list[str]:
    """Split a text at blank lines; single line breaks inside a paragraph become spaces."""
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", text.strip())]


def normalise(text: str) -> str:
    """Lower case, without diacritics (đ becomes d), with single spaces."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("đ", "d"))
    return " ".join("".join(mark for mark in decomposed if not unicodedata.combining(mark)).split())


def contains_text(text: str, phrase: str) -> bool:
    """Whether `phrase` occurs in `text` as whole words, whatever the case and diacritics."""
    wanted = normalise(phrase)
    return bool(wanted) and re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", normalise(text)) is not None


def contains_number(text: str, number: int | float) -> bool:
    """Whether `text` states `number` in any usual form: 15000, 15.000, 15,000, 15 000đ, 15 nghìn, 15k."""
    if isinstance(number, bool) or not isinstance(number, int | float):
        return False
    wanted = Decimal(str(number))
    return any(_stated(match) == wanted for match in _NUMBER.finditer(normalise(text)))


def _stated(match: re.Match[str]) -> Decimal:
    whole = re.sub(r"\D", "", match["whole"])
    return Decimal(f"{whole}.{match['part'] or 0}") * _UNITS.get(match["unit"] or "", 1)
