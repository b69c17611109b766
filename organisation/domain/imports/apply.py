"""Carry out what a dry run showed: all of it, in one transaction, or nothing."""

from collections.abc import Callable
from dataclasses import asdict

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from organisation.domain.access import record_audit
from organisation.domain.imports.plan import ImportPlan, NewUnit, UnitChange
from organisation.domain.imports.staging import is_staged, write_staged
from organisation.domain.postings import announce_postings
from organisation.domain.queries.units import today
from organisation.domain.units import change_unit, unit_version, wait_for_units
from organisation.models import Unit, UnitVersion, User

_BATCH = 2000


class ImportRefused(Exception):
    """The plan cannot be applied. The message is for the user; nothing was written."""


class _Outdated(Exception):
    """What was planned is no longer at hand, or no longer fits."""


def apply_import(
    plan: ImportPlan,
    *,
    actor: User | None = None,
    address: str | None = None,
    on_progress: Callable[[int], None] = lambda percent: None,
) -> None:
    """Write everything the plan holds, and an audit event with its counts. on_progress hears how much is written.

    Raises ImportRefused when the plan has problems, or when the database has changed since the dry run in a way that
    it no longer fits. Make the plan right before applying it, on the same connection: what it would write waits there,
    and is gone when the next plan is made.
    """
    if not plan.can_be_applied:
        raise ImportRefused(_("The file has problems. Nothing was written."))
    try:
        with transaction.atomic():
            if not is_staged(plan.key):
                raise _Outdated
            _write_units(plan.new_units, plan.changed_units)
            written, people = write_staged(on_progress)
            if any(plan.counts[name] != count for name, count in asdict(written).items()):
                raise _Outdated
            announce_postings(people)
            record_audit(actor=actor, action="imported", target=plan.name, address=address, detail=plan.counts)
            connection.check_constraints()  # those that wait for the end of a transaction, which may be the caller's
    except (_Outdated, IntegrityError, ValidationError, Unit.DoesNotExist, KeyError) as error:
        raise ImportRefused(
            _("Someone changed the same units or people meanwhile. Nothing was written. Check the file again.")
        ) from error


def _write_units(new: list[NewUnit], changed: list[UnitChange]) -> None:
    if new or changed:
        wait_for_units()
    there = UnitVersion.objects.filter(unit__code__in=[each.code for each in changed], valid__contains=today())
    now = {
        code: (name_vi, name_en, kind, parent or "")
        for code, name_vi, name_en, kind, parent in there.values_list(
            "unit__code", "name_vi", "name_en", "kind", "parent__code"
        )
    }
    if any(now.get(each.code) != each.was for each in changed):
        raise _Outdated
    Unit.objects.bulk_create([Unit(code=each.code) for each in new], batch_size=_BATCH)
    wanted = {each.code for each in new} | {each.code for each in changed}
    wanted |= {each.parent_code for each in new} | {each.parent_code for each in changed}
    units = {unit.code: unit for unit in Unit.objects.filter(code__in=wanted)}
    UnitVersion.objects.bulk_create(
        [
            unit_version(
                units[each.code],
                name_vi=each.name_vi,
                name_en=each.name_en,
                kind=each.kind,
                parent=units[each.parent_code] if each.parent_code else None,
                valid_from=each.valid_from,
            )
            for each in new
        ],
        batch_size=_BATCH,
    )
    for change in changed:
        change_unit(
            units[change.code],
            from_day=today(),
            name_vi=change.name_vi or None,
            name_en=change.name_en or None,
            kind=change.kind or None,
            parent=units[change.parent_code] if change.parent_code else None,
        )
