"""The form of a text that is compared with accepted wordings."""

from django.utils.translation import gettext_lazy as _

from frontend.author.forms.nodes import Choice, Lines, Node, WholeChoice

CASE = [("any", _("capitals do not matter")), ("exact", _("capitals matter"))]
DIACRITICS = [("exact", _("diacritics matter")), ("any", _("diacritics do not matter"))]


def accepted_parts() -> tuple[Node, ...]:
    """Return the parts of a text that is compared with accepted wordings."""
    one_a_line = _("One wording a line. Any of them is right, in whichever language.")
    near = _("One a line: wrong although near to a right one.")
    return (
        Lines(name="accepted", label=_("Right answers"), hint=one_a_line),
        Lines(name="rejected", label=_("Wrong answers"), hint=near, rows=2, optional=True),
        Choice(name="case", label=_("Capitals"), choices=CASE, start="any"),
        Choice(name="diacritics", label=_("Diacritics"), choices=DIACRITICS, start="exact"),
        WholeChoice(
            name="edits",
            label=_("Slips of the keyboard that are forgiven"),
            choices=[("0", "0"), ("1", "1"), ("2", "2")],
        ),
    )
