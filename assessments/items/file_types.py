"""What a file really is, told from its bytes, never from its name alone. Nothing is unpacked but a zip's directory."""

import hashlib
import zipfile
from typing import IO

HEAD = 4096
CHUNK = 1024 * 1024
MOST_ENTRIES = 5000
"""Entries of a zip directory that are looked at; an office document has fewer."""

CONTENT_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "csv": "text/csv",
    "txt": "text/plain",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
}
"""By file name ending."""
_OOXML_PARTS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}
_FIRST_BYTES = {"png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff", "jpeg": b"\xff\xd8\xff"}


class FileRefused(ValueError):
    """A file that is not taken. reason: a fixed word, such as `not_its_type` or `holds_macros`."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def measure(file: IO[bytes], most: int) -> tuple[int, str]:
    """Return size in bytes and SHA-256 of a file, which is left at its beginning.

    Reading stops after `most` bytes: a size above it says that the file is too large, not how large.
    """
    file.seek(0)
    digest = hashlib.sha256()
    size = 0
    while size <= most and (chunk := file.read(CHUNK)):
        size += len(chunk)
        digest.update(chunk)
    file.seek(0)
    return size, digest.hexdigest()


def content_type_of(file: IO[bytes], ending: str) -> str:
    """The content type of a file that is of the type which its ending (a key of CONTENT_TYPES) says.

    Raises FileRefused. The file is read from its beginning and left there.
    """
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    if ending in _OOXML_PARTS or ending in ("odt", "ods", "odp"):
        _check_office_file(file, ending)
    elif not _looks_like(head, ending):
        raise FileRefused("not_its_type")
    return CONTENT_TYPES[ending]


def _looks_like(head: bytes, ending: str) -> bool:
    if ending == "pdf":
        return b"%PDF-" in head[:1024]
    if ending == "webp":
        return head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    if ending in ("csv", "txt"):
        return _is_text(head)
    return head.startswith(_FIRST_BYTES[ending])


def _is_text(head: bytes) -> bool:
    """Whether it could be text in UTF-8, UTF-16 with its mark, or an encoding of one byte a character."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return not any(byte < 32 and byte not in (9, 10, 12, 13) for byte in head)


def _check_office_file(file: IO[bytes], ending: str) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            if len(names) > MOST_ENTRIES:
                raise FileRefused("too_many_parts")
            if any(name.lower().endswith("vbaproject.bin") or name.startswith("Basic/") for name in names):
                raise FileRefused("holds_macros")
            if ending in _OOXML_PARTS:
                fits = "[Content_Types].xml" in names and _OOXML_PARTS[ending] in names
            else:
                fits = _mimetype_of(archive) == CONTENT_TYPES[ending]
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError) as error:  # RuntimeError: encrypted
        if isinstance(error, FileRefused):
            raise
        raise FileRefused("not_its_type") from None
    finally:
        file.seek(0)
    if not fits:
        raise FileRefused("not_its_type")


def _mimetype_of(archive: zipfile.ZipFile) -> str:
    """What an OpenDocument file says in its entry `mimetype`, of which no more is read than a type is long."""
    if "mimetype" not in archive.namelist():
        return ""
    with archive.open("mimetype") as entry:
        return entry.read(100).decode("ascii", errors="replace").strip()
