"""Signed publications: canonical JSON lines that anybody with the publisher's public key can check. No Django.

Line 1 is the header, then comes a line for each unit, parents first. The line before the last lists the SHA-256 digest
of each of these; the last is an Ed25519 signature over that list. So a changed line is found by its own digest, and
everything else by the signature. Each line is JSON in UTF-8 with sorted keys and without spaces, ended by a line feed.
A unit's cells are competency's code -> the sums of CellValues in the order of its fields, or null where suppressed.
"""

import hashlib
import json
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from reports.domain.suppression import THRESHOLD
from reports.domain.values import MILLION, CellValues

FORMAT, VERSION = "thang-cells", 1
MAX_BYTES = 64 * 1024 * 1024
MAX_LINE_BYTES = 256 * 1024
_SIGNED = b"thang-cells/1 digests\n"
_HEADER = {"cells": int, "figures_at": str, "format": str, "framework": str, "issued_at": str, "key": str}
_HEADER |= {"threshold": int, "unit": str, "units": int, "version": int}
_LONGEST = {"code": 40, "name_en": 300, "name_vi": 300, "parent": 40}
_UNIT = {"cells": dict, "code": str, "name_en": str, "name_vi": str, "own": dict | None, "parent": str}

Cells = Mapping[str, CellValues | None]


def _(text: str) -> str:
    """Mark a text for translation by those who show it."""
    return text


WORDS = {
    "bad_moment": _("“{found}” is no moment with a time zone."),
    "bad_signature": _(
        "The signature does not fit the list of digests before it: one of the two was changed, or the file was signed"
        " with another key than it names."
    ),
    "bad_sums": _("The sums of unit {unit} in {competency} cannot be."),
    "bad_text": _("The text “{found}” is too long, or has a character that no text has."),
    "bad_tree": _("Unit {unit} stands twice, or before the unit above it."),
    "changed": _("This line was changed after it was signed (unit {unit})."),
    "counted_here": _("This instance counts people of unit {unit} itself: both figures together could tell of few."),
    "cut_off": _("The file is cut off: after this line the signature is missing."),
    "in_the_future": _("The file says that it was made at {issued}, which has not come yet."),
    "line_too_long": _("The line is longer than any that is written."),
    "lines_added": _("There are lines more than the {signed} that were signed."),
    "lines_missing": _("There are lines fewer than the {signed} that were signed."),
    "lower_threshold": _("Groups of {found} people are shown in it; here a group has at least {known}."),
    "not_canonical": _("The line is not in canonical form."),
    "not_in_force": _("Unit {unit}, which this publisher speaks for, is not in force today."),
    "older": _("The file was made at {issued}; a newer one, of {held}, has been taken already."),
    "other_counts": _("It says other numbers of units and cells than the {units} and {cells} that are there."),
    "other_fields": _("The line has other fields than it must have."),
    "other_format": _("This is no publication of cells."),
    "other_framework": _("It is of the framework {found}; this instance has {known} in force."),
    "other_unit": _("It is of unit {found}; this publisher speaks for {known}."),
    "other_version": _("It is of version {found} of the format; this instance reads {known}."),
    "taken_already": _("This very file was taken already, at {when}."),
    "too_few_people": _("The figure of unit {unit} in {competency} is of fewer than {threshold} people."),
    "too_large": _("The file is larger than {limit} MiB."),
    "unknown_competency": _("Unit {unit} has a competency {competency} that the framework does not have."),
    "unknown_key": _("No publisher here has the key that it names (fingerprint {fingerprint})."),
    "unreadable": _("The line cannot be read."),
}


class PublicationRefused(Exception):
    """A file that is not taken. reason: a key of the words above; line: where, from 1, or None for the whole file."""

    def __init__(self, reason: str, line: int | None = None, **values: Any) -> None:
        super().__init__(reason, line, values)
        self.reason, self.line, self.values = reason, line, values

    def __str__(self) -> str:
        words = WORDS[self.reason].format(**self.values).replace(" (unit )", "")
        return f"Line {self.line}: {words}" if self.line else words


