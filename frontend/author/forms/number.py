"""The form of a number that is right within a tolerance."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from frontend.author.forms.nodes import Choice, Node, Number, OneOf


def number_parts(label: Any, hint: Any = "") -> tuple[Node, ...]:
    """Return the parts of a number that is right, and how far off is still right."""
    return (
        Number(name="answer", label=label, hint=hint),
        OneOf(
            name="tolerance",
            parts=(
                Choice(
                    name="way",
                    label=_("How far off is still right"),
                    choices=[("absolute", _("in the unit of the answer")), ("percent", _("in percent of the answer"))],
                    start="absolute",
                ),
                Number(name="amount", label=_("At most")),
            ),
        ),
    )
