"""What a training plan is asked: places, hours and cost of courses, limits, and how much position groups matter."""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.api import Asked, Named, Offer, PlannableCourse

MOST_SEATS = 100_000
MOST_HOURS = 2_000
MOST_MONEY = 10**13


def _number(label: Any, most: float, *, least: float = 0, required: bool = False, hint: Any = "") -> forms.FloatField:
    return forms.FloatField(
        label=label,
        min_value=least,
        max_value=most,
        required=required,
        help_text=hint,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "any"}),
    )


def _whole(label: Any, most: int, *, hint: Any = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=0,
        max_value=most,
        required=False,
        help_text=hint,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )


class PlanForm(forms.Form):
    """Three fields for each course; one without places is not planned. `asked` is there once the form is valid."""

    hours = _number(gettext_lazy("Working hours in all"), 10**9, hint=gettext_lazy("Empty: no limit."))
    budget = _whole(gettext_lazy("Budget in all (VND)"), MOST_MONEY, hint=gettext_lazy("Empty: no limit."))

    def __init__(
        self,
        *args: Any,
        courses: Sequence[PlannableCourse],
        groups: Sequence[Named],
        asked: Asked | None = None,
        **kwargs: Any,
    ) -> None:
        """courses: those to choose from. groups: position groups of the unit. asked: what the fields begin with."""
        super().__init__(*args, **kwargs)
        self.courses = [each for each in courses if each.effects]
        self.groups = groups
        for each in self.courses:
            code = each.course.code
            offer = asked.courses.get(code) if asked else None
            self.fields[f"seats-{code}"] = _whole(
                _("Number of places"), MOST_SEATS, hint=_("Empty: the course is not planned.")
            )
            self.fields[f"hours-{code}"] = _number(_("Working hours per person"), MOST_HOURS)
            self.fields[f"cost-{code}"] = _whole(_("Cost per person (VND)"), MOST_MONEY)
            self.initial[f"seats-{code}"] = offer.seats if offer else None
            self.initial[f"hours-{code}"] = offer.hours if offer else each.hours
            self.initial[f"cost-{code}"] = offer.cost if offer else each.course.cost
        for group in groups:
            self.fields[f"weight-{group.code}"] = _number(group.name, 100, required=True)
            self.initial[f"weight-{group.code}"] = (asked.weights if asked else {}).get(group.code, 1)
        if asked:
            self.initial["hours"], self.initial["budget"] = asked.hours, asked.budget
        self.asked: Asked

    def of_courses(self) -> Iterator[tuple[PlannableCourse, list[BoundField]]]:
        """Yield each course with its fields."""
        for each in self.courses:
            yield each, [self[f"{name}-{each.course.code}"] for name in ("seats", "hours", "cost")]

    def of_groups(self) -> list[BoundField]:
        """Return the fields of the position groups' weights."""
        return [self[f"weight-{group.code}"] for group in self.groups]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        offers = {
            code: Offer(seats, data[f"hours-{code}"] or 0.0, data[f"cost-{code}"] or 0)
            for code in (each.course.code for each in self.courses)
            if (seats := data[f"seats-{code}"])
        }
        if not offers:
            self.add_error(
                f"seats-{self.courses[0].course.code}" if self.courses else None,
                _("Give at least one course a number of places."),
            )
        weights = {group.code: data[f"weight-{group.code}"] for group in self.groups}
        if weights and not any(weights.values()):
            self.add_error(f"weight-{self.groups[0].code}", _("At least one position group must count."))
        self.asked = Asked(offers, data["hours"], data["budget"], weights)
        return data
