"""Units: make them and change what they are called, what kind they are and whom they belong to."""

from datetime import date
from functools import cache

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from organisation.domain.names import english_unit_name, fold_text, normalise_text, sort_key
from organisation.domain.queries.units import is_within, today
from organisation.domain.statements import columns_of, fetch_all_prepared, row_as, statement_of
from organisation.models import Unit, UnitVersion

# Where nothing is known of a unit's beginning.
BEGINNING = date(2000, 1, 1)


def unit_version(
    unit: Unit,
    *,
    name_vi: str,
    name_en: str = "",
    kind: str,
    parent: Unit | None,
    valid_from: date,
    valid_to: date | None = None,
) -> UnitVersion:
    """Return an unsaved version with its names in normal form and its keys filled.

    Valid on `[valid_from, valid_to)`. An empty English name becomes the Vietnamese one without diacritics.
    """
    name_vi = normalise_text(name_vi)
    name_en = normalise_text(name_en) or english_unit_name(name_vi)
    return UnitVersion(
        unit=unit,
        parent=parent,
        kind=kind,
        name_vi=name_vi,
        name_en=name_en,
        valid=DateRange(valid_from, valid_to),
        sort_key=sort_key(name_vi),
        search_key=unit_search_key(name_vi, name_en),
    )


def unit_search_key(name_vi: str, name_en: str) -> str:
    """Return what search compares: both names in lower case without diacritics."""
    return f"{fold_text(name_vi)} {fold_text(name_en)}"[:600]


def create_unit(
    code: str,
    *,
    name_vi: str,
    name_en: str = "",
    kind: str,
    parent: Unit | None = None,
    valid_from: date = BEGINNING,
    valid_to: date | None = None,
) -> Unit:
    """Make a unit with its first version, valid on `[valid_from, valid_to)`."""
    with transaction.atomic():
        wait_for_units()
        unit = Unit.objects.create(code=normalise_text(code))
        unit_version(
            unit, name_vi=name_vi, name_en=name_en, kind=kind, parent=parent, valid_from=valid_from, valid_to=valid_to
        ).save()
    return unit


def wait_for_units() -> None:
    """Be the only one to write units and their versions until the transaction ends.

    Whoever writes these and postings waits for these first. The trigger against cycles asks for the same, but only when
    rows are held that others may wait for.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('organisation_unitversion'))")


@transaction.atomic
def change_unit(
    unit: Unit,
    *,
    from_day: date,
    name_vi: str | None = None,
    name_en: str | None = None,
    kind: str | None = None,
    parent: Unit | None = None,
) -> UnitVersion:
    """Change a unit from a day on: the version in force ends there and a new one takes over until its old end.

    What is None stays. A new Vietnamese name without an English one gets a derived English name.
    Raises ValidationError when the unit is not in force on that day or would come to lie under itself.
    """
    wait_for_units()
    current = UnitVersion.objects.select_for_update().filter(unit=unit, valid__contains=from_day).first()
    if current is None:
        raise ValidationError(_("Unit %(code)s is not in force on this day.") % {"code": unit.code})
    if parent is not None and is_within(parent.pk, [unit.pk], from_day):
        raise ValidationError(_("Unit %(code)s cannot lie under itself.") % {"code": unit.code})
    if name_en is None and name_vi is None:
        name_en = current.name_en
    changed = unit_version(
        unit,
        name_vi=name_vi if name_vi is not None else current.name_vi,
        name_en=name_en or "",
        kind=kind or current.kind,
        parent=parent or current.parent,
        valid_from=from_day,
        valid_to=current.valid.upper,
    )
    if current.valid.lower == from_day:
        changed.pk = current.pk
    else:
        current.valid = DateRange(current.valid.lower, from_day)
        current.save(update_fields=["valid"])
    changed.save()
    return changed


@transaction.atomic
def close_unit(unit: Unit, day: date) -> None:
    """End a unit: `day` is the first on which it is no longer there. One that began that very day never was.

    Raises ValidationError when it is not in force, or when people or units are still in it or are to come.
    """
    wait_for_units()
    current = UnitVersion.objects.select_for_update().filter(unit=unit, valid__contains=day).first()
    if current is None:
        raise ValidationError(_("Unit %(code)s is not in force on this day.") % {"code": unit.code})
    later = DateRange(day, None)
    if (
        unit.postings.filter(valid__overlap=later).exists()
        or unit.child_versions.filter(valid__overlap=later).exists()
        or unit.versions.filter(valid__startswith__gt=day).exists()
    ):
        raise ValidationError(_("Unit %(code)s still has people or units in it.") % {"code": unit.code})
    if current.valid.lower == day:
        current.delete()
        if not unit.versions.exists():
            unit.delete()
    else:
        current.valid = DateRange(current.valid.lower, day)
        current.save(update_fields=["valid"])


def find_unit(code: str, as_of: date | None = None) -> Unit | None:
    """Return the unit of that code if it is in force as of a date, today when none is given."""
    rows = fetch_all_prepared(_unit_in_force(), {"code": code, "day": as_of or today()})
    return row_as(Unit, rows[0]) if rows else None


@cache
def _unit_in_force() -> bytes:
    return statement_of(
        # With EXISTS the server would plan to read every version in force.
        "SELECT {unit} FROM organisation_unit u WHERE u.code = %(code)s AND (SELECT true "
        "FROM organisation_unitversion v WHERE v.unit_id = u.id AND v.valid @> %(day)s::date LIMIT 1)",
        unit=columns_of(Unit, "u"),
    )
