"""Role profiles as a table of (position, competency, level, first day): read with a dry run, and written out."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from typing import Any, BinaryIO

import xlsxwriter
from django.db import transaction
from django.utils.translation import gettext as _

from competencies.domain.framework import current_framework
from competencies.domain.profiles import LaterProfile, tell_profiles, write_profile
from competencies.models import LEVELS, Competency, Requirement, RoleProfile
from organisation.api import Problem, described, fold_text, record_audit, today
from organisation.importing.cells import parse_date, parse_text
from organisation.importing.faults import CellRefused, Fault, FileRefused
from organisation.importing.tables import open_table
from organisation.models import Position, User

COLUMNS = ("position", "competency", "level", "from")
MAX_ROWS = 20_000
MAX_PROBLEMS = 500


@dataclass(slots=True)
class ProfileVersion:
    """One position's whole profile from a day on, as a file gives it. row: the first of its rows."""

    position: Position
    valid_from: date
    row: int
    levels: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class ProfilePlan:
    """What a file would do. changes: versions to write, by first day. unchanged: how many are so already.

    newest: of each position, the key of the version that begins last, None for none, as it was when this was found out.
    """

    rows: int = 0
    newest: dict[int, int | None] = field(default_factory=dict)
    changes: list[ProfileVersion] = field(default_factory=list)
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """What tells this plan from one that writes something else, or over something else."""
        written = [(each.position.pk, each.valid_from, sorted(each.levels.items())) for each in self.changes]
        return hashlib.sha256(repr((written, sorted(self.newest.items()))).encode()).hexdigest()

    def add_problem(self, row: int, column: str, message: str) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(row, column, message))


def plan_profiles(file: BinaryIO) -> ProfilePlan:
    """Read a table (XLSX or CSV) against the positions, the framework and the profiles there are. Nothing is written.

    The rows of one position and first day are its whole profile from that day on. What is wrong is told by row and
    column; with any problem there is nothing to write.
    """
    plan = ProfilePlan()
    versions = _read(file, plan)
    newest: dict[int, RoleProfile] = {}
    known: dict[tuple[int, date | None], RoleProfile] = {}
    profiles = RoleProfile.objects.filter(position__in={each.position.pk for each in versions}).order_by("valid")
    for profile in profiles.prefetch_related("requirements"):
        newest[profile.position_id] = profile
        known[profile.position_id, profile.valid.lower] = profile
    for version in versions:
        last = newest.get(version.position.pk)
        plan.newest[version.position.pk] = last.pk if last else None
        same = known.get((version.position.pk, version.valid_from))
        if same and {each.competency_id: each.level for each in same.requirements.all()} == version.levels:
            plan.unchanged += 1
            continue
        if last and last.valid.lower and last.valid.lower > version.valid_from:
            day = last.valid.lower.strftime("%d/%m/%Y")
            plan.add_problem(version.row, "from", _("A version from %(day)s on exists already.") % {"day": day})
        plan.changes.append(version)
    if plan.problems:
        plan.changes, plan.unchanged = [], 0
    return plan


@transaction.atomic
def apply_profiles(plan: ProfilePlan, *, name: str, actor: User, address: str | None = None) -> bool:
    """Write what the plan holds, all of it or nothing; False when the profiles changed so that it no longer fits."""
    held = list(Position.objects.select_for_update().filter(pk__in=plan.newest).order_by("pk"))
    there = dict(RoleProfile.objects.filter(position__in=held).order_by("valid").values_list("position", "pk"))
    if plan.newest != {each.pk: there.get(each.pk) for each in held}:
        return False
    changed = []
    for version in plan.changes:
        try:
            if write_profile(version.position, version.levels, version.valid_from) and version.valid_from <= today():
                changed.append(version.position.pk)
        except LaterProfile:
            transaction.set_rollback(True)
            return False
    tell_profiles(sorted(set(changed)))
    detail = {"versions": len(plan.changes)}
    record_audit(actor=actor, action="role_profiles_imported", target=name, address=address, detail=detail)
    return True


