"""Small true files of every type of media, made by hand."""

import struct
import zlib


def png(width: int = 640, height: int = 360) -> bytes:
    """A white PNG."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\xff" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def mp3(frames: int = 40, *, tag: bytes = b"") -> bytes:
    """Silence: frames of MPEG-1 layer III, 32 kbit/s, 44.1 kHz, mono, each 104 bytes; 26 ms a frame."""
    size = len(tag)
    head = b"ID3\x03\0\0" + bytes((size >> shift) & 0x7F for shift in (21, 14, 7, 0)) + tag if tag else b""
    return head + (b"\xff\xfb\x10\xc4" + bytes(100)) * frames


def ogg(packet: bytes = b"OpusHead") -> bytes:
    """The first page of a stream that begins with a packet, and a second one that begins none."""

    def page(kind: int, number: int, data: bytes) -> bytes:
        return b"OggS\0" + bytes([kind]) + bytes(8) + struct.pack("<III", 1, number, 0) + bytes([1, len(data)]) + data

    return page(2, 0, packet + bytes(11)) + page(0, 1, b"OpusTags")


def box(name: bytes, *inside: bytes) -> bytes:
    """A box of an MP4 file."""
    data = b"".join(inside)
    return struct.pack(">I", len(data) + 8) + name + data


def mp4(*handlers: bytes) -> bytes:
    """An MP4 file whose tracks hold what the handlers say: `vide`, `soun`."""
    tracks = (box(b"trak", box(b"mdia", box(b"hdlr", bytes(8) + each + bytes(13)))) for each in handlers)
    return box(b"ftyp", b"isom\0\0\2\0isomiso2") + box(b"moov", *tracks) + box(b"mdat", bytes(64))


def webm(kind: bytes = b"webm") -> bytes:
    """The header of an EBML file and an empty segment."""
    inside = b"\x42\x86\x81\x01" + b"\x42\x82" + bytes([0x80 | len(kind)]) + kind
    return b"\x1a\x45\xdf\xa3" + bytes([0x80 | len(inside)]) + inside + b"\x18\x53\x80\x67\x80"


VTT = "WEBVTT\n\n00:00.000 --> 00:02.000\nXin chào anh chị\n".encode()
SOUND, FILM = mp3(), mp4(b"vide", b"soun")
TRUE_FILES = {
    "png": png(),
    "mp3": SOUND,
    "ogg": ogg(),
    "m4a": mp4(b"soun"),
    "mp4": FILM,
    "webm": webm(),
    "vtt": VTT,
}
"""By file name ending."""
