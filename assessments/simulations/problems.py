"""What can be wrong with a simulation, or with what somebody tries to do in one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in a simulation document: where it is and what is wrong, in words for its author."""

    path: str
    message: str
    line: int | None = None

    def __str__(self) -> str:
        where = ", ".join(part for part in (f"line {self.line}" if self.line else "", self.path) if part)
        return f"{where}: {self.message}" if where else self.message


class SimulationError(ValueError):
    """A document that is not a simulation; `problems` lists everything found, in document order."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in problems))


class IllegalAction(ValueError):
    """An action refused in the present state.

    `reason` is one of `finished`, `not_legal_now` (unknown actions too, so that refusals do not reveal
    what exists) and `parameter`; `detail` says more, for logs and tests.
    """

    def __init__(self, reason: str, detail: str) -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {detail}")


class SimulationFault(RuntimeError):
    """An expression of a loaded simulation failed while it was played; `path` says which."""

    def __init__(self, path: str, message: str) -> None:
        self.path = path
        self.message = message
        super().__init__(f"{path}: {message}")
