import numpy as np
import pytest

from assessments.measurement import PROVISIONAL_CUTS, ItemParameters
from assessments.measurement.proposal import compare_items, compare_people, readiness
from assessments.measurement.responses import Responses

from .factories import answer, make_items


def test_compare_items_flags_only_what_moved_more_than_a_trifle_and_chance():
    old = [ItemParameters("2pl", 1.2, 0.0, label=name) for name in "pqr"]
    new = [ItemParameters("2pl", 1.2, shift, label=name) for name, shift in zip("pqr", (0.6, 0.6, 0.05), strict=True)]
    changes = compare_items(old, new, [(0.1, 0.1), (0.1, 0.5), (0.01, 0.01)])
    assert [(change.label, change.drifted, round(change.z_b, 6)) for change in changes] == [
        ("p", True, 6.0),
        ("q", False, 1.2),
        ("r", False, 5.0),
    ]


def test_compare_people_counts_whose_level_would_change():
    rng = np.random.default_rng(1)
    items = make_items(rng, 20)
    responses = Responses.from_matrix(answer(rng, items, rng.normal(size=400)))
    same = compare_people(responses, items, items, PROVISIONAL_CUTS)
    assert (same.moved, int(np.trace(same.table)), same.largest_shift) == (0, 400, 0.0)
    easier = [ItemParameters("2pl", p.a, p.b - 0.5) for p in items]
    change = compare_people(responses, items, easier, PROVISIONAL_CUTS)
    assert change.moved == 400 - int(np.trace(change.table))
    assert change.mean_shift == pytest.approx(-0.45, abs=0.05)


@pytest.mark.parametrize(("n", "state"), [(199, "uncalibrated"), (200, "difficulty_only"), (500, "calibrated")])
def test_readiness_follows_the_number_of_responses(n, state):
    assert readiness(n) == state
