"""Which texts of a question still wait for their translation: those that say the same in both languages.

A text that came in one language stands for both until somebody translates it. Names, numbers and short terms (Excel,
42, Power BI) are the same in both and wait for nothing.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

FIELDS = ("stem", "answers", "reasons", "rationale", "rubric")
"""Parts of a question that are counted apart; `answers` are options, pairs, cards, gaps and whatever else is shown."""
MISSING = tuple(f"{field}.{locale}" for field in FIELDS for locale in ("vi", "en"))
"""Everything that `untranslated` may say."""
_OF_KEY = {"stem": "stem", "rationale": "rationale", "rubric": "rubric", "example": "rubric"}
_VIETNAMESE = re.compile("[àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ]", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{2,}")
WORDS_OF_A_TEXT = 3
"""So many words of plain letters are a sentence in English; fewer may be a name."""


def untranslated(content: Mapping[str, Any]) -> list[str]:
    """Return what is missing, such as `stem.en`, in the order of MISSING."""
    found = {f"{field}.{locale}" for field, text in _texts(content) if (locale := _missing(text))}
    return [each for each in MISSING if each in found]


def _texts(value: Any, field: str = "") -> Iterator[tuple[str, str]]:
    """Every text that is the same in both languages, with its field."""
    if isinstance(value, list):
        for each in value:
            yield from _texts(each, field)
    elif isinstance(value, Mapping):
        same = value.get("vi")
        if isinstance(same, str) and same == value.get("en"):
            yield field, same
        for key, each in value.items():
            yield from _texts(each, "reasons" if key == "why" else field or _OF_KEY.get(key, "answers"))


def _missing(text: str) -> str:
    if _VIETNAMESE.search(text):
        return "en"
    return "vi" if len(_WORD.findall(text)) >= WORDS_OF_A_TEXT else ""
