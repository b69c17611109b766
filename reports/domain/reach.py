"""How far an account may look into a unit, and into which days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from organisation.api import can_see_people, can_see_unit, find_unit, roles_of, today
from organisation.models import Unit, User
from reports.domain.as_of import AsOf, DayBeingMade, DayNotKept, as_of
from reports.domain.gap_report import gap_report
from reports.domain.gaps import GapReport
from reports.domain.moments import TooManyPeople
from reports.domain.queries.structure import UnitNotInForce


class NoSuchUnit(LookupError):
    """No unit has the code, on neither day."""


class OutOfReach(LookupError):
    """The unit is there, but not for the account."""


class DaysRefused(ValueError):
    """Days that cannot be shown: why, by which of them."""

    def __init__(self, reasons: Mapping[str, str]) -> None:
        super().__init__(reasons)
        self.reasons = reasons


@dataclass(frozen=True)
class Reach:
    """How far an account may look into a unit.

    sees_people: those behind the figures; nobody else sees other days, for two days together may tell of one person.
    only_then: the unit has ended or left the account's scope, so nothing of today may be shown.
    """

    sees_people: bool
    only_then: bool


def reach_unit(user: User, code: str, structure: date) -> tuple[Unit, Reach]:
    """Return the unit of the code, as of today or else the day of the structure, with the account's reach into it.

    Raises NoSuchUnit and OutOfReach.
    """
    is_there = False
    for day in dict.fromkeys((today(), min(structure, today()))) if "\0" not in code else ():
        unit = find_unit(code, day)
        if unit is not None and ((sees_people := can_see_people(user, unit, day)) or can_see_unit(user, unit, day)):
            return unit, Reach(sees_people, day != today())
        is_there = is_there or unit is not None
    raise (OutOfReach if is_there else NoSuchUnit)(code)


def ask_days(user: User, competence: date, structure: date) -> AsOf | None:
    """Return the days as `as_of` does, None for today's figures. DaysRefused where they cannot be shown to the account.

    A structure older than the competence is for administrators alone: whoever moved to another unit since would be
    shown to the officers of the one they left.
    """
    asked = {"competence": competence, "structure": structure}
    wrong = {name: _("This day has not come yet.") for name, day in asked.items() if day > today()}
    if not wrong and structure < competence and "admin" not in roles_of(user):
        wrong["structure"] = _("Of the structure, choose the day of competence (%(day)s) or a later one.") % {
            "day": date_format(competence, "SHORT_DATE_FORMAT")
        }
    if wrong:
        raise DaysRefused(wrong)
    try:
        return as_of(competence, structure)
    except DayNotKept as error:
        raise DaysRefused({"competence": _not_kept(error.args[0])}) from error
    except DayBeingMade as error:
        raise DaysRefused({"competence": _being_made(error.args[0])}) from error


def report_of_days(unit: Unit, days: AsOf) -> GapReport:
    """Return the gap report of the unit as of the days. DaysRefused where there is none."""
    try:
        return gap_report(unit, days=days)
    except UnitNotInForce as error:
        raise DaysRefused({"structure": _("This unit was not there on that day.")}) from error
    except DayBeingMade as error:
        raise DaysRefused({"competence": _being_made(error.args[0])}) from error
    except TooManyPeople as error:
        said = _("Too many people changed units between these days. Choose days closer by.")
        raise DaysRefused({"structure": said}) from error


def _being_made(day: date) -> str:
    return _("The figures of %(day)s are being made anew, for the past has changed. Ask again in some minutes.") % {
        "day": date_format(day, "SHORT_DATE_FORMAT")
    }


def _not_kept(first: date | None) -> str:
    if first is None:
        return _("No figures of the past are kept yet. The first are kept when this month ends.")
    return _("No figures are kept of this day. The earliest are of %(day)s.") % {
        "day": date_format(first, "SHORT_DATE_FORMAT")
    }
