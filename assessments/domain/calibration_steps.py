"""The steps of a calibration, each one short and safe to repeat: any worker may take the next.

prepare -> (every chunk: estimate -> advance) until converged -> (every chunk: errors -> advance) -> proposal.
"""

import math
from functools import lru_cache
from itertools import pairwise

import numpy as np
from django.db import transaction
from django.utils import timezone

from assessments.domain.calibration_plan import MINIMUM, CalibrationPlan, CalibrationProblem, plan_calibration
from assessments.domain.calibration_proposal import write_proposal
from assessments.domain.calibration_sequence import (
    StoredCalibrator,
    join_responses,
    read_state,
    responses_from_bytes,
    responses_to_bytes,
)
from assessments.domain.queries.response_table import read_response_table
from assessments.measurement import (
    CalibrationState,
    InformationSums,
    Responses,
    SufficientStatistics,
    compare_items,
    e_step,
    information_step,
)
from assessments.measurement.mstep import ItemPrior, maximise, score_binary, score_partial
from assessments.models import CalibrationChunk, CalibrationRun, CalibrationStatistics

PEOPLE_PER_CHUNK = 2000
MOST_CHUNKS = 64
MOST_ITERATIONS = 500
TOLERANCE = 1e-4
"""Largest change of a parameter in a step at convergence."""
ACTIVE = (CalibrationRun.Status.QUEUED, CalibrationRun.Status.RUNNING)

Status = CalibrationRun.Status
Phase = CalibrationRun.Phase


def prepare_run(run_pk: int, people_per_chunk: int | None = None) -> int | None:
    """Freeze the items and responses of a queued run; return the iteration to do, None when there is nothing to do.

    A run that is under way already goes on where it is.
    """
    with transaction.atomic():
        run = CalibrationRun.objects.select_for_update(no_key=True).get(pk=run_pk)
        if run.status == Status.RUNNING:
            return run.iteration
        if run.status != Status.QUEUED:
            return None
        run.started_at = run.moved_at = timezone.now()
        try:
            plan, responses = plan_calibration(read_response_table(run.competency_id), run.linking)
        except CalibrationProblem as problem:
            fail_run(run, problem)
            return None
        calibrator = StoredCalibrator(
            responses, plan.prior(run.model), plan.anchor_parameters, plan.guessing, TOLERANCE
        )
        chunks = split_people(responses, people_per_chunk or PEOPLE_PER_CHUNK)
        CalibrationChunk.objects.bulk_create(
            CalibrationChunk(run=run, number=number, responses=responses_to_bytes(chunk))
            for number, chunk in enumerate(chunks)
        )
        run.status, run.done = Status.RUNNING, 1
        run.plan, run.sequence = plan.to_dict(), calibrator.to_bytes()
        run.people, run.responses, run.chunks = responses.n_people, int(responses.item.size), len(chunks)
        run.save()
    return run.iteration


def split_people(responses: Responses, people_per_chunk: int) -> list[Responses]:
    """Equal shares of people, at most MOST_CHUNKS of them."""
    number = min(max(1, math.ceil(responses.n_people / people_per_chunk)), MOST_CHUNKS)
    edges = np.linspace(0, responses.n_people, number + 1).astype(int).tolist()
    return [responses.rows(low, high) for low, high in pairwise(edges)]


def calculate_chunk(run_pk: int, iteration: int, number: int) -> None:
    """Write what a chunk's people add to a step. Nothing happens when the run has moved on or the row is there."""
    run = CalibrationRun.objects.defer("result").get(pk=run_pk)
    if run.status != Status.RUNNING or run.iteration != iteration:
        return
    if CalibrationStatistics.objects.filter(run=run, iteration=iteration, chunk=number).exists():
        return
    responses = _chunk_responses(run_pk, number)
    state = read_state(bytes(run.sequence))
    information = b""
    if run.phase == Phase.ERRORS:
        information = information_to_bytes(information_step(responses, state))
    row = CalibrationStatistics(
        run=run,
        iteration=iteration,
        chunk=number,
        statistics=e_step(responses, state).to_bytes(),
        information=information,
    )
    CalibrationStatistics.objects.bulk_create([row], ignore_conflicts=True)


def advance_run(run_pk: int, iteration: int) -> int | None:
    """Take the step that the chunks' sums allow; return the iteration to do next, None when there is none.

    Nothing happens when the run has moved on already or a chunk is missing: a step is taken once.
    """
    with transaction.atomic():
        run = CalibrationRun.objects.select_for_update(no_key=True).select_related("competency").get(pk=run_pk)
        if run.status != Status.RUNNING or run.iteration != iteration:
            return None
        rows = list(CalibrationStatistics.objects.filter(run=run, iteration=iteration).order_by("chunk"))
        if [row.chunk for row in rows] != list(range(run.chunks)):
            return None
        plan = CalibrationPlan.from_dict(run.plan)
        prior = plan.prior(run.model)
        calibrator = StoredCalibrator.from_bytes(
            bytes(run.sequence), plan.labels, prior, plan.anchor_parameters, TOLERANCE
        )
        statistics = _sum_statistics(rows)
        if run.phase == Phase.ERRORS:
            information = sum((information_from_bytes(bytes(row.information)) for row in rows[1:]), _first(rows))
            result = calibrator.result(_all_responses(run, plan), statistics, information)
            write_proposal(run, plan, result)
            run.status, run.done, run.finished_at = Status.READY, run.total, timezone.now()
            CalibrationChunk.objects.filter(run=run).delete()
            CalibrationStatistics.objects.filter(run=run).delete()
            run.sequence = b""
        else:
            _take_step(run, plan, calibrator, statistics)
            CalibrationStatistics.objects.filter(run=run, iteration=iteration).delete()
        run.iteration += 1
        run.moved_at = timezone.now()
        run.save()
    return run.iteration if run.status == Status.RUNNING else None


