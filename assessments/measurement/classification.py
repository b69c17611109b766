"""How well results sort people into levels: accuracy and consistency (Rudner, 2001, 2005) from estimates alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from .grid import Array, check_cuts


@dataclass(frozen=True, eq=False)
class ClassificationQuality:
    """Expected shares over these people.

    accuracy: reported level is the true one. consistency: a second, parallel sitting would report the same level.
    The same for the four bands, and for each cut alone (on the right side of it), shape (7,).
    """

    accuracy: float
    consistency: float
    band_accuracy: float
    band_consistency: float
    cut_accuracy: Array
    cut_consistency: Array


def classification_quality(mean: Array, se: Array, cuts: Sequence[float]) -> ClassificationQuality:
    """Accuracy and consistency of the levels that the EAPs fall into.

    mean, se: of each person, shape (n,). Accuracy is the posterior probability of the reported class. A second
    sitting's EAP is predicted as normal around r mean with variance r (1 + r) se^2, where r = 1 - se^2 is the
    reliability: an EAP is r times a noisy measure of the true ability, which is itself only known to within se.
    """
    standard = check_cuts(cuts)
    m, s = np.asarray(mean, dtype=np.float64), np.asarray(se, dtype=np.float64)
    if m.ndim != 1 or m.shape != s.shape or not m.size or not (np.isfinite(m) & (s > 0)).all():
        raise ValueError("mean and se need one finite value per person, and se above 0")
    r = np.clip(1.0 - s**2, 1e-6, 1.0)
    true = _below(standard, m, s)
    again = _below(standard, r * m, s * np.sqrt(r * (1.0 + r)))
    level = np.searchsorted(standard, m, side="right")
    side = m[:, None] >= standard[None, :]
    people = np.arange(m.size)

    def agreement(below: Array) -> tuple[float, float, Array]:
        levels = np.diff(below, axis=1, prepend=0.0, append=1.0)
        bands = levels.reshape(m.size, 4, 2).sum(axis=2)
        cut = np.where(side, 1.0 - below, below).mean(axis=0)
        return float(levels[people, level].mean()), float(bands[people, level // 2].mean()), cut

    accuracy, band_accuracy, cut_accuracy = agreement(true)
    consistency, band_consistency, cut_consistency = agreement(again)
    return ClassificationQuality(accuracy, consistency, band_accuracy, band_consistency, cut_accuracy, cut_consistency)


def _below(standard: Array, mean: Array, sd: Array) -> Array:
    return np.asarray(ndtr((standard[None, :] - mean[:, None]) / sd[:, None]))
