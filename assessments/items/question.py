"""What the item types beyond plain options share: stem and rationale, opaque ids, and readers that name every fault."""

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from assessments.items.content import LOCALES, MAX_STEM, MAX_TEXT, Medium, Option, Reading, Text, media_to_dict
from assessments.items.problems import ContentError

LARGEST_NUMBER = Decimal(10) ** 15
MOST_DECIMALS = 9
_PLAIN_NUMBER = re.compile(r"-?[0-9]{1,16}(\.[0-9]{1,9})?")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,29}")


@dataclass(frozen=True, slots=True)
class Question:
    """What every question has: what is asked, media beside it, and the principle that is shown after submission."""

    kind: str
    stem: Text
    rationale: Text
    media: tuple[Medium, ...] = field(default=(), kw_only=True)

    def frame_to_dict(self) -> dict[str, Any]:
        frame = {"kind": self.kind, "stem": self.stem.to_dict(), "rationale": self.rationale.to_dict()}
        return frame | media_to_dict(self.media)


def opaque_id(stem: Text, role: str, *words: str) -> str:
    """An id made of wording alone: the same in every copy of the item, and blind to the key and to hidden orders."""
    return hashlib.sha256("\0".join([stem.vi, role, *words]).encode()).hexdigest()[:10]


def with_id(option: Option) -> dict[str, Any]:
    """An option as it is stored, without key and reason."""
    return {"id": option.id, **option.text.to_dict()}


def shown(option: Option, locale: str) -> dict[str, str]:
    """An option as a person sees it."""
    return {"id": option.id, "text": option.text.at(locale)}


@dataclass(slots=True)
class QuestionReading(Reading):
    """A reading with the fields that more than one type has."""

    def frame(self, raw: Any, kind: str, fields: tuple[str, ...]) -> tuple[Mapping[str, Any], Text, Text]:
        """The source, its stem and its rationale; `fields` are those of the type."""
        source = self.mapping(raw, "", ("kind", "stem", "rationale", *fields))
        if source.get("kind", kind) != kind:
            self.problem("kind", "wrong_kind", source.get("kind"))
        stem = self.text(source.get("stem", {}), "stem", MAX_STEM)
        return source, stem, self.text(source.get("rationale", {}), "rationale")

    def finish(self) -> None:
        """Raise ContentError when anything was wrong."""
        if self.problems:
            raise ContentError(self.problems)

    def entries(self, raw: Any, path: str, fewest: int, most: int) -> list[Any]:
        """A list of `fewest` to `most` entries; a longer one is cut after one too many."""
        if not isinstance(raw, list):
            self.problem(path, "not_a_list")
            return []
        if not fewest <= len(raw) <= most:
            self.problem(path, "wrong_number", f"{fewest}..{most}" if fewest < most else fewest)
        return raw[: most + 1]

    def part(self, entry: Any, path: str, fields: tuple[str, ...] = ()) -> tuple[Mapping[str, Any], Text]:
        """An entry with a text and the type's own fields; a stored `id` is accepted and made anew."""
        source = self.mapping(entry, path, ("id", *LOCALES, *fields))
        return source, self.text({key: source[key] for key in LOCALES if key in source}, path)

    def options_of(
        self, raw: Any, path: str, stem: Text, role: str, fewest: int, most: int, *, keyed: bool = False
    ) -> tuple[Option, ...]:
        """Different options with opaque ids; keyed ones say whether they are correct."""
        options = []
        for place, entry in enumerate(self.entries(raw, path, fewest, most)):
            where = f"{path}[{place}]"
            source, text = self.part(entry, where, ("correct",) if keyed else ())
            correct = self.flag(source.get("correct", False), f"{where}.correct")
            options.append(Option(opaque_id(stem, role, text.vi, text.en), text, correct))
        self.different([option.text for option in options], path)
        return tuple(options)

    def different(self, texts: list[Text], path: str) -> None:
        """Note every text that says the same as one before it in either language."""
        for locale in LOCALES:
            seen: set[str] = set()
            for place, text in enumerate(texts):
                if text.at(locale) in seen:
                    self.problem(f"{path}[{place}].{locale}", "repeated")
                elif text.at(locale):
                    seen.add(text.at(locale))

    def optional_text(self, raw: Any, path: str, longest: int = MAX_TEXT) -> Text | None:
        return None if raw is None else self.text(raw, path, longest)

    def flag(self, raw: Any, path: str) -> bool:
        if not isinstance(raw, bool):
            self.problem(path, "not_true_or_false")
        return raw is True

    def whole(self, raw: Any, path: str, low: int, high: int) -> int:
        if isinstance(raw, bool) or not isinstance(raw, int) or not low <= raw <= high:
            self.problem(path, "not_in_range", f"{low}..{high}")
            return low
        return raw

    def bounds(self, raw: Any, path: str, least: int, most: int) -> tuple[int, int]:
        """A mapping with `least` and `most`, which without it are the widest there may be."""
        before = len(self.problems)
        source = self.mapping(raw, path, ("least", "most"))
        low = self.whole(source.get("least", least), f"{path}.least", least, most)
        high = self.whole(source.get("most", most), f"{path}.most", max(1, least), most)
        if low > high and len(self.problems) == before:
            self.problem(path, "least_above_most", f"{low} > {high}")
        return low, high

    def word(self, raw: Any, path: str, allowed: Collection[str]) -> str:
        """One of a few fixed words."""
        if not isinstance(raw, str) or raw not in allowed:
            self.problem(path, "not_one_of", ", ".join(allowed))
            return next(iter(allowed), "")
        return raw

    def name(self, raw: Any, path: str) -> str:
        """A name that the content's other fields refer to: small Latin letters, digits and low lines."""
        if not isinstance(raw, str) or not _NAME.fullmatch(raw):
            self.problem(path, "bad_name", raw if isinstance(raw, str) else "")
            return ""
        return raw

    def number(self, raw: Any, path: str, *, least: Decimal | None = None) -> Decimal:
        """A number as YAML or JSON writes it, or the same in quotes: up to 15 digits and 9 decimals."""
        short = isinstance(raw, (float, str)) or (isinstance(raw, int) and abs(raw) < LARGEST_NUMBER)
        text = str(raw) if short and not isinstance(raw, bool) else ""
        value = Decimal(text) if _PLAIN_NUMBER.fullmatch(text) else LARGEST_NUMBER
        if abs(value) >= LARGEST_NUMBER:
            self.problem(path, "not_a_number", text)
            return Decimal(0)
        if least is not None and value < least:
            self.problem(path, "too_small", least)
        return value


def plain_number(value: Decimal) -> str:
    """A number as contents store it: no exponent, no needless zeros, no negative zero."""
    return format(value.normalize() + 0, "f")
