"""Forms of what is granted to single people, and of supervision."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assessments.domain.delivery_rules import RulesRefused
from assessments.domain.invigilation import invigilation_of, parse_config_key, parse_network
from assessments.models import Assessment
from frontend.author.assessing.forms import lines_field, moment, numbered_lines
from organisation.models import Person


class AccommodationForm(forms.Form):
    """What one person is granted. `person`: found by the staff code, once the form is valid."""

    employee_code = forms.CharField(label=_("Staff code"), max_length=40)
    extra_percent = forms.IntegerField(
        label=_("More time (%)"),
        help_text=_("25 gives a quarter more of every time, also of what the closing date leaves of a sitting."),
        min_value=0,
        max_value=300,
        initial=0,
    )
    larger_text = forms.BooleanField(label=_("Larger text"), required=False)
    opens_at = moment(_("Opens for this person"), _("Leave it empty for the assessment's own date."))
    closes_at = moment(
        _("Closes for this person"),
        _("Their sitting ends then, whatever more time they have. Leave it empty for the assessment's own date."),
    )
    reason = forms.CharField(
        label=_("Why it is granted"),
        help_text=_("It stays on record with your name. Write no diagnosis; name the decision or the paper."),
        max_length=500,
    )

    def clean_employee_code(self) -> Person:
        code: str = self.cleaned_data["employee_code"].strip()
        person = Person.objects.filter(employee_code=code).first()
        if person is None:
            raise forms.ValidationError(gettext("There is nobody with this staff code."))
        return person


class InvigilationForm(forms.Form):
    """What is asked in the exam room; networks and keys one a line, errors by line."""

    supervised = forms.BooleanField(label=_("This assessment is supervised"), required=False)
    access_code = forms.CharField(
        label=_("Access code"),
        help_text=_("Read it out in the room. Capital and small letters are the same. Empty: no code is asked."),
        max_length=40,
        required=False,
    )
    networks = lines_field(
        _("Networks of the room"), _("One in each line, such as 10.1.20.0/24 or one address. Empty: everywhere.")
    )
    config_keys = lines_field(
        _("Configuration keys of Safe Exam Browser"),
        _("One in each line: 64 characters, from the Safe Exam Browser Config Tool. Empty: any browser."),
    )
    one_device = forms.BooleanField(
        label=_("One device at a time"),
        help_text=_("Going on on another device ends the sitting on the first, and is recorded."),
        required=False,
    )

    def __init__(self, data: Any = None, *, assessment: Assessment) -> None:
        room = invigilation_of(assessment)
        super().__init__(
            data,
            initial={
                "supervised": room is not None,
                "access_code": room.access_code if room else "",
                "networks": "\n".join(room.networks) if room else "",
                "config_keys": "\n".join(room.config_keys) if room else "",
                "one_device": room.one_device if room else True,
            },
        )

    def clean_networks(self) -> list[str]:
        words = gettext("Line %(number)d: “%(text)s” is no network in CIDR notation.")
        return self._checked("networks", parse_network, words)

    def clean_config_keys(self) -> list[str]:
        words = gettext("Line %(number)d: “%(text)s” is no key of 64 hexadecimal digits.")
        return self._checked("config_keys", parse_config_key, words)

    def _checked(self, name: str, parse: Callable[[str], Any], words: str) -> list[str]:
        found = []
        for number, line in numbered_lines(self.cleaned_data[name]):
            try:
                found.append(str(parse(line)))
            except RulesRefused:
                self.add_error(name, words % {"number": number, "text": line})
        return found
