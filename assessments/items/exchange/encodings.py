"""Bytes of files whose encoding nobody says."""

from assessments.items.exchange.outcomes import ExchangeError
from assessments.items.wording import composed

LARGEST_TEXT = 5 * 1024 * 1024


def decode_text(data: bytes) -> tuple[str, bool]:
    """The text of a file in composed letters, and whether its encoding had to be guessed.

    UTF-8 and UTF-16 with its mark are known by themselves; anything else is read as windows-1258, or windows-1252 where
    it is not that. Raises ExchangeError: too_large, not_text.
    """
    if len(data) > LARGEST_TEXT:
        raise ExchangeError("too_large")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        names = ["utf-16"]
    elif b"\0" in data:
        raise ExchangeError("not_text")
    else:
        names = ["utf-8-sig", "cp1258", "cp1252", "latin-1"]
    for name in names:
        try:
            return composed(data.decode(name)), name not in ("utf-8-sig", "utf-16")
        except UnicodeDecodeError:
            continue
    raise ExchangeError("not_text")
