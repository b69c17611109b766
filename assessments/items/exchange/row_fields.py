"""The columns of a table of questions, and how a cell is read and written, whatever kind of question it is of."""

from collections.abc import Mapping, Sequence
from typing import Any

from assessments.items.content import LOCALES

PARTS = 16
_TEXTS = tuple(f"{name}_{locale}" for name in ("stem", "rationale") for locale in LOCALES)
COLUMNS = (
    *("kind", "competency", "level", "seconds", *_TEXTS, "right", "rule"),
    *(f"{name}_{place}_{locale}" for place in range(1, PARTS + 1) for name in ("option", "note") for locale in LOCALES),
    *("text_vi", "text_en", "example_vi", "example_en"),
)
LEVEL_MARK = "|"
MOST_LISTED = 20
MOST_LINES = 50
"""Of one cell; no kind takes as many."""

Row = Mapping[str, str]
Content = dict[str, Any]


class RowRefused(ValueError):
    """A row that is no question. column: where; reason: a fixed word."""

    def __init__(self, column: str, reason: str, value: str = "") -> None:
        self.column, self.reason, self.value = column, reason, value
        super().__init__(column, reason)


def text_of(row: Row, name: str) -> dict[str, str] | None:
    """A text in both languages; the Vietnamese one stands for both until somebody translates it."""
    vi = row.get(f"{name}_vi", "")
    en = row.get(f"{name}_en", "")
    return {"vi": vi or en, "en": en or vi} if vi or en else None


def parts_of(row: Row) -> list[tuple[int, dict[str, str] | None, dict[str, str] | None]]:
    """The parts that a row has, each with its number, its option and its note."""
    found = ((place, text_of(row, f"option_{place}"), text_of(row, f"note_{place}")) for place in range(1, PARTS + 1))
    return [part for part in found if part[1] or part[2]]


def whole_of(row: Row, name: str, low: int, high: int) -> int | None:
    raw = row.get(name, "")
    if not raw:
        return None
    if not (raw.isascii() and raw.isdigit() and len(raw) <= 9 and low <= int(raw) <= high):
        raise RowRefused(name, "not_in_range", f"{raw[:20]} ({low}–{high})")
    return int(raw)


def rules_of(row: Row, *known: str) -> dict[str, str]:
    """What `rule` says: `name=value`, set apart by semicolons."""
    found = {}
    for part in list_of(row, "rule", ";"):
        name, sign, value = (each.strip() for each in part.partition("="))
        if not sign or name not in known:
            raise RowRefused("rule", "unknown_rule", part[:40])
        found[name] = value
    return found


def list_of(row: Row, column: str, mark: str) -> list[str]:
    """What a cell lists; more than MOST_LISTED are cut off, for no kind takes so many."""
    return [each.strip() for each in row.get(column, "").split(mark, MOST_LISTED)[:MOST_LISTED] if each.strip()]


def wording_of(row: Row, name: str) -> dict[str, str] | None:
    found: dict[str, str] = {locale: row.get(f"{name}_{locale}", "") for locale in LOCALES}
    return found if any(found.values()) else None


def put(row: dict[str, str], name: str, text: Mapping[str, Any] | None) -> None:
    for locale in LOCALES:
        row[f"{name}_{locale}"] = str((text or {}).get(locale, ""))


def columns_of(wordings: Mapping[str, list[str]]) -> list[Mapping[str, Any] | None]:
    longest = max((len(each) for each in wordings.values()), default=0)
    return [{locale: each[place] for locale, each in wordings.items() if place < len(each)} for place in range(longest)]


def joined(texts: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Texts in both languages, each language set apart by LEVEL_MARK."""
    return {locale: f" {LEVEL_MARK} ".join(text[locale] for text in texts) for locale in LOCALES}


def lines_of(row: Row, name: str) -> list[dict[str, str]]:
    """What a cell says line by line in both languages; one that is empty is like the other."""
    found = {locale: [each.strip() for each in row.get(f"{name}_{locale}", "").splitlines()] for locale in LOCALES}
    vi, en = ([each for each in found[locale] if each] for locale in LOCALES)
    vi, en = vi or en, en or vi
    if len(vi) != len(en):
        raise RowRefused(f"{name}_en", "lines_differ")
    return [{"vi": one, "en": other} for one, other in zip(vi[:MOST_LINES], en[:MOST_LINES], strict=True)]


def put_lines(row: dict[str, str], name: str, texts: Sequence[Mapping[str, Any]]) -> None:
    """Write texts line by line."""
    for locale in LOCALES:
        row[f"{name}_{locale}"] = "\n".join(text[locale] for text in texts)


def split_of(text: Mapping[str, str], name: str, mark: str = LEVEL_MARK) -> list[dict[str, str]]:
    """A cell's text in both languages cut at the marks, of which there are as many in both."""
    pieces = {locale: text.get(locale, "").split(mark, MOST_LISTED)[:MOST_LISTED] for locale in LOCALES}
    if len(pieces["vi"]) != len(pieces["en"]):
        raise RowRefused(f"{name}_en", "levels_differ")
    return [{"vi": vi.strip(), "en": en.strip()} for vi, en in zip(pieces["vi"], pieces["en"], strict=True)]
