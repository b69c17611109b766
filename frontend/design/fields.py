"""What the field and error summary components need to know of a Django form."""

from dataclasses import dataclass
from typing import Any

from django.forms import BaseForm, BoundField
from django.forms import widgets as w
from django.utils.safestring import SafeString

GROUP_WIDGETS = (w.RadioSelect, w.CheckboxSelectMultiple)


@dataclass(frozen=True, slots=True)
class ErrorLink:
    """One error and the id of the control that it is about; an empty id when it is about the whole form."""

    text: str
    target: str


def kind_of(bound: BoundField) -> str:
    """Return which shape the field takes: "hidden", "group", "check", "file" or "control"."""
    widget = bound.field.widget
    if bound.is_hidden:
        return "hidden"
    if isinstance(widget, GROUP_WIDGETS):
        return "group"
    if isinstance(widget, w.CheckboxInput):
        return "check"
    if isinstance(widget, w.FileInput):
        return "file"
    return "control"


def render_control(bound: BoundField, kind: str, hint: str, extra_class: str = "") -> SafeString:
    """Return the widget's HTML with our class and, in order, its hint's and its errors' ids as its description.

    A placeholder is dropped: it vanishes as soon as one types. Say the same in the hint.
    """
    attrs: dict[str, Any] = {"placeholder": False} if "placeholder" in bound.field.widget.attrs else {}
    if kind == "control":
        base = "form-select" if isinstance(bound.field.widget, w.Select) else "form-control"
        own = bound.field.widget.attrs.get("class", "")
        attrs["class"] = " ".join(filter(None, [base, own, extra_class]))
    described = describe_ids(bound, hint)
    if described:
        attrs["aria-describedby"] = described
    return bound.as_widget(attrs=attrs)


def describe_ids(bound: BoundField, hint: str) -> str:
    """Return the ids of the hint and the errors of a field, space-joined."""
    ids = [f"{bound.auto_id}-hint"] if hint else []
    if bound.errors:
        ids.append(f"{bound.auto_id}-error")
    return " ".join(ids)


def collect_errors(form: BaseForm) -> list[ErrorLink]:
    """Return every error of a bound form in the order of its fields, those of the whole form first."""
    links = [ErrorLink(str(text), "") for text in form.non_field_errors()]
    for bound in form:
        target = f"{bound.auto_id}_0" if kind_of(bound) == "group" else str(bound.auto_id)
        links += [ErrorLink(str(text), "" if bound.is_hidden else target) for text in bound.errors]
    return links