def write_profiles(as_of: date) -> bytes:
    """Return an XLSX workbook of every profile that holds on a day, in the form that `plan_profiles` reads."""
    buffer = BytesIO()
    required = (
        Requirement.objects.filter(role_profile__valid__contains=as_of)
        .select_related("role_profile__position", "competency__domain")
        .order_by(
            "role_profile__position__group__order",
            "role_profile__position__code",
            "competency__domain__order",
            "competency__order",
        )
    )
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False}) as book:
        heading = book.add_format({"bold": True, "bg_color": "#E8EEF4", "border": 1})
        text, day = book.add_format({"num_format": "@"}), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet(_("Requirements"))
        sheet.set_column(0, 1, 28, text)
        sheet.set_column(2, 2, 10)
        sheet.set_column(3, 3, 14, day)
        sheet.freeze_panes(1, 0)
        for index, column in enumerate(COLUMNS):
            sheet.write_string(0, index, column, heading)
        for row, each in enumerate(required, start=1):
            sheet.write_string(row, 0, each.role_profile.position.code, text)
            sheet.write_string(row, 1, each.competency.code, text)
            sheet.write_number(row, 2, each.level)
            if each.role_profile.valid.lower:
                sheet.write_datetime(row, 3, each.role_profile.valid.lower, day)
    return buffer.getvalue()


def _read(file: BinaryIO, plan: ProfilePlan) -> list[ProfileVersion]:
    positions, competencies = _named(Position.objects.all()), _named(_competencies())
    found: dict[tuple[int, date], ProfileVersion] = {}
    try:
        table = open_table(file, COLUMNS, COLUMNS)
        for number, cells in table.rows:
            plan.rows += 1
            if plan.rows > MAX_ROWS:
                plan.add_problem(number, "position", _("The file has more than %(limit)s rows.") % {"limit": MAX_ROWS})
                break
            row = dict(zip(table.columns, cells, strict=True))
            values = _values(number, row, positions, competencies, plan)
            if values is None:
                continue
            position, competency, level, first = values
            version = found.setdefault((position.pk, first), ProfileVersion(position, first, number))
            if competency.pk in version.levels:
                plan.add_problem(number, "competency", _("%(value)s is given twice") % {"value": competency.code})
            version.levels[competency.pk] = level
    except FileRefused as refused:
        plan.problems.insert(0, described(refused.fault))
    return sorted(found.values(), key=lambda each: each.valid_from)


def _values(
    number: int, row: dict[str, Any], positions: dict[str, Any], competencies: dict[str, Any], plan: ProfilePlan
) -> tuple[Position, Competency, int, date] | None:
    read: dict[str, Any] = {}
    for name in COLUMNS:
        try:
            read[name] = parse_date(row[name]) if name == "from" else parse_text(row[name], 300)
        except CellRefused as refused:
            problem = described(Fault(number, name, refused.reason, refused.values))
            plan.add_problem(problem.row, problem.column, problem.message)
            continue
        if not read[name]:
            plan.add_problem(number, name, _("The cell is empty, but a value is needed here."))
    if len(read) < len(COLUMNS) or not all(read.values()):
        return None
    position, competency = positions.get(fold_text(read["position"])), competencies.get(fold_text(read["competency"]))
    level = int(read["level"]) if read["level"] in {str(each) for each in range(1, LEVELS + 1)} else 0
    if position is None:
        plan.add_problem(number, "position", _("There is no position “%(value)s”.") % {"value": read["position"]})
    if competency is None:
        message = _("Competency “%(value)s” is not in the framework.") % {"value": read["competency"]}
        plan.add_problem(number, "competency", message)
    if not level:
        plan.add_problem(number, "level", _("A level lies between 1 and %(limit)s.") % {"limit": LEVELS})
    if position is None or competency is None or not level:
        return None
    return position, competency, level, read["from"]


def _competencies() -> Iterable[Competency]:
    return Competency.objects.filter(domain__framework=current_framework())


def _named(rows: Iterable[Any]) -> dict[str, Any]:
    """Return what has a code and names by each of them, as `fold_text` has it; a name that several have is none."""
    by_name: dict[str, list[Any]] = defaultdict(list)
    by_code = {}
    for row in rows:
        by_code[fold_text(row.code)] = row
        for name in {fold_text(row.name_vi), fold_text(row.name_en)}:
            by_name[name].append(row)
    return {name: found[0] for name, found in by_name.items() if len(found) == 1} | by_code
