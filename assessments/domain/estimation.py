"""The measurement core as competencies use it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache

import numpy as np

from assessments.measurement import (
    GRID,
    LOG_PRIOR,
    ItemParameters,
    JointModel,
    Posterior,
    age_loglikelihood,
    joint_posterior,
    loglikelihood_on_grid,
    nearest_correlation,
    report_levels,
)
from assessments.measurement.grid import Array
from competencies.api import EstimateValues, Observation, PersonEvidence

DAYS_PER_YEAR = 365.25


def estimate_person(evidence: PersonEvidence, cuts: Mapping[int, Sequence[float]]) -> dict[int, EstimateValues]:
    """Return what all evidence of a person says, by competency that has evidence of its own and cut scores.

    Each competency's likelihood is aged to `as_of`; the joint posterior lets them narrow one another. A level needs
    MIN_EVIDENCE observables of the competency itself, whatever is borrowed. ValueError naming the parameter that cannot
    be used.
    """
    pks = [pk for pk in evidence.correlations.competencies if evidence.observations.get(pk)]
    curves = np.array(
        [aged_curve(evidence.observations[pk], evidence.as_of, evidence.sd_per_year) for pk in pks]
    ).reshape(-1, GRID.size)
    joint = joint_posterior(_model(evidence.correlations.rows, _places(evidence, pks)), curves)
    marginals, borrowed = joint.marginals(), joint.borrowed
    asked = [(at, pk) for at, pk in enumerate(pks) if pk in cuts]
    reports = report_levels(
        [marginals[str(at)] for at, _ in asked],
        [cuts[pk] for _, pk in asked],
        [sum(not each.is_void for each in evidence.observations[pk]) for _, pk in asked],
    )
    values = {}
    for (at, pk), report in zip(asked, reports, strict=True):
        own, together = Posterior.from_log_weights(curves[at] + LOG_PRIOR), marginals[str(at)]
        values[pk] = EstimateValues(
            mean=own.mean,
            se=own.se,
            joint_mean=together.mean,
            joint_se=together.se,
            borrowed=min(1.0, max(0.0, borrowed[str(at)])),
            level_probabilities=tuple(report.levels.tolist()),
            level=report.level,
            band=report.band,
        )
    return values


def aged_curve(observations: Sequence[Observation], as_of: datetime, sd_per_year: float) -> Array:
    """Return the log likelihood of ability at `as_of`, shape (61,), of observations made on different days.

    Oldest first: what is known is carried to the next day of observation by the random walk, met with that day's
    likelihood, and carried on (the forward recursion of a hidden Markov chain). Whole days count.
    """
    by_day: dict[int, list[Observation]] = {}
    for each in sorted(observations, key=lambda each: each.observed_at):
        by_day.setdefault(max(0, (as_of - each.observed_at).days), []).append(each)
    curve: Array = np.zeros(GRID.size)
    days = sorted(by_day, reverse=True)
    for day, following in zip(days, [*days[1:], 0], strict=True):
        curve = curve + loglikelihood_on_grid(
            [(ItemParameters.from_dict(each.parameters), each.score) for each in by_day[day]]
        )
        if day > following:
            curve = age_loglikelihood(curve, (day - following) / DAYS_PER_YEAR, sd_per_year)
    return curve


def _places(evidence: PersonEvidence, pks: Sequence[int]) -> tuple[int, ...]:
    at = {pk: place for place, pk in enumerate(evidence.correlations.competencies)}
    return tuple(at[pk] for pk in pks)


@lru_cache(maxsize=2048)
def _model(rows: tuple[tuple[float, ...], ...], places: tuple[int, ...]) -> JointModel:
    return joint_model([str(at) for at in range(len(places))], [[rows[i][j] for j in places] for i in places])


def joint_model(names: Sequence[str], rows: Sequence[Sequence[float]]) -> JointModel:
    """Return the model with these correlations, made positive definite where learned and default values meet."""
    return JointModel(names, nearest_correlation(np.array(rows, dtype=np.float64).reshape(len(names), -1)))
