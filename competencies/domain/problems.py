"""Words for what is wrong with an imported file."""

from collections.abc import Iterable

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from competencies.importing.problems import ImportProblem

REASONS = {
    "missing_file": _("the file is missing"),
    "too_large": _("the file is larger than %(value)s MB"),
    "too_many_rows": _("there are more than %(value)s rows"),
    "not_utf8": _("the file is not UTF-8 text"),
    "not_csv": _("the file is not valid CSV"),
    "not_yaml": _("the file is not valid YAML"),
    "no_rows": _("the file has no rows"),
    "missing_column": _("the column is missing"),
    "unknown_column": _("the column is unknown or given twice"),
    "wrong_number_of_cells": _("the row should have %(value)s cells"),
    "not_a_mapping": _("named values are expected here"),
    "empty": _("a text is needed"),
    "too_long": _("the text is longer than %(value)s characters"),
    "formula": _("the cell looks like a formula: %(value)s"),
    "control_character": _("the cell holds a control character"),
    "bad_code": _("%(value)s is not a code"),
    "repeated": _("%(value)s is given twice"),
    "inconsistent": _("%(value)s has another name in an earlier row"),
    "not_in_range": _("a whole number %(value)s is expected"),
    "wrong_band": _("this level belongs to band %(value)s"),
    "missing_level": _("level %(value)s is missing"),
    "missing_descriptor": _("the descriptor of (competency, band) %(value)s is missing"),
    "later_profile": _("a role profile from %(value)s on exists already"),
    "unknown_competency": _("competency %(value)s is not in the framework"),
}


def describe_problem(problem: ImportProblem) -> str:
    """Return the problem in the reader's language: file, row, column and what is wrong."""
    where = [problem.file]
    if problem.row is not None:
        where.append(gettext("row %(row)s") % {"row": problem.row})
    if problem.column:
        where.append(gettext("column %(column)s") % {"column": problem.column})
    return f"{', '.join(where)}: {str(REASONS[problem.reason]) % {'value': problem.value}}"


class FileImportError(ValueError):
    """Files that were refused; nothing of them was written. `problems` lists what was found."""

    def __init__(self, problems: Iterable[ImportProblem]) -> None:
        self.problems = list(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(describe_problem(problem) for problem in self.problems)


class FrameworkImportError(FileImportError):
    """The files of a framework were refused."""


class PositionsImportError(FileImportError):
    """The file of positions was refused."""
