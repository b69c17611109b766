"""Explores a simulation's states to find what its author did not mean: dead ends, faults, screens nobody sees.

The states of even a small scenario are too many to visit all (eight segments of four changes are 65,536). The
search is breadth first and expands a state only when it holds a pair of facts not met before, the width-2
novelty test of Lipovetzky and Geffner, "Width and serialization of classical planning problems" (ECAI 2012),
up to MAX_EXPANDED states and MAX_STEPS actions. The limit on actions in a sitting is lifted meanwhile, since it
would end everything.
"""

import itertools
import random
from collections import Counter, deque
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from .machine import apply_action, legal_actions, scene_of, start
from .model import Limits, Simulation, State
from .parameters import PARAMETERS
from .parameters.choice import ChoiceParameter
from .personas import any_params
from .problems import Problem, SimulationFault
from .view import render
from .wording import LOCALES

MAX_EXPANDED = 400
MAX_STEPS = 100_000
MAX_FACTS = 4_000_000
MAX_PAIRED = 200
MAX_NEIGHBOURHOOD = 300
WALKS = 20


@dataclass(slots=True)
class Exploration:
    """What a search met. `dead_ends` are states from which no ending was found; `steps` counts the actions left."""

    endings: list[State] = field(default_factory=list)
    screens: set[str] = field(default_factory=set)
    actions: set[str] = field(default_factory=set)
    dead_ends: list[State] = field(default_factory=list)
    faults: dict[str, Problem] = field(default_factory=dict)
    steps: int = MAX_STEPS

    @property
    def exhausted(self) -> bool:
        return self.steps <= 0


def explore(simulation: Simulation) -> Exploration:
    """Search from the start (seed 0); faults of expressions and of drawing in both languages are kept by path."""
    free = replace(simulation, limits=Limits(10**9, simulation.limits.minutes))
    timed = _clock_matters(free)
    first = start(free, 0)
    found = Exploration(steps=min(MAX_STEPS, MAX_FACTS // (1 + len(list(_facts(first))))))
    queue = deque([first])
    expanded: dict[Hashable, State] = {}
    parents: dict[Hashable, list[Hashable]] = {}
    seen, pairs, ended = {_key(first, timed)}, set(_pairs(first)), []
    while queue and len(expanded) < MAX_EXPANDED and not found.exhausted:
        state = queue.popleft()
        key = _key(state, timed)
        expanded[key] = state
        for action, following in _successors(free, state, found):
            found.actions.add(action)
            next_key = _key(following, timed)
            parents.setdefault(next_key, []).append(key)
            if next_key in seen:
                continue
            seen.add(next_key)
            if following.finished:
                found.screens.add(following.screen)
                found.endings.append(following)
                ended.append(next_key)
                _draw(free, following, found)
                continue
            news = [pair for pair in _pairs(following) if pair not in pairs]
            if news:
                pairs.update(news)
                queue.append(following)
        found.screens.add(state.screen)
        _draw(free, state, found)
    saved = _ancestors(ended, parents)
    found.dead_ends = [
        state for key, state in expanded.items() if key not in saved and not _can_end(free, state, timed, found)
    ]
    return found


def _successors(simulation: Simulation, state: State, found: Exploration) -> Iterator[tuple[str, State]]:
    """Every legal action with every combination of example values, and the state after it."""
    try:
        legal = legal_actions(simulation, state)
    except SimulationFault as fault:
        found.faults[fault.path] = Problem(fault.path, fault.message)
        return
    scene = scene_of(state)
    for name in legal:
        parameters = simulation.actions[name].parameters
        examples = [PARAMETERS[parameter.type].examples(parameter.content, scene) for parameter in parameters]
        for values in itertools.islice(itertools.product(*examples), MAX_NEIGHBOURHOOD):
            if found.exhausted:
                return
            found.steps -= 1
            params = dict(zip((parameter.name for parameter in parameters), values, strict=True))
            try:
                yield name, apply_action(simulation, state, name, params)
            except SimulationFault as fault:
                found.faults[fault.path] = Problem(fault.path, fault.message)


def _draw(simulation: Simulation, state: State, found: Exploration) -> None:
    for locale in LOCALES:
        try:
            render(simulation, state, locale)
        except SimulationFault as fault:
            found.faults[fault.path] = Problem(fault.path, fault.message)


def _ancestors(ended: list[Hashable], parents: dict[Hashable, list[Hashable]]) -> set[Hashable]:
    saved, waiting = set(ended), list(ended)
    while waiting:
        for parent in parents.get(waiting.pop(), ()):
            if parent not in saved:
                saved.add(parent)
                waiting.append(parent)
    return saved


def _can_end(simulation: Simulation, state: State, timed: bool, found: Exploration) -> bool:
    """Whether an ending is near (all states around are tried), or, where there are too many, a random walk ends.

    A state that the search has no steps left for counts as one that can.
    """
    queue, seen = deque([state]), {_key(state, timed)}
    while queue and len(seen) <= MAX_NEIGHBOURHOOD:
        for _, following in _successors(simulation, queue.popleft(), found):
            if following.finished:
                return True
            key = _key(following, timed)
            if key not in seen:
                seen.add(key)
                queue.append(following)
    return found.exhausted or (bool(queue) and any(_walk_ends(simulation, state, seed) for seed in range(WALKS)))


def _walk_ends(simulation: Simulation, state: State, seed: int) -> bool:
    dice = random.Random(seed)  # noqa: S311 - a walk to be repeated, not a secret
    for _ in range(MAX_NEIGHBOURHOOD):
        try:
            legal = legal_actions(simulation, state)
            if not legal:
                return False
            action = dice.choice(legal)
            state = apply_action(simulation, state, action, any_params(simulation, state, action, dice))
        except SimulationFault:
            return False
        if state.finished:
            return True
    return False


def _clock_matters(simulation: Simulation) -> bool:
    """Whether what can be done depends on the clock; if not, states that differ in it alone are the same."""
    for action in simulation.actions.values():
        conditions = [action.guard]
        for effect in action.effects:
            conditions += [effect.when, effect.value]
        for parameter in action.parameters:
            if isinstance(parameter.content, ChoiceParameter):
                conditions += [choice.when for choice in parameter.content.choices]
        if any(condition is not None and "clock" in condition.names for condition in conditions):
            return True
    return False


def _facts(state: State) -> Iterator[tuple[Any, ...]]:
    yield ("", state.screen)
    for name, value in state.values.items():
        if isinstance(value, dict):
            yield from ((name, *pair) for pair in value.items())
        elif isinstance(value, list):
            # A list that grows without end must not make every state new: a member counts up to three times.
            yield from ((name, member, min(times, 3)) for member, times in sorted(Counter(value).items()))
        else:
            yield (name, value)


def _key(state: State, timed: bool) -> Hashable:
    return (tuple(_facts(state)), state.ended, state.clock if timed else None)


def _pairs(state: State) -> list[Hashable]:
    """The pairs of facts of a state; in a world of very many facts the single facts, to stay affordable."""
    facts = list(_facts(state))
    return list(facts) if len(facts) > MAX_PAIRED else list(itertools.combinations(facts, 2))
