"""What is wrong with a file, and where. Reasons are words of this package; the domain turns them into messages."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong at one place: `row` counts from 1 as a spreadsheet does, the header being row 1.

    `column` is the column's name, or its letter where the name is not known.
    """

    row: int
    column: str
    reason: str
    values: dict[str, str] = field(default_factory=dict)


class FileRefused(Exception):
    """The file cannot be read any further. `foreign` are its columns of unknown names, where they were read."""

    foreign: tuple[str, ...] = ()

    def __init__(self, row: int, column: str, reason: str, **values: object) -> None:
        self.fault = Fault(row, column, reason, {name: excerpt(value) for name, value in values.items()})
        super().__init__(f"row {row}, column {column}: {reason} {self.fault.values or ''}".rstrip())


class CellRefused(Exception):
    """A cell does not hold what its column wants; reading goes on, to find what else is wrong."""

    def __init__(self, reason: str, **values: object) -> None:
        self.reason = reason
        self.values = {name: excerpt(value) for name, value in values.items()}
        super().__init__(reason)


def excerpt(value: object, length: int = 100) -> str:
    """Return the value as a short text for a message."""
    text = str(value)
    return text if len(text) <= length else text[: length - 1] + "…"


def column_letter(index: int) -> str:
    """Return a spreadsheet's letter of a column counted from 0: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """Return the column of a spreadsheet's letters, counted from 0: A is 0, AA is 26."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1
