"""The dry run: read the whole file and say what it would do and what is wrong with it. Nothing is written."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from itertools import islice
from typing import BinaryIO

from django.db import transaction

from organisation.domain.imports.claims import claim_of
from organisation.domain.imports.plan import Findings, ImportPlan
from organisation.domain.imports.reading import KeptReading, Reading, stage_rows
from organisation.domain.imports.staff_plan import plan_staff
from organisation.domain.imports.staging import Staging
from organisation.domain.imports.state import load_people, load_positions, load_units
from organisation.domain.imports.unit_plan import plan_units
from organisation.domain.queries.units import today
from organisation.importing.staff_rows import StaffRow
from organisation.models import Unit

_PEOPLE_AT_A_TIME = 5000


@transaction.atomic
def plan_import(
    file: BinaryIO,
    name: str,
    *,
    scope: Iterable[Unit] | None = None,
    is_partial: bool = False,
    columns: Mapping[str, str] | None = None,
    on_progress: Callable[[int], None] | None = None,
    kept: KeptReading | None = None,
) -> ImportPlan:
    """Check a staff file (XLSX or CSV, told by its content) against the organisation as it is today.

    `name` is what the user calls the file. `scope` are the units whose subtrees may be written to, None for all;
    a row outside is a problem. `columns` says which of ours, or LEFT_OUT, a column of another name is.
    `on_progress` hears the number of rows read, every thousand rows. `kept` is where what the file says is kept, and
    taken from when it is there.
    A plan with problems carries nothing to apply, unless it `is_partial`: then it leaves out the people and units
    that have one. A file that cannot be read to its end carries nothing either way. Memory does not grow with the
    file but for its units: rows wait in temporary tables, until the next plan is made on this connection.
    """
    plan = ImportPlan(name, is_partial)
    findings = Findings()
    staging = Staging(plan.key)
    positions = load_positions()
    reading = stage_rows(file, staging, positions, findings, columns=columns, kept=kept, on_progress=on_progress)
    plan.rows, plan.foreign_columns = reading.rows, reading.foreign_columns
    if not reading.is_whole:
        plan.is_partial = False
    elif reading.units.units:
        _compare(reading, positions, staging, scope, plan, findings)
    plan.faults, plan.problems = findings.in_order(), findings.problems
    plan.problem_count = findings.count
    if not plan.can_be_applied:
        _forget_changes(plan)
    return plan


def _compare(
    reading: Reading,
    positions: dict[str, int],
    staging: Staging,
    scope: Iterable[Unit] | None,
    plan: ImportPlan,
    findings: Findings,
) -> None:
    day = today()
    known = load_units(scope, day)
    units = plan_units(reading.units, known, findings)
    plan.new_units, plan.changed_units = units.new, units.changed
    settled = staging.settle_plain_rows(day, known, units)
    plan.people_created = plan.postings_created = settled.created
    plan.postings_unchanged = settled.unchanged
    for batch in _batches(staging.people()):
        people = [claim_of(rows, findings) for rows in batch]
        recorded = load_people(claim.code for claim in people)
        staff = plan_staff(
            people, recorded, positions, known, units, day, findings, settled.kin, says_ends=reading.says_ends
        )
        if plan.is_partial or not findings.count:
            staging.keep(staff.people, staff.postings)
        created = sum(person.pk is None for person in staff.people)
        posted = sum(posting.pk is None for posting in staff.postings)
        plan.people_created += created
        plan.people_changed += len(staff.people) - created
        plan.postings_created += posted
        plan.postings_changed += len(staff.postings) - posted
        plan.postings_reopened += sum(posting.is_reopened for posting in staff.postings)
        plan.postings_unchanged += staff.postings_unchanged
    plan.digest = sha256(f"{plan.changed_units} {staging.digest()}".encode()).hexdigest()


def _forget_changes(plan: ImportPlan) -> None:
    plan.new_units, plan.changed_units = [], []
    plan.people_created = plan.people_changed = 0
    plan.postings_created = plan.postings_changed = plan.postings_reopened = plan.postings_unchanged = 0


def _batches(people: Iterator[list[StaffRow]]) -> Iterator[list[list[StaffRow]]]:
    while batch := list(islice(people, _PEOPLE_AT_A_TIME)):
        yield batch
