"""Images that questions show. A question names a file by its path below the media folder; pages know where that is."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assessments.items.content import LOCALES, Text
from assessments.items.question import QuestionReading

LARGEST_SIDE = 4000
SAMPLE_IMAGES = Path(__file__).parents[1] / "static" / "item_media" / "samples"
"""The files that samples name `samples/...`; pages find them among the static files, below `item_media/`."""
_PATH = re.compile(r"(?:[a-z0-9][a-z0-9_-]*/){0,4}[a-z0-9][a-z0-9_-]*\.(?:png|jpg|jpeg|webp|svg)")


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
    file = reading.text(source.get("file", {}), f"{path}.file", 200)
    for locale in LOCALES:
        if file.at(locale) and not _PATH.fullmatch(file.at(locale)):
            reading.problem(f"{path}.file.{locale}", "bad_path", file.at(locale))
    width, height = (_side(reading, source.get(name), f"{path}.{name}") for name in ("width", "height"))
    return Image(file, width, height, reading.text(source.get("alt", {}), f"{path}.alt"))


def _side(reading: QuestionReading, raw: Any, path: str) -> int:
    """A side in pixels; the largest one for a faulty one, so that what lies on the image is not called faulty too."""
    before = len(reading.problems)
    side = reading.whole(raw, path, 1, LARGEST_SIDE)
    return side if len(reading.problems) == before else LARGEST_SIDE
