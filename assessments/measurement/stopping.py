"""When an adaptive test has learned enough about each competency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from .grid import Posterior, probabilities_below

Reason = Literal["meets", "below", "precise", "limit"]


@dataclass(frozen=True)
class StopRule:
    """What ends the questions on a competency.

    max_items: limit over the whole sitting. max_items_per_competency: limit for one competency. target_se: precise
    enough, 0 for never. error_rate: accepted probability of saying "meets" of a person who is below; the same for
    saying "below" of one who meets unless error_rate_below is given. min_items_per_competency: no verdict before so
    many answers on the competency itself, so that the prior and what is borrowed from others never decide alone.
    ValueError for numbers that cannot be.
    """

    max_items: int
    max_items_per_competency: int
    target_se: float
    error_rate: float = 0.1
    error_rate_below: float | None = None
    min_items_per_competency: int = 2

    def __post_init__(self) -> None:
        if self.max_items < 1 or self.max_items_per_competency < 1 or self.min_items_per_competency < 0:
            raise ValueError("a stop rule needs limits of at least 1 item and a minimum of at least 0")
        if not self.target_se >= 0:
            raise ValueError(f"target_se must be at least 0, got {self.target_se}")
        for rate in (self.error_rate, self.error_rate_below):
            if rate is not None and not 0 < rate < 0.5:
                raise ValueError(f"an error rate must be above 0 and below 0.5, got {rate}")


@dataclass(frozen=True)
class Decision:
    """Whether a competency's questions stop, and why (None while they go on)."""

    stop: bool
    reason: Reason | None = None


def decide(
    posteriors: Mapping[str, Posterior],
    counts: Mapping[str, int],
    required_cuts: Mapping[str, float | None],
    rule: StopRule,
) -> dict[str, Decision]:
    """The decision for each competency of `posteriors`.

    counts: answers given so far on each competency. required_cuts: the cut score that the person's post asks for, None
    or absent where it asks for nothing. "meets" and "below" need P(theta >= cut) at or beyond the rule's error rates,
    "precise" the target standard error, "limit" one of the limits.
    """
    exhausted = sum(counts.values()) >= rule.max_items
    asked = [name for name in posteriors if counts.get(name, 0) >= rule.min_items_per_competency]
    cuts = {name: cut for name in asked if (cut := required_cuts.get(name)) is not None}
    below = dict(zip(cuts, probabilities_below([posteriors[name] for name in cuts], list(cuts.values())), strict=True))
    decisions = {}
    for competency, posterior in posteriors.items():
        count = counts.get(competency, 0)
        reason: Reason | None = None
        if count >= rule.min_items_per_competency:
            reason = _verdict(posterior, below.get(competency), rule)
        if reason is None and (exhausted or count >= rule.max_items_per_competency):
            reason = "limit"
        decisions[competency] = Decision(reason is not None, reason)
    return decisions


def _verdict(posterior: Posterior, below: float | None, rule: StopRule) -> Reason | None:
    if below is not None:
        error_below = rule.error_rate if rule.error_rate_below is None else rule.error_rate_below
        if below <= rule.error_rate:
            return "meets"
        if 1.0 - below <= error_below:
            return "below"
    return "precise" if posterior.se <= rule.target_se else None
