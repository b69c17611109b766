"""What a seat is expected to bring, against people drawn one by one."""

import numpy as np
import pytest

from assessments.measurement import share_interval
from reports.planning import Effect, Need, brought_interval, brought_share, expected_rate, need_within, side_rate


def test_share_brought_by_hand() -> None:
    """Half below and D ~ N(0, 1): P(D <= 1 | D > 0) = 0.6827; the whole levels missed are sum_j P(D > j) / P(D > 0)."""
    missing = 2 * (0.5 + 0.158655 + 0.022750 + 0.001350)
    assert brought_share(1.0, 0.5, missing) == pytest.approx(0.6827, abs=1e-4)
    assert brought_share(0.0, 0.5, missing) == 0.0
    assert brought_share(-1.0, 0.5, missing) == 0.0


@pytest.mark.parametrize("missing", [1.0, 1.5, 3.0, 7.0, 9.0])
@pytest.mark.parametrize("share", [0.0001, 0.2, 0.999, 1.0])
def test_share_brought_rises_with_the_gain_from_nobody_to_all(share: float, missing: float) -> None:
    brought = [brought_share(gain, share, missing) for gain in (0.1, 0.5, 1.0, 2.0, 500.0)]
    assert brought == sorted(brought)
    assert brought[0] > 0.0
    assert brought[-1] == pytest.approx(1.0)


def test_nobody_below_misses_less_than_a_level() -> None:
    with pytest.raises(ValueError, match=r"at least one whole level, got 0\.5"):
        brought_share(1.0, 0.5, 0.5)


@pytest.mark.parametrize("centre", [-0.6, 0.0, 0.8])
@pytest.mark.parametrize("gain", [0.3, 0.6, 1.2])
def test_cell_figures_predict_how_many_normal_people_a_gain_lifts(centre: float, gain: float) -> None:
    """Ability normal round the requirement, one level 0.75 wide: the prediction is within half a point of the truth."""
    levels = np.random.default_rng(5).normal(centre, 1.0, 200_000) / 0.75
    below = levels < 0
    missing = float(np.ceil(-levels[below]).mean())
    truth = float((levels[below] + gain >= 0).mean())
    assert brought_share(gain, float(below.mean()), missing) == pytest.approx(truth, abs=0.005)


def need_of(p: np.ndarray, missing: float) -> Need:
    share, low, high = (float(each) for each in share_interval(p.size, p.sum(), (p * (1 - p)).sum(), 0.0))
    return Need(p.size, share, low, high, missing)


def test_hit_lies_between_the_share_and_what_choosing_by_probability_gives() -> None:
    p = np.random.default_rng(3).beta(0.8, 0.8, 400)
    need = need_of(p, 2.0)
    by_probability = float((p**2).sum() / p.sum())
    assert need.hit == pytest.approx(by_probability, abs=0.02)
    assert need.share < need.hit
    first = np.sort(p)[::-1][:100]
    assert need.hit < first.mean()


def test_uncertain_figures_give_no_better_hit_than_chance() -> None:
    assert Need(10, 0.3, 0.0, 0.9, 1.5).hit == 0.3
    assert Need(10, 0.0, 0.0, 0.2, 1.0).hit == 0.0


def test_seat_given_for_another_competency_meets_somebody_below_by_chance() -> None:
    need = Need(40, 0.5, 0.45, 0.55, 2.0)
    assert side_rate(need, Effect(1.0, 0.1), 0.8) == pytest.approx(0.5 * 0.8 * brought_share(1.0, 0.5, 2.0))


def test_interval_covers_the_number_that_people_drawn_one_by_one_reach() -> None:
    rng = np.random.default_rng(11)
    effect, seats, covered, trials = Effect(0.7, 0.15), 24, 0, 2000
    p = np.full(40, 0.96)
    need = need_of(p, 1.6)
    _expected, low, high = brought_interval(seats, need, effect)
    for gain in rng.normal(effect.gain, effect.se, trials):
        rate = expected_rate(need, Effect(gain, 0.0))
        covered += low <= rng.binomial(seats, min(1.0, rate)) <= high
    assert 0.94 <= covered / trials <= 0.995


def test_claim_that_may_be_wrong_by_all_of_it_gives_a_wider_interval() -> None:
    need = Need(40, 0.6, 0.5, 0.7, 1.6)
    measured, claimed = (brought_interval(20, need, Effect(0.6, se)) for se in (0.08, 0.3))
    assert measured[0] == claimed[0]
    assert claimed[2] - claimed[1] > measured[2] - measured[1]


def test_those_of_whom_less_is_required_are_below_less_often_and_miss_less() -> None:
    """Ability of 4000 people, half required level 4 and half level 6: the cell's figures tell what each half needs."""
    rng = np.random.default_rng(7)
    level = np.clip(np.floor(rng.normal(0.0, 1.0, 4000) / 0.75 + 3 + 1).astype(int) + 1, 1, 8)
    required = np.where(np.arange(4000) < 2000, 4, 6)
    missed = np.maximum(required - level, 0)
    every = Need(4000, float((missed > 0).mean()), 0.5, 0.6, float(missed[missed > 0].mean()))
    levels = np.bincount(level, minlength=9)[1:].tolist()
    found = need_within(every, levels, {4: 2000, 6: 2000}, 4)
    assert found is not None
    half = missed[:2000]
    assert found.assessed == 2000
    assert found.share == pytest.approx((half > 0).mean(), abs=0.02)
    assert found.missing == pytest.approx(half[half > 0].mean(), abs=0.05)


def test_need_within_the_highest_requirement_is_everybodys() -> None:
    need = Need(40, 0.5, 0.4, 0.6, 1.7)
    found = need_within(need, [5.0] * 8, {3: 20, 5: 20}, 5)
    assert found == Need(40, pytest.approx(0.5), pytest.approx(0.4), pytest.approx(0.6), pytest.approx(1.7))


@pytest.mark.parametrize(("required", "limit"), [({5: 10}, 4), ({1: 10, 5: 10}, 4), ({}, 8)])
def test_nobody_within_reach_is_no_need(required: dict[int, int], limit: int) -> None:
    assert need_within(Need(20, 0.5, 0.4, 0.6, 1.5), [2.0] * 8, required, limit) is None
