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


def read_archive(data: bytes, endings: tuple[str, ...]) -> dict[str, bytes]:
    """The files with one of the endings, by path.

    Raises ExchangeError: too_large, not_a_zip, zip_bomb, path_traversal, symlink, encrypted, repeated_names.
    """
    if len(data) > LARGEST_ARCHIVE:
        raise ExchangeError("too_large")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
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
            return found
    except ExchangeError:
        raise
    except _DAMAGE as error:
        raise ExchangeError("not_a_zip", str(error)[:80]) from None


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
