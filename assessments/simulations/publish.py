"""Whether a valid simulation is fit to be given to people."""

import itertools
import re
from collections.abc import Iterable

from .explore import explore
from .machine import apply_action, start
from .model import Persona, Simulation, State
from .panes import PANES
from .parameters import PARAMETERS
from .personas import PersonaResult, run_personas
from .problems import IllegalAction, Problem, SimulationFault
from .scoring import score

MAX_ABLATIONS = 2_000

_TELLING = re.compile(
    r"(?:^|_)(right|wrong|correct|incorrect|good|bad|trap|fake|true|false|answer|dung|sai|bay)(?:_|$)"
)


def check_publishable(simulation: Simulation) -> list[Problem]:
    """Everything that forbids publishing; an empty list means fit.

    Refused: a persona that fails or is lacking, a score level no play reaches, a score for doing nothing, a
    state with no way out, a screen or action no play meets, an expression that fails on the way, a pane or
    parameter without a keyboard form, an identifier that would tell the person the answer. Takes seconds.
    """
    results = run_personas(simulation)
    problems = [problem for result in results for problem in result.problems]
    problems += _check_cast(simulation, results)
    problems += _check_keyboard(simulation)
    problems += _check_identifiers(simulation)
    if any(result.problems for result in results):
        return problems
    found = explore(simulation)
    problems += found.faults.values()
    for state in found.dead_ends[:5]:
        steps = " > ".join(entry.action for entry in state.log) or "the start"
        problems.append(Problem(f"screens.{state.screen}", f"no way out after {steps}"))
    plays = [
        *(result.state for result in results),
        *itertools.islice(_ablations(simulation), MAX_ABLATIONS),
        *found.endings,
    ]
    problems += _check_scores(simulation, plays)
    screens = found.screens | {result.state.screen for result in results}
    actions = found.actions | {entry.action for result in results for entry in result.state.log}
    problems += [
        Problem(f"screens.{name}", "no play reaches this screen") for name in simulation.screens if name not in screens
    ]
    problems += [
        Problem(f"actions.{name}", "no play can do this") for name in simulation.actions if name not in actions
    ]
    return problems


def _check_cast(simulation: Simulation, results: list[PersonaResult]) -> list[Problem]:
    """At least one scripted persona with full marks, one scripted below them everywhere, and one random."""
    scripted = [result for result in results if result.kind == "scripted"]
    wanted = {
        "a scripted persona that gets full marks": any(
            all(found.score == found.maximum for found in result.scores) for result in scripted
        ),
        "a scripted persona that stays below full marks in every competency": any(
            all(found.score < found.maximum for found in result.scores) for result in scripted
        ),
        "a random persona": any(result.kind == "random" for result in results),
    }
    return [Problem("personas", f"{what} is needed") for what, there in wanted.items() if not there]


def _check_keyboard(simulation: Simulation) -> list[Problem]:
    problems = []
    for screen in simulation.screens.values():
        for place, pane in enumerate(screen.panes):
            if not PANES[pane.type].keyboard():
                message = f"pane type {pane.type!r} has no keyboard form"
                problems.append(Problem(f"screens.{screen.name}.panes[{place}]", message))
    for action in simulation.actions.values():
        for parameter in action.parameters:
            if not PARAMETERS[parameter.type].keyboard():
                message = f"parameter type {parameter.type!r} has no keyboard form"
                problems.append(Problem(f"actions.{action.name}.parameters.{parameter.name}", message))
    return problems


def _check_identifiers(simulation: Simulation) -> list[Problem]:
    """Identifiers that reach the page must not say which choice is the good one."""
    names = {f"screens.{name}": name for name in simulation.screens}
    for action in simulation.actions.values():
        path = f"actions.{action.name}"
        names[path] = action.name
        for parameter in action.parameters:
            names[f"{path}.parameters.{parameter.name}"] = parameter.name
            kind = PARAMETERS[parameter.type]
            for inside in ("", "segment", "change"):
                for value in kind.known(parameter.content, inside) or ():
                    names[f"{path}.parameters.{parameter.name}: {value}"] = value
    return [
        Problem(path, f"the identifier {name!r} is sent to the page and tells the answer; use a neutral one")
        for path, name in names.items()
        if _TELLING.search(name)
    ]


def _ablations(simulation: Simulation) -> Iterable[State]:
    """Every scripted play with one step left out, and whatever is no longer legal skipped."""
    for persona in simulation.personas.values():
        if persona.kind == "scripted":
            for left_out in range(len(persona.trace)):
                state = _play_without(simulation, persona, left_out)
                if state.finished:
                    yield state


def _play_without(simulation: Simulation, persona: Persona, left_out: int) -> State:
    state = start(simulation, persona.seed)
    for place, entry in enumerate(persona.trace):
        if place != left_out and not state.finished:
            try:
                state = apply_action(simulation, state, entry.action, entry.params)
            except (IllegalAction, SimulationFault):
                continue
    return state


def _check_scores(simulation: Simulation, plays: list[State]) -> list[Problem]:
    problems = []
    reached: dict[str, set[int]] = {code: set() for code in simulation.competencies}
    try:
        for state in plays:
            for found in score(simulation, state):
                reached[found.competency].add(found.score)
        for found in score(simulation, start(simulation, 0)):
            if found.score:
                problems.append(Problem("evidence", f"doing nothing scores {found.score} in {found.competency}"))
    except SimulationFault as fault:
        return [Problem(fault.path, fault.message)]
    for code, maximum in simulation.competencies.items():
        for level in range(maximum + 1):
            if level not in reached[code]:
                message = f"no play reaches {level} of {maximum}; correct the rules or add a persona that does"
                problems.append(Problem(f"evidence: {code}", message))
    return problems
