"""Form fields that take whatever comes: what is right is judged by the item type itself, for all fields at once."""

from typing import Any

from django import forms


class Loose(forms.Field):
    """Shows a value in a widget and hands back what was posted, unjudged."""

    def clean(self, value: Any) -> Any:
        """Return the value as it is."""
        return value


class LooseChoice(forms.ChoiceField):
    """One of a few words; a value that is none of them is judged later."""

    def clean(self, value: Any) -> Any:
        """Return the value as it is."""
        return value


class LoosePicks(forms.MultipleChoiceField):
    """Some of a few words."""

    def clean(self, value: Any) -> Any:
        """Return the values as they are."""
        return value


def text_area(label: Any, locale: str, rows: int, *, required: bool, hint: Any = "") -> Loose:
    """Return a field for a longer text in a language."""
    attrs = {"rows": rows, "lang": locale, "spellcheck": "true"}
    return Loose(label=label, required=required, help_text=hint, widget=forms.Textarea(attrs=attrs))
