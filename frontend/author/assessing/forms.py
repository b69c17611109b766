"""Forms of an assessment: its names and rules, its sections and draws, its audience."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assessments.domain.sections import MOST_QUESTIONS
from assessments.models import Assessment, AssessmentSection
from competencies.models import LEVELS, Competency, Domain
from frontend.author.items import competency_choices
from frontend.choices import offer
from frontend.days import within_calendar
from frontend.learn.wording import KIND_NAMES
from organisation.api import NamedUnits, successors_of, today
from organisation.models import Person, Position, Unit

if TYPE_CHECKING:  # the stubs' classes take a model, Django's own do not
    _AssessmentForm = forms.ModelForm[Assessment]
    _SectionForm = forms.ModelForm[AssessmentSection]
else:
    _AssessmentForm = _SectionForm = forms.ModelForm

SPARE_ROWS = 3
MOST_LINES = 5000
DRAW_FIELDS = ("count", "competency", "domain", "kind", "level")


def moment(label: Any, hint: Any = "") -> forms.DateTimeField:
    """A field for a date and time of Vietnam that may stay empty."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, help_text=hint, required=False, widget=widget, validators=[within_calendar])


def lines_field(label: Any, hint: Any) -> forms.CharField:
    """A field of one entry a line."""
    area = forms.Textarea(attrs={"rows": 5, "spellcheck": "false"})
    return forms.CharField(label=label, help_text=hint, required=False, max_length=200_000, widget=area)


def numbered_lines(text: str) -> list[tuple[int, str]]:
    """Return the lines that hold something, each with its number from 1."""
    return [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]


class NewAssessmentForm(forms.Form):
    """A new assessment, closed and empty."""

    mode = forms.ChoiceField(
        label=_("Kind"),
        widget=forms.RadioSelect,
        choices=[
            ("fixed", _("Fixed form: you pick the questions and their order")),
            ("draw", _("Random draw: each sitting draws questions by your rules")),
            ("adaptive", _("Adaptive quiz: each question is chosen by the answers before it")),
        ],
    )
    name_vi = forms.CharField(label=_("Name in Vietnamese"), max_length=300)
    name_en = forms.CharField(label=_("Name in English"), max_length=300)
    code = forms.SlugField(
        label=_("Code"), help_text=_("Part of its address: small letters, digits and hyphens."), max_length=60
    )


class SittingRulesForm(_AssessmentForm):
    """Names, times, attempts and feedback of an assessment."""

    class Meta:
        model = Assessment
        fields = (
            *("name_vi", "name_en", "summary_vi", "summary_en", "minutes", "one_page", "seconds_per_question"),
            *("opens_at", "closes_at", "max_attempts", "wait_hours", "feedback", "certifies"),
        )
        labels = {
            "name_vi": _("Name in Vietnamese"),
            "name_en": _("Name in English"),
            "summary_vi": _("What it is about, in Vietnamese"),
            "summary_en": _("What it is about, in English"),
            "minutes": _("Time for the whole sitting (minutes)"),
            "one_page": _("All questions on one page"),
            "seconds_per_question": _("Time for each question (seconds)"),
            "max_attempts": _("Attempts allowed to each person"),
            "wait_hours": _("Wait from handing in to the next attempt (hours)"),
            "feedback": _("When right answers and reasons are shown"),
            "certifies": _("Who passes gets a certificate"),
        }
        help_texts = {
            "one_page": _(
                "Of a fixed form or a draw. Answers can be changed until handing in. Where questions or sections have "
                "times of their own, right answers follow each question, or files are asked for, they come one by one."
            ),
            "seconds_per_question": _("5 or more. Leave it empty for no limit. 5 seconds of grace are added silently."),
            "max_attempts": _(
                "Leave it empty for no limit. Who was shown right answers cannot take a form again for 180 days, "
                "whatever stands here."
            ),
            "feedback": _(
                "Levels, and whether it is passed, are always shown after handing in. While right answers are not "
                "shown and the person has attempts left, points are not shown either: they would tell which answer is "
                "right."
            ),
            "wait_hours": "",
            "certifies": "",
        }
        widgets = {
            "feedback": forms.RadioSelect,
            "summary_vi": forms.Textarea(attrs={"rows": 3}),
            "summary_en": forms.Textarea(attrs={"rows": 3}),
        }

    minutes = forms.IntegerField(label=_("Time for the whole sitting (minutes)"), min_value=1, max_value=600)
    opens_at = moment(_("Opens"), _("Leave it empty to let people in as soon as it is open."))
    closes_at = moment(
        _("Closes"),
        _(
            "Every sitting ends then at the latest. One with more time granted ends later by its extra part, unless "
            "the person has a closing date of their own."
        ),
    )

    pass_share = forms.FloatField(
        label=_("Passed from this share of points (%)"),
        help_text=_(
            "Of a fixed form or a draw. Another assessment is passed when the required levels of all competencies "
            "it is about are reached with the probability at which its questions stop, by at least three answers each. "
            "A question of several parts counts at most 4 points, of which each part earns its share: 4 of 5 gaps "
            "right earn 3.2 points of 4."
        ),
        min_value=1,
        max_value=100,
        required=False,
        localize=True,
    )

    def clean_pass_share(self) -> float | None:
        share: float | None = self.cleaned_data["pass_share"]
        return None if share is None else share / 100

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pass_share is not None:
            self.initial["pass_share"] = round(100 * self.instance.pass_share, 2)
        for name, low, high in (("seconds_per_question", 5, 3600), ("max_attempts", 1, 100), ("wait_hours", 0, 8760)):
            label, hint = self.fields[name].label, self.fields[name].help_text
            required = name == "wait_hours"
            self.fields[name] = forms.IntegerField(
                label=label, help_text=hint, min_value=low, max_value=high, required=required
            )

    def _post_clean(self) -> None:
        """Nothing: the domain sets the fields and says what cannot be."""


