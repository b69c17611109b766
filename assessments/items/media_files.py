"""Files of media: checked for what they are, and named by their digest, so that what a version shows never changes."""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Any

from assessments.items.file_types import FileRefused, content_type_of, measure
from assessments.items.image_size import image_size
from assessments.items.media import AUDIO, CAPTIONS, LARGEST_SIDE, MEDIA_ENDINGS, PICTURE, SAMPLE_IMAGES, VIDEO
from assessments.items.recording_types import recording_type_of

MEGABYTE = 1024 * 1024
LARGEST_BYTES = {PICTURE: 3 * MEGABYTE, AUDIO: 5 * MEGABYTE, VIDEO: 10 * MEGABYTE, CAPTIONS: MEGABYTE // 4}
"""What a phone on a thin network can still fetch."""
ALL_MEDIA = (PICTURE, AUDIO, VIDEO)
KEPT = "bank/"
"""What the paths of kept files begin with; those of shipped samples begin with SAMPLES."""
SAMPLES = "samples/"


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A checked file. type: picture, audio, video or captions. path: as contents name it.

    size: in bytes. width, height: of a picture, in pixels.
    """

    type: str
    path: str
    content_type: str
    sha256: str
    size: int
    width: int = 0
    height: int = 0


def check_media_file(name: str, file: IO[bytes], types: tuple[str, ...] = ALL_MEDIA) -> MediaFile:
    """Look whether a file is one of the types of media. Nothing is kept; the file is left at its beginning.

    Drawings as SVG are not taken: they are programs. Raises FileRefused: type_not_taken, too_large, empty, too_wide,
    not_its_type.
    """
    ending = PurePosixPath(name).suffix.removeprefix(".").lower()
    kind = next((each for each in types if ending in MEDIA_ENDINGS[each]), None)
    if kind is None:
        raise FileRefused("type_not_taken")
    size, digest = measure(file, LARGEST_BYTES[kind])
    if size > LARGEST_BYTES[kind]:
        raise FileRefused("too_large")
    if size == 0:
        raise FileRefused("empty")
    path = f"{KEPT}{digest[:40]}.{ending}"
    if kind != PICTURE:
        return MediaFile(kind, path, recording_type_of(file, ending), digest, size)
    content_type = content_type_of(file, ending)
    width, height = image_size(file, ending)
    if max(width, height) > LARGEST_SIDE:
        raise FileRefused("too_wide")
    return MediaFile(kind, path, content_type, digest, size, width, height)


def medium_of(file: MediaFile, words: dict[str, str]) -> dict[str, Any]:
    """The raw medium that shows a picture or recording in both languages, with its words as they are."""
    named = {"type": file.type, "file": {"vi": file.path, "en": file.path}}
    if file.type == PICTURE:
        return named | {"width": file.width, "height": file.height, "alt": words}
    return named | {"bytes": {"vi": file.size, "en": file.size}, "transcript": words}


def read_sample(path: str) -> bytes | None:
    """The bytes of a shipped sample; None for any other path."""
    found = SAMPLE_IMAGES / path.removeprefix(SAMPLES)
    is_sample = path.startswith(SAMPLES) and found.parent == SAMPLE_IMAGES and found.is_file()
    return found.read_bytes() if is_sample else None
