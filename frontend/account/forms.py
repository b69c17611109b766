"""Forms of the profile page."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from organisation.models import User

MOST_TOKENS = 10


class LanguageForm(forms.Form):
    """The language of pages and mail."""

    language = forms.ChoiceField(
        label=_("Language of pages and mail"),
        choices=[(code, name) for code, name in User._meta.get_field("language").choices or []],
        widget=forms.RadioSelect,
    )


class TokenForm(forms.Form):
    """A new access token: what it is for, and for how long."""

    name = forms.CharField(
        label=_("What is the token for?"),
        help_text=_("For instance the name of the program that will use it."),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    days = forms.TypedChoiceField(
        label=_("Valid for"),
        coerce=int,
        choices=[(7, _("7 days")), (30, _("30 days")), (90, _("90 days")), (365, _("365 days"))],
        initial=90,
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean(self) -> dict[str, Any]:
        if self.user.access_tokens.count() >= MOST_TOKENS:
            raise forms.ValidationError(
                _("You have %(count)d tokens already. Revoke one that you no longer need first."),
                params={"count": MOST_TOKENS},
            )
        return self.cleaned_data
