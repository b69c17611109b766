"""Item response models: what a person of a given ability does with an item.

Three models, all with the logistic metric D = 1:

- ``2pl``: P(1) = 1 / (1 + exp(-a (theta - b))) (Birnbaum, 1968).
- ``3pl_fixed``: P(1) = c + (1 - c) / (1 + exp(-a (theta - b))) with the guessing c fixed by the author, not estimated.
- ``gpcm``: P(k) proportional to exp(sum over j <= k of a (theta - b_j)), scores 0..m (Muraki, 1992).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, Literal, cast, get_args

import numpy as np
from scipy.special import expit

from .grid import GRID, Array

Model = Literal["2pl", "3pl_fixed", "gpcm"]


@dataclass(frozen=True)
class ItemParameters:
    """The measurement parameters of one item version.

    a: discrimination, above 0. b: difficulty (2pl, 3pl_fixed). c: fixed guessing probability (3pl_fixed), 0 <= c < 1.
    steps: step difficulties b_1..b_m (gpcm). label: the item's name, used in errors alone; it is no part of equality.
    ValueError naming the item when a parameter cannot be used.
    """

    model: Model
    a: float
    b: float = 0.0
    c: float = 0.0
    steps: tuple[float, ...] = ()
    label: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        name = f"item {self.label}" if self.label else "item"
        if self.model not in get_args(Model):
            raise ValueError(f"{name}: unknown model {self.model!r}, expected one of {', '.join(get_args(Model))}")
        numbers = {"a": self.a, "b": self.b, "c": self.c} | {f"steps[{i}]": s for i, s in enumerate(self.steps)}
        for key, value in numbers.items():
            if not math.isfinite(value):
                raise ValueError(f"{name}: {key} must be a finite number, got {value}")
        if self.a <= 0:
            raise ValueError(f"{name}: discrimination a must be above 0, got {self.a}")
        if self.model == "3pl_fixed" and not 0 <= self.c < 1:
            raise ValueError(f"{name}: guessing c must be at least 0 and below 1, got {self.c}")
        if self.model != "3pl_fixed" and self.c != 0:
            raise ValueError(f"{name}: model {self.model} has no guessing, got c={self.c}")
        if (self.model == "gpcm") != bool(self.steps):
            raise ValueError(f"{name}: gpcm needs step difficulties and the other models have none, got {self.steps}")

    @property
    def n_categories(self) -> int:
        """Number of scores, 2 for right and wrong."""
        return len(self.steps) + 1 if self.model == "gpcm" else 2

    @property
    def difficulty(self) -> float:
        """b, or the mean of the step difficulties."""
        return sum(self.steps) / len(self.steps) if self.steps else self.b

    @cached_property
    def log_table(self) -> Array:
        """Log probability of each score on GRID, shape (n_categories, 61), computed once and read-only."""
        table = np.log(np.maximum(probabilities(self, GRID).T, 1e-300))
        table = np.ascontiguousarray(table)
        table.setflags(write=False)
        return table

    @cached_property
    def log_rows(self) -> tuple[Array, ...]:
        """The rows of `log_table`, by score."""
        return tuple(self.log_table)

    @cached_property
    def information_table(self) -> Array:
        """Fisher information on GRID, shape (61,), computed once and read-only."""
        table = information(self, GRID)
        table.setflags(write=False)
        return table

    def to_dict(self) -> dict[str, Any]:
        """A plain dictionary for JSON with only the keys that the model uses."""
        data: dict[str, Any] = {"model": self.model, "a": self.a}
        if self.model == "gpcm":
            return data | {"steps": list(self.steps)}
        data["b"] = self.b
        return data | {"c": self.c} if self.model == "3pl_fixed" else data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], label: str = "") -> ItemParameters:
        """Read what `to_dict` wrote. Equal dictionaries share one cached object, so its tables are computed once.

        ValueError naming the item for a missing, unknown or unusable value.
        """
        unknown = set(data) - {"model", "a", "b", "c", "steps"}
        name = f"item {label}" if label else "item"
        if unknown:
            raise ValueError(f"{name}: unknown parameter {', '.join(sorted(unknown))}")
        try:
            key = (
                str(data["model"]),
                float(data["a"]),
                float(data.get("b", 0.0)),
                float(data.get("c", 0.0)),
                tuple(float(step) for step in data.get("steps", ())),
            )
        except KeyError as error:
            raise ValueError(f"{name}: parameter {error.args[0]} is missing") from error
        except (TypeError, ValueError) as error:
            raise ValueError(f"{name}: parameters must be numbers ({error})") from error
        return _shared_parameters(*key, label)


@lru_cache(maxsize=65536)
def _shared_parameters(
    model: str, a: float, b: float, c: float, steps: tuple[float, ...], label: str
) -> ItemParameters:
    return ItemParameters(cast(Model, model), a, b, c, steps, label)


def probabilities(params: ItemParameters, theta: Array | Sequence[float]) -> Array:
    """P(score | theta), shape (n_theta, n_categories); rows sum to 1."""
    theta = np.atleast_1d(np.asarray(theta, dtype=np.float64))
    if params.model == "gpcm":
        logits = np.cumsum(params.a * (theta[:, None] - np.asarray(params.steps)), axis=1)
        logits = np.concatenate([np.zeros((theta.size, 1)), logits], axis=1)
        terms = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(terms / terms.sum(axis=1, keepdims=True))
    z = params.a * (theta - params.b)
    wrong = (1.0 - params.c) * expit(-z)
    right = params.c + (1.0 - params.c) * expit(z)
    return np.column_stack([wrong, right])


def information(params: ItemParameters, theta: Array | Sequence[float]) -> Array:
    """Fisher information of the item at each theta, shape (n_theta,).

    a^2 P Q for 2pl; a^2 (Q / P) ((P - c) / (1 - c))^2 with fixed guessing; a^2 Var(score) for gpcm.
    """
    table = probabilities(params, theta)
    if params.model == "gpcm":
        scores = np.arange(table.shape[1])
        mean = table @ scores
        return np.asarray(params.a**2 * (table @ scores**2 - mean**2))
    wrong, right = table[:, 0], table[:, 1]
    return np.asarray(params.a**2 * wrong / right * ((right - params.c) / (1.0 - params.c)) ** 2)
