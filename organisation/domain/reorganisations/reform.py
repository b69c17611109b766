"""The reform of 1 July 2025 as a draft reorganisation."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import BinaryIO

from django.db import transaction
from django.utils.translation import gettext as _

from organisation.domain.imports.apply import ImportRefused
from organisation.domain.imports.before_reform import UnitsRefused
from organisation.domain.imports.messages import OF_STEP
from organisation.domain.imports.plan import Findings
from organisation.domain.reorganisations.applying import wait_for_turn
from organisation.domain.reorganisations.drafts import add_steps, draft_reorganisation
from organisation.domain.reorganisations.planning import plan_reorganisation
from organisation.domain.reorganisations.preview import preview_reorganisation
from organisation.importing.faults import Fault, FileRefused
from organisation.importing.reform import ReformTable, read_reform
from organisation.models import Reorganisation, Unit, User

REFORM_DAY = date(2025, 7, 1)
REFORM_DECISION = "202/2025/QH15"
REFORM_TITLE = "Sắp xếp đơn vị hành chính các cấp năm 2025"


@dataclass(frozen=True)
class ReformCheck:
    """What drafting the table's reform would do. steps: by kind. kinds: kind -> units before and afterwards.

    splits: units whose people go to several. people_going: who would change units, of people_in_all.
    """

    rows: int
    findings: Findings
    steps: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, tuple[int, int]] = field(default_factory=dict)
    splits: int = 0
    people_going: int = 0
    people_in_all: int = 0


@transaction.atomic
def import_reform(
    file: BinaryIO,
    *,
    number: str,
    title: str,
    in_force: date,
    note: str = "",
    scope: Unit | None = None,
    author: User | None,
    on_progress: Callable[[int], None] = lambda rows: None,
) -> Reorganisation:
    """Draft the reform that the table tells. Raises UnitsRefused with every problem of the table, ImportRefused when
    a reorganisation of that number and scope is there already and was not undone."""
    table, findings = _read(file, on_progress)
    if findings.count:
        raise UnitsRefused(findings)
    wait_for_turn()  # nobody else drafts the same one meanwhile
    if is_number_taken(number, scope):
        raise ImportRefused(_("A reorganisation with this number is there already."))
    reorganisation = draft_reorganisation(
        number=number, title=title, in_force=in_force, note=note, scope=scope, author=author
    )
    add_steps(reorganisation, table.steps)
    return reorganisation


def is_number_taken(number: str, scope: Unit | None) -> bool:
    """Say whether a reorganisation of that number is there for the very scope that was not undone."""
    return (
        Reorganisation.objects.filter(number=number, scope=scope).exclude(status=Reorganisation.Status.UNDONE).exists()
    )


def check_reform(
    file: BinaryIO, *, in_force: date, scope: Unit | None, on_progress: Callable[[int], None] = lambda rows: None
) -> ReformCheck:
    """Say what drafting the table's reform would do on the day, or every problem by row. Nothing stays written.

    A step that does not fit the organisation is a problem of the row that its unit is first named in.
    """
    table, findings = _read(file, on_progress)
    if findings.count:
        return ReformCheck(table.rows, findings)
    with transaction.atomic():
        draft = draft_reorganisation(number="", title="", in_force=in_force, scope=scope)
        add_steps(draft, table.steps)
        recorded = plan_reorganisation(draft)
        told = set[tuple[str, frozenset[tuple[str, str]]]]()
        for problem in recorded.problems:
            if (said := (problem.reason, frozenset(problem.values.items()))) not in told:  # many steps may meet one
                told.add(said)
                row, column = table.places.get(problem.values.get("unit", ""), (1, "A"))
                findings.add_fault(Fault(row, column, f"{OF_STEP}{problem.reason}", dict(problem.values)))
        steps = dict(Counter(draft.steps.values_list("kind", flat=True)))
        preview = None if findings.count else preview_reorganisation(draft, recorded)
        transaction.set_rollback(True)
    if preview is None:
        return ReformCheck(table.rows, findings, steps)
    return ReformCheck(
        table.rows,
        findings,
        steps,
        preview.kinds,
        len(recorded.plan.splits),
        preview.people_going,
        preview.people_in_all,
    )


def _read(file: BinaryIO, on_progress: Callable[[int], None]) -> tuple[ReformTable, Findings]:
    findings = Findings()
    try:
        table = read_reform(file, on_progress)
    except FileRefused as refused:
        table = ReformTable([], [refused.fault], 0, {})
    for fault in table.faults:
        findings.add_fault(fault)
    return table, findings