class SectionForm(_SectionForm):
    """Title, instructions and time of a section."""

    class Meta:
        model = AssessmentSection
        fields = ("name_vi", "name_en", "instructions_vi", "instructions_en", "minutes")
        labels = {
            "name_vi": _("Title in Vietnamese"),
            "name_en": _("Title in English"),
            "instructions_vi": _("Instructions in Vietnamese"),
            "instructions_en": _("Instructions in English"),
        }
        widgets = {
            "instructions_vi": forms.Textarea(attrs={"rows": 3}),
            "instructions_en": forms.Textarea(attrs={"rows": 3}),
        }

    minutes = forms.IntegerField(
        label=_("Time for this section (minutes)"),
        help_text=_("Leave it empty when only the time of the whole sitting counts."),
        min_value=1,
        max_value=600,
        required=False,
    )


class DrawsForm(forms.Form):
    """What a section draws, a row for each rule. `draws`: as `set_draws` takes them."""

    use_required_attribute = False

    def __init__(self, data: Any = None, *, section: AssessmentSection) -> None:
        rows = list(section.draws.select_related("competency", "domain").order_by("order"))
        initial: dict[str, Any] = {}
        for at, row in enumerate(rows):
            initial |= {
                f"count_{at}": row.count,
                f"competency_{at}": row.competency.code if row.competency else "",
                f"domain_{at}": row.domain.code if row.domain else "",
                f"kind_{at}": row.kind,
                f"level_{at}": row.level or "",
            }
        super().__init__(data, initial=initial)
        self.rows = len(rows) + SPARE_ROWS
        while data is not None and f"count_{self.rows}" in data and self.rows < MOST_QUESTIONS:
            self.rows += 1
        competencies = competency_choices()
        self._competencies = {
            each.code: each
            for each in Competency.objects.filter(code__in=[code for code, _name in competencies]).order_by("pk")
        }
        domains = Domain.objects.filter(pk__in={each.domain_id for each in self._competencies.values()})
        self._domains = {each.code: each for each in domains.order_by("order")}
        choices: dict[str, Any] = {
            "competency": competencies,
            "domain": [(code, each.name) for code, each in self._domains.items()],
            "kind": [(kind, name) for kind, name in KIND_NAMES.items() if kind != "simulation"],
            "level": [(str(level), str(level)) for level in range(1, LEVELS + 1)],
        }
        labels = {
            "count": _("How many questions"),
            "competency": _("Competency"),
            "domain": _("Domain"),
            "kind": _("Kind"),
            "level": _("Level"),
        }
        for at in range(self.rows):
            for name, label in labels.items():
                field: forms.Field = (
                    forms.IntegerField(min_value=1, max_value=MOST_QUESTIONS, required=False)
                    if name == "count"
                    else forms.ChoiceField(required=False)
                )
                field.label = label
                self.fields[f"{name}_{at}"] = field
                if name != "count":
                    offer(self, f"{name}_{at}", [("", gettext("any")), *choices[name]])

    @property
    def draw_rows(self) -> list[list[BoundField]]:
        for field in self.fields.values():
            field.required = True  # only so that the labels need not say that each is optional
        return [[self[f"{name}_{at}"] for name in DRAW_FIELDS] for at in range(self.rows)]

    def clean(self) -> None:
        for at in range(self.rows):
            count, *narrowing = (self.cleaned_data.get(f"{name}_{at}") for name in DRAW_FIELDS)
            if any(narrowing) and not count and not self.has_error(f"count_{at}"):
                self.add_error(f"count_{at}", gettext("Row %(number)d: say how many questions.") % {"number": at + 1})

    def draws(self) -> list[dict[str, Any]]:
        found = []
        for at in range(self.rows):
            count, competency, domain, kind, level = (self.cleaned_data[f"{name}_{at}"] for name in DRAW_FIELDS)
            if count:
                found.append(
                    {
                        "count": count,
                        "competency": self._competencies.get(competency),
                        "domain": self._domains.get(domain),
                        "kind": kind,
                        "level": int(level) if level else None,
                    }
                )
        return found


