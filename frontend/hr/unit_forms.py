"""A unit as an administrator types it."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organisation.api import NamedUnits, find_unit, today
from organisation.models import Unit


class UnitForm(forms.Form):
    """One unit in force today, by its code or name."""

    unit = forms.CharField(
        label=gettext_lazy("Unit"),
        help_text=gettext_lazy("The unit's code, or its full name with or without diacritics."),
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_unit(self) -> Unit:
        text = self.cleaned_data["unit"]
        codes = NamedUnits(today()).find(text)
        if len(codes) > 1:
            raise forms.ValidationError(
                _("Several units are called “%(text)s”: give the code. They are %(codes)s.")
                % {"text": text, "codes": ", ".join(codes[:10])}
            )
        unit = find_unit(codes[0]) if codes else None
        if unit is None:
            raise forms.ValidationError(_("There is no unit “%(text)s”.") % {"text": text})
        return unit
