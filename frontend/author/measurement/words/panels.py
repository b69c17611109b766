"""Panels and their ratings in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.domain.panel_ratings import RatingProblem

_RATING_FAULTS: dict[str, Promise] = {
    "no_rows": gettext_lazy("the table is empty"),
    "too_many_rows": gettext_lazy("there are more than %(value)s rows"),
    "header": gettext_lazy("the first row must name the columns as in the template, ending with 2 to 8"),
    "cells": gettext_lazy("the row has %(value)s cells, which is not the number of columns"),
    "unknown_judge": gettext_lazy("“%(value)s” is not a judge of this panel"),
    "unknown_item": gettext_lazy("“%(value)s” is not an item of this panel"),
    "not_a_number": gettext_lazy("“%(value)s” is not a number"),
    "out_of_range": gettext_lazy("%(value)s is out of range"),
    "not_whole": gettext_lazy("%(value)s is not a whole page number"),
    "falls": gettext_lazy("%(value)s is lower than for the level before"),
    "not_above": gettext_lazy("page %(value)s is not after the page for the level before"),
    "repeated": gettext_lazy("the same judgement stands in row %(value)s already"),
    "missing": gettext_lazy("no row for %(value)s"),
    "levels_alike": gettext_lazy("%(value)s: the ratings of these two levels are the same over all items"),
}

_REFUSALS: dict[str, Promise] = {
    "judges": gettext_lazy("A panel needs at least two judges, each named once."),
    "items": gettext_lazy("Choose more items, each with parameters: at least five for Angoff, seven for bookmarks."),
    "parameters": gettext_lazy("The parameters of %(detail)s cannot be used."),
    "guessing": gettext_lazy("Blind guessing masters item %(detail)s, so a bookmark cannot be set on it."),
    "not_open": gettext_lazy("This panel has ended."),
    "round": gettext_lazy("Round %(detail)s is not entered yet."),
    "cuts": gettext_lazy("The panel's cut scores do not increase from level to level, so they cannot be published."),
}


def describe_rating_problem(problem: RatingProblem) -> str:
    """Return a fault of a table of ratings with its row and column in front."""
    words = str(_RATING_FAULTS[problem.reason]) % {"value": problem.value}
    if problem.row and problem.column:
        return _("Row %(row)d, column %(column)d: %(fault)s.") % {
            "row": problem.row,
            "column": problem.column,
            "fault": words,
        }
    if problem.row:
        return _("Row %(row)d: %(fault)s.") % {"row": problem.row, "fault": words}
    return _("The table: %(fault)s.") % {"fault": words}


def describe_refusal(reason: str, detail: str = "") -> str:
    """Return why something cannot be done with a panel."""
    return str(_REFUSALS[reason]) % {"detail": detail}
