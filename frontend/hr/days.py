"""The two days of a report: competence as of one, structure as of the other."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial, wraps
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy

from courses.api import content_version
from frontend.hr.access import hr_page, refuse
from organisation.api import reading_content, today
from organisation.models import PositionGroup, Unit, User
from reports.api import (
    AsOf,
    DaysRefused,
    GapReport,
    NoSuchUnit,
    OutOfReach,
    Reach,
    ask_days,
    gap_report,
    reach_unit,
    report_of_days,
)


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
        if not self.errors:
            try:
                self.days = ask_days(self.user, competence, structure)
            except DaysRefused as error:
                self.refuse(error)
        return found

    def refuse(self, error: DaysRefused) -> None:
        """Say why the days cannot be shown."""
        for name, reason in error.reasons.items():
            self.add_error(name, reason)


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
        try:
            return Asked(report_of_days(unit, form.days), form, partial(gap_report, days=form.days))
        except DaysRefused as error:
            form.refuse(error)
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
    try:
        return reach_unit(user, code, _structure_day(request))
    except OutOfReach as error:
        raise refuse(request, f"unit {code}") from error
    except NoSuchUnit as error:
        raise Http404 from error


def _structure_day(request: HttpRequest) -> date:
    """Return the day of the structure that the query asks for, today where it asks for none."""
    try:
        return date.fromisoformat(request.GET.get("structure", ""))
    except ValueError:
        return today()
