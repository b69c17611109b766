"""Hidden true abilities: a pure function of the seed, so that any report can be checked against the truth."""

import hashlib
from dataclasses import dataclass

import numpy as np

SEED = 20250701
BETWEEN_TOP_UNITS = 0.45
BETWEEN_OFFICES = 0.25
BETWEEN_GROUPS = 0.35
WITHIN = 0.75
GENERAL_SHARE = 0.6
"""Correlation between two competencies of one person around the unit's mean."""


def _draw(*names: str) -> float:
    """Return a standard normal number that the seed and the names fix."""
    digest = hashlib.sha256("|".join([str(SEED), *names]).encode()).digest()
    return float(np.random.default_rng(int.from_bytes(digest[:8], "big")).standard_normal())


@dataclass(frozen=True)
class Seat:
    """Where a demo person sits: codes of the person, the unit, its department or commune, and the position group."""

    employee_code: str
    unit_code: str
    top_unit_code: str
    group_code: str


def true_ability(seat: Seat, competency: str) -> float:
    """Return theta of a person in a competency: unit, office and group effects, and the person's own."""
    unit = BETWEEN_TOP_UNITS * (
        0.8 * _draw("top", seat.top_unit_code) + 0.6 * _draw("top", seat.top_unit_code, competency)
    )
    office = (
        BETWEEN_OFFICES * _draw("unit", seat.unit_code, competency) if seat.unit_code != seat.top_unit_code else 0.0
    )
    group = BETWEEN_GROUPS * _draw("group", seat.group_code, competency)
    own = GENERAL_SHARE**0.5 * _draw("person", seat.employee_code)
    own += (1 - GENERAL_SHARE) ** 0.5 * _draw("person", seat.employee_code, competency)
    return unit + office + group + WITHIN * own
