"""What a new item is to be: its type, competency and level."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from assessments.items.registry import ITEM_TYPES
from competencies.models import LEVELS
from frontend.author.wording import KIND_HINTS
from frontend.choices import offer
from frontend.learn.wording import KIND_NAMES


class NewItemForm(forms.Form):
    """The first step of making an item; read from the address, so that it can be kept or sent on."""

    use_required_attribute = False

    kind = forms.ChoiceField(label=_("Type of question"), widget=forms.RadioSelect)
    competency = forms.ChoiceField(label=_("Competency"))
    level = forms.TypedChoiceField(
        label=_("Author's level"),
        help_text=_("The level of a person who would answer rightly about half the time."),
        coerce=int,
        choices=[("", _("Choose…")), *((level, level) for level in range(1, LEVELS + 1))],
    )

    def __init__(self, *args: Any, competencies: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(kind, f"{capfirst(str(KIND_NAMES[kind]))}. {KIND_HINTS[kind]}") for kind in ITEM_TYPES]
        offer(self, "kind", kinds)
        choices = [("", _("Choose…")), *competencies]
        offer(self, "competency", choices)
