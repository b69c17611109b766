"""Plays an author's personas to the end and compares their scores with what the author expects."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .machine import apply_action, legal_actions, scene_of, start
from .model import Persona, Simulation, State
from .parameters import PARAMETERS
from .problems import IllegalAction, Problem, SimulationFault
from .scoring import ObservableScore, score


@dataclass(frozen=True, slots=True)
class PersonaResult:
    """How one persona fared; `problems` is empty when it did as its author expects."""

    persona: str
    kind: str
    state: State
    scores: tuple[ObservableScore, ...]
    problems: tuple[Problem, ...]

    @property
    def passed(self) -> bool:
        return not self.problems


def run_personas(simulation: Simulation) -> list[PersonaResult]:
    """Play every persona, scripted traces as written and random ones by their seed."""
    return [_run(simulation, persona) for persona in simulation.personas.values()]


def _run(simulation: Simulation, persona: Persona) -> PersonaResult:
    path = f"personas.{persona.name}"
    play = _play_script if persona.kind == "scripted" else _play_at_random
    state, problem = play(simulation, persona)
    problems = [problem] if problem else []
    scores: tuple[ObservableScore, ...] = ()
    try:
        scores = tuple(score(simulation, state))
    except SimulationFault as fault:
        problems.append(Problem(fault.path, fault.message))
    if not problems:
        problems = _compare(path, persona, state, scores)
    return PersonaResult(persona.name, persona.kind, state, scores, tuple(problems))


def _play_script(simulation: Simulation, persona: Persona) -> tuple[State, Problem | None]:
    state = start(simulation, persona.seed)
    for place, entry in enumerate(persona.trace):
        try:
            state = apply_action(simulation, state, entry.action, entry.params)
        except IllegalAction as error:
            return state, Problem(f"personas.{persona.name}.trace[{place}]", str(error))
        except SimulationFault as fault:
            return state, Problem(f"personas.{persona.name}.trace[{place}]", f"{fault.path} failed: {fault.message}")
    if not state.finished:
        return state, Problem(f"personas.{persona.name}.trace", "stops before the simulation has ended")
    return state, None


def _play_at_random(simulation: Simulation, persona: Persona) -> tuple[State, Problem | None]:
    """Any legal action with any of its example values, all equally likely, until the end."""
    dice = random.Random(persona.seed)  # noqa: S311 - a play to be repeated, not a secret
    state = start(simulation, persona.seed)
    while not state.finished:
        try:
            legal = legal_actions(simulation, state)
            if not legal:
                return state, Problem(f"personas.{persona.name}", f"nothing can be done on screen {state.screen!r}")
            action = dice.choice(legal)
            state = apply_action(simulation, state, action, any_params(simulation, state, action, dice))
        except SimulationFault as fault:
            return state, Problem(f"personas.{persona.name}", f"{fault.path} failed: {fault.message}")
    return state, None


def any_params(simulation: Simulation, state: State, action: str, dice: random.Random) -> Mapping[str, Any]:
    """One of the example values for each parameter of a legal action."""
    scene = scene_of(state)
    return {
        parameter.name: dice.choice(PARAMETERS[parameter.type].examples(parameter.content, scene))
        for parameter in simulation.actions[action].parameters
    }


def _compare(path: str, persona: Persona, state: State, scores: tuple[ObservableScore, ...]) -> list[Problem]:
    problems = []
    for observed in scores:
        low, high = persona.expect[observed.competency]
        if not low <= observed.score <= high:
            wanted = str(low) if low == high else f"{low} to {high}"
            message = f"scores {observed.score} of {observed.maximum}; expected {wanted}"
            problems.append(Problem(f"{path}.expect.{observed.competency}", message))
    if persona.outcome is not None and persona.outcome != state.outcome:
        problems.append(
            Problem(f"{path}.outcome", f"ends at {state.outcome or 'the limit'}; expected {persona.outcome}")
        )
    return problems
