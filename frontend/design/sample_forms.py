"""A form with one field of each kind, for the living page."""

from django import forms
from django.utils.translation import gettext_lazy as _


class SampleForm(forms.Form):
    """Never saved; the living page shows it untouched and with errors."""

    name = forms.CharField(label=_("Full name"), help_text=_("As on the appointment decision."))
    post = forms.ChoiceField(
        label=_("Post"),
        choices=[("", "–"), ("desk", _("One-stop desk officer")), ("records", _("Clerk of records"))],
    )
    start = forms.DateField(
        label=_("Start date"),
        help_text=_("For example 15/03/2026."),
        input_formats=["%d/%m/%Y"],
        required=False,
        error_messages={"invalid": _("Enter a real date, as 15/03/2026.")},
    )
    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}), required=False)
    form_of_study = forms.ChoiceField(
        label=_("How do you want to study?"),
        help_text=_("You can change this later."),
        choices=[("alone", _("By myself, online")), ("class", _("In a class of my unit"))],
        widget=forms.RadioSelect,
    )
    days = forms.MultipleChoiceField(
        label=_("Days that suit you"),
        choices=[("mon", _("Monday")), ("wed", _("Wednesday")), ("fri", _("Friday"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    file = forms.FileField(label=_("List of staff"), help_text=_("An XLSX or CSV file."))
    agree = forms.BooleanField(
        label=_("I have read the rules on personal data"),
        error_messages={"required": _("Read the rules and confirm it.")},
    )