@dataclass(frozen=True)
class UnitCells:
    """A unit of a publication. own: of its own staff and small units, None where it has no units below."""

    code: str
    parent: str
    name_vi: str
    name_en: str
    cells: Cells
    own: Cells | None


def pack(cells: Cells) -> dict[str, list[int] | None]:
    """Return the cells as JSON has them."""
    return {
        code: None
        if each is None
        else [each.required, each.assessed, each.below, each.spread, each.unit_variance, each.shortfall, *each.levels]
        for code, each in cells.items()
    }


def unpack(cells: Mapping[str, Sequence[int] | None]) -> dict[str, CellValues | None]:
    """Return the cells that `pack` made these of."""
    return {code: None if each is None else _values(*each) for code, each in cells.items()}


def _values(
    required: int, assessed: int, below: int, spread: int, unit_variance: int, shortfall: int, *levels: int
) -> CellValues:
    return CellValues(required, assessed, below, spread, unit_variance, shortfall, levels)


def fingerprint(public_key: bytes) -> str:
    """Return what people compare keys by: the first 16 hexadecimal digits of the SHA-256 digest, in fours."""
    digits = hashlib.sha256(public_key).hexdigest()[:16]
    return " ".join(digits[at : at + 4] for at in range(0, 16, 4))


def write_publication(header: Mapping[str, Any], units: Sequence[UnitCells], key: Ed25519PrivateKey) -> Iterator[bytes]:
    """Yield the lines. header: `unit`, `framework`, `issued_at`, `figures_at` and `threshold`; the rest is added."""
    counts = {"units": len(units), "cells": sum(len(each.cells) + len(each.own or ()) for each in units)}
    public = b64encode(key.public_key().public_bytes_raw()).decode()
    digests = []
    rows: Iterable[Mapping[str, Any]] = (
        {
            "code": each.code,
            "parent": each.parent,
            "name_vi": each.name_vi,
            "name_en": each.name_en,
            "cells": pack(each.cells),
            "own": None if each.own is None else pack(each.own),
        }
        for each in units
    )
    first = {"format": FORMAT, "version": VERSION, "key": public, **counts, **header}
    for row in (first, *rows):
        line = _encode(row)
        digests.append(hashlib.sha256(line).hexdigest())
        yield line
    listed = _encode({"digests": digests})
    yield listed
    yield _encode({"signature": b64encode(key.sign(_SIGNED + listed)).decode()})


def read_header(content: bytes) -> dict[str, Any]:
    """Return the header of a file, unchecked but for its form. Raises PublicationRefused."""
    if len(content) > MAX_BYTES:
        raise PublicationRefused("too_large", limit=MAX_BYTES // 1024 // 1024)
    header = _decode(content.split(b"\n", 1)[0] + b"\n", 1)
    if header.get("format") != FORMAT:
        raise PublicationRefused("other_format", 1)
    if header.get("version") != VERSION:
        raise PublicationRefused("other_version", 1, found=header.get("version"), known=VERSION)
    _check_form(header, _HEADER, 1)
    return header


def read_publication(content: bytes, public_key: bytes) -> tuple[dict[str, Any], list[UnitCells]]:
    """Return header and units of a file that was signed with the key and not changed since.

    Raises PublicationRefused with the first line that is not as signed, for a file that is cut off, for a number that
    cannot be, and for a figure of fewer people than the threshold.
    """
    header = read_header(content)
    *lines, rest = content.split(b"\n")
    if rest or len(lines) < 3 or not lines[-1].startswith(b'{"signature":'):
        raise PublicationRefused("cut_off", len(lines) + bool(rest))
    *rows, listed, last = (line + b"\n" for line in lines)
    _check_signature(listed, _decode(last, len(lines)), public_key, len(lines))
    digests = _decode(listed, len(lines) - 1).get("digests", [])
    for number, (line, digest) in enumerate(zip(rows, digests, strict=False), start=1):
        if hashlib.sha256(line).hexdigest() != digest:
            raise PublicationRefused("changed", number, unit=_unit_in(line))
    if len(rows) != len(digests):
        raise PublicationRefused(
            "lines_missing" if len(rows) < len(digests) else "lines_added", len(rows), signed=len(digests)
        )
    units = [_read_unit(line, number) for number, line in enumerate(rows[1:], start=2)]
    _check_whole(header, units)
    return header, units


def _check_signature(listed: bytes, last: Mapping[str, Any], public_key: bytes, line: int) -> None:
    try:
        signature = b64decode(str(last.get("signature")), validate=True)
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, _SIGNED + listed)
    except (ValueError, InvalidSignature):
        raise PublicationRefused("bad_signature", line) from None


