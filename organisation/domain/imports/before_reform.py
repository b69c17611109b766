"""Fill an empty organisation with the country as it was before the reform of 1 July 2025."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from typing import BinaryIO

from django.db import transaction
from django.utils.translation import gettext as _

from organisation.domain.access import record_audit
from organisation.domain.imports.apply import ImportRefused
from organisation.domain.imports.plan import Findings, Problem
from organisation.domain.units import unit_version
from organisation.importing.before_reform import OldUnit, read_units_before_reform
from organisation.importing.faults import FileRefused
from organisation.models import Unit, UnitVersion, User

_BATCH = 1000


class UnitsRefused(ImportRefused):
    """The table has problems: `problems` tells the first thousand, `count` how many there are."""

    def __init__(self, findings: Findings) -> None:
        super().__init__(_("The file has problems. Nothing was written."))
        self.problems: list[Problem] = findings.problems
        self.count = findings.count
        self.findings = findings


def import_units(
    file: BinaryIO,
    name: str,
    *,
    from_day: date,
    is_dry: bool = False,
    actor: User | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> dict[str, int]:
    """Make the nation and its units, in force from `from_day` on, and return how many of each kind there are.

    `on_progress` hears (units written, units in all). is_dry: write nothing. Raises UnitsRefused with every problem of
    the table, and ImportRefused when the organisation already has units. All or nothing.
    """
    findings = Findings()
    try:
        units, faults = read_units_before_reform(file)
    except FileRefused as refused:
        units, faults = [], [refused.fault]
    for fault in faults:
        findings.add_fault(fault)
    if findings.count:
        raise UnitsRefused(findings)
    counts = dict(Counter(unit.kind for unit in units))
    with transaction.atomic():
        if Unit.objects.exists():
            raise ImportRefused(_("The organisation already has units. This import fills an empty one only."))
        if is_dry:
            return counts
        for done in _write(units, from_day):
            if on_progress:
                on_progress(done, len(units))
        record_audit(actor=actor, action="imported", target=name, detail=counts)
    return counts


def _write(units: list[OldUnit], from_day: date) -> Iterator[int]:
    made: dict[str, Unit] = {}
    for start in range(0, len(units), _BATCH):
        batch = units[start : start + _BATCH]
        for unit in Unit.objects.bulk_create([Unit(code=each.code) for each in batch]):
            made[unit.code] = unit
        UnitVersion.objects.bulk_create(
            [
                unit_version(
                    made[each.code],
                    name_vi=each.name_vi,
                    name_en=each.name_en,
                    kind=each.kind,
                    parent=made.get(each.parent_code),
                    valid_from=from_day,
                )
                for each in batch
            ]
        )
        yield start + len(batch)
