"""What can be wrong with an item's content, or with an answer to it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ContentProblem:
    """One fault of a content: its path (`options[2].why.en`), a reason (a short fixed word), and what it speaks of."""

    path: str
    reason: str
    value: str = ""


class ContentError(ValueError):
    """A content that is not an item of its type; `problems` lists everything found."""

    def __init__(self, problems: Sequence[ContentProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{each.path}: {each.reason} {each.value}".rstrip() for each in problems))


class ResponseError(ValueError):
    """An answer that does not fit its item. field: path inside the value, such as `choice`. reason: a fixed word."""

    def __init__(self, field: str, reason: str) -> None:
        self.field = field
        self.reason = reason
        super().__init__(f"{field}: {reason}")


class UnknownItemType(LookupError):
    """No module of the registry is called so."""
