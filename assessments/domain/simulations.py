"""Playing a simulation: the server owns the state, the person sees views and posts actions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from assessments.domain.refusals import AttemptNotFound, AttemptRefused, ResponseRefused
from assessments.domain.responses import Acknowledgement, check_sequence, saved_before, stored_json
from assessments.domain.simulation_log import current_state, playable_simulation, presentation_of
from assessments.models import Assessment, Attempt, Response
from assessments.simulations import IllegalAction, Remark, apply_action, debrief, render


def simulation_view(attempt: Attempt, locale: str) -> dict[str, Any]:
    """Return what the person sees now in `vi` or `en`, and `sequence`, what the next action is to be counted as.

    Never guards, evidence or screens not yet reached. Raises AttemptRefused: not_a_simulation.
    """
    if attempt.assessment.mode != Assessment.Mode.SIMULATION:
        raise AttemptRefused("not_a_simulation")
    simulation = playable_simulation(presentation_of(attempt).version_id)
    view = render(simulation, current_state(attempt, simulation), locale)
    return {**view, "sequence": _last_sequence(attempt) + 1}


def act(
    attempt_id: UUID,
    person_id: int,
    *,
    key: UUID,
    sequence: int,
    action: str,
    params: dict[str, Any],
    now: datetime | None = None,
) -> Acknowledgement:
    """Do an action. It is stored before it is acknowledged; one that is not legal now is refused and not stored.

    key, sequence: as of `submit_response`; an action whose sequence is not above the last one's is superseded. Actions
    of one attempt are taken one after the other. Raises AttemptNotFound, AttemptRefused (not_a_simulation) and
    ResponseRefused (finished, not_legal_now, parameter, too_large, sequence_range, key_reused).
    """
    now = now or timezone.now()
    check_sequence(sequence)
    value: dict[str, Any] = {"action": action, "params": params}
    stored_json(value, "params")
    with transaction.atomic():
        attempt = (
            Attempt.objects.select_for_update(no_key=True, of=("self",))
            .select_related("assessment")
            .filter(pk=attempt_id, person=person_id)
            .first()
        )
        if attempt is None:
            raise AttemptNotFound(str(attempt_id))
        if attempt.assessment.mode != Assessment.Mode.SIMULATION:
            raise AttemptRefused("not_a_simulation")
        presentation = presentation_of(attempt)
        before = saved_before(attempt.pk, key, presentation.version_id, value)
        if before is not None:
            return before
        check_sequence(sequence, now - attempt.started_at)
        status = _status(attempt, sequence, now)
        if status == Response.Status.ACCEPTED:
            simulation = playable_simulation(presentation.version_id)
            try:
                apply_action(simulation, current_state(attempt, simulation), action, params)
            except IllegalAction as error:
                raise ResponseRefused("params" if error.reason == "parameter" else "action", error.reason) from None
        response = Response.objects.create(
            attempt=attempt,
            key=key,
            sequence=sequence,
            version_id=presentation.version_id,
            value=value,
            status=status,
            received_at=now,
        )
    return Acknowledgement(status, response.pk, sequence, now)


def simulation_debrief(attempt: Attempt, locale: str) -> list[Remark]:
    """Return what each rule of the evidence found, for the person to read after submission.

    Nothing when the simulation was left before its end. Raises AttemptRefused: not_submitted, not_a_simulation.
    """
    if attempt.assessment.mode != Assessment.Mode.SIMULATION:
        raise AttemptRefused("not_a_simulation")
    if attempt.status != Attempt.Status.SUBMITTED:
        raise AttemptRefused("not_submitted")
    simulation = playable_simulation(presentation_of(attempt).version_id)
    state = current_state(attempt, simulation)
    return debrief(simulation, state, locale) if state.finished else []


def _status(attempt: Attempt, sequence: int, now: datetime) -> str:
    if attempt.status != Attempt.Status.OPEN or now > attempt.deadline:
        return Response.Status.LATE
    if sequence <= _last_sequence(attempt):
        return Response.Status.SUPERSEDED
    return Response.Status.ACCEPTED


def _last_sequence(attempt: Attempt) -> int:
    accepted = Response.objects.filter(attempt=attempt, status=Response.Status.ACCEPTED)
    return accepted.aggregate(last=Max("sequence"))["last"] or 0
