"""What is wrong with an answer, in the words of the page."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

NOTHING = frozenset({"missing", "nothing_chosen", "nothing_answered", "empty", "incomplete"})
TWO_WAYS = frozenset({"ambiguous_number", "ambiguous_formula"})
"""Reasons after which the page asks how the person writes numbers."""

REASONS: dict[str, Promise] = {
    "not_a_number": gettext_lazy("Write a number, such as 1250 or 12,5."),
    "not_whole": gettext_lazy("Write a whole number."),
    "ambiguous_number": gettext_lazy("This number can be read in two ways. Say below how you write numbers."),
    "ambiguous_formula": gettext_lazy("This formula can be read in two ways. Say below how you write numbers."),
    "unknown_unit": gettext_lazy("This unit is not known here. Write the number alone and choose a unit."),
    "two_units": gettext_lazy("The unit that you wrote is not the one that you chose."),
    "too_long": gettext_lazy("The answer is too long."),
    "too_large": gettext_lazy("The number is too large."),
    "circular": gettext_lazy("These formulas need one another in a circle."),
    "outside_table": gettext_lazy("The formula speaks of a cell outside the table."),
    "too_many_cells": gettext_lazy("The formula speaks of too many cells."),
    "not_a_formula": gettext_lazy("A formula begins with =."),
    "bad_formula": gettext_lazy("This formula cannot be read. Check brackets, signs and the names of cells."),
    "too_deep": gettext_lazy("The formula has too many brackets within brackets."),
    "unknown_function": gettext_lazy("The formula uses a function that is not offered here."),
    "wrong_arguments": gettext_lazy("A function of the formula has too few or too many values."),
    "control_character": gettext_lazy("The answer holds a character that cannot be stored."),
    "choose_one": gettext_lazy("Choose one region only."),
    "no_region": gettext_lazy("There is no region at that place of the picture."),
    "too_many": gettext_lazy("These are more files than are taken."),
}
FILE_REASONS: dict[str, Promise] = {
    "type_not_taken": gettext_lazy("Files of this type are not taken."),
    "too_large": gettext_lazy("The file is too large."),
    "empty": gettext_lazy("The file is empty."),
    "not_its_type": gettext_lazy("What is in the file is not what its name says. Save it anew in a type taken here."),
    "holds_macros": gettext_lazy("The file holds macros. Save it without them."),
    "too_many_parts": gettext_lazy("The file cannot be checked: it has too many parts."),
    "too_many": gettext_lazy("You have handed in too many files."),
    "too_wide": gettext_lazy("The picture is larger than 4000 pixels on a side."),
}


def describe_fault(reason: str, field: str, fallback: str = "") -> str:
    """Return what to say of an answer that was not taken.

    reason, field: as the item type gave them, the field with or without `value.` before it. fallback: what to say of a
    reason that no page knows.
    """
    field = field.removeprefix("value.")
    if field == "unit" and reason == "missing":
        return _("Choose the unit of your number.")
    if field == "reason" and reason == "missing":
        return _("Choose the reason too.")
    if reason in NOTHING and field in ("choice", "choices"):
        return _("Choose an answer first.")
    if reason in NOTHING:
        return _("Answer the question first.")
    said = str(REASONS.get(reason) or fallback or _("The answer does not fit this question."))
    if field.startswith("cells."):
        return _("Cell %(cell)s: %(fault)s") % {"cell": field.removeprefix("cells."), "fault": said}
    return said


def describe_file_fault(reason: str, name: str) -> str:
    """Return what to say of a file that was not taken."""
    said = FILE_REASONS.get(reason) or FILE_REASONS["not_its_type"]
    return _("%(file)s: %(fault)s") % {"file": name, "fault": said}
