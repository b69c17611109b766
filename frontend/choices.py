"""Choices of a form's field that are known only when the form is made."""

from typing import Any

from django import forms


def offer(form: forms.Form, name: str, choices: Any) -> None:
    """Give a field its choices: pairs of value and label, or groups of them."""
    _choice_field(form, name).choices = choices


def labels_of(form: forms.Form, name: str) -> dict[Any, Any]:
    """Return the labels of a field's choices by value."""
    choices: Any = _choice_field(form, name).choices
    return dict(choices)


def _choice_field(form: forms.Form, name: str) -> forms.ChoiceField:
    field = form.fields[name]
    if not isinstance(field, forms.ChoiceField):
        raise TypeError(f"{name} of {type(form).__name__} offers no choices")
    return field
