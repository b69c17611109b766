"""The forms of a reorganisation: what it says of itself, and one form for each kind of step."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from frontend.days import within_calendar
from organisation.api import (
    Create,
    Dissolve,
    Merge,
    Move,
    NamedUnits,
    NewUnit,
    Rename,
    Split,
    Step,
)
from organisation.models import Reorganisation, Unit, UnitVersion

_UNIT_HINT = gettext_lazy("The unit's code, or its full name with or without diacritics.")
_FOLLOW = (
    ("main", gettext_lazy("Everybody to the main unit")),
    ("list", gettext_lazy("By a list of employees")),
    ("position", gettext_lazy("By position")),
    ("evenly", gettext_lazy("Evenly, in the order of employee codes")),
)


class ReorganisationForm(forms.Form):
    """Number, title, day and note of a decision, and the unit that it stays in."""

    number = forms.CharField(label=gettext_lazy("Number of the decision"), max_length=60)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=300)
    in_force = forms.DateField(
        label=gettext_lazy("In force from"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[within_calendar],
    )
    scope = forms.ModelChoiceField(
        Unit.objects.none(),
        label=gettext_lazy("Stays inside"),
        help_text=gettext_lazy("Only what lies below this unit can be changed."),
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, scopes: list[UnitVersion] | None, **kwargs: Any) -> None:
        """scopes: the units to choose from; None for an administrator, whose reorganisations may reach everywhere."""
        super().__init__(*args, **kwargs)
        if scopes is None:
            del self.fields["scope"]
            return
        field: Any = self.fields["scope"]
        field.queryset = Unit.objects.filter(pk__in=[each.unit_id for each in scopes])
        field.choices = [(each.unit_id, each.name) for each in scopes]


class StepForm(forms.Form):
    """One step. Units are typed as people write them; `step` is there once the form is valid.

    make: of each kind's form, the step that its cleaned fields say.
    """

    kind = ""
    step: Step
    make: Callable[[dict[str, Any]], Step]

    def __init__(
        self, *args: Any, reorganisation: Reorganisation, named: NamedUnits, takes_lists: bool, **kwargs: Any
    ) -> None:
        """takes_lists: lists of employees may be given, by who may see people."""
        super().__init__(*args, **kwargs)
        self.takes_lists = takes_lists
        self.reorganisation = reorganisation
        self.named = named

    def find(self, text: str) -> str:
        """Return the code of the one unit that the text means."""
        found = self.named.find(text)
        if not found:
            raise forms.ValidationError(_("There is no unit “%(text)s”.") % {"text": text})
        if len(found) > 1:
            codes = ", ".join(found[:10])
            raise forms.ValidationError(
                _("Several units are called “%(text)s”: give the code. They are %(codes)s.")
                % {"text": text, "codes": codes}
            )
        return found[0]

    def clean_unit(self) -> str:
        return self.find(self.cleaned_data["unit"])

    def clean_parent(self) -> str:
        return self.find(self.cleaned_data["parent"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            self.step = self.make(data)
        return data

    def lines(self, name: str) -> list[str]:
        return [line.strip() for line in self.cleaned_data.get(name, "").splitlines() if line.strip()]


def _unit(label: Any, hint: Any = _UNIT_HINT) -> forms.CharField:
    return forms.CharField(label=label, help_text=hint, max_length=300)


def _names(*, required: bool = True) -> tuple[forms.CharField, forms.CharField]:
    return (
        forms.CharField(label=gettext_lazy("Vietnamese name"), max_length=300, required=required),
        forms.CharField(
            label=gettext_lazy("English name"),
            max_length=300,
            required=False,
            help_text=gettext_lazy("Made from the Vietnamese name when left empty."),
        ),
    )


def _lines(label: Any, hint: Any, *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=hint, required=required, widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"})
    )


class CreateForm(StepForm):
    kind = "create"
    code = forms.RegexField(r"^[A-Za-z0-9.\-]{1,40}\Z", label=gettext_lazy("Code of the new unit"), max_length=40)
    name_vi, name_en = _names()
    unit_kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=UnitVersion.Kind.choices)
    parent = _unit(gettext_lazy("Under"))

    def make(self, data: dict[str, Any]) -> Step:
        return Create(NewUnit(data["code"], data["name_vi"], data["unit_kind"], data["parent"], data["name_en"]))


class RenameForm(StepForm):
    kind = "rename"
    unit = _unit(gettext_lazy("Unit"))
    name_vi, name_en = _names()
    unit_kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        required=False,
        choices=[("", gettext_lazy("As before")), *UnitVersion.Kind.choices],
    )

    def make(self, data: dict[str, Any]) -> Step:
        return Rename(data["unit"], data["name_vi"], data["name_en"], data["unit_kind"])


class MoveForm(StepForm):
    kind = "move"
    unit = _unit(gettext_lazy("Unit"))
    parent = _unit(gettext_lazy("Under"))

    def make(self, data: dict[str, Any]) -> Step:
        return Move(data["unit"], data["parent"])


class DissolveForm(StepForm):
    kind = "dissolve"
    unit = _unit(gettext_lazy("Unit"))
    people_to = _unit(gettext_lazy("Its people go to"))

    def clean_people_to(self) -> str:
        return self.find(self.cleaned_data["people_to"])

    def make(self, data: dict[str, Any]) -> Step:
        return Dissolve(data["unit"], data["people_to"])


class MergeForm(StepForm):
    kind = "merge"
    sources = _lines(gettext_lazy("Units to merge"), gettext_lazy("One to a line: code or full name."))
    into = _unit(
        gettext_lazy("Into"),
        gettext_lazy("A unit that is there, by code or name; or the code of a new one, with its name below."),
    )
    name_vi, name_en = _names(required=False)

    def clean_sources(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.find(line) for line in self.lines("sources")))

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if "into" in data and not data.get("name_vi"):
            try:
                data["into"] = self.find(data["into"])
            except forms.ValidationError as error:
                self.add_error("into", error)
        sources = data.get("sources", ())
        if not self.errors and len({*sources, data["into"]}) < 2:
            self.add_error("sources", _("At least two units are needed."))
        return super().clean()

    def make(self, data: dict[str, Any]) -> Step:
        sources, into = data["sources"], data["into"]
        if not data["name_vi"]:
            return Merge(sources, into)
        first = sources[0]
        new = NewUnit(
            into, data["name_vi"], self.named.kinds.get(first, ""), self.named.parent_of(first), data["name_en"]
        )
        return Merge(sources, into, new)


class SplitForm(StepForm):
    kind = "split"
    unit = _unit(gettext_lazy("Unit"))
    parts = _lines(
        gettext_lazy("Units it is split into"),
        gettext_lazy(
            "One to a line, the main one first: a unit that is there by code or name (the unit itself when it goes on),"
            " or a new one as “code; name”."
        ),
    )
    follow = forms.ChoiceField(label=gettext_lazy("Who goes where"), choices=_FOLLOW)
    assign = _lines(
        gettext_lazy("List"),
        gettext_lazy(
            "One to a line: “employee code; unit” or “position code; unit”. Who is not listed goes to the main unit."
        ),
        required=False,
    )

    def clean_parts(self) -> list[tuple[str, str]]:
        """Return (code, name) of each part; the name is empty for a unit that is there."""
        found = []
        for line in self.lines("parts"):
            code, _sign, name = (each.strip() for each in line.partition(";"))
            found.append((code, name) if name else (self.find(line), ""))
        if len(found) < 2:
            raise forms.ValidationError(_("At least two units are needed."))
        return found

    def clean_follow(self) -> str:
        follow: str = self.cleaned_data["follow"]
        if follow == "list" and not self.takes_lists:
            raise forms.ValidationError(_("Lists of employees are for those who may see people. Choose another rule."))
        return follow

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if not self.errors and data["follow"] in ("list", "position"):
            codes = {code.lower(): code for code, _name in data["parts"]}
            assigned: dict[str, str] = {}
            for line in self.lines("assign"):
                key, _sign, unit = (each.strip() for each in line.partition(";"))
                if unit.lower() not in codes:
                    self.add_error("assign", _("“%(line)s” names none of the units it is split into.") % {"line": line})
                    break
                assigned[key] = codes[unit.lower()]
            if not assigned and "assign" not in self.errors:
                self.add_error("assign", _("Enter the list."))
            data["assigned"] = assigned
        return super().clean()

    def make(self, data: dict[str, Any]) -> Step:
        unit, parts = data["unit"], data["parts"]
        kind, parent = self.named.kinds.get(unit, ""), self.named.parent_of(unit)
        return Split(
            unit,
            tuple(code for code, _name in parts),
            parts[0][0],
            tuple(NewUnit(code, name, kind, parent) for code, name in parts if name),
            data["follow"],
            data.get("assigned", {}),
        )


STEP_FORMS: dict[str, Callable[..., StepForm]] = {
    form.kind: form for form in (MergeForm, SplitForm, MoveForm, RenameForm, CreateForm, DissolveForm)
}
