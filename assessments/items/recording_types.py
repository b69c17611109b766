"""What a sound, a film or its captions really are, told from their structure, never from their name alone."""

import struct
from collections.abc import Iterator
from typing import IO

from assessments.items.file_types import FileRefused

CONTENT_TYPES = {
    "mp3": "audio/mpeg",
    "ogg": "audio/ogg",
    "m4a": "audio/mp4",
    "mp4": "video/mp4",
    "webm": "video/webm",
    "vtt": "text/vtt; charset=utf-8",
}
"""By file name ending."""
MOST_BOXES = 4000
"""Boxes of an MP4 file that are looked at."""
MOST_TAGS = 4
"""ID3 tags before the first frame of an MP3 file."""
_SOUND_CODECS = (b"\x01vorbis", b"OpusHead", b"\x7fFLAC", b"Speex   ")
_BITRATES = {
    1: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""kbit/s of layer III by generation (ISO/IEC 11172-3, table B.1; 13818-3)."""
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
"""Samples a second by the two version bits of a frame's header."""
_CONTAINERS = (b"moov", b"trak", b"mdia")


def recording_type_of(file: IO[bytes], ending: str) -> str:
    """The content type of a file that is of the type which its ending (a key of CONTENT_TYPES) says.

    Raises FileRefused: not_its_type. The file is read from its beginning and left there.
    """
    file.seek(0)
    try:
        fits = _CHECKS[ending](file)
    except (struct.error, IndexError):
        fits = False
    finally:
        file.seek(0)
    if not fits:
        raise FileRefused("not_its_type")
    return CONTENT_TYPES[ending]


def _is_mp3(file: IO[bytes]) -> bool:
    """Whether two frames of layer III follow one another, after ID3 tags if there are any."""
    start = 0
    for _tag in range(MOST_TAGS):
        file.seek(start)
        head = file.read(10)
        if head[:3] != b"ID3":
            break
        size = sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
        start += 10 + size + (10 if head[5] & 0x10 else 0)
    for _frame in range(2):
        file.seek(start)
        length = _frame_length(file.read(4))
        if length is None:
            return False
        start += length
    return True


def _frame_length(head: bytes) -> int | None:
    """The length of an MP3 frame in bytes by its header; None for what is none."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return None
    version, rate, bitrate = head[1] >> 3 & 3, head[2] >> 2 & 3, head[2] >> 4
    if version not in _RATES or rate == 3 or bitrate in (0, 15):
        return None
    samples = 1152 if version == 3 else 576
    kbit = _BITRATES[1 if version == 3 else 2][bitrate - 1]
    return samples * kbit * 125 // _RATES[version][rate] + (head[2] >> 1 & 1)


def _is_ogg(file: IO[bytes]) -> bool:
    """Whether every stream that begins in the file is a sound (RFC 3533, section 6)."""
    streams = 0
    while True:
        head = file.read(27)
        if head[:5] != b"OggS\0":
            return False
        lacing = file.read(head[26])
        if not head[5] & 2:  # the first page that begins no stream
            return streams > 0
        packet = file.read(sum(lacing))
        if not packet.startswith(_SOUND_CODECS):
            return False
        streams += 1


def _is_m4a(file: IO[bytes]) -> bool:
    return _mp4_tracks(file) == {b"soun"}


def _is_mp4(file: IO[bytes]) -> bool:
    return b"vide" in _mp4_tracks(file)


def _mp4_tracks(file: IO[bytes]) -> set[bytes]:
    """What the tracks hold (`vide`, `soun`) of a file whose boxes fill it to the last byte; empty for any other."""
    end = file.seek(0, 2)
    handlers = set()
    first = b""
    for name, start, stop in _boxes(file, 0, end, [MOST_BOXES]):
        first = first or name
        if name == b"hdlr" and stop - start >= 12:
            file.seek(start + 8)
            handlers.add(file.read(4))
    return handlers & {b"vide", b"soun"} if first == b"ftyp" else set()


def _boxes(file: IO[bytes], start: int, end: int, left: list[int], depth: int = 0) -> Iterator[tuple[bytes, int, int]]:
    """The boxes between two places with those within tracks (ISO/IEC 14496-12, section 4.2): name, inside, end."""
    while start < end:
        left[0] -= 1
        if left[0] < 0 or depth > len(_CONTAINERS):
            raise FileRefused("not_its_type")
        file.seek(start)
        size, name = struct.unpack(">I4s", file.read(8))
        inside = start + 8
        if size == 1:
            (size,) = struct.unpack(">Q", file.read(8))
            inside += 8
        stop = end if size == 0 else start + size
        if stop > end or stop < inside:
            raise FileRefused("not_its_type")
        yield name, inside, stop
        if name in _CONTAINERS:
            yield from _boxes(file, inside, stop, left, depth + 1)
        start = stop


def _is_webm(file: IO[bytes]) -> bool:
    """Whether the EBML header names the document type `webm` and a segment follows (RFC 8794, section 11.2)."""
    head = file.read(256)
    if head[:4] != b"\x1a\x45\xdf\xa3":
        return False
    length, width = _ebml_number(head, 4)
    header = head[4 + width : 4 + width + length]
    after = head[4 + width + length :]
    return b"\x42\x82\x84webm" in header and after[:4] == b"\x18\x53\x80\x67"


def _ebml_number(data: bytes, start: int) -> tuple[int, int]:
    """A number of variable width and the width, in bytes."""
    width = 9 - data[start].bit_length()
    value = int.from_bytes(data[start : start + width], "big") & ((1 << 7 * width) - 1)
    return value, width


def _is_vtt(file: IO[bytes]) -> bool:
    """Whether it is a text in UTF-8 that begins as WebVTT does and has at least one cue."""
    try:
        text = file.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    begins = text.startswith("WEBVTT") and text[6:7] in ("", " ", "\t", "\n", "\r")
    return begins and "-->" in text and "\0" not in text


_CHECKS = {"mp3": _is_mp3, "ogg": _is_ogg, "m4a": _is_m4a, "mp4": _is_mp4, "webm": _is_webm, "vtt": _is_vtt}
