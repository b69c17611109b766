"""A sitting of a simulation is its log of accepted actions; its state and scores follow from the log alone."""

from collections import OrderedDict
from functools import lru_cache
from threading import Lock
from typing import Any
from uuid import UUID

from assessments.models import Attempt, ItemVersion, Presentation, Response
from assessments.simulations import Simulation, State, apply_action, load_simulation, replay, score
from competencies.api import ObservableScore
from competencies.models import Competency

STATES_KEPT = 512


@lru_cache(maxsize=64)
def playable_simulation(version_pk: int) -> Simulation:
    """Return a version of a simulation, read from the database once per process, for it never changes."""
    version = ItemVersion.objects.exclude(status=ItemVersion.Status.DRAFT).get(pk=version_pk, item__kind="simulation")
    return load_simulation(version.content["yaml"])


def presentation_of(attempt: Attempt) -> Presentation:
    """The one presentation of a simulation attempt."""
    return Presentation.objects.get(attempt=attempt, position=1)


class StateCache:
    """Latest states by attempt, so that an action costs one step and not the whole log again.

    A state is taken from here only for the very log it came of, which is known by the ids of its responses.
    """

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._states: OrderedDict[UUID, tuple[tuple[int, ...], State]] = OrderedDict()
        self._lock = Lock()

    def get(self, attempt_pk: UUID, log: tuple[int, ...]) -> tuple[int, State] | None:
        """How many entries of the log the state kept has taken in, and that state; None when it is of no use."""
        with self._lock:
            held = self._states.get(attempt_pk)
        if held is None or log[: len(held[0])] != held[0]:
            return None
        return len(held[0]), held[1]

    def put(self, attempt_pk: UUID, log: tuple[int, ...], state: State) -> None:
        with self._lock:
            self._states[attempt_pk] = (log, state)
            self._states.move_to_end(attempt_pk)
            while len(self._states) > self._kept:
                self._states.popitem(last=False)


states = StateCache(STATES_KEPT)


def current_state(attempt: Attempt, simulation: Simulation) -> State:
    """Return the state that the attempt's accepted actions lead to. One query."""
    rows = list(
        Response.objects.filter(attempt=attempt, status=Response.Status.ACCEPTED)
        .order_by("sequence")
        .values_list("id", "value")
    )
    log = tuple(pk for pk, _ in rows)
    held = states.get(attempt.pk, log)
    if held is None:
        state = replay(simulation, attempt.seed, [value for _, value in rows])
    else:
        taken, state = held
        for _, value in rows[taken:]:
            state = apply_action(simulation, state, value["action"], value["params"])
    states.put(attempt.pk, log, state)
    return state


def simulation_scores(attempt: Attempt) -> list[ObservableScore]:
    """Score a simulation from its log, replayed from the start: one observable for each competency."""
    presentation = presentation_of(attempt)
    simulation = playable_simulation(presentation.version_id)
    log = Response.objects.filter(attempt=attempt, status=Response.Status.ACCEPTED).order_by("sequence")
    values: list[Any] = list(log.values_list("value", flat=True))
    if not values:
        return []
    parameters: dict[str, Any] = presentation.parameters
    pk_of = dict(Competency.objects.filter(pk__in=[int(pk) for pk in parameters]).values_list("code", "pk"))
    observables = []
    for found in score(simulation, values, attempt.seed):
        pk = pk_of[found.competency]
        observables.append(ObservableScore(pk, simulation.code, found.score, found.maximum, parameters[str(pk)]))
    return observables
