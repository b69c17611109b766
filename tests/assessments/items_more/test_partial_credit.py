"""Binning: every score is reached, none is above four, the whole maximum takes everything right."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.items.partial_credit import binned_score, highest_score


@pytest.mark.parametrize(
    ("parts", "scores"),
    [
        (1, [0, 1]),
        (2, [0, 1, 2]),
        (4, [0, 1, 2, 3, 4]),
        (5, [0, 0, 1, 2, 3, 4]),
        (8, [0, 0, 1, 1, 2, 2, 3, 3, 4]),
        (10, [0, 0, 0, 1, 1, 2, 2, 2, 3, 3, 4]),
    ],
)
def test_points_fall_into_scores(parts, scores):
    assert [binned_score(points, parts) for points in range(parts + 1)] == scores


@given(st.integers(1, 60))
def test_every_score_is_reached_and_only_all_points_earn_the_maximum(parts):
    scores = [binned_score(points, parts) for points in range(parts + 1)]
    assert set(scores) == set(range(highest_score(parts) + 1))
    assert scores == sorted(scores)
    assert scores.index(highest_score(parts)) == parts
    assert highest_score(parts) <= 4


@given(st.integers(-50, 80), st.integers(1, 60))
def test_points_beyond_either_end_are_cut(points, parts):
    assert binned_score(points, parts) == binned_score(max(0, min(points, parts)), parts)
