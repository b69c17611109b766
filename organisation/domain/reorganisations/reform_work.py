"""What a worker does with the table of the reform: check it, then fill an empty organisation or draft the reform.

Both return what the file's row is to hold, `report` and `faults`, and why it was not applied when this was wanted.
"""

from collections.abc import Callable
from dataclasses import fields
from datetime import date
from typing import Any, BinaryIO

from organisation.domain.access import can_see_unit, record_audit, roles_of
from organisation.domain.imports.apply import ImportRefused
from organisation.domain.imports.before_reform import UnitsRefused, import_units
from organisation.domain.imports.plan import Findings
from organisation.domain.reorganisations.reform import ReformCheck, check_reform, import_reform, is_number_taken
from organisation.models import StaffImport, Unit, User

Outcome = tuple[dict[str, Any], str]
Tell = Callable[[int], None]

Refusal = StaffImport.Refusal


def may_draft(user: User, scope: Unit | None) -> bool:
    """Say whether the account may draft a reorganisation that stays in the unit; of everything an admin alone may."""
    return "admin" in roles_of(user) or (scope is not None and can_see_unit(user, scope))


def work_on_reform(job: StaffImport, file: BinaryIO, tell_rows: Tell, tell_writing: Tell) -> Outcome:
    """Check the table against the organisation and, when this is wanted, draft the reform.

    The job's details: number, title, in_force (a day in ISO form), note and scope (the unit's key or None).
    """
    details = job.details
    day = date.fromisoformat(details["in_force"])
    scope = Unit.objects.filter(pk=details["scope"]).first() if details["scope"] else None
    check = check_reform(file, in_force=day, scope=scope, on_progress=tell_rows)
    outcome = _outcome(check, check.findings)
    if job.status != StaffImport.Status.APPLYING:
        return outcome, Refusal.TAKEN if is_number_taken(details["number"], scope) else ""
    if check.findings.count:
        return outcome, Refusal.PROBLEMS
    if not may_draft(job.user, scope):
        return outcome, Refusal.NOT_ALLOWED
    tell_writing(0)
    said = {name: details[name] for name in ("number", "title", "note")}
    try:
        made = import_reform(file, in_force=day, scope=scope, author=job.user, **said)
    except ImportRefused:
        return outcome, Refusal.TAKEN
    record_audit(
        actor=job.user, action="imported", target=str(made), address=job.address, detail={"steps": check.steps}
    )
    outcome["report"]["reorganisation"] = made.pk
    return outcome, ""


def work_on_units(job: StaffImport, file: BinaryIO, tell_rows: Tell, tell_writing: Tell) -> Outcome:
    """Check the table and, when this is wanted, make its units as they were before the reform.

    The job's details: from_day, the first day that they are in force, in ISO form.
    """
    is_applying = job.status == StaffImport.Status.APPLYING
    day = date.fromisoformat(job.details["from_day"])
    check, findings, refusal = ReformCheck(0, Findings()), Findings(), ""
    try:
        if is_applying and "admin" not in roles_of(job.user):
            return _outcome(check, findings), Refusal.NOT_ALLOWED
        counts = import_units(
            file,
            job.name,
            from_day=day,
            is_dry=not is_applying,
            actor=job.user,
            on_progress=lambda done, total: tell_writing(100 * done // max(total, 1)),
        )
        check = ReformCheck(0, findings, kinds={kind: (0, count) for kind, count in counts.items()})
    except UnitsRefused as refused:
        findings, refusal = refused.findings, Refusal.PROBLEMS if is_applying else ""
    except ImportRefused:
        refusal = Refusal.OUTDATED
    return _outcome(check, findings), refusal


def _outcome(check: ReformCheck, findings: Findings) -> dict[str, Any]:
    said = {each.name: getattr(check, each.name) for each in fields(check) if each.name != "findings"}
    return {
        "report": {**said, "problem_count": findings.count},
        "faults": [(each.row, each.column, each.reason, each.values) for each in findings.in_order()],
    }
