"""Draws the view a person gets: the present screen and what may be done now, and nothing else of the simulation.

The view is built up from what is shown; nothing is filtered out of a larger whole. So guards, effects, evidence,
other screens, unopened texts and variables without a pane cannot be in it.
"""

from typing import Any

from .expressions import ExpressionError
from .machine import legal_actions, scene_of
from .model import Action, Simulation, State
from .panes import PANES, Scene
from .parameters import PARAMETERS
from .problems import SimulationFault


def render(simulation: Simulation, state: State, locale: str) -> dict[str, Any]:
    """The view of `state` in `locale` (`vi` or `en`) as plain JSON values; its shape is in the format's reference."""
    scene = scene_of(state, locale)
    screen = simulation.screens[state.screen]
    try:
        panes = [
            {
                "id": pane.id,
                "type": pane.type,
                "title": scene.say(pane.title) if pane.title else None,
                **PANES[pane.type].render(pane.content, scene),
            }
            for pane in screen.panes
            if scene.shows(pane.when)
        ]
    except ExpressionError as error:
        raise SimulationFault(f"screens.{state.screen}.panes", str(error)) from None
    shown = {pane["id"] for pane in panes}
    last = simulation.actions[state.log[-1].action] if state.log else None
    return {
        "simulation": simulation.code,
        "digest": simulation.digest,
        "locale": locale,
        "title": scene.say(simulation.title),
        "screen": {"id": screen.name, "title": scene.say(screen.title)},
        "clock": _clock(simulation, state),
        "step": len(state.log),
        "actions_left": 0 if state.finished else simulation.limits.max_actions - len(state.log),
        "ended": state.ended,
        "notice": scene.say(last.notice) if last and last.notice else None,
        "panes": panes,
        "actions": [
            _action_view(simulation.actions[name], state, scene, shown) for name in legal_actions(simulation, state)
        ],
    }


def _clock(simulation: Simulation, state: State) -> str | None:
    if simulation.clock_start is None:
        return None
    minutes = (simulation.clock_start + state.clock) % (24 * 60)
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _action_view(action: Action, state: State, scene: Scene, shown: set[str]) -> dict[str, Any]:
    return {
        "id": action.name,
        "label": scene.say(action.label),
        "role": action.role,
        "here": action.role == "navigate" and any(effect.leads_to(state.screen) for effect in action.effects),
        "pane": action.pane if action.pane in shown else None,
        "confirm": scene.say(action.confirm) if action.confirm else None,
        "parameters": [
            {
                "id": parameter.name,
                "type": parameter.type,
                "label": scene.say(parameter.label),
                **PARAMETERS[parameter.type].form(parameter.content, scene),
            }
            for parameter in action.parameters
        ],
    }
