"""What the rows of a file say, read once: the dry run keeps it beside the file, and confirming takes it from there.

Kept is what depends on nothing but the file, what its columns are called and the positions there are. What rows would
do to units, people and postings is compared with the database each time.
"""

import gzip
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from organisation.domain.imports.claims import Claim, UnitClaims
from organisation.domain.imports.plan import Findings
from organisation.domain.imports.staging import RowSink, Staging
from organisation.importing.faults import Fault, FileRefused
from organisation.importing.staff_rows import COLUMNS, REQUIRED, RowReader
from organisation.importing.tables import Row, open_table

STEP = 1000
_FORMAT = 4
_PIECE = 1 << 20


@dataclass(slots=True)
class Reading:
    """What a file says. is_whole: it could be read to its end. foreign_columns: those that are none of ours.

    says_ends: it has a column for the last days of postings.
    """

    rows: int = 0
    foreign_columns: tuple[str, ...] = ()
    units: UnitClaims = field(default_factory=UnitClaims)
    is_whole: bool = True
    says_ends: bool = True


class KeptReading:
    """The place of a reading, of texts for COPY and of all else that was read, beside the upload.

    Both are as private as the upload, and expire with it. What was read of another file, with other columns or other
    positions, or by another version of this module, is none.
    """

    def __init__(self, upload: Path) -> None:
        self._upload = upload
        self._texts, self._said = (upload.with_suffix(suffix) for suffix in (".rows", ".read"))

    @property
    def is_there(self) -> bool:
        """Say whether anything is kept, be it of this file as it is to be read now or not."""
        return self._said.exists()

    @contextmanager
    def keeping(self, write: Callable[[str], None]) -> Iterator[Callable[[str], None]]:
        """Yield what writes texts here as well."""
        self.forget()
        try:
            with self._new(self._texts) as file, gzip.open(file, "wb", compresslevel=1) as kept:

                def both(text: str) -> None:
                    kept.write(text.encode())
                    write(text)

                yield both
        except BaseException:
            self.forget()
            raise

    def forget(self) -> None:
        """Remove what is kept."""
        for path in (self._said, self._texts):
            path.unlink(missing_ok=True)

    def keep(self, reading: Reading, findings: Findings, digest: str) -> None:
        """Keep all else that was read; until then nothing is kept. Where the upload is gone, this is as well."""
        said = {
            "digest": digest,
            "rows": reading.rows,
            "foreign_columns": reading.foreign_columns,
            "says_ends": reading.says_ends,
            "units": [_packed(claim) for claim in reading.units.units.values()],
            "count": findings.count,
            "faulty_rows": sorted(findings.rows),
            "faults": [asdict(fault) for fault in findings.in_order()],
        }
        # In one go: a worker that is killed here leaves nothing that looks like a reading.
        unfinished = self._said.with_suffix(".half")
        with self._new(unfinished) as file:
            file.write(json.dumps(said).encode())
        unfinished.replace(self._said)
        try:
            upload = self._upload.stat()
            for path in (self._texts, self._said):
                os.utime(path, ns=(upload.st_atime_ns, upload.st_mtime_ns))
        except FileNotFoundError:
            self.forget()

    def recall(self, findings: Findings, digest: str) -> Reading | None:
        """Return what is kept besides texts, faults to `findings`; None where nothing is."""
        try:
            said = json.loads(self._said.read_bytes())
        except FileNotFoundError:
            return None
        if said["digest"] != digest or not self._texts.exists():
            return None
        for fault in said["faults"]:
            findings.add_fault(Fault(**fault))
        findings.count = said["count"]
        findings.rows.update(said["faulty_rows"])
        units = UnitClaims({claim["code"]: _unpacked(claim) for claim in said["units"]})
        return Reading(said["rows"], tuple(said["foreign_columns"]), units, says_ends=said["says_ends"])

    def texts(self) -> Iterator[bytes]:
        """Yield the texts that are kept."""
        with gzip.open(self._texts) as kept:
            while piece := kept.read(_PIECE):
                yield piece

    def digest(self, columns: Mapping[str, str], positions: Mapping[str, int]) -> str:
        """Return what differs where anything does that a reading depends on."""
        with self._upload.open("rb") as file:
            found = hashlib.file_digest(file, "sha256")
        found.update(json.dumps([_FORMAT, sorted(columns.items()), sorted(positions.items())]).encode())
        return found.hexdigest()

    @staticmethod
    @contextmanager
    def _new(path: Path) -> Iterator[BinaryIO]:
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        with path.open("wb") as file:
            yield file


def read_rows(
    file: BinaryIO,
    sink: RowSink,
    findings: Findings,
    columns: Mapping[str, str] | None,
    on_progress: Callable[[int], None] | None,
) -> Reading:
    """Read a file; its rows go to `sink`, what is wrong to `findings`."""
    reading = Reading()
    try:
        table = open_table(file, COLUMNS, REQUIRED, columns)
        reading.foreign_columns = table.foreign
        reading.says_ends = "to" in table.columns
        reader = RowReader(table.columns)
        for block in _blocks(table.rows):
            reading.rows += len(block)
            rows, faults = reader.read(block)
            for fault in faults:
                findings.add_fault(fault)
            reading.units.add(rows, findings)
            sink.add(rows)
            if on_progress and len(block) == STEP:
                on_progress(reading.rows)
    except FileRefused as refused:
        findings.add_fault(refused.fault)
        reading.foreign_columns = refused.foreign or reading.foreign_columns
        reading.is_whole = False
    return reading


def stage_rows(
    file: BinaryIO,
    staging: Staging,
    positions: dict[str, int],
    findings: Findings,
    *,
    columns: Mapping[str, str] | None,
    kept: KeptReading | None,
    on_progress: Callable[[int], None] | None,
) -> Reading:
    """Take in what a file says: what was kept of it, else as it is read now, which is kept."""
    if kept is None:
        with staging.taking_rows() as write:
            return read_rows(file, RowSink(write, positions), findings, columns, on_progress)
    digest = kept.digest(columns or {}, positions)
    known = kept.recall(findings, digest)
    if known is not None:
        with staging.taking_rows() as write:
            for text in kept.texts():
                write(text)
        if on_progress:
            on_progress(known.rows)
        return known
    with staging.taking_rows() as write, kept.keeping(write) as both:
        reading = read_rows(file, RowSink(both, positions), findings, columns, on_progress)
    if reading.is_whole:
        kept.keep(reading, findings, digest)
    else:
        kept.forget()
    return reading


def _packed(claim: Claim) -> dict[str, Any]:
    first_day = claim.first_day.isoformat() if claim.first_day else None
    return {**asdict(claim), "first_day": first_day, "faulty": sorted(claim.faulty)}


def _unpacked(said: dict[str, Any]) -> Claim:
    values = {name: (value, row) for name, (value, row) in said["values"].items()}
    first_day = date.fromisoformat(said["first_day"]) if said["first_day"] else None
    return Claim(**{**said, "values": values, "first_day": first_day, "faulty": set(said["faulty"])})


def _blocks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """Yield the rows by the thousand; those before one that cannot be read come before its FileRefused."""
    refused: FileRefused | None = None
    block: list[Row] = []
    while not refused and (not block or len(block) == STEP):
        block = []
        try:
            for row in islice(rows, STEP):
                block.append(row)
        except FileRefused as caught:
            refused = caught
        if not block:
            break
        yield block
    if refused:
        raise refused
