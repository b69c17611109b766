"""The state machine: where a sitting starts, what is legal, and what an action does. Pure and deterministic."""

from collections.abc import Iterable, Mapping
from typing import Any

from .expressions import ExpressionError
from .model import Action, Effect, Simulation, State
from .panes import Scene
from .parameters import PARAMETERS, ParameterError
from .problems import IllegalAction, SimulationFault
from .selectors import Entry


def start(simulation: Simulation, seed: int) -> State:
    """The state in which every sitting with this seed begins."""
    values = {name: variable.initial for name, variable in simulation.variables.items()}
    return State(seed=seed, screen=simulation.first_screen, values=values)


def scene_of(state: State, locale: str = "vi") -> Scene:
    """What drawing and parameters may depend on in this state."""
    return Scene(state.names(), state.seed, locale)


def legal_actions(simulation: Simulation, state: State) -> tuple[str, ...]:
    """The names of the actions that may be done now, in the author's order; none once finished."""
    if state.finished:
        return ()
    scene = scene_of(state)
    return tuple(name for name, action in simulation.actions.items() if _is_legal(action, state, scene))


def _is_legal(action: Action, state: State, scene: Scene) -> bool:
    if state.screen not in action.screens:
        return False
    try:
        return scene.shows(action.guard) and all(
            PARAMETERS[parameter.type].examples(parameter.content, scene) for parameter in action.parameters
        )
    except ExpressionError as error:
        raise SimulationFault(f"actions.{action.name}.guard", str(error)) from None


def apply_action(simulation: Simulation, state: State, action: str, params: Mapping[str, Any]) -> State:
    """The state after `action` with `params`.

    Raises IllegalAction when it may not be done now or a parameter does not fit, and SimulationFault when an
    effect of the document fails; in both cases `state` stands as it was.
    """
    if state.finished:
        raise IllegalAction("finished", "the simulation has ended")
    found = simulation.actions.get(action) if isinstance(action, str) else None
    scene = scene_of(state)
    if found is None or not _is_legal(found, state, scene):
        raise IllegalAction("not_legal_now", f"{str(action)[:60]!r} cannot be done now")
    given = _accept(found, params, scene)
    clock = state.clock + found.takes
    screen, values = _run_effects(simulation, found, state, given, clock)
    log = (*state.log, Entry(found.name, given))
    ended = "screen" if simulation.screens[screen].final else None
    if ended is None and len(log) >= simulation.limits.max_actions:
        ended = "limit"
    return State(state.seed, screen, values, clock, log, ended)


def _accept(action: Action, params: Mapping[str, Any], scene: Scene) -> dict[str, Any]:
    if not isinstance(params, Mapping) or set(params) != {parameter.name for parameter in action.parameters}:
        wanted = ", ".join(parameter.name for parameter in action.parameters) or "no parameters"
        raise IllegalAction("parameter", f"{action.name} takes {wanted}")
    given = {}
    for parameter in action.parameters:
        try:
            given[parameter.name] = PARAMETERS[parameter.type].accept(parameter.content, params[parameter.name], scene)
        except ParameterError as error:
            raise IllegalAction("parameter", f"{action.name}.{parameter.name}: {error}") from None
    return given


def _run_effects(
    simulation: Simulation, action: Action, state: State, given: Mapping[str, Any], clock: int
) -> tuple[str, dict[str, Any]]:
    """The screen and values after the effects, run in order, each seeing what the ones before it did."""
    screen, values = state.screen, dict(state.values)
    for effect in action.effects:
        names = {**values, "clock": clock, "params": given}
        try:
            if effect.when is not None and not effect.when.holds(names):
                continue
            if effect.kind == "goto":
                screen = effect.target
            else:
                values[effect.target] = _new_value(simulation, effect, values, names, given)
        except (ExpressionError, ValueError) as error:
            raise SimulationFault(effect.path, str(error)) from None
    return screen, values


def _new_value(
    simulation: Simulation,
    effect: Effect,
    values: Mapping[str, Any],
    names: Mapping[str, Any],
    given: Mapping[str, Any],
) -> Any:
    variable = simulation.variables[effect.target]
    if effect.kind == "reset":
        return variable.initial
    if effect.kind == "edit":
        edit = given[effect.parameter]
        return {**values[effect.target], edit["segment"]: edit["change"]}
    if effect.value is None:
        raise ValueError("a set effect without an expression")
    return variable.accept(effect.value.evaluate(names))


def replay(simulation: Simulation, seed: int, log: Iterable[Mapping[str, Any]]) -> State:
    """The state that `log`, a list of `{"action": name, "params": {...}}`, leads to from the start.

    Raises IllegalAction at the first entry that this simulation would not have allowed.
    """
    state = start(simulation, seed)
    for entry in log:
        if not isinstance(entry, Mapping) or "action" not in entry:
            raise IllegalAction("parameter", "a log entry has an action and params")
        state = apply_action(simulation, state, entry["action"], entry.get("params", {}))
    return state