def _read_unit(line: bytes, number: int) -> UnitCells:
    row = _decode(line, number)
    _check_form(row, _UNIT, number)
    for name, longest in _LONGEST.items():
        if "\0" in row[name] or len(row[name]) > longest:
            raise PublicationRefused("bad_text", number, found=row[name].replace("\0", "�"))
    for cells in (row["cells"], row["own"] or {}):
        for code, sums in cells.items():
            if sums is not None:
                _check_sums(sums, number, row["code"], code)
    own = None if row["own"] is None else unpack(row["own"])
    return UnitCells(row["code"], row["parent"], row["name_vi"], row["name_en"], unpack(row["cells"]), own)


def _check_sums(sums: Any, line: int, unit: str, competency: str) -> None:
    at = {"unit": unit, "competency": competency}
    if not (
        isinstance(sums, list) and len(sums) == 14 and all(type(each) is int and 0 <= each < 2**62 for each in sums)
    ):
        raise PublicationRefused("bad_sums", line, **at)
    required, assessed, below = sums[:3]
    if assessed > required or below > assessed * MILLION:
        raise PublicationRefused("bad_sums", line, **at)
    if required == 0 or any(0 < people < THRESHOLD for people in (required, assessed)):
        raise PublicationRefused("too_few_people", line, threshold=THRESHOLD, **at)


def _check_whole(header: Mapping[str, Any], units: Sequence[UnitCells]) -> None:
    cells = sum(len(each.cells) + len(each.own or ()) for each in units)
    if (len(units), cells) != (header["units"], header["cells"]):
        raise PublicationRefused("other_counts", 1, units=len(units), cells=cells)
    known: set[str] = set()
    for number, each in enumerate(units, start=2):
        is_top = number == 2 and each.code == header["unit"] and not each.parent
        if each.code in known or not (is_top or each.parent in known):
            raise PublicationRefused("bad_tree", number, unit=each.code)
        known.add(each.code)


def _unit_in(line: bytes) -> str:
    """Return the code of the unit that a changed line seems to be of, empty where it cannot be told."""
    found = re.search(rb'"code":"([\w.-]{1,40})"', line)
    return found[1].decode() if found else ""


def _check_form(row: Mapping[str, Any], form: Mapping[str, Any], line: int) -> None:
    if row.keys() != form.keys() or not all(isinstance(row[name], kind) for name, kind in form.items()):
        raise PublicationRefused("other_fields", line)


def _encode(row: Mapping[str, Any]) -> bytes:
    return json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def _decode(line: bytes, number: int) -> dict[str, Any]:
    """Return the object of a line that is in canonical form, to the byte."""
    if len(line) > MAX_LINE_BYTES and not line.startswith(b'{"digests":'):
        raise PublicationRefused("line_too_long", number)
    try:
        row = json.loads(line)
        canonical = _encode(row)
    except (ValueError, RecursionError):
        raise PublicationRefused("unreadable", number) from None
    if not isinstance(row, dict) or canonical != line:
        raise PublicationRefused("not_canonical", number)
    return row
