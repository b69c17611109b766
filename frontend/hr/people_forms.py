"""Which of a unit's people are asked for."""

from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from competencies.models import Competency
from courses.models import Course, Enrolment
from frontend.hr.wording import AGE_BAND_NAMES
from organisation.models import Person, PositionGroup
from reports.api import PeopleFilter


class ChoiceForm(forms.Form):
    """Some of the people, by what they are. Gender is offered where the installation names its ground in law."""

    group = forms.ModelChoiceField(
        PositionGroup.objects.none(), label=gettext_lazy("Position group"), to_field_name="code", required=False
    )
    age = forms.ChoiceField(label=gettext_lazy("Age"), required=False)
    gender = forms.ChoiceField(label=gettext_lazy("Gender"), required=False)
    finished = forms.ModelChoiceField(
        Course.objects.none(), label=gettext_lazy("Finished the course"), to_field_name="code", required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        anyone = ("", _("Everyone"))
        fields: dict[str, Any] = self.fields
        fields["group"].queryset = PositionGroup.objects.all()
        fields["finished"].queryset = _courses()
        for name in ("group", "finished"):
            fields[name].empty_label = anyone[1]
            fields[name].label_from_instance = lambda each: each.name
        fields["age"].choices = [anyone, *AGE_BAND_NAMES.items()]
        if settings.HR_GENDER_LEGAL_GROUND:
            fields["gender"].choices = [anyone, *((each.value, each.label) for each in Person.Gender if each.value)]
            fields["gender"].help_text = settings.HR_GENDER_LEGAL_GROUND
        else:
            del fields["gender"]

    @property
    def wanted(self) -> PeopleFilter:
        """Who is asked for, of a valid form."""
        return PeopleFilter(**self.cleaned_data)

    @property
    def words(self) -> str:
        """Who is asked for, in words; empty for everyone. Of a valid form."""
        chosen = self.wanted
        genders = {each.value: str(each.label) for each in Person.Gender}
        said = [
            chosen.group.name if chosen.group else "",
            str(AGE_BAND_NAMES[chosen.age]) if chosen.age else "",
            genders[chosen.gender] if chosen.gender else "",
            _("finished “%(course)s”") % {"course": chosen.finished.name} if chosen.finished else "",
        ]
        return ", ".join(filter(None, said))

    @property
    def given(self) -> dict[str, str]:
        """What was given, as an address has it."""
        return {name: value for name in self.fields if (value := self.data.get(name, ""))}


class PeopleForm(ChoiceForm):
    """Who of the unit's people to list, beside one competency."""

    competency = forms.ModelChoiceField(
        Competency.objects.none(), label=gettext_lazy("Competency"), to_field_name="code", empty_label=None
    )
    q = forms.CharField(label=gettext_lazy("Name or code"), max_length=100, required=False)
    field_order = ("competency", "q")

    def __init__(self, competencies: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["competency"].queryset = competencies
        fields["competency"].label_from_instance = lambda each: f"{each.code} {each.name}"

    @property
    def wanted(self) -> PeopleFilter:
        given = {name: value for name, value in self.cleaned_data.items() if name not in ("competency", "q")}
        return PeopleFilter(text=self.cleaned_data["q"], **given)


def _courses() -> Any:
    """Return the courses that somebody may have finished: those open, and those closed again after somebody began."""
    begun = Exists(Enrolment.objects.filter(course=OuterRef("pk")))
    return Course.objects.filter(begun | Q(is_open=True)).order_by("code")
