"""What is wrong with a content, in the author's language."""

from collections.abc import Callable

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.items.problems import ContentProblem
from frontend.learn.faults import FILE_REASONS, REASONS

_PLAIN: dict[str, Promise] = {
    "empty": gettext_lazy("write something here"),
    "missing": gettext_lazy("write something here"),
    "control_character": gettext_lazy("a character that cannot be printed"),
    "repeated": gettext_lazy("says the same as another one"),
    "one_correct_option": gettext_lazy("Mark exactly one option as the right answer."),
    "some_correct_options": gettext_lazy("Mark at least two options as right, and leave at least one that is not."),
    "some_correct_regions": gettext_lazy("Mark at least one place as right, and leave at least one that is not."),
    "not_true_or_false": gettext_lazy("choose true or false"),
    "not_one_of": gettext_lazy("choose one"),
    "bad_name": gettext_lazy("a name has small Latin letters, digits and _ and begins with a letter"),
    "not_a_number": gettext_lazy("write a number, such as 1250 or 12,5"),
    "ambiguous_number": gettext_lazy(
        "this number can be read in two ways; write 1234 without a mark, or all decimals as in 1,2340"
    ),
    "not_whole": gettext_lazy("this is not a whole number"),
    "first_is_one": gettext_lazy("1 for the unit of the answer"),
    "not_above_zero": gettext_lazy("write a number above 0"),
    "least_above_most": gettext_lazy("the least is more than the most"),
    "begins_with_a_digit": gettext_lazy("a unit cannot begin with a digit"),
    "both_accepted_and_rejected": gettext_lazy("the same wording cannot be right and wrong"),
    "no_area": gettext_lazy("this place has no area"),
    "outside_the_image": gettext_lazy("this place lies outside the picture"),
    "not_whole_numbers": gettext_lazy("write whole numbers with commas between"),
    "bad_path": gettext_lazy("choose a file"),
    "no_problem": gettext_lazy("At least one piece needs a problem."),
    "too_few_sound": gettext_lazy("There must be at least as many sound pieces as pieces with a problem."),
    "circular": gettext_lazy("these formulas need one another in a circle"),
    "outside_table": gettext_lazy("the formula speaks of a cell outside the table"),
    "text_in_arithmetic": gettext_lazy("the formula computes with text"),
    "division_by_zero": gettext_lazy("the formula divides by zero, on these figures or on others"),
    "another_size": gettext_lazy("the picture does not have the size of the other one"),
    "another_kind": gettext_lazy("the file is of another kind than the other one"),
    "alternative_missing": gettext_lazy("write the same in words"),
    "file_missing": gettext_lazy("the file is not in this installation; choose it anew"),
}
_WITH_VALUE: dict[str, Callable[[str], str]] = {
    "too_long": lambda value: _("too long; at most %(count)s characters") % {"count": value},
    "wrong_number": lambda value: _("%(range)s are needed here.") % {"range": value.replace("..", "–")},
    "wrong_number_asked": lambda value: (
        _("Between %(range)s cells are to be filled.") % {"range": value.replace("..", "–")}
    ),
    "not_in_range": lambda value: _("a whole number from %(range)s") % {"range": value.replace("..", "–")},
    "too_small": lambda value: _("at least %(least)s") % {"least": value},
    "too_short_for_edits": lambda value: _("too short to forgive slips: at least %(count)s letters") % {"count": value},
    "unknown_gap": lambda value: _("there is no gap called %(name)s below") % {"name": value},
    "gap_not_once": lambda value: _("mark the gap [[%(name)s]] exactly once") % {"name": value},
    "fails_a_check": lambda value: _("the good answer breaks a rule: %(rule)s") % {"rule": value},
}


def describe_problem(problem: ContentProblem) -> str:
    """Return a problem in words; a reason that has none is said to be not fit here."""
    if "upload." in problem.path and problem.reason in FILE_REASONS:
        return str(FILE_REASONS[problem.reason])
    if problem.reason in _WITH_VALUE:
        return _WITH_VALUE[problem.reason](problem.value)
    found = _PLAIN.get(problem.reason) or REASONS.get(problem.reason)
    return str(found) if found else _("this does not fit here (%(reason)s)") % {"reason": problem.reason}
