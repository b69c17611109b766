"""What a machine can check of a prompt: length, what must be in it, what must not."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assessments.items.content import LOCALES, Text
from assessments.items.personal_data import PATTERNS, find_personal_data
from assessments.items.question import QuestionReading
from assessments.items.wording import comparable

LONGEST = 5000
MOST_RULES = 8
MOST_PHRASES = 12


@dataclass(frozen=True, slots=True)
class Check:
    """What came of one check. serious: a breach takes the whole score."""

    name: str
    text: Text
    passed: bool
    serious: bool

    def shown(self, locale: str) -> dict[str, Any]:
        return {"name": self.name, "text": self.text.at(locale), "passed": self.passed, "serious": self.serious}


@dataclass(frozen=True, slots=True)
class Mention:
    """A rule in words, and phrases of which one is to be found, or none is, in whichever language."""

    text: Text
    phrases: tuple[tuple[str, ...], tuple[str, ...]]

    def found_in(self, words: str) -> bool:
        """Whether one of the phrases stands in a text that `bare_words` made."""
        every = (phrase for each in self.phrases for phrase in each)
        return any(f" {bare_words(phrase)} " in f" {words} " for phrase in every)

    def to_dict(self) -> dict[str, Any]:
        return self.text.to_dict() | {
            "phrases": {locale: list(each) for locale, each in zip(LOCALES, self.phrases, strict=True)}
        }


@dataclass(frozen=True, slots=True)
class Constraints:
    """least, most: characters. include: each must be mentioned. exclude: none may be. personal_data: of PATTERNS."""

    least: int
    most: int
    include: tuple[Mention, ...]
    exclude: tuple[Mention, ...]
    personal_data: tuple[str, ...]

    @property
    def points(self) -> int:
        """One for the length and one for each thing to include; breaching the others takes everything."""
        return 1 + len(self.include)

    def checks(self, text: str) -> Iterator[Check]:
        """Everything that is checked, in the order of the rules."""
        length = Text(
            f"Dài từ {self.least} đến {self.most} ký tự", f"Between {self.least} and {self.most} characters long"
        )
        yield Check("length", length, self.least <= len(text.strip()) <= self.most, False)
        words = bare_words(text)
        for rule in self.include:
            yield Check("include", rule.text, rule.found_in(words), False)
        for rule in self.exclude:
            yield Check("exclude", rule.text, not rule.found_in(words), True)
        breached = find_personal_data(text, self.personal_data)
        for kind in self.personal_data:
            name = PATTERNS[kind][0]
            rule_text = Text(f"Không có: {name.vi}", f"Free of: {name.en}")
            yield Check(kind, rule_text, kind not in breached, True)

    def to_dict(self) -> dict[str, Any]:
        return {
            "characters": {"least": self.least, "most": self.most},
            "include": [rule.to_dict() for rule in self.include],
            "exclude": [rule.to_dict() for rule in self.exclude],
            "personal_data": list(self.personal_data),
        }


def bare_words(text: str) -> str:
    """The words of a text in comparable form, without any punctuation."""
    return comparable("".join(char if char.isalnum() or unicodedata.combining(char) else " " for char in text))


def read_constraints(reading: QuestionReading, raw: Any) -> Constraints:
    """Read the mapping `constraints`."""
    source = reading.mapping(raw, "constraints", ("characters", "include", "exclude", "personal_data"))
    least, most = reading.bounds(source.get("characters", {}), "constraints.characters", 1, LONGEST)
    include = _mentions(reading, source.get("include", []), "constraints.include")
    exclude = _mentions(reading, source.get("exclude", []), "constraints.exclude")
    kinds: list[str] = []
    path = "constraints.personal_data"
    for place, kind in enumerate(reading.entries(source.get("personal_data", []), path, 0, len(PATTERNS))):
        word = reading.word(kind, f"{path}[{place}]", PATTERNS)
        if word in kinds:
            reading.problem(f"{path}[{place}]", "repeated", word)
        kinds.append(word)
    return Constraints(least, most, include, exclude, tuple(kinds))


def _mentions(reading: QuestionReading, raw: Any, path: str) -> tuple[Mention, ...]:
    rules = []
    for place, entry in enumerate(reading.entries(raw, path, 0, MOST_RULES)):
        where = f"{path}[{place}]"
        source, text = reading.part(entry, where, ("phrases",))
        languages = reading.mapping(source.get("phrases"), f"{where}.phrases", LOCALES)
        found = []
        for locale in LOCALES:
            phrases = reading.entries(languages.get(locale), f"{where}.phrases.{locale}", 1, MOST_PHRASES)
            for number, phrase in enumerate(phrases):
                if not isinstance(phrase, str) or len(phrase) > 100 or not bare_words(phrase):
                    reading.problem(f"{where}.phrases.{locale}[{number}]", "empty")
            found.append(tuple(phrase for phrase in phrases if isinstance(phrase, str)))
        rules.append(Mention(text, (found[0], found[1])))
    return tuple(rules)
