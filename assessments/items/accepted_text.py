"""Texts that are accepted as an answer, and how near one has to come."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from assessments.items.content import LOCALES, has_control_characters
from assessments.items.question import QuestionReading
from assessments.items.wording import comparable, within_distance

LONGEST = 200
MOST_WORDINGS = 20
MOST_EDITS = 2
LETTERS_PER_EDIT = 4
"""Letters an accepted wording has for each edit that is forgiven: in a shorter one an edit makes another word."""
FIELDS = ("accepted", "rejected", "case", "diacritics", "edits")
_DIGITS = re.compile(r"\d+")

Wordings = tuple[tuple[str, ...], tuple[str, ...]]
"""Wordings in Vietnamese, wordings in English."""


@dataclass(frozen=True, slots=True)
class AcceptedText:
    """accepted: any of them is right, in either language, whatever language the page was in.

    rejected: wrong although near to an accepted one. case, diacritics: `exact`, or `any` when they do not matter.
    edits: how many slips of the keyboard are forgiven, 0..2.
    """

    accepted: Wordings
    rejected: Wordings
    case: str
    diacritics: str
    edits: int

    def takes(self, text: str) -> bool:
        """Whether the text is a right answer. Rejected wordings are compared without any edits."""
        found = comparable(text, case=self.case == "exact", diacritics=self.diacritics == "exact")
        if any(found == self.form(wording) for wording in _all(self.rejected)):
            return False
        return any(self._is_near(found, wording) for wording in _all(self.accepted))

    def _is_near(self, found: str, wording: str) -> bool:
        """Whether so many slips made a wording into the form found, and none of them a mark or capital that matters.

        A number is right or wrong: no slip in its digits is forgiven.
        Where one did, the two texts are nearer to each other without marks and capitals than with them.
        """
        form = self.form(wording)
        slips = next((edits for edits in range(self.edits + 1) if within_distance(found, form, edits)), None)
        if slips and _DIGITS.findall(found) != _DIGITS.findall(form):
            return False
        if not slips or (self.case == "any" and self.diacritics == "any"):
            return slips is not None
        return not within_distance(_bare(found), _bare(form), slips - 1)

    def form(self, wording: str) -> str:
        """What a wording of the content is compared as; remembered, for every answer needs it."""
        return _remembered(wording, case=self.case == "exact", diacritics=self.diacritics == "exact")

    def shown(self, locale: str) -> list[str]:
        """The accepted wordings in a language."""
        return list(self.accepted[LOCALES.index("en" if locale == "en" else "vi")])

    def to_dict(self) -> dict[str, Any]:
        data: dict[str, Any] = {"accepted": _to_dict(self.accepted)}
        if any(self.rejected):
            data["rejected"] = _to_dict(self.rejected)
        return data | {"case": self.case, "diacritics": self.diacritics, "edits": self.edits}


def _bare(text: str) -> str:
    return comparable(text, diacritics=False)


_remembered = lru_cache(maxsize=8192)(comparable)


def _all(wordings: Wordings) -> Iterator[str]:
    return (wording for each in wordings for wording in each)


def _to_dict(wordings: Wordings) -> dict[str, list[str]]:
    return {locale: list(each) for locale, each in zip(LOCALES, wordings, strict=True)}


def read_accepted(reading: QuestionReading, source: Any, path: str = "") -> AcceptedText:
    """Read the FIELDS of a mapping at `path`. By default case does not matter, diacritics do, no edit is forgiven."""
    prefix = f"{path}." if path else ""
    case = reading.word(source.get("case", "any"), f"{prefix}case", ("any", "exact"))
    diacritics = reading.word(source.get("diacritics", "exact"), f"{prefix}diacritics", ("any", "exact"))
    edits = reading.whole(source.get("edits", 0), f"{prefix}edits", 0, MOST_EDITS)
    accepted = _wordings(reading, source.get("accepted"), f"{prefix}accepted", 1)
    rejected = _wordings(reading, source.get("rejected", {"vi": [], "en": []}), f"{prefix}rejected", 0)
    text = AcceptedText(accepted, rejected, case, diacritics, edits)
    for name, wordings in (("accepted", accepted), ("rejected", rejected)):
        for locale, found in zip(LOCALES, wordings, strict=True):
            for place, wording in enumerate(found):
                where = f"{prefix}{name}.{locale}[{place}]"
                form = text.form(wording)
                if not form:
                    reading.problem(where, "empty")
                elif name == "accepted" and edits and len(form) < LETTERS_PER_EDIT * edits:
                    reading.problem(where, "too_short_for_edits", LETTERS_PER_EDIT * edits)
                elif name == "rejected" and any(form == text.form(other) for other in _all(accepted)):
                    reading.problem(where, "both_accepted_and_rejected", wording)
    return text


def _wordings(reading: QuestionReading, raw: Any, path: str, fewest: int) -> Wordings:
    if not isinstance(raw, Mapping):
        reading.problem(path, "not_a_mapping")
        return (), ()
    source = reading.mapping(raw, path, LOCALES)
    found = []
    for locale in LOCALES:
        wordings = []
        for place, wording in enumerate(
            reading.entries(source.get(locale, []), f"{path}.{locale}", fewest, MOST_WORDINGS)
        ):
            where = f"{path}.{locale}[{place}]"
            if not isinstance(wording, str) or not wording.strip():
                reading.problem(where, "empty")
            elif len(wording) > LONGEST:
                reading.problem(where, "too_long", LONGEST)
            elif has_control_characters(wording):
                reading.problem(where, "control_character")
            elif wording.strip() in wordings:
                reading.problem(where, "repeated", wording)
            else:
                wordings.append(wording.strip())
        found.append(tuple(wordings))
    return found[0], found[1]
