"""The measurement model that turns evidence into an estimate.

The model lives in assessments, a room above this one, so it is handed in: `register_estimator` is called once when the
assessments app is ready.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Observation = tuple[Mapping[str, Any], int]
"""The parameters an observable is read with, and its score."""


@dataclass(frozen=True, slots=True)
class EstimateValues:
    """What evidence says of one person in one competency, on the scale where the reference population is N(0, 1).

    mean, se: expected ability and its standard error. level_probabilities: of levels 1..8, sum 1. level, band: what may
    be said of the person, None where the evidence does not earn it.
    """

    mean: float
    se: float
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


Estimator = Callable[[Sequence[Observation], Sequence[float]], EstimateValues]
"""(observations, seven cut scores) -> values. Deterministic; the order of observations does not matter."""

_registered: list[Estimator] = []


def register_estimator(estimator: Estimator) -> None:
    """Put the measurement model in place; the newest one registered is used."""
    _registered[:] = [estimator]


def estimate_values(observations: Sequence[Observation], cuts: Sequence[float]) -> EstimateValues:
    """Return what the observations say under the cut scores. RuntimeError when no model is registered."""
    if not _registered:
        raise RuntimeError("no estimator is registered: the assessments app is not installed")
    return _registered[0](observations, cuts)