def fail_run(run: CalibrationRun, problem: CalibrationProblem) -> None:
    """Note why the run ended without a proposal, and let its working rows go."""
    run.status, run.problem, run.detail = Status.FAILED, problem.reason, problem.detail
    run.finished_at = run.moved_at = timezone.now()
    run.sequence = b""
    run.save()
    CalibrationChunk.objects.filter(run=run).delete()
    CalibrationStatistics.objects.filter(run=run).delete()


def drifted_anchors(
    plan: CalibrationPlan, state: CalibrationState, statistics: SufficientStatistics, prior: ItemPrior, minimum: int
) -> list[str]:
    """Anchors whose answers no longer fit their parameters, worst first; at most half of the anchors.

    Each is fitted anew to its expected counts, in which its own fixed parameters take part: drift looks a little
    smaller than it is. Anchors with fewer than `minimum` answers are not judged.
    """
    first = np.concatenate([[0], np.cumsum(state.n_scores)[:-1]])
    found = []
    for at, item in enumerate(plan.items):
        if item.label not in plan.anchors or item.label in plan.released or item.n < minimum:
            continue
        old = plan.anchor_parameters[item.label]
        k = item.n_scores
        counts = statistics.counts[first[at] : first[at] + k][None]
        slope, intercept, guessing = state.slope[[at]], state.intercept[[at], : k - 1], state.guessing[[at]]
        free = ItemPrior(prior.log_a_mean or 0.0, prior.log_a_sd, b_sd=None)
        for _ in range(20):
            slope, intercept = maximise(slope, intercept, guessing, counts, free)
        if k == 2:
            _, curvature = score_binary(slope, intercept, guessing, counts[:, 1], counts.sum(axis=1))
        else:
            _, curvature = score_partial(slope, intercept, counts)
        fitted = CalibrationState(slope, intercept, guessing, np.array([k])).parameters([item.label])[0]
        spread = np.sqrt(np.maximum(np.diag(np.linalg.pinv(curvature[0])), 0.0))
        errors = (float(spread[0]), *(float(each / slope[0]) for each in spread[1:]))
        change = compare_items([old], [fitted], [errors])[0]
        if change.drifted:
            found.append((change.rmsd, item.label))
    found.sort(reverse=True)
    return [label for _, label in found[: len(plan.anchors) // 2]]


def information_to_bytes(sums: InformationSums) -> bytes:
    """For the database, without loss: the number of people, then the matrix."""
    return np.concatenate([[sums.n], sums.products.ravel()]).tobytes()


def information_from_bytes(data: bytes) -> InformationSums:
    """Read what `information_to_bytes` wrote."""
    numbers = np.frombuffer(data, dtype=np.float64)
    size = math.isqrt(numbers.size - 1)
    return InformationSums(numbers[1:].reshape(size, size), float(numbers[0]))


def _take_step(
    run: CalibrationRun, plan: CalibrationPlan, calibrator: StoredCalibrator, statistics: SufficientStatistics
) -> None:
    converged = calibrator.advance(statistics)
    if converged and plan.anchors and not plan.released:
        drifted = drifted_anchors(plan, calibrator.state, statistics, calibrator.prior, MINIMUM[run.model])
        if drifted:
            calibrator.release_anchors(drifted, plan.labels)
            run.plan["released"] = drifted
            converged = False
    if converged:
        run.phase = Phase.ERRORS
        run.result = {"iterations": calibrator.iterations}
    elif calibrator.iterations >= MOST_ITERATIONS:
        fail_run(run, CalibrationProblem("not_converged", iterations=calibrator.iterations))
        return
    run.largest_change = calibrator.largest_change if not converged else run.largest_change
    run.done = max(run.done, 92 if converged else _progress(run.largest_change))
    run.sequence = calibrator.to_bytes()


def _progress(largest_change: float | None) -> int:
    """Of 100: steps shrink by about the same factor each, from about 1 down to the tolerance."""
    if not largest_change:
        return 1
    share = math.log(min(largest_change, 1.0)) / math.log(TOLERANCE)
    return max(1, min(90, round(90 * share)))


def _sum_statistics(rows: list[CalibrationStatistics]) -> SufficientStatistics:
    total, *others = (SufficientStatistics.from_bytes(bytes(row.statistics)) for row in rows)
    for each in others:
        total = total + each
    return total


def _first(rows: list[CalibrationStatistics]) -> InformationSums:
    return information_from_bytes(bytes(rows[0].information))


@lru_cache(maxsize=8)
def _chunk_responses(run_pk: int, number: int) -> Responses:
    """A chunk as a worker keeps it from step to step: its rows never change."""
    row = CalibrationChunk.objects.select_related("run").get(run=run_pk, number=number)
    plan = CalibrationPlan.from_dict(row.run.plan)
    return responses_from_bytes(bytes(row.responses), plan.labels, plan.n_scores)


def _all_responses(run: CalibrationRun, plan: CalibrationPlan) -> Responses:
    rows = CalibrationChunk.objects.filter(run=run).order_by("number")
    return join_responses([responses_from_bytes(bytes(row.responses), plan.labels, plan.n_scores) for row in rows])
