"""The measurement core as competencies use it."""

from collections.abc import Sequence

from assessments.measurement import ItemParameters, estimate, report_level
from competencies.api import EstimateValues, Observation


def estimate_from_observations(observations: Sequence[Observation], cuts: Sequence[float]) -> EstimateValues:
    """Return what the observations say under seven cut scores: the grid posterior under the standard normal prior.

    Every observation counts as evidence on the competency itself. ValueError naming the parameter that cannot be used.
    """
    posterior = estimate([(ItemParameters.from_dict(parameters), score) for parameters, score in observations])
    report = report_level(posterior, cuts, len(observations))
    return EstimateValues(
        mean=posterior.mean,
        se=posterior.se,
        level_probabilities=tuple(report.levels.tolist()),
        level=report.level,
        band=report.band,
    )