class AudienceForm(forms.Form):
    """Whom an assessment is for. `audience`: as `set_audience` takes it."""

    for_everybody = forms.TypedChoiceField(
        label=_("Who may take it"),
        widget=forms.RadioSelect,
        choices=[("yes", _("Everybody with an account")), ("no", _("Only those named below"))],
        coerce=lambda value: value == "yes",
    )
    units = lines_field(
        _("Units, each with all below it"), _("One unit in each line, by code or name. Empty: posts in every unit.")
    )
    positions = forms.MultipleChoiceField(
        label=_("Positions"),
        help_text=_("With units: people who hold one of these positions there. None ticked: every position."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    people = lines_field(
        _("People besides"), _("One person in each line, by staff code; they take it whatever their post.")
    )

    def __init__(self, data: Any = None, *, assessment: Assessment) -> None:
        units = Unit.objects.filter(pk__in=successors_of(assessment.audience_units.values_list("pk", flat=True)))
        initial = {
            "for_everybody": "yes" if assessment.for_everybody else "no",
            "units": "\n".join(units.order_by("code").values_list("code", flat=True)),
            "positions": list(assessment.audience_positions.values_list("code", flat=True)),
            "people": "\n".join(
                assessment.audience_people.order_by("employee_code").values_list("employee_code", flat=True)
            ),
        }
        super().__init__(data, initial=initial)
        positions = Position.objects.select_related("group").order_by("group__order", "code")
        offer(self, "positions", [(each.code, each.name) for each in positions])

    def clean_units(self) -> list[Unit]:
        named = NamedUnits(today())
        codes: dict[str, int] = {}
        for number, line in numbered_lines(self.cleaned_data["units"]):
            found = named.find(line)
            if len(found) != 1:
                words = (
                    gettext("Line %(number)d: several units are called “%(text)s”. Write the code of one: %(codes)s.")
                    if found
                    else gettext("Line %(number)d: there is no unit “%(text)s”.")
                )
                values = {"number": number, "text": line, "codes": ", ".join(found[:8])}
                self.add_error("units", words % values)
            else:
                codes[found[0]] = number
        return list(Unit.objects.filter(code__in=codes))

    def clean_positions(self) -> list[Position]:
        return list(Position.objects.filter(code__in=self.cleaned_data["positions"]))

    def clean_people(self) -> list[Person]:
        lines = numbered_lines(self.cleaned_data["people"])
        if len(lines) > MOST_LINES:
            raise forms.ValidationError(gettext("At most %(most)d people.") % {"most": MOST_LINES})
        found = {
            each.employee_code: each for each in Person.objects.filter(employee_code__in=[line for _n, line in lines])
        }
        for number, line in lines:
            if line not in found:
                words = gettext("Line %(number)d: there is nobody with the staff code “%(text)s”.")
                self.add_error("people", words % {"number": number, "text": line})
        return list(found.values())

    def clean(self) -> None:
        found = self.cleaned_data
        named = any(found.get(name) for name in ("units", "positions", "people"))
        if found.get("for_everybody") is False and not named and not self.errors:
            self.add_error("for_everybody", gettext("Name at least one unit, position or person below."))
