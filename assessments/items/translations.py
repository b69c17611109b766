"""Which texts of a question still wait for their translation: those that say the same in both languages.

A text that came in one language stands for both until somebody translates it. Names, numbers and short terms (Excel,
42, Power BI) are the same in both and wait for nothing.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

FIELDS = ("stem", "answers", "reasons", "rationale", "rubric", "media")
"""Parts of a question that are counted apart; `answers` are options, pairs, cards, gaps and whatever else is shown."""
MISSING = tuple(f"{field}.{locale}" for field in FIELDS for locale in ("vi", "en"))
"""Everything that `untranslated` may say."""
_OF_KEY = {"stem": "stem", "rationale": "rationale", "rubric": "rubric", "example": "rubric", "media": "media"}
_FILES = ("file", "captions")
"""Keys of what is no text."""
_VIETNAMESE = re.compile("[àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ]", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{2,}")
_FEWEST_WORDS = {"stem": 1, "rationale": 1, "media": 0, "reasons": 2, "rubric": 2, "answers": 3}
"""From so many words of plain letters on a text is English and no name, by field."""


def untranslated(content: Mapping[str, Any]) -> list[str]:
    """Return what is missing, such as `stem.en`, in the order of MISSING."""
    found = {f"{field}.{locale}" for field, vi, en in _texts(content) for locale in _missing(field, vi, en)}
    return [each for each in MISSING if each in found]


def _texts(value: Any, field: str = "") -> Iterator[tuple[str, str, str]]:
    """Every text in both languages, with its field."""
    if isinstance(value, list):
        for each in value:
            yield from _texts(each, field)
    elif isinstance(value, Mapping):
        vi, en = value.get("vi"), value.get("en")
        if isinstance(vi, str) and isinstance(en, str):
            yield field, vi, en
        for key, each in value.items():
            if key not in _FILES:
                yield from _texts(each, "reasons" if key == "why" else field or _OF_KEY.get(key, "answers"))


def _missing(field: str, vi: str, en: str) -> list[str]:
    """The languages that a text is missing in; only words of media may be empty."""
    if vi != en or not vi:
        return [locale for locale, text in (("vi", vi), ("en", en)) if not text]
    if _VIETNAMESE.search(vi):
        return ["en"]
    return ["vi"] if len(_WORD.findall(vi)) >= _FEWEST_WORDS[field] else []
