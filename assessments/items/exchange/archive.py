"""Reading zip files of others in bounded memory: nothing outside, no links, no bombs."""

import io
import lzma
import stat
import zipfile
import zlib
from pathlib import PurePosixPath

from assessments.items.exchange.outcomes import ExchangeError

LARGEST_ARCHIVE = 50 * 1024 * 1024
LARGEST_ENTRY = 10 * 1024 * 1024
LARGEST_TOTAL = 60 * 1024 * 1024
MOST_ENTRIES = 4000
_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, ValueError, RuntimeError, EOFError)
"""What reading an archive raises that is damaged, or encrypted (RuntimeError)."""
HIGHEST_RATIO = 200
"""How much larger than its compressed form an entry of more than 1 MB may become."""


class Archive:
    """An archive that was looked through: files with some endings read at once, any other when something names it."""

    def __init__(self, archive: zipfile.ZipFile, files: dict[str, bytes]) -> None:
        self.files = files
        self._archive = archive
        self._entries = {entry.filename: entry for entry in archive.infolist()}
        self._left = LARGEST_TOTAL
        self._read: dict[str, bytes] = {}

    def read(self, path: str) -> bytes | None:
        """The bytes of a file; None where there is none, it is damaged, or it is more than may still be read."""
        entry = self._entries.get(path)
        if entry is None or entry.file_size > min(self._left, LARGEST_ENTRY):
            return None
        if path not in self._read:
            try:
                self._read[path] = _read(self._archive, entry, min(self._left, LARGEST_ENTRY))
            except (ExchangeError, *_DAMAGE):
                return None
            self._left -= len(self._read[path])
        return self._read[path]


def read_archive(data: bytes, endings: tuple[str, ...]) -> dict[str, bytes]:
    """The files with one of the endings, by path. Raises ExchangeError as `open_archive` does."""
    return open_archive(data, endings).files


def open_archive(data: bytes, endings: tuple[str, ...]) -> Archive:
    """The archive with its files that have one of the endings.

    Raises ExchangeError: too_large, not_a_zip, zip_bomb, path_traversal, symlink, encrypted, repeated_names.
    """
    if len(data) > LARGEST_ARCHIVE:
        raise ExchangeError("too_large")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        entries = archive.infolist()
        if len(entries) > MOST_ENTRIES:
            raise ExchangeError("zip_bomb", "entries")
        for entry in entries:
            _check(entry)
        if sum(entry.file_size for entry in entries) > LARGEST_TOTAL * 4:
            raise ExchangeError("zip_bomb", "size")
        wanted = [each for each in entries if each.filename.lower().endswith(endings) and not each.is_dir()]
        found: dict[str, bytes] = {}
        left = LARGEST_TOTAL
        if len({entry.filename for entry in wanted}) < len(wanted):
            raise ExchangeError("repeated_names")
        for entry in wanted:
            found[entry.filename] = content = _read(archive, entry, min(LARGEST_ENTRY, left))
            left -= len(content)
        return Archive(archive, found)
    except ExchangeError:
        raise
    except _DAMAGE:
        raise ExchangeError("not_a_zip") from None


def _check(entry: zipfile.ZipInfo) -> None:
    path = PurePosixPath(entry.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in entry.filename[:3] or "\0" in entry.filename:
        raise ExchangeError("path_traversal", entry.filename[:80])
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise ExchangeError("symlink", entry.filename[:80])
    if entry.flag_bits & 1:
        raise ExchangeError("encrypted", entry.filename[:80])
    if entry.file_size > 1024 * 1024 and entry.file_size > HIGHEST_RATIO * max(1, entry.compress_size):
        raise ExchangeError("zip_bomb", entry.filename[:80])


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    """The bytes of an entry, of which the directory may have lied: reading stops after `most`."""
    with archive.open(entry) as source:
        content = source.read(most + 1)
    if len(content) > most:
        raise ExchangeError("zip_bomb", entry.filename[:80])
    return content
