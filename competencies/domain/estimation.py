"""The measurement model that turns evidence into estimates.

The model lives in assessments, a room above this one, so it is handed in: `register_estimator` is called once when the
assessments app is ready.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from competencies.domain.correlation import Correlations


@dataclass(frozen=True, slots=True)
class Observation:
    """The parameters an observable is read with, its score, and when it was observed. is_void: it says nothing."""

    parameters: Mapping[str, Any]
    score: int
    observed_at: datetime
    is_void: bool = False


@dataclass(frozen=True, slots=True)
class PersonEvidence:
    """All that is known of one person: observations by competency, oldest first.

    correlations: between (at least) these competencies. as_of: the moment that ability is asked for. sd_per_year: of
    the random walk by which ability may have moved since an observation.
    """

    observations: Mapping[int, Sequence[Observation]]
    correlations: Correlations
    as_of: datetime
    sd_per_year: float


@dataclass(frozen=True, slots=True)
class EstimateValues:
    """What evidence says of one person in one competency, on the scale where the reference population is N(0, 1).

    mean, se: expected ability and its standard error by the competency's own evidence alone. joint_mean, joint_se: by
    the evidence in all competencies together. borrowed: part of what is known (precision beyond the prior) that the
    others lend, 0 to 1. level_probabilities: of levels 1..8 by all evidence, sum 1. level, band: what may be said of
    the person, None where neither is earned.
    """

    mean: float
    se: float
    joint_mean: float
    joint_se: float
    borrowed: float
    level_probabilities: tuple[float, ...]
    level: int | None
    band: int | None

    @property
    def status(self) -> str:
        """`level`, `band` or `insufficient`."""
        return "level" if self.level else "band" if self.band else "insufficient"

    def probability_below(self, level: int) -> float:
        """P(the person's level < `level`)."""
        return min(1.0, max(0.0, sum(self.level_probabilities[: level - 1])))


Estimator = Callable[[PersonEvidence, Mapping[int, Sequence[float]]], dict[int, EstimateValues]]
"""(evidence, seven cut scores by competency) -> values of each competency that has both. Deterministic."""

_registered: list[Estimator] = []


def register_estimator(estimator: Estimator) -> None:
    """Put the measurement model in place; the newest one registered is used."""
    _registered[:] = [estimator]


def estimate_values(evidence: PersonEvidence, cuts: Mapping[int, Sequence[float]]) -> dict[int, EstimateValues]:
    """Return what the evidence says under the cut scores. RuntimeError when no model is registered."""
    if not _registered:
        raise RuntimeError("no estimator is registered: the assessments app is not installed")
    return _registered[0](evidence, cuts)
