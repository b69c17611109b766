"""Seeded items, people and responses for the measurement tests."""

import numpy as np
from scipy.special import expit

from assessments.measurement import ItemParameters, probabilities


def make_items(rng: np.random.Generator, n: int, spread: float = 1.0) -> list[ItemParameters]:
    """Realistic 2PL items: a lognormal around 1.2, b normal."""
    return [
        ItemParameters("2pl", float(np.exp(rng.normal(0.2, 0.3))), float(spread * rng.normal()), label=f"i{at}")
        for at in range(n)
    ]


def answer(rng: np.random.Generator, items: list[ItemParameters], theta: np.ndarray) -> np.ndarray:
    """Right and wrong answers of everyone to every item, shape (people, items)."""
    a, b = np.array([item.a for item in items]), np.array([item.b for item in items])
    return (rng.random((theta.size, len(items))) < expit(a * (theta[:, None] - b))).astype(int)


def make_partial_items(rng: np.random.Generator, n: int, n_scores: int) -> list[ItemParameters]:
    """GPCM items with ordered steps."""
    return [
        ItemParameters(
            "gpcm",
            float(np.exp(rng.normal(0.0, 0.25))),
            steps=tuple(np.sort(rng.normal(0.0, 0.9, n_scores - 1)).tolist()),
            label=f"g{at}",
        )
        for at in range(n)
    ]


def answer_partial(rng: np.random.Generator, items: list[ItemParameters], theta: np.ndarray) -> np.ndarray:
    """Scores of everyone on every GPCM item, shape (people, items)."""
    columns = [probabilities(item, theta).cumsum(axis=1) for item in items]
    return np.column_stack([(rng.random((theta.size, 1)) > cumulated[:, :-1]).sum(axis=1) for cumulated in columns])


def reference_table(name: str) -> np.ndarray:
    """The two seeded tables that other libraries were asked about: "complete", and "sparse" with half missing."""
    rng = np.random.default_rng({"complete": 61, "sparse": 62}[name])
    scores = answer(rng, make_items(rng, 25), rng.normal(size=1500))
    if name == "sparse":
        scores[rng.random(scores.shape) < 0.5] = -1
    return scores
