"""The measured effect of a course: right under selection by a noisy measurement, where a plain change is not."""

import numpy as np
import pytest

from courses.effect import ENOUGH, MeasuredEffect, measure_effect


def measured_people(
    rng: np.random.Generator, effect: float, *, people: int = 600, noise: float = 0.7, practice: float = 0.1
) -> tuple[np.ndarray, ...]:
    """Two measurements of people of whom those who look weakest took a course between them.

    Ability is N(0, 1); each measurement has the given error and is reported as a posterior under N(0, 1).
    """
    ability = rng.normal(0, 1, people)
    first = ability + rng.normal(0, noise, people)
    keep = 1 / (1 + noise**2)
    took = rng.uniform(size=people) < np.where(first * keep < 0, 0.75, 0.15)
    second = ability + practice + effect * took + rng.normal(0, 0.2, people) + rng.normal(0, noise, people)
    se = np.full(people, np.sqrt(1 - keep))
    return first * keep, se, second * keep, se, took


def test_effect_is_right_on_average_and_its_interval_covers_it() -> None:
    found = [measure_effect(*measured_people(np.random.default_rng(seed), 0.4)) for seed in range(300)]
    assert all(isinstance(each, MeasuredEffect) for each in found)
    gains = np.array([each.gain for each in found if each])
    errors = np.array([each.se for each in found if each])
    assert gains.mean() == pytest.approx(0.4, abs=0.02)
    assert 0.92 <= float((np.abs(gains - 0.4) < 1.96 * errors).mean()) <= 0.98


def test_plain_change_of_those_who_took_a_course_without_effect_looks_like_an_effect() -> None:
    """The control: passing luck and practice alone look like 0.3, four tenths of a level; measured it is nothing."""
    plain, measured = [], []
    for seed in range(60):
        before, before_se, after, after_se, took = measured_people(np.random.default_rng(seed), 0.0)
        unshrunk = before / before_se**2 / (1 / before_se**2 - 1), after / after_se**2 / (1 / after_se**2 - 1)
        plain.append((unshrunk[1] - unshrunk[0])[took].mean())
        found = measure_effect(before, before_se, after, after_se, took)
        assert found is not None
        measured.append(found.gain)
    assert np.mean(plain) == pytest.approx(0.32, abs=0.02)
    assert np.mean(measured) == pytest.approx(0.0, abs=0.03)


def test_difference_of_changes_is_wrong_too_where_the_weak_were_chosen() -> None:
    differences = []
    for seed in range(60):
        before, _before_se, after, _after_se, took = measured_people(np.random.default_rng(seed), 0.0)
        change = (after - before) * (1 + 0.7**2)
        differences.append(change[took].mean() - change[~took].mean())
    assert np.mean(differences) > 0.375


@pytest.mark.parametrize(("people", "compared"), [(ENOUGH - 1, 100), (100, ENOUGH - 1), (0, 0)])
def test_too_few_people_are_no_measurement(people: int, compared: int) -> None:
    rng = np.random.default_rng(0)
    size = people + compared
    took = np.arange(size) < people
    assert (
        measure_effect(rng.normal(size=size), np.full(size, 0.5), rng.normal(size=size), np.full(size, 0.5), took)
        is None
    )


def test_later_measurements_that_say_nothing_are_not_counted() -> None:
    rng = np.random.default_rng(0)
    took = np.arange(2 * ENOUGH) < ENOUGH
    se = np.full(took.size, 0.5)
    assert measure_effect(rng.normal(size=took.size), se, rng.normal(size=took.size), se, took) is not None
    empty = np.where(np.arange(took.size) == 0, 0.999, se)
    assert measure_effect(rng.normal(size=took.size), se, rng.normal(size=took.size), empty, took) is None
