"""The size of a picture, read from its own header: PNG, JPEG, WebP."""

import struct
from typing import IO

from assessments.items.file_types import FileRefused

MOST_SEGMENTS = 200


def image_size(file: IO[bytes], ending: str) -> tuple[int, int]:
    """Width and height in pixels. Raises FileRefused: not_its_type. The file is left at its beginning."""
    file.seek(0)
    try:
        reader = {"png": _png, "webp": _webp}.get(ending, _jpeg)
        width, height = reader(file)
    except (struct.error, IndexError):
        raise FileRefused("not_its_type") from None
    finally:
        file.seek(0)
    if width < 1 or height < 1:
        raise FileRefused("not_its_type")
    return width, height


def _png(file: IO[bytes]) -> tuple[int, int]:
    head = file.read(24)
    if head[12:16] != b"IHDR":
        raise FileRefused("not_its_type")
    width, height = struct.unpack(">II", head[16:24])
    return width, height


def _webp(file: IO[bytes]) -> tuple[int, int]:
    """The three forms of WebP (RFC 9649, section 2.5 to 2.7)."""
    head = file.read(30)
    form = head[12:16]
    if form == b"VP8X":
        return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
    if form == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if form == b"VP8 ":
        width, height = struct.unpack("<HH", head[26:30])
        return width & 0x3FFF, height & 0x3FFF
    raise FileRefused("not_its_type")


def _jpeg(file: IO[bytes]) -> tuple[int, int]:
    """The first start-of-frame segment (ITU-T T.81, table B.1)."""
    file.read(2)
    for _segment in range(MOST_SEGMENTS):
        marker = file.read(2)
        if marker[0] != 0xFF:
            break
        (length,) = struct.unpack(">H", file.read(2))
        if 0xC0 <= marker[1] <= 0xCF and marker[1] not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", file.read(5)[1:])
            return width, height
        file.seek(length - 2, 1)
    raise FileRefused("not_its_type")
