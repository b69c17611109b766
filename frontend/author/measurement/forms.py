"""Forms of the measurement pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assessments.domain.simulation_study import MOST_PEOPLE
from assessments.models import CalibrationRun, StandardPanel
from frontend.author.measurement.words.health import health_choices
from frontend.choices import offer

MAX_BYTES = 1024 * 1024


class CalibrationForm(forms.Form):
    """Which competency (empty: all of them), by which model, on which scale."""

    competency = forms.ChoiceField(label=_("Competency"), required=False)
    model = forms.ChoiceField(
        label=_("What is estimated"),
        choices=CalibrationRun.Model.choices,
        initial=CalibrationRun.Model.TWO_PARAMETER,
        widget=forms.RadioSelect,
    )
    linking = forms.ChoiceField(
        label=_("Scale"),
        choices=CalibrationRun.Linking.choices,
        initial=CalibrationRun.Linking.ANCHORED,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, competencies: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("all competencies that have items")), *competencies]
        offer(self, "competency", choices)


class HealthFilterForm(forms.Form):
    """What the overview of items is narrowed to; what does not fit narrows nothing."""

    competency = forms.ChoiceField(label=_("Competency"), required=False)
    flag = forms.ChoiceField(label=_("Flag"), required=False)

    def __init__(self, *args: Any, competencies: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "competency", [("", _("all")), *competencies])
        flags = [("", _("all")), ("any", _("any flag")), *health_choices()]
        offer(self, "flag", flags)


class PanelForm(forms.Form):
    """A new panel. Its items are chosen once the competency is."""

    name = forms.CharField(label=_("Name of the panel"), max_length=200)
    method = forms.ChoiceField(
        label=_("Method"),
        choices=StandardPanel.Method.choices,
        initial=StandardPanel.Method.ANGOFF,
        widget=forms.RadioSelect,
    )
    judges = forms.CharField(
        label=_("Judges"),
        help_text=_("One name in each line."),
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    items = forms.MultipleChoiceField(label=_("Items that the panel judges"), widget=forms.CheckboxSelectMultiple)
    note = forms.CharField(label=_("Note"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, items: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "items", items)


class RoundForm(forms.Form):
    """A round's ratings: a pasted table, or a CSV file in its place."""

    round = forms.TypedChoiceField(
        label=_("Round"), coerce=int, choices=[(1, _("Round 1")), (2, _("Round 2"))], widget=forms.RadioSelect
    )
    table = forms.CharField(
        label=_("Table"),
        help_text=_("Paste it from the spreadsheet, with the first row that names the columns."),
        required=False,
        strip=False,
        max_length=MAX_BYTES,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
    )
    file = forms.FileField(label=_("Or a CSV file"), required=False)

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = self.cleaned_data
        upload = found.get("file")
        if upload is not None:
            if upload.size > MAX_BYTES:
                self.add_error("file", _("The file is larger than 1 MB."))
            else:
                try:
                    found["table"] = upload.read().decode("utf-8-sig")
                except UnicodeDecodeError:
                    self.add_error("file", _("The file is not UTF-8 text."))
        elif not (found.get("table") or "").strip():
            self.add_error("table", _("Paste a table or choose a file."))
        return found


class StudyForm(forms.Form):
    """A trial on simulated people. The position is asked for where the assessment measures by post."""

    people = forms.IntegerField(label=_("Simulated people"), min_value=50, max_value=MOST_PEOPLE, initial=500)
    correlation = forms.FloatField(
        label=_("Correlation between competencies"),
        help_text=_("From 0 to 0.95. About 0.6 is usual for competencies of one framework."),
        min_value=0.0,
        max_value=0.95,
        initial=0.6,
        localize=True,
    )
    position = forms.ChoiceField(label=_("Position whose requirements hold"), required=False)

    def __init__(self, *args: Any, positions: list[tuple[str, str]] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if positions is None:
            del self.fields["position"]
        else:
            offer(self, "position", positions)
            self.fields["position"].required = True
