"""Media that questions show. A question names a file by its path below the media folder; pages know where that is.

Whatever the type of a question, pictures, sounds and films may stand beside its stem, each with words that measure the
same. The words may be missing while a question is a draft, and must be there before it is published.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assessments.items.content import LOCALES, Medium, Text
from assessments.items.problems import ContentProblem
from assessments.items.question import QuestionReading

LARGEST_SIDE = 4000
MOST_MEDIA = 6
"""Beside one stem."""
LONGEST_TRANSCRIPT = 8000
PICTURE, AUDIO, VIDEO, CAPTIONS = "picture", "audio", "video", "captions"
MEDIA_ENDINGS = {
    PICTURE: ("png", "jpg", "jpeg", "webp"),
    AUDIO: ("mp3", "ogg", "m4a"),
    VIDEO: ("mp4", "webm"),
    CAPTIONS: ("vtt",),
}
"""The types of files by their names' endings."""
_LARGEST_RECORDING = 2**31 - 1
SAMPLE_IMAGES = Path(__file__).parents[1] / "static" / "item_media" / "samples"
"""The files that samples name `samples/...`; pages find them among the static files, below `item_media/`."""
_PATH = re.compile(r"(?:[a-z0-9][a-z0-9_-]*/){0,4}[a-z0-9][a-z0-9_-]*\.([a-z0-9]{3,4})")


@dataclass(frozen=True, slots=True)
class Image:
    """An image, a file for each language. width, height: in pixels. alt: what it shows."""

    file: Text
    width: int
    height: int
    alt: Text

    def shown(self, locale: str) -> dict[str, Any]:
        return {
            "file": self.file.at(locale),
            "width": self.width,
            "height": self.height,
            "alt": self.alt.at(locale),
        }

    def to_dict(self) -> dict[str, Any]:
        return {
            "file": self.file.to_dict(),
            "width": self.width,
            "height": self.height,
            "alt": self.alt.to_dict(),
        }


def read_image(reading: QuestionReading, raw: Any, path: str) -> Image:
    """Read an image: relative path in small Latin letters, no steps upward, a known file type."""
    source = reading.mapping(raw, path, ("file", "width", "height", "alt"))
    file = _read_file(reading, source.get("file", {}), f"{path}.file", PICTURE)
    width, height = (_side(reading, source.get(name), f"{path}.{name}") for name in ("width", "height"))
    return Image(file, width, height, reading.text(source.get("alt", {}), f"{path}.alt"))


def read_media(reading: QuestionReading, raw: Any) -> tuple[Medium, ...]:
    """Read the media beside a stem, in their order."""
    entries = reading.entries(raw, "media", 0, MOST_MEDIA)
    return tuple(_read_medium(reading, each, f"media[{place}]") for place, each in enumerate(entries))


def missing_alternatives(content: Any) -> list[ContentProblem]:
    """What is still to be written before a question can be published, each with its path."""
    return [
        ContentProblem(f"media[{place}].{medium.words_name}.{locale}", "alternative_missing")
        for place, medium in enumerate(content.media)
        for locale in LOCALES
        if medium.words is not None and not medium.words.at(locale)
    ]


def files_of(content: Mapping[str, Any]) -> list[str]:
    """The different files that a stored content names, wherever in it they stand."""
    shown = [*content.get("media", []), *([content["image"]] if "image" in content else [])]
    named = [each[name] for each in shown for name in ("file", "captions") if name in each]
    return list(dict.fromkeys(each[locale] for each in named for locale in LOCALES))


def _read_medium(reading: QuestionReading, raw: Any, path: str) -> Medium:
    kind = raw.get("type") if isinstance(raw, Mapping) else None
    if kind not in (PICTURE, AUDIO, VIDEO):
        reading.word(kind, f"{path}.type", (PICTURE, AUDIO, VIDEO))
        return Medium(PICTURE, Text("", ""), None)
    if kind == PICTURE:
        known = ("type", "file", "width", "height", "alt", "decorative")
    else:
        known = ("type", "file", "bytes", "transcript", *(("captions",) if kind == VIDEO else ()))
    source = reading.mapping(raw, path, known)
    file = _read_file(reading, source.get("file", {}), f"{path}.file", kind)
    if kind != PICTURE:
        sizes = reading.mapping(source.get("bytes", {}), f"{path}.bytes", LOCALES)
        vi, en = (reading.whole(sizes.get(each), f"{path}.bytes.{each}", 1, _LARGEST_RECORDING) for each in LOCALES)
        raw_captions = source.get("captions")
        captions = _read_file(reading, raw_captions, f"{path}.captions", CAPTIONS) if raw_captions is not None else None
        words = reading.text(source.get("transcript", {}), f"{path}.transcript", LONGEST_TRANSCRIPT, unwritten=True)
        return Medium(kind, file, words, sizes=(vi, en), captions=captions)
    width, height = (_side(reading, source.get(name), f"{path}.{name}") for name in ("width", "height"))
    if reading.flag(source.get("decorative", False), f"{path}.decorative"):
        if "alt" in source:
            reading.problem(f"{path}.alt", "decoration_has_words")
        return Medium(kind, file, None, width, height)
    return Medium(kind, file, reading.text(source.get("alt", {}), f"{path}.alt", unwritten=True), width, height)


def _read_file(reading: QuestionReading, raw: Any, path: str, kind: str) -> Text:
    """A file for each language: relative path in small Latin letters, no steps upward, a type that fits."""
    file = reading.text(raw, path, 200)
    endings = (*MEDIA_ENDINGS[kind], *(("svg",) if kind == PICTURE else ()))
    for locale in LOCALES:
        found = _PATH.fullmatch(file.at(locale))
        if file.at(locale) and (found is None or found[1] not in endings):
            reading.problem(f"{path}.{locale}", "bad_path", file.at(locale))
    return file


def _side(reading: QuestionReading, raw: Any, path: str) -> int:
    """A side in pixels; the largest one for a faulty one, so that what lies on the image is not called faulty too."""
    before = len(reading.problems)
    side = reading.whole(raw, path, 1, LARGEST_SIDE)
    return side if len(reading.problems) == before else LARGEST_SIDE
