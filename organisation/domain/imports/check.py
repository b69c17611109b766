"""The dry run: read the whole file and say what it would do and what is wrong with it. Nothing is written."""

from collections.abc import Callable, Iterable
from typing import BinaryIO

from organisation.domain.imports.claims import Claims
from organisation.domain.imports.plan import Findings, ImportPlan
from organisation.domain.imports.staff_plan import plan_staff
from organisation.domain.imports.state import load_people, load_positions, load_units
from organisation.domain.imports.unit_plan import plan_units
from organisation.domain.queries.units import today
from organisation.importing.faults import FileRefused
from organisation.importing.staff_rows import COLUMNS, REQUIRED, parse_row
from organisation.importing.tables import open_table
from organisation.models import Unit

_STEP = 1000


def plan_import(
    file: BinaryIO,
    name: str,
    *,
    scope: Iterable[Unit] | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> ImportPlan:
    """Check a staff file (XLSX or CSV, told by its content) against the organisation as it is today.

    `name` is what the user calls the file. `scope` are the units whose subtrees may be written to, None for all;
    a row outside is a problem. `on_progress` hears the number of rows read, every thousand rows.
    Problems are in the active language; a plan that has any carries nothing to apply.
    """
    plan = ImportPlan(name)
    findings = Findings()
    claims = Claims()
    try:
        table = open_table(file, COLUMNS, REQUIRED)
        for number, cells in table.rows:
            plan.rows += 1
            row, faults = parse_row(number, table.columns, cells)
            for fault in faults:
                findings.add_fault(fault)
            claims.add(row, findings)
            if on_progress and plan.rows % _STEP == 0:
                on_progress(plan.rows)
    except FileRefused as refused:
        findings.add_fault(refused.fault)
    else:
        _compare(claims, scope, plan, findings)
    plan.problems = sorted(findings.problems, key=lambda problem: problem.row)
    plan.problem_count = findings.count
    return plan


def _compare(claims: Claims, scope: Iterable[Unit] | None, plan: ImportPlan, findings: Findings) -> None:
    day = today()
    known = load_units(scope, day)
    units = plan_units(claims, known, findings)
    staff = plan_staff(claims, load_people(claims.people), load_positions(), known.scope, day, findings)
    if not findings.count:
        plan.new_units, plan.changed_units = units.new, units.changed
        plan.people, plan.postings, plan.postings_unchanged = staff.people, staff.postings, staff.postings_unchanged
