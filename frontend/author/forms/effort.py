"""What a course takes of a person, and what its author claims it does."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from competencies.models import LEVELS
from courses.api import TaughtCompetency
from courses.models import Course

MOST_GAIN = LEVELS - 1


class EffortForm(forms.Form):
    """Hours, cost, and a claim for each competency that the course teaches. `effort` is what was entered."""

    hours = forms.FloatField(
        label=gettext_lazy("Working hours for one person"),
        help_text=gettext_lazy("Empty: as many as its lessons take."),
        required=False,
        min_value=0.1,
        max_value=2000,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "any"}),
    )
    cost = forms.IntegerField(
        label=gettext_lazy("Cost for one person (VND)"),
        min_value=0,
        max_value=2_000_000_000,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, course: Course, taught: Sequence[TaughtCompetency], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.taught = taught
        self.initial = {"hours": course.hours, "cost": course.cost}
        for each in taught:
            name = f"gain-{each.competency.pk}"
            self.fields[name] = forms.FloatField(
                label=f"{each.competency.code} {each.competency.name}",
                help_text=_("Levels that it lifts people by, on average. Empty: nothing is claimed."),
                required=False,
                min_value=0.01,
                max_value=MOST_GAIN,
                widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "any"}),
            )
            self.initial[name] = each.effect.claimed if each.effect else None

    @property
    def effort(self) -> dict[str, Any]:
        """What `describe_effort` takes."""
        data = self.cleaned_data
        claims = {each.competency: data[f"gain-{each.competency.pk}"] for each in self.taught}
        return {"hours": data["hours"], "cost": data["cost"], "claims": claims}
