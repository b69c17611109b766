"""What a simulation's document holds and how its personas fare, in one language, as rows for tables."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from assessments.simulations import PersonaResult, Simulation, run_personas


@dataclass(frozen=True, slots=True)
class Outline:
    """Rows of a simulation's screens, actions, evidence rules and personas."""

    screens: list[dict[str, Any]]
    actions: list[dict[str, Any]]
    rules: list[dict[str, Any]]
    personas: list[dict[str, Any]]


def outline_of(simulation: Simulation, locale: str) -> Outline:
    """Return the outline in `vi` or `en`. The personas play to the end the first time a document is asked for."""
    return Outline(
        _screens(simulation, locale),
        _actions(simulation, locale),
        _rules(simulation, locale),
        _personas(simulation, locale),
    )


def _screens(simulation: Simulation, locale: str) -> list[dict[str, Any]]:
    return [
        {
            "title": screen.title.at(locale),
            "final": screen.final,
            "panes": list(dict.fromkeys(pane.type for pane in screen.panes)),
        }
        for screen in simulation.screens.values()
    ]


def _actions(simulation: Simulation, locale: str) -> list[dict[str, Any]]:
    return [
        {
            "label": action.label.at(locale),
            "screens": [
                screen.title.at(locale) for name, screen in simulation.screens.items() if name in action.screens
            ],
            "parameters": [parameter.label.at(locale) for parameter in action.parameters],
            "minutes": action.takes,
            "guard": action.guard.source if action.guard else "",
        }
        for action in simulation.actions.values()
    ]


def _rules(simulation: Simulation, locale: str) -> list[dict[str, Any]]:
    return [
        {
            "id": rule.id,
            "competency": rule.competency,
            "levels": [level.source for level in rule.levels],
            "met": rule.met.at(locale),
            "missed": rule.missed.at(locale),
        }
        for rule in simulation.rules
    ]


def _personas(simulation: Simulation, locale: str) -> list[dict[str, Any]]:
    return [
        {
            "result": result,
            "outcome": simulation.screens[result.state.outcome].title.at(locale) if result.state.outcome else "",
            "scores": [(each, simulation.personas[result.persona].expect[each.competency]) for each in result.scores],
        }
        for result in _run_personas(simulation)
    ]


@lru_cache(maxsize=32)
def _run_personas(simulation: Simulation) -> tuple[PersonaResult, ...]:
    return tuple(run_personas(simulation))
