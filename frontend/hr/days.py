"""The two days of a report: competence as of one, structure as of the other."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial, wraps
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courses.api import content_version
from frontend.hr.access import hr_page, refuse
from organisation.api import can_see_people, can_see_unit, find_unit, reading_content, roles_of, today
from organisation.models import PositionGroup, Unit, User
from reports.api import AsOf, DayNotKept, GapReport, TooManyPeople, UnitNotInForce, as_of, gap_report


def _day_field(label: Any, hint: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=hint,
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": gettext_lazy("Enter a real date, as 2026-03-31.")},
    )


class DaysForm(forms.Form):
    """Either day left empty is today. Valid days that cannot be shown are errors all the same."""

    competence = _day_field(
        gettext_lazy("Competence as of"),
        gettext_lazy("What was known of people, and what their posts required, when this day ended."),
    )
    structure = _day_field(
        gettext_lazy("Structure as of"),
        gettext_lazy("Which units those people are counted in. Reorganisations up to this day are taken into account."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.days: AsOf | None = None

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        competence, structure = (found.get(name) or today() for name in ("competence", "structure"))
        for name, day in (("competence", competence), ("structure", structure)):
            if day > today():
                self.add_error(name, _("This day has not come yet."))
        if structure < competence and "admin" not in roles_of(self.user):
            # Whoever moved to another unit since would be shown to the officers of the one they left.
            self.add_error("structure", _("Choose the day of competence or a later one."))
        if not self.errors:
            try:
                self.days = as_of(competence, structure)
            except DayNotKept as error:
                self.add_error("competence", _not_kept(error.args[0]))
        return found


@dataclass(frozen=True)
class Reach:
    """How far an account may look into a unit.

    sees_people: those behind the figures; nobody else sees other days, for two days together may tell of one person.
    only_then: the unit has ended or left the account's scope, so nothing of today may be shown.
    """

    sees_people: bool
    only_then: bool


@dataclass(frozen=True)
class Asked:
    """The report that is shown, the form that it was asked with, and how another unit's report is read alike."""

    report: GapReport
    form: DaysForm
    read: Callable[[Unit], GapReport]

    @property
    def query(self) -> str:
        """What an address needs for the same days; empty for today."""
        days = self.report.days
        return urlencode({name: f"{day}" for name, day in days._asdict().items()}) if days else ""


def asked_report(request: HttpRequest, user: User, unit: Unit, reach: Reach, group: PositionGroup | None) -> Asked:
    """Return the report as of the days of the query, or today's where these cannot be shown; the form then says why.

    Raises Http404 where nothing may be shown.
    """
    asked = reach.sees_people and any(request.GET.get(name) for name in DaysForm.base_fields)
    form = DaysForm(request.GET if asked else None, user=user)
    if asked and form.is_valid() and form.days:
        read = partial(gap_report, days=form.days)
        try:
            return Asked(read(unit), form, read)
        except UnitNotInForce:
            form.add_error("structure", _("This unit was not there on that day."))
        except TooManyPeople:
            form.add_error("structure", _("Too many people changed units between these days. Choose days closer by."))
    if reach.only_then:
        raise Http404
    if group and not reach.sees_people:
        raise Http404
    read = partial(gap_report, position_group=group, published=not reach.sees_people)
    return Asked(read(unit), form, read)


def days_page(view: Callable[[HttpRequest, User, Unit, Reach], HttpResponse]) -> Callable[..., HttpResponse]:
    """As `unit_page`, but a unit that is not in the account's scope today is found by a day on which it was.

    Such a page changes no content, so what it shows of that may be remembered from requests before.
    """

    @hr_page
    @wraps(view)
    def guarded(request: HttpRequest, user: User, code: str) -> HttpResponse:
        with reading_content(content_version):
            return view(request, user, *find_reached(request, user, code))

    return guarded


def find_reached(request: HttpRequest, user: User, code: str) -> tuple[Unit, Reach]:
    """Return the unit of the code with the account's reach into it; Http404 where it has none."""
    is_there = False
    for day in dict.fromkeys((today(), _structure_day(request))) if "\0" not in code else ():
        unit = find_unit(code, day)
        if unit is not None and ((sees_people := can_see_people(user, unit, day)) or can_see_unit(user, unit, day)):
            return unit, Reach(sees_people, day != today())
        is_there = is_there or unit is not None
    raise refuse(request, f"unit {code}") if is_there else Http404


def _structure_day(request: HttpRequest) -> date:
    """Return the day of the structure that the query asks for, today unless it is an earlier one."""
    try:
        return min(date.fromisoformat(request.GET.get("structure", "")), today())
    except ValueError:
        return today()


def _not_kept(first: date | None) -> str:
    if first is None:
        return _("No figures of the past are kept yet. The first are kept when this month ends.")
    return _("No figures are kept of this day. The earliest are of %(day)s.") % {
        "day": date_format(first, "SHORT_DATE_FORMAT")
    }
