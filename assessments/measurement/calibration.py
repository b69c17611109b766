"""Calibration of items by marginal maximum likelihood with EM (Bock & Aitkin, 1981; Muraki, 1992 for GPCM).

The E-step is a sum over people: `e_step` of chunks, on any number of machines, added in any split, gives the same
statistics. `Calibrator.advance` takes the sum, does the M-step and speeds the sequence up by Anderson acceleration
(Walker & Ni, 2011) guarded by the likelihood. `calibrate` is both in one process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from .estep import CalibrationState, SufficientStatistics, e_step
from .grid import GRID, Array
from .models import ItemParameters
from .mstep import A_LIMITS, FLOAT_WEIGHT, ItemPrior, maximise
from .responses import Responses
from .standard_errors import InformationSums, information_step, standard_errors
from .starting import check_design, start_state

_MEMORY = 6


@dataclass(frozen=True, eq=False)
class Calibration:
    """The result: parameters in the order of the responses' labels, their standard errors, and how it went.

    se: standard errors of a and of b (or of each step), one tuple per item: (se_a, se_b_1, ...). Anchors have zeros.
    n: responses per item, shape (n_items,). mean, sd: of ability among these people (0 and 1 without anchors).
    """

    parameters: tuple[ItemParameters, ...]
    se: tuple[tuple[float, ...], ...]
    n: Array
    loglikelihood: float
    iterations: int
    converged: bool
    mean: float
    sd: float
    state: CalibrationState


class Calibrator:
    """The EM sequence: give it the summed statistics of its current `state`, until `converged`.

    anchors: parameters of items, by name, that stay fixed and carry the scale; the people's mean and sd are then free.
    guessing: fixed guessing of two-score items, by name. tolerance: largest change of any parameter at convergence.
    ValueError for items that cannot be calibrated, an anchor that does not fit, or sets of items that nobody links.
    """

    def __init__(
        self,
        responses: Responses,
        prior: ItemPrior | None = None,
        anchors: Mapping[str, ItemParameters] | None = None,
        guessing: Mapping[str, float] | None = None,
        tolerance: float = 1e-4,
    ) -> None:
        self.anchors = dict(anchors or {})
        self.prior = prior or ItemPrior()
        self.tolerance = tolerance
        self.iterations, self.converged, self.loglikelihood = 0, False, -np.inf
        check_design(responses, self.anchors)
        self.state = start_state(responses, self.anchors, guessing or {})
        self._free = np.array([label not in self.anchors for label in responses.labels])
        self._moments_free = bool(self.anchors)
        self._history: list[tuple[Array, Array]] = []
        self._best, self._fallback = -np.inf, self.state

    def advance(self, statistics: SufficientStatistics) -> bool:
        """One step from the statistics of `state`; True when the sequence has converged."""
        self.iterations += 1
        objective = statistics.loglikelihood + self._log_prior()
        if objective < self._best - 1e-9 * abs(self._best):
            self.state, self._history = self._fallback, []
            self._best = -np.inf
            return False
        self._best, self.loglikelihood = objective, statistics.loglikelihood
        mapped = self.m_step(statistics)
        here, there = self._vector(self.state), self._vector(mapped)
        self._fallback = mapped
        if float(np.abs(there - here).max(initial=0.0)) < self.tolerance:
            self.state, self.converged = mapped, True
            return True
        self._history = [*self._history[1 - _MEMORY :], (here, there)]
        self.state = self._with_vector(mapped, _anderson(self._history))
        return False

    def _log_prior(self) -> float:
        """Log prior of the items that are estimated, up to a constant."""
        state, prior = self.state, self._settled_prior()
        total = 0.0
        if self.prior.log_a_mean is None and prior.log_a_mean is not None and prior.log_a_sd is not None:
            total -= 0.5 * FLOAT_WEIGHT * (prior.log_a_mean / prior.log_a_sd) ** 2
        for k, members in state.groups():
            items = members[self._free[members]]
            total += prior.part(items).log_density(state.slope[items], state.intercept[items, : k - 1])
        return total

    def _settled_prior(self) -> ItemPrior:
        return self.prior.settled(self.state.slope[self._free])

    def m_step(self, statistics: SufficientStatistics) -> CalibrationState:
        """The state that maximises the expected log likelihood of these statistics."""
        state, prior = self.state, self._settled_prior()
        slope, intercept = state.slope.copy(), state.intercept.copy()
        first = np.concatenate([[0], np.cumsum(state.n_scores)[:-1]])
        for k, members in state.groups():
            items = members[self._free[members]]
            if not items.size:
                continue
            counts = statistics.counts[first[items][:, None] + np.arange(k)]
            slope[items], intercept[items, : k - 1] = maximise(
                slope[items], intercept[items, : k - 1], state.guessing[items], counts, prior.part(items)
            )
        mean, sd = state.mean, state.sd
        if self._moments_free:
            mean = float(statistics.density @ GRID / statistics.n)
            sd = float(np.sqrt(statistics.density @ (GRID - mean) ** 2 / statistics.n))
        return replace(state, slope=slope, intercept=intercept, mean=mean, sd=sd)

    def result(
        self, responses: Responses, statistics: SufficientStatistics, information: InformationSums
    ) -> Calibration:
        """The calibration at the current state, from the summed statistics and information of that state."""
        state = self.state
        errors = standard_errors(state, statistics, information, self._free, self._moments_free, self._settled_prior())
        return Calibration(
            parameters=tuple(self.anchors.get(p.label, p) for p in state.parameters(responses.labels)),
            se=errors,
            n=np.add.reduceat(responses.weighted_counts, responses.first[:-1]),
            loglikelihood=statistics.loglikelihood,
            iterations=self.iterations,
            converged=self.converged,
            mean=state.mean,
            sd=state.sd,
            state=state,
        )

    def _vector(self, state: CalibrationState) -> Array:
        moments = [state.mean, np.log(state.sd)] if self._moments_free else []
        return np.concatenate([np.log(state.slope[self._free]), state.intercept[self._free].ravel(), moments])

    def _with_vector(self, state: CalibrationState, vector: Array) -> CalibrationState:
        slope, intercept = state.slope.copy(), state.intercept.copy()
        n = int(self._free.sum())
        slope[self._free] = np.exp(np.clip(vector[:n], *np.log(A_LIMITS)))
        intercept[self._free] = vector[n : n + intercept[self._free].size].reshape(n, -1)
        mean, sd = state.mean, state.sd
        if self._moments_free:
            mean, sd = float(np.clip(vector[-2], -3.0, 3.0)), float(np.exp(np.clip(vector[-1], -2.0, 1.0)))
        return replace(state, slope=slope, intercept=intercept, mean=mean, sd=sd)


def _anderson(history: list[tuple[Array, Array]]) -> Array:
    """The next point from pairs (x, g(x)): the combination of the g(x) whose residuals g(x) - x cancel best."""
    there = history[-1][1]
    if len(history) < 2:
        return there
    residuals = np.array([g - x for x, g in history])
    images = np.array([g for _, g in history])
    change = np.diff(residuals, axis=0).T
    weights, *_ = np.linalg.lstsq(change, residuals[-1], rcond=1e-8)
    return np.asarray(there - np.diff(images, axis=0).T @ weights)


def calibrate(
    responses: Responses,
    prior: ItemPrior | None = None,
    anchors: Mapping[str, ItemParameters] | None = None,
    guessing: Mapping[str, float] | None = None,
    tolerance: float = 1e-4,
    max_iterations: int = 500,
    progress: Callable[[int, float], None] | None = None,
) -> Calibration:
    """Calibrate in this process. progress is called with (iteration, log likelihood); see `Calibrator` for the rest.

    A sequence that has not converged after max_iterations is returned with converged False, never silently as done.
    """
    calibrator = Calibrator(responses, prior, anchors, guessing, tolerance)
    while calibrator.iterations < max_iterations:
        done = calibrator.advance(e_step(responses, calibrator.state))
        if progress is not None:
            progress(calibrator.iterations, calibrator.loglikelihood)
        if done:
            break
    return calibrator.result(
        responses, e_step(responses, calibrator.state), information_step(responses, calibrator.state)
    )
