"""What a loaded simulation is made of, and one sitting's state in it. Values only; nothing here acts."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from .expressions import Expression
from .selectors import Entry
from .variables import Values, Variable
from .wording import LocaleText

ROLES = ("navigate", "act", "submit")


@dataclass(frozen=True, slots=True)
class Pane:
    id: str
    type: str
    title: LocaleText | None
    when: Expression | None
    content: Any


@dataclass(frozen=True, slots=True)
class Screen:
    """A screen of panes; reaching a final one ends the simulation and gives it its outcome."""

    name: str
    title: LocaleText
    panes: tuple[Pane, ...]
    final: bool


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    type: str
    label: LocaleText
    content: Any


@dataclass(frozen=True, slots=True)
class Effect:
    """`kind` is set, edit, reset or goto; `target` a variable or a screen; `value` a set's expression."""

    kind: str
    target: str
    path: str
    value: Expression | None = None
    parameter: str = ""
    when: Expression | None = None

    def leads_to(self, screen: str) -> bool:
        return self.kind == "goto" and self.target == screen and self.when is None


@dataclass(frozen=True, slots=True)
class Action:
    """Something a person may do on some screens while its guard holds; `takes` is in simulated minutes."""

    name: str
    label: LocaleText
    screens: frozenset[str]
    pane: str | None
    role: str
    guard: Expression | None
    parameters: tuple[Parameter, ...]
    effects: tuple[Effect, ...]
    takes: int
    notice: LocaleText | None
    confirm: LocaleText | None


@dataclass(frozen=True, slots=True)
class Rule:
    """Evidence about one competency: the score is the highest level whose condition holds, else 0."""

    id: str
    competency: str
    levels: tuple[Expression, ...]
    met: LocaleText
    missed: LocaleText


def maximum_scores(rules: Sequence[Rule]) -> dict[str, int]:
    """The maximum of each competency's score: the levels of all its rules together."""
    maxima: dict[str, int] = {}
    for rule in rules:
        maxima[rule.competency] = maxima.get(rule.competency, 0) + len(rule.levels)
    return maxima


@dataclass(frozen=True, slots=True)
class Measurement:
    """Suggested GPCM parameters of one competency's summed score: slope and one step per score level."""

    a: float
    steps: tuple[float, ...]
    provisional: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """`minutes` is the real time for one sitting; whoever delivers the simulation enforces it."""

    max_actions: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Persona:
    """An author's test: a scripted or random way through, the scores it must get and where it must end."""

    name: str
    kind: str
    seed: int
    trace: tuple[Entry, ...]
    expect: Mapping[str, tuple[int, int]]
    outcome: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Simulation:
    """A valid simulation.

    `digest` is the SHA-256 of its content, whatever its layout and comments; `competencies` gives the maximum
    score of each competency it yields evidence about.
    """

    digest: str
    code: str
    title: LocaleText
    summary: LocaleText
    variables: Mapping[str, Variable]
    clock_start: int | None
    screens: Mapping[str, Screen]
    first_screen: str
    actions: Mapping[str, Action]
    rules: tuple[Rule, ...]
    competencies: Mapping[str, int]
    measurement: Mapping[str, Measurement]
    limits: Limits
    personas: Mapping[str, Persona]


@dataclass(frozen=True, slots=True)
class State:
    """Where one sitting stands. `clock` counts simulated minutes; `ended` is screen, limit or None."""

    seed: int
    screen: str
    values: Values
    clock: int = 0
    log: tuple[Entry, ...] = field(default=())
    ended: str | None = None

    @property
    def finished(self) -> bool:
        return self.ended is not None

    @property
    def outcome(self) -> str:
        """The final screen reached, or nothing."""
        return self.screen if self.ended == "screen" else ""

    def log_data(self) -> list[dict[str, Any]]:
        """The log as JSON values, fit for storing and for `replay`."""
        return [{"action": entry.action, "params": deepcopy(dict(entry.params))} for entry in self.log]

    def names(self) -> dict[str, Any]:
        """What expressions see of this state."""
        return {**self.values, "clock": self.clock, "outcome": self.outcome}
