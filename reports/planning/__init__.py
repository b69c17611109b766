"""Which units take which courses: expected effect of seats, and the best use of what there is. No Django."""

from .expected import CLAIM_DOUBT, Effect, Need, brought_interval, brought_share, expected_rate, need_within, side_rate
from .solving import SECONDS, SHARE_OF_PLAN, Problem, Resource, Solution, bind_resources, solve, whole_people

__all__ = [
    "CLAIM_DOUBT",
    "SECONDS",
    "SHARE_OF_PLAN",
    "Effect",
    "Need",
    "Problem",
    "Resource",
    "Solution",
    "bind_resources",
    "brought_interval",
    "brought_share",
    "expected_rate",
    "need_within",
    "side_rate",
    "solve",
    "whole_people",
]
