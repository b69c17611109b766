import numpy as np
import pytest

from assessments.measurement import (
    PROVISIONAL_CUTS,
    Decision,
    Posterior,
    StopRule,
    ageing,
    decide,
    report_level,
    report_levels,
)

RULE = StopRule(max_items=20, max_items_per_competency=6, target_se=0.3)


@pytest.mark.parametrize(
    ("mean", "sd", "count", "cut", "expected"),
    [
        (1.0, 0.5, 4, 0.0, Decision(True, "meets")),
        (-1.0, 0.5, 4, 0.0, Decision(True, "below")),
        (0.1, 0.5, 4, 0.0, Decision(False, None)),
        (0.1, 0.29, 4, 0.0, Decision(True, "precise")),
        (0.1, 0.29, 4, None, Decision(True, "precise")),
        (0.1, 0.5, 6, 0.0, Decision(True, "limit")),
        (1.0, 0.5, 1, 0.0, Decision(False, None)),
    ],
)
def test_decide_gives_the_reason(mean, sd, count, cut, expected):
    assert decide({"k": Posterior.from_normal(mean, sd)}, {"k": count}, {"k": cut}, RULE) == {"k": expected}


def test_decide_stops_everything_at_the_sittings_limit():
    posteriors = {"k": Posterior.from_normal(0.1, 0.6), "m": Posterior.from_normal(2.0, 0.4)}
    decisions = decide(posteriors, {"k": 4, "m": 2, "other": 14}, {"k": 0.0, "m": 0.0}, RULE)
    assert decisions == {"k": Decision(True, "limit"), "m": Decision(True, "meets")}


def test_decide_has_an_error_rate_for_each_verdict():
    rule = StopRule(20, 6, 0.0, error_rate=0.05, error_rate_below=0.2)
    likely_above, likely_below = Posterior.from_normal(0.7, 0.5), Posterior.from_normal(-0.7, 0.5)
    assert decide({"u": likely_above, "v": likely_below}, {"u": 3, "v": 3}, {"u": 0.0, "v": 0.0}, rule) == {
        "u": Decision(False, None),
        "v": Decision(True, "below"),
    }


@pytest.mark.parametrize("numbers", [(0, 1, 0.3), (5, 0, 0.3), (5, 5, -1.0), (5, 5, 0.3, 0.7), (5, 5, 0.3, 0.1, 0.0)])
def test_stop_rule_refuses_numbers_that_cannot_be(numbers):
    with pytest.raises(ValueError):
        StopRule(*numbers)


@pytest.mark.parametrize(
    ("mean", "sd", "count", "expected"),
    [
        (0.375, 0.3, 8, (5, 3, "level")),
        (0.75, 0.4, 8, (None, 3, "band")),
        (0.0, 0.6, 8, (None, None, "insufficient")),
        (0.375, 0.3, 2, (None, None, "insufficient")),
        (3.2, 0.5, 8, (8, 4, "level")),
    ],
)
def test_report_says_no_more_than_the_posterior_earned(mean, sd, count, expected):
    report = report_level(Posterior.from_normal(mean, sd), PROVISIONAL_CUTS, count)
    assert (report.level, report.band, report.status) == expected
    assert report.bands.sum() == pytest.approx(1.0)


def test_many_reports_at_once_are_those_of_each_under_its_own_standard():
    means = [-2.5, -0.4, 0.375, 0.375, 1.9]
    standards = [[cut + shift for cut in PROVISIONAL_CUTS] for shift in (0.0, 0.3, 0.0, -0.9, 0.1)]
    counts = [8, 3, 8, 2, 12]
    posteriors = [Posterior.from_normal(mean, 0.35) for mean in means]
    together = report_levels(posteriors, standards, counts)
    alone = list(map(report_level, posteriors, standards, counts))
    assert [(one.level, one.band, one.status) for one in together] == [
        (one.level, one.band, one.status) for one in alone
    ]
    assert [(one.level, one.status) for one in alone].count((5, "level")) == 1
    for one, other, posterior, cuts in zip(together, alone, posteriors, standards, strict=True):
        np.testing.assert_allclose(one.levels, other.levels, atol=1e-12)
        np.testing.assert_allclose(one.levels, posterior.level_probabilities(cuts), atol=1e-12)
    assert report_levels([], [], []) == []


def test_ageing_widens_by_the_random_walk_and_keeps_the_mean():
    aged = ageing(Posterior.from_normal(0.5, 0.3), years=4, sd_per_year=0.2)
    assert aged.mean == pytest.approx(0.5, abs=1e-3)
    assert aged.se == pytest.approx(np.hypot(0.3, 0.4), abs=1e-3)


def test_ageing_two_years_equals_one_year_twice_and_no_time_changes_nothing():
    posterior = Posterior.from_normal(-0.8, 0.35)
    twice = ageing(ageing(posterior, 1, 0.05), 1, 0.05)
    assert np.allclose(twice.weights, ageing(posterior, 2, 0.05).weights, atol=1e-12)
    assert ageing(posterior, 0, 0.2) is posterior


def test_ageing_never_says_less_than_no_evidence():
    assert ageing(Posterior.from_normal(0.0, 0.4), 500, 0.3).se == pytest.approx(1.0, abs=1e-3)
