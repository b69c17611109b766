"""What can be wrong with a file that is imported."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ImportProblem:
    """One fault and where it is.

    `row` is counted as a spreadsheet counts (the header is row 1; in YAML, the entry's number from 1); `column` is the
    column's name or, in YAML, the path inside the entry. `reason` is a key of `competencies.domain.problems.REASONS`
    and `value` what it speaks about.
    """

    file: str
    reason: str
    row: int | None = None
    column: str = ""
    value: str = ""
