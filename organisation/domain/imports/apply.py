"""Carry out what a dry run showed: all of it, in one transaction, or nothing."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from organisation.domain.access import record_audit
from organisation.domain.imports.plan import ImportPlan, NewUnit, UnitChange
from organisation.domain.people import person_record
from organisation.domain.postings import announce_postings
from organisation.domain.queries.units import today
from organisation.domain.units import change_unit, unit_version
from organisation.models import Person, Posting, Unit, UnitVersion, User

_BATCH = 2000


class ImportRefused(Exception):
    """The plan cannot be applied. The message is for the user; nothing was written."""


def apply_import(plan: ImportPlan, *, actor: User | None = None, address: str | None = None) -> None:
    """Write everything the plan holds, and an audit event with its counts.

    Raises ImportRefused when the plan has problems, or when the database has changed since the dry run in a way that
    it no longer fits. Make the plan right before applying it: an old plan writes what was true then.
    """
    if plan.problem_count:
        raise ImportRefused(_("The file has problems. Nothing was written."))
    try:
        with transaction.atomic():
            _write_units(plan.new_units, plan.changed_units)
            _write_people(plan)
            _write_postings(plan)
            record_audit(actor=actor, action="imported", target=plan.name, address=address, detail=plan.counts)
    except (IntegrityError, ValidationError, Unit.DoesNotExist, KeyError) as error:
        raise ImportRefused(
            _("Someone changed the same units or people meanwhile. Nothing was written. Check the file again.")
        ) from error


def _write_units(new: list[NewUnit], changed: list[UnitChange]) -> None:
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


def _write_people(plan: ImportPlan) -> None:
    records = []
    for each in plan.people:
        record = person_record(
            each.employee_code, each.full_name, email=each.email, gender=each.gender, birth_date=each.birth_date
        )
        record.pk = each.pk
        records.append(record)
    Person.objects.bulk_create([record for record in records if record.pk is None], batch_size=_BATCH)
    Person.objects.bulk_create(
        [record for record in records if record.pk is not None],
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["full_name", "sort_key", "search_key", "email", "gender", "birth_date"],
    )


def _write_postings(plan: ImportPlan) -> None:
    units = dict(Unit.objects.values_list("code", "pk"))
    codes = list({posting.employee_code for posting in plan.postings})
    people: dict[str, int] = {}
    for start in range(0, len(codes), _BATCH):
        batch = codes[start : start + _BATCH]
        people.update(Person.objects.filter(employee_code__in=batch).values_list("employee_code", "pk"))
    records = [
        Posting(
            pk=each.pk,
            person_id=people[each.employee_code],
            unit_id=units[each.unit_code],
            position_id=each.position_pk,
            valid=DateRange(each.valid_from, each.valid_to),
        )
        for each in plan.postings
    ]
    # Ends first: a posting that ends earlier makes room for a new one.
    Posting.objects.bulk_create(
        [record for record in records if record.pk is not None],
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["valid"],
    )
    Posting.objects.bulk_create([record for record in records if record.pk is None], batch_size=_BATCH)
    announce_postings(people.values())
