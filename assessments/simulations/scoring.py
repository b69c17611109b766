"""From a state, or the log that led to it, to one score for each competency.

Several observations in one scene depend on each other, so they are not separate items for measurement: the
rules of one competency are summed into one score, to be modelled by one GPCM item.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .expressions import ExpressionError
from .machine import replay
from .model import Rule, Simulation, State
from .problems import SimulationFault


@dataclass(frozen=True, slots=True)
class ObservableScore:
    """One competency's summed score, 0..maximum."""

    competency: str
    score: int
    maximum: int


@dataclass(frozen=True, slots=True)
class Remark:
    """What one rule found, told to the person after the end."""

    competency: str
    score: int
    maximum: int
    text: str


def score(
    simulation: Simulation, state_or_log: State | Iterable[Mapping[str, Any]], seed: int = 0
) -> list[ObservableScore]:
    """The score of each competency, in the order of the evidence rules.

    A log is replayed first, with `seed`, and may raise IllegalAction. Raises SimulationFault when a rule of
    the document fails.
    """
    state = state_or_log if isinstance(state_or_log, State) else replay(simulation, seed, state_or_log)
    totals = dict.fromkeys(simulation.competencies, 0)
    for rule, reached in _levels(simulation, state):
        totals[rule.competency] += reached
    return [ObservableScore(code, total, simulation.competencies[code]) for code, total in totals.items()]


def debrief(simulation: Simulation, state: State, locale: str) -> list[Remark]:
    """One remark for each rule, for the person to read once the sitting has ended; ValueError before that."""
    if not state.finished:
        raise ValueError("there is no debrief before the end")
    return [
        Remark(
            rule.competency,
            reached,
            len(rule.levels),
            (rule.met if reached == len(rule.levels) else rule.missed).at(locale),
        )
        for rule, reached in _levels(simulation, state)
    ]


def _levels(simulation: Simulation, state: State) -> list[tuple[Rule, int]]:
    """The highest level each rule's conditions reach."""
    names = state.names()
    found = []
    for place, rule in enumerate(simulation.rules):
        reached = 0
        for level, condition in enumerate(rule.levels, start=1):
            try:
                if condition.holds(names, state.log):
                    reached = level
            except ExpressionError as error:
                raise SimulationFault(f"evidence[{place}].levels[{level - 1}]", str(error)) from None
        found.append((rule, reached))
    return found
