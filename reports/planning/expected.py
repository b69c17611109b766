"""How many people a course is expected to bring to their requirement, from the figures of a cell alone.

A cell says which share is below and how many whole levels they miss on average, not who misses how much. The distance
to the requirement, in levels, is taken to be normal among the people of the cell, as ability is in the latent
regression that the cell comes from: the share and the levels missed fix its mean and its spread.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import floor

import numpy as np
from scipy.special import ndtr, ndtri

from assessments.measurement import share_interval

Z = 1.959963984540054
_LEVELS = np.arange(7.0)
_EDGE, _LEAST, _MOST = 1e-4, 0.05, 20.0
CLAIM_DOUBT = 0.5
"""An author's claim comes without an interval. It is given a standard error of half itself, so that its own 95%
interval reaches from next to nothing to twice the claim."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a course does to people in one competency: levels gained on average and the standard error of that."""

    gain: float
    se: float

    @property
    def low(self) -> float:
        """The lower end of the 95% interval."""
        return self.gain - Z * self.se

    @property
    def high(self) -> float:
        """The upper end of the 95% interval."""
        return self.gain + Z * self.se


@dataclass(frozen=True, slots=True)
class Need:
    """People of a part of the organisation in one competency, as its page shows them.

    assessed: people. share, low, high: of them below the requirement, with its 95% interval. missing: whole levels
    missed on average by those below, at least 1.
    """

    assessed: float
    share: float
    low: float
    high: float
    missing: float

    @property
    def below(self) -> float:
        """Expected number of people below."""
        return self.share * self.assessed

    @property
    def hit(self) -> float:
        """Chance that a seat for somebody below does meet such a person, between the share and 1.

        When people are chosen in proportion to their probability p of being below it is
        sum p^2 / sum p = 1 - sum p(1 - p) / sum p, and the sum of p(1 - p) is at most the variance of the number below,
        which the interval gives. Choosing the likeliest first does better still.
        """
        if not self.below:
            return 0.0
        variance = ((self.high - self.low) * self.assessed / (2 * Z)) ** 2
        return min(1.0, max(self.share, 1.0 - variance / self.below))


def brought_share(gain: float, share: float, missing: float) -> float:
    """Return the share of people below who reach the requirement when everybody gains so many levels.

    share, missing: as of a `Need`. With D ~ N(spread z, spread^2) the distance to the requirement, z = inverse Phi of
    the share, it is P(D <= gain | D > 0). The spread makes the whole levels missed, sum_j P(D > j) over j = 0, 1, ...,
    what the cell says. ValueError for people below who miss less than one level.
    """
    if missing < 1.0 - 1e-6:
        raise ValueError(f"whoever is below misses at least one whole level, got {missing}")
    if gain <= 0 or share <= 0:
        return 0.0
    z = float(ndtri(min(max(share, _EDGE), 1.0 - _EDGE)))
    return float(1.0 - ndtr(z - gain / _spread(z, missing)) / ndtr(z))


@lru_cache(maxsize=65536)
def _spread(z: float, missing: float) -> float:
    """Return the spread, in levels, with which people below miss so many whole levels; within what can be."""

    def excess(spread: float) -> float:
        return float(ndtr(z - _LEVELS / spread).sum() / ndtr(z)) - missing

    from scipy.optimize import brentq  # 15 MiB that only whoever makes a plan needs

    if excess(_LEAST) >= 0:
        return _LEAST
    return _MOST if excess(_MOST) <= 0 else float(brentq(excess, _LEAST, _MOST))


def expected_rate(need: Need, effect: Effect) -> float:
    """Return how many people a seat that is given for the competency is expected to bring to the requirement, 0 to 1.

    need: of those of whom no more is required than the course leads to, for nobody else gets a seat.
    """
    return need.hit * brought_share(effect.gain, need.share, need.missing)


def side_rate(need: Need, effect: Effect, reached: float) -> float:
    """Return the same for a seat that is given for another competency: anybody there may have got it.

    reached: share of the people of whom no more is required than the course leads to.
    """
    return reached * need.share * brought_share(effect.gain, need.share, need.missing)


def need_within(need: Need, levels: Sequence[float], required: Mapping[int, int], limit: int) -> Need | None:
    """Return the need of those of whom no more is required than a level, the limit; None when nobody of them is below.

    levels: expected number of assessed people at each of 8 levels. required: people by the level that their post
    requires. Whatever is required of people, they are taken to be at the levels alike, so those of whom much is
    required are below more often and miss more; all of them together have the given need.
    """
    below = {at: count * sum(levels[: at - 1]) for at, count in required.items()}
    missed = {
        at: count * sum((at - level) * people for level, people in enumerate(levels[: at - 1], start=1))
        for at, count in required.items()
    }
    within = [at for at in required if at <= limit]
    some = sum(below[at] for at in within)
    if some <= 0:
        return None
    people = sum(required[at] for at in within) / sum(required.values())
    every = sum(below.values())
    times = min(some / every / people, 1.0 / need.share)
    missing = need.missing * (sum(missed[at] for at in within) / some) / (sum(missed.values()) / every)
    return Need(
        assessed=need.assessed * people,
        share=need.share * times,
        low=need.low * times,
        high=min(1.0, need.high * times),
        missing=max(1.0, missing),
    )


def brought_interval(seats: int, need: Need, effect: Effect) -> tuple[float, int, int]:
    """Return how many of so many people the course brings to the requirement: expected, and a 95% interval.

    Each seat brings one person or none; the effect's standard error moves all seats together, and so does the doubt
    how many are below. The interval is that of `share_interval`, widened outwards to whole people.
    """
    rate = expected_rate(need, effect)
    above, under = (expected_rate(need, Effect(effect.gain + sign * effect.se, 0.0)) for sign in (1, -1))
    shared = ((above - under) / 2) ** 2
    if need.share:
        shared += (rate * (need.high - need.low) / (2 * Z) / need.share) ** 2
    _, low, high = share_interval(seats, seats * rate, seats * rate * (1 - rate), seats**2 * shared)
    return seats * rate, floor(float(low) * seats + 1e-9), -floor(-float(high) * seats + 1e-9)
