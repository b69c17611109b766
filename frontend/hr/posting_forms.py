"""The forms of one person's postings: move, add, end, correct. Last days are the last on which a posting holds."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from frontend.days import within_calendar
from organisation.api import NamedUnits, add_posting, correct_posting, find_unit, move_home, stop_posting, today
from organisation.models import Person, Position, Posting, Unit


def _day(label: Any, *, hint: Any = "", required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=hint,
        required=required,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[within_calendar],
    )


class _ChangeForm(forms.Form):
    """What all changes share: whose, of which posting, why. `done`: the past participle of the audit trail."""

    title: Any
    done: str

    def __init__(self, person: Person, posting: Posting | None, *args: Any, **kwargs: Any) -> None:
        """posting: the one that is to change, None for a new one."""
        super().__init__(*args, **kwargs)
        self.person, self.posting = person, posting
        self.fields["reason"] = forms.CharField(
            label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
        )

    @property
    def day(self) -> date:
        """The first day that the change is about."""
        day: date = self.cleaned_data["first_day"]
        return day

    @property
    def end(self) -> date | None:
        """The first day without the posting, None while it lasts."""
        last: date | None = self.cleaned_data.get("last_day")
        return last + timedelta(days=1) if last else None

    def units(self) -> list[Unit]:
        """Return the units whose postings change; the officer answers for each of them."""
        chosen = [self.cleaned_data["unit"]] if "unit" in self.cleaned_data else []
        return [*chosen, *([self.posting.unit] if self.posting else [])]


class _PlaceForm(_ChangeForm):
    """A change that names a unit and a position."""

    unit = forms.CharField(
        label=gettext_lazy("Unit"),
        help_text=gettext_lazy("The unit's code, or its full name with or without diacritics."),
        max_length=300,
    )
    position = forms.ModelChoiceField(Position.objects.none(), label=gettext_lazy("Position"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["position"]
        field.queryset = Position.objects.select_related("group").order_by("group__order", "code")
        field.label_from_instance = lambda position: position.name

    def clean_unit(self) -> Unit:
        text = self.cleaned_data["unit"].replace("\0", "")
        if self.posting and text.strip().lower() == self.posting.unit.code.lower():
            return self.posting.unit  # one that has ended can stay where it is
        found = NamedUnits(today()).find(text)
        unit = find_unit(found[0]) if len(found) == 1 else None
        if unit is None and found:
            raise forms.ValidationError(
                _("Several units are called “%(text)s”: give the code. They are %(codes)s.")
                % {"text": text, "codes": ", ".join(found[:10])}
            )
        if unit is None:
            raise forms.ValidationError(_("There is no unit “%(text)s”.") % {"text": text})
        return unit


class MoveForm(_PlaceForm):
    title, done = gettext_lazy("Move to another unit or position"), "posting_moved"
    first_day = _day(gettext_lazy("From"), hint=gettext_lazy("The first day in the new post."))

    def apply(self) -> None:
        move_home(self.person, self.cleaned_data["unit"], self.cleaned_data["position"], day=self.day)


class AddForm(_PlaceForm):
    title, done = gettext_lazy("Add a secondary posting or a secondment"), "posting_added"
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind of posting"),
        choices=[(kind.value, kind.label) for kind in (Posting.Kind.SECONDARY, Posting.Kind.SECONDMENT)],
    )
    first_day = _day(gettext_lazy("From"))
    last_day = _day(
        gettext_lazy("Last day"),
        hint=gettext_lazy("A secondment needs one. Empty for a secondary posting: until it is ended."),
        required=False,
    )
    field_order = ("kind", "unit", "position", "first_day", "last_day")

    def apply(self) -> None:
        given = self.cleaned_data
        add_posting(self.person, given["unit"], given["position"], kind=given["kind"], first=self.day, end=self.end)


class EndForm(_ChangeForm):
    title, done = gettext_lazy("End the posting"), "posting_ended"
    last_day = _day(gettext_lazy("Last day"), hint=gettext_lazy("The last day on which the posting holds."))

    @property
    def day(self) -> date:
        return self.end or today()

    def apply(self) -> None:
        if self.posting:
            stop_posting(self.posting, self.day)


class CorrectForm(_PlaceForm):
    title, done = gettext_lazy("Correct a mistake"), "posting_corrected"
    first_day = _day(gettext_lazy("From"))
    last_day = _day(gettext_lazy("Last day"), hint=gettext_lazy("Empty: until it is ended."), required=False)

    def apply(self) -> None:
        given = self.cleaned_data
        if self.posting:
            correct_posting(self.posting, given["unit"], given["position"], first=self.day, end=self.end)


ChangeForm = MoveForm | AddForm | EndForm | CorrectForm  # each has `apply`, which writes it or raises ValidationError
FORMS: dict[str, type[ChangeForm]] = {"move": MoveForm, "add": AddForm, "end": EndForm, "correct": CorrectForm}
