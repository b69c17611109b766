"""What questions are made of: a stem, media and options in both languages, read from plain data, errors by path."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from assessments.items.problems import ContentError, ContentProblem

Locale = Literal["vi", "en"]
LOCALES: tuple[Locale, ...] = ("vi", "en")
MAX_STEM = 4000
MAX_TEXT = 1000


@dataclass(frozen=True, slots=True)
class Text:
    """A text in both languages."""

    vi: str
    en: str

    def at(self, locale: str) -> str:
        return self.en if locale == "en" else self.vi

    def to_dict(self) -> dict[str, str]:
        return {"vi": self.vi, "en": self.en}


@dataclass(frozen=True, slots=True)
class Option:
    """An option. id: opaque, tells neither its place nor whether it is right. why: absent in ordering items."""

    id: str
    text: Text
    correct: bool = False
    why: Text | None = None


@dataclass(frozen=True, slots=True)
class Medium:
    """A picture, sound or film beside the stem, a file for each language or one for both.

    type: picture, audio or video. words: what measures the same without it, the alternative text of a picture and the
    transcript of a recording, a language being "" until somebody has written it; None for a picture that decorates.
    width, height: of a picture, in pixels. sizes: of a recording's files, in bytes, vi and en. captions: of a film,
    files in WebVTT.
    """

    type: str
    file: Text
    words: Text | None
    width: int = 0
    height: int = 0
    sizes: tuple[int, int] = (0, 0)
    captions: Text | None = None

    @property
    def words_name(self) -> str:
        """What the words are called in a stored content."""
        return "alt" if self.type == "picture" else "transcript"

    def shown(self, locale: str) -> dict[str, Any]:
        """The medium in one language, as a person sees it."""
        seen: dict[str, Any] = {"type": self.type, "file": self.file.at(locale)}
        seen[self.words_name] = self.words.at(locale) if self.words else ""
        if self.type == "picture":
            return seen | {"width": self.width, "height": self.height}
        return seen | {
            "bytes": self.sizes[locale == "en"],
            "captions": self.captions.at(locale) if self.captions else "",
        }

    def to_dict(self) -> dict[str, Any]:
        data: dict[str, Any] = {"type": self.type, "file": self.file.to_dict()}
        data |= {self.words_name: self.words.to_dict()} if self.words else {"decorative": True}
        if self.type == "picture":
            return data | {"width": self.width, "height": self.height}
        captions = {"captions": self.captions.to_dict()} if self.captions else {}
        return data | {"bytes": dict(zip(LOCALES, self.sizes, strict=True))} | captions


@dataclass(frozen=True, slots=True)
class Content:
    """A question. The options of an ordering item stand in the right order."""

    kind: str
    stem: Text
    options: tuple[Option, ...]
    rationale: Text
    media: tuple[Medium, ...] = field(default=(), kw_only=True)

    @property
    def by_id(self) -> dict[str, Option]:
        return {option.id: option for option in self.options}

    def to_dict(self) -> dict[str, Any]:
        """Plain data for storing, which `parse_content` reads back to an equal content."""
        options = []
        for option in self.options:
            data: dict[str, Any] = {"id": option.id, **option.text.to_dict()}
            if option.why is not None:
                data |= {"correct": option.correct, "why": option.why.to_dict()}
            options.append(data)
        return {
            "kind": self.kind,
            "stem": self.stem.to_dict(),
            "options": options,
            "rationale": self.rationale.to_dict(),
            **media_to_dict(self.media),
        }


def has_control_characters(text: str) -> bool:
    """Whether a text holds what nobody types; U+0000 and lone surrogates could not even be stored."""
    return any((ord(char) < 32 and char not in "\n\t") or 0xD800 <= ord(char) <= 0xDFFF for char in text)


def media_to_dict(media: tuple[Medium, ...]) -> dict[str, Any]:
    """What a stored content has of its media: nothing at all where there are none."""
    return {"media": [each.to_dict() for each in media]} if media else {}


@dataclass(slots=True)
class Reading:
    """One pass over raw content that notes every problem instead of stopping at the first."""

    problems: list[ContentProblem] = field(default_factory=list)

    def problem(self, path: str, reason: str, value: object = "") -> None:
        self.problems.append(ContentProblem(path, reason, str(value)[:80]))

    def mapping(self, raw: Any, path: str, known: tuple[str, ...]) -> Mapping[str, Any]:
        """A mapping with no keys but the known ones; an empty one when it is none."""
        if not isinstance(raw, Mapping):
            self.problem(path, "not_a_mapping")
            return {}
        for key in raw:
            if key not in known:
                self.problem(f"{path}.{key}" if path else str(key), "unknown_key")
        return raw

    def text(self, raw: Any, path: str, longest: int = MAX_TEXT, *, unwritten: bool = False) -> Text:
        """A text in both languages. unwritten: a language may still be empty."""
        source = self.mapping(raw, path, LOCALES)
        found = {}
        for locale in LOCALES:
            value = source.get(locale, "")
            if not isinstance(value, str) or not value.strip():
                if not unwritten or not isinstance(value, str):
                    self.problem(f"{path}.{locale}", "empty")
                value = ""
            elif len(value) > longest:
                self.problem(f"{path}.{locale}", "too_long", longest)
            elif has_control_characters(value):
                self.problem(f"{path}.{locale}", "control_character")
            found[locale] = value.strip()
        return Text(found["vi"], found["en"])

    def options(self, raw: Any, stem: Text, fewest: int, most: int, *, keyed: bool) -> tuple[Option, ...]:
        """The options; keyed ones say whether they are correct and why."""
        if not isinstance(raw, list):
            self.problem("options", "not_a_list")
            return ()
        if not fewest <= len(raw) <= most:
            self.problem("options", "wrong_number", f"{fewest}..{most}" if fewest < most else fewest)
        options: list[Option] = []
        known = ("id", *LOCALES, "correct", "why") if keyed else ("id", *LOCALES)
        for place, entry in enumerate(raw[: most + 1]):
            path = f"options[{place}]"
            source = self.mapping(entry, path, known)
            text = self.text({key: source[key] for key in LOCALES if key in source}, path)
            correct = source.get("correct", False)
            if not isinstance(correct, bool):
                self.problem(f"{path}.correct", "not_true_or_false")
            why = self.text(source.get("why", {}), f"{path}.why") if keyed else None
            options.append(Option(_option_id(stem, text), text, correct is True, why))
        for locale in LOCALES:
            texts = [option.text.at(locale) for option in options]
            for place, text_here in enumerate(texts):
                if text_here and text_here in texts[:place]:
                    self.problem(f"options[{place}].{locale}", "repeated")
        return tuple(options)


def _option_id(stem: Text, text: Text) -> str:
    """An id made of the wording alone: the same in every copy of the item, and blind to the key and the order."""
    return hashlib.sha256(f"{stem.vi}\0{text.vi}\0{text.en}".encode()).hexdigest()[:10]


def read_question(raw: Any, kind: str, fewest: int, most: int, *, keyed: bool) -> Content:
    """Read what every question has. Raises ContentError with everything found; callers check their own rules after."""
    reading = Reading()
    source = reading.mapping(raw, "", ("kind", "stem", "options", "rationale"))
    if source.get("kind", kind) != kind:
        reading.problem("kind", "wrong_kind", source.get("kind"))
    stem = reading.text(source.get("stem", {}), "stem", MAX_STEM)
    options = reading.options(source.get("options"), stem, fewest, most, keyed=keyed)
    rationale = reading.text(source.get("rationale", {}), "rationale")
    if reading.problems:
        raise ContentError(reading.problems)
    return Content(kind, stem, options, rationale)
