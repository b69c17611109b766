"""Fit of items to the model beyond one item's curve: S-X2 by total score and Q3 between pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from .grid import GRID, PRIOR, Array
from .models import ItemParameters
from .prediction import Predictions
from .responses import Responses

MINIMUM_EXPECTED = 1.0


@dataclass(frozen=True)
class ScoreFit:
    """S-X2 of one item: chi-square statistic, degrees of freedom and p-value."""

    label: str
    statistic: float
    df: int
    p: float


def score_distribution(tables: Sequence[Array]) -> Array:
    """Probability of each sum score at each grid point, shape (top score + 1, 61) (Lord & Wingersky, 1984).

    tables: each item's probabilities by score, shape (k, 61).
    """
    result = np.ones((1, GRID.size))
    for table in tables:
        wider = np.zeros((len(result) + len(table) - 1, GRID.size))
        for score, chance in enumerate(table):
            wider[score : score + len(result)] += result * chance
        result = wider
    return result


def s_x2(responses: Responses, parameters: Sequence[ItemParameters]) -> list[ScoreFit]:
    """S-X2 of every item (Orlando & Thissen, 2000; Kang & Chen, 2008) from the people who answered all items.

    Observed and expected scores are compared within each sum score; neighbouring sum scores are joined until every
    expected count is at least 1. ValueError when nobody answered all items.
    """
    complete = np.flatnonzero(np.diff(responses.starts) == responses.n_items)
    if not complete.size:
        raise ValueError("S-X2 needs people who answered all items of a form")
    scores = responses.score[responses.starts[complete][:, None] + np.arange(responses.n_items)]
    tables = [np.exp(params.log_table) for params in parameters]
    totals = scores.sum(axis=1)
    weights = responses.weights[complete]
    fits = []
    for at, params in enumerate(parameters):
        k = params.n_categories
        rest = score_distribution([*tables[:at], *tables[at + 1 :]])
        joint = np.zeros((len(rest) + k - 1, k))
        for score in range(k):
            joint[score : score + len(rest), score] = (rest * tables[at][score]) @ PRIOR
        people = np.bincount(totals, weights, len(joint))
        share = joint / np.maximum(joint.sum(axis=1, keepdims=True), 1e-300)
        expected = share * people[:, None]
        cells_of = totals * k + scores[:, at]
        observed = np.bincount(cells_of, weights, len(joint) * k).astype(np.float64).reshape(-1, k)
        statistic, cells = _joined_chi_square(observed[1:-1], expected[1:-1])
        df = max(cells - k, 1)
        fits.append(ScoreFit(responses.labels[at], statistic, df, float(chdtrc(df, statistic))))
    return fits


def _joined_chi_square(observed: Array, expected: Array) -> tuple[float, int]:
    """Chi-square over groups of neighbouring sum scores with enough expected, and its free cells (groups x (k - 1))."""
    groups: list[tuple[Array, Array]] = []
    seen, awaited = np.zeros(observed.shape[1]), np.zeros(observed.shape[1])
    for o, e in zip(observed, expected, strict=True):
        seen, awaited = seen + o, awaited + e
        if awaited.min() >= MINIMUM_EXPECTED:
            groups.append((seen, awaited))
            seen, awaited = np.zeros_like(seen), np.zeros_like(awaited)
    if awaited.sum() > 0 and groups:
        groups[-1] = (groups[-1][0] + seen, groups[-1][1] + awaited)
    statistic = sum(float(((o - e) ** 2 / e).sum()) for o, e in groups)
    return statistic, len(groups) * (observed.shape[1] - 1)


def q3(predictions: Predictions, min_pairs: int = 30) -> Array:
    """Corrected residual correlations between items, shape (n_items, n_items), nan for pairs under min_pairs people.

    Yen's Q3 (1984) less the average of all pairs, which is below 0 even without dependence (Christensen et al., 2017).
    Above 0.2 two items share more than the competency: one gives the other away, or both hang on one text. In an
    adaptive test each residual is taken against earlier answers alone, so that its mean is 0 whatever was asked next,
    and nothing is subtracted.
    """
    responses = predictions.responses
    n = responses.n_items
    sums = {name: np.zeros((n, n)) for name in ("n", "xy", "x", "xx")}
    expected = [np.exp(p.log_table).T @ np.arange(p.n_categories) for p in predictions.parameters]
    curves = np.array(expected)
    for low in range(0, responses.n_people, 4096):
        high = min(low + 4096, responses.n_people)
        scores = responses.matrix(low, high)
        given = np.isfinite(scores).astype(np.float64)
        if predictions.sequence is None:
            residual = np.where(given > 0, scores - predictions.weights[low:high] @ curves.T, 0.0)
        else:
            part = slice(responses.starts[low], responses.starts[high])
            residual = np.zeros_like(scores)
            residual[responses.person[part] - low, responses.item[part]] = predictions.residuals[part]
        sums["n"] += given.T @ given
        sums["xy"] += residual.T @ residual
        sums["x"] += residual.T @ given
        sums["xx"] += (residual**2).T @ given
    if predictions.sequence is not None:
        scale = np.sqrt(np.maximum(sums["xx"] * sums["xx"].T, 1e-24))
        direct = np.where(sums["n"] < min_pairs, np.nan, sums["xy"] / scale)
        np.fill_diagonal(direct, np.nan)
        return np.asarray(direct)
    pairs = np.maximum(sums["n"], 1.0)
    mean = sums["x"] / pairs
    spread = np.sqrt(np.maximum(sums["xx"] / pairs - mean**2, 1e-12))
    correlation = (sums["xy"] / pairs - mean * mean.T) / (spread * spread.T)
    correlation[sums["n"] < min_pairs] = np.nan
    np.fill_diagonal(correlation, np.nan)
    seen = correlation[np.isfinite(correlation)]
    return np.asarray(correlation - (seen.mean() if seen.size else 0.0))


def pair_counts(responses: Responses) -> Array:
    """People who answered both of two items, shape (n_items, n_items)."""
    counts = np.zeros((responses.n_items, responses.n_items))
    for low in range(0, responses.n_people, 4096):
        given = np.isfinite(responses.matrix(low, min(low + 4096, responses.n_people))).astype(np.float64)
        counts += given.T @ given
    return counts


def correlation_z(correlation: Array, n: Array) -> Array:
    """How many standard errors a correlation of n pairs lies from 0 (Fisher's z), nan where n is under 4."""
    known = np.where(n > 3, n, np.nan)
    return np.asarray(np.arctanh(np.clip(correlation, -0.999999, 0.999999)) * np.sqrt(known - 3.0))
