"""The optimiser against every plan there is, in cases small enough to try them all."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from reports.planning import Problem, bind_resources, solve
from reports.planning.solving import value_of


def random_problem(rng: np.random.Generator) -> Problem:
    parts, courses, competencies = (int(rng.integers(1, high)) for high in (4, 3, 4))
    below = rng.uniform(0, 4, (parts, competencies)) * rng.integers(0, 2, (parts, competencies))
    return Problem(
        rate=rng.uniform(0, 1, (parts, courses, competencies)) * rng.integers(0, 2, (parts, courses, competencies)),
        below=below,
        weight=rng.choice([0.0, 0.5, 1.0, 3.0], parts),
        lead=rng.integers(0, competencies, (parts, courses)),
        most=rng.integers(0, 4, (parts, courses)),
        seats=rng.integers(0, 7, courses),
        hours=rng.choice([0.5, 2.0, 7.5], courses),
        cost=rng.choice([0.0, 100.0, 350.0], courses),
        hours_limit=float(rng.uniform(0, 20)) if rng.integers(2) else None,
        budget=float(rng.uniform(0, 1200)) if rng.integers(2) else None,
    )


def is_allowed(problem: Problem, seats: np.ndarray) -> bool:
    parts, _courses, competencies = problem.rate.shape
    taken = seats.sum(axis=0)
    for part in range(parts):
        for competency in range(competencies):
            given = seats[part, problem.lead[part] == competency].sum()
            if given > np.floor(problem.below[part, competency] + 0.5):
                return False
    return bool(
        (taken <= problem.seats).all()
        and (problem.hours_limit is None or taken @ problem.hours <= problem.hours_limit + 1e-9)
        and (problem.budget is None or taken @ problem.cost <= problem.budget + 1e-9)
    )


def best_by_trying(problem: Problem) -> float:
    ranges = [range(most + 1) for most in problem.most.ravel().tolist()]
    plans = (np.array(plan).reshape(problem.most.shape) for plan in product(*ranges))
    return max(value_of(problem, plan)[0] for plan in plans if is_allowed(problem, plan))


@pytest.mark.parametrize("limit", ["hours_limit", "budget"])
def test_what_is_best_is_known_as_such_however_many_seats_are_offered(limit: str) -> None:
    problem = Problem(
        rate=np.full((1, 1, 1), 0.3),
        below=np.full((1, 1), 2e6),
        weight=np.ones(1),
        lead=np.zeros((1, 1), dtype=np.int64),
        most=np.full((1, 1), 2_000_000),
        seats=np.array([1_000_000]),
        hours=np.ones(1),
        cost=np.ones(1),
        **{limit: 40.0},
    )
    found = solve(problem)
    assert (found.is_best, found.seats.tolist()) == (True, [[40]])
    assert [each.more for each in bind_resources(problem, found)] == pytest.approx([0.0, 0.3])


@pytest.mark.parametrize("seed", range(60))
def test_no_plan_is_better_than_the_solvers(seed: int) -> None:
    problem = random_problem(np.random.default_rng(seed))
    found = solve(problem)
    assert is_allowed(problem, found.seats)
    assert (found.seats <= problem.most).all()
    assert found.value == pytest.approx(best_by_trying(problem), abs=1e-5)
    assert found.is_best


@pytest.mark.parametrize("seed", range(60, 80))
def test_what_one_more_brings_is_what_trying_all_says(seed: int) -> None:
    problem = random_problem(np.random.default_rng(seed))
    found = solve(problem)
    for resource in bind_resources(problem, found):
        if resource.kind == "seats":
            wider = replace(problem, seats=problem.seats + (np.arange(problem.seats.size) == resource.course))
        elif resource.kind == "hours":
            wider = replace(problem, hours_limit=resource.limit + resource.step)
        else:
            wider = replace(problem, budget=resource.limit + resource.step)
        assert resource.more == pytest.approx(best_by_trying(wider) - found.value, abs=2e-5)


def two_courses(budget: float) -> Problem:
    """One unit with people below in two competencies, a cheap course for the one and a dear one for the other."""
    return Problem(
        rate=np.array([[[0.50, 0.0], [0.0, 0.90]]]),
        below=np.array([[4.0, 4.0]]),
        weight=np.ones(1),
        lead=np.array([[0, 1]]),
        most=np.array([[4, 4]]),
        seats=np.array([4, 4]),
        hours=np.ones(2),
        cost=np.array([5.0, 10.0]),
        budget=budget,
    )


def greedy(problem: Problem) -> np.ndarray:
    """Give seat after seat to the course that brings most for its money."""
    seats = np.zeros_like(problem.most)
    while True:
        now = value_of(problem, seats)[0]
        options = []
        for place in np.ndindex(*seats.shape):
            more = seats.copy()
            more[place] += 1
            if more[place] <= problem.most[place] and is_allowed(problem, more):
                options.append(((value_of(problem, more)[0] - now) / problem.cost[place[1]], place))
        if not options or max(options)[0] <= 0:
            return seats
        seats[max(options)[1]] += 1


def test_greedy_choice_is_worse_where_the_budget_does_not_divide() -> None:
    """Greedy takes the one cheap seat first and has money for one dear seat left; without it two dear seats fit."""
    problem = replace(two_courses(20.0), seats=np.array([1, 4]))
    assert value_of(problem, greedy(problem))[0] == pytest.approx(1.4)
    assert solve(problem).value == pytest.approx(1.8)
    assert solve(problem).seats.tolist() == [[0, 2]]


def test_limit_that_is_used_up_need_not_bind_and_one_more_may_bring_nothing() -> None:
    problem = replace(two_courses(20.0), seats=np.array([0, 2]))
    found = {
        each.kind if each.course is None else each.course: each for each in bind_resources(problem, solve(problem))
    }
    assert (found[1].used, found[1].limit) == (2.0, 2.0)
    assert found[1].more == 0.0  # no money for a third
    assert (found["budget"].step, found["budget"].more) == (5.0, 0.0)  # and no seat for 5 more
    assert found[0].more == 0.0


def test_one_more_place_of_a_hundred_thousand_brings_what_it_brings() -> None:
    people = 400_000
    problem = Problem(
        rate=np.array([[[0.4, 0.0], [0.0, 0.4]]]),
        below=np.full((1, 2), float(people)),
        weight=np.ones(1),
        lead=np.array([[0, 1]]),
        most=np.full((1, 2), people),
        seats=np.full(2, 100_000),
        hours=np.full(2, 8.0),
        cost=np.ones(2),
    )
    assert [each.more for each in bind_resources(problem, solve(problem))] == [pytest.approx(0.4), pytest.approx(0.4)]


def test_what_lies_within_the_bounds_of_both_plans_cannot_be_told() -> None:
    """A plan that is not proven best may gain what it missed, not what one more brings. Control: a proven one does."""
    problem = replace(two_courses(20.0), seats=np.array([4, 1]))
    best = solve(problem)
    told = bind_resources(problem, best)
    unproven = bind_resources(problem, replace(best, bound=best.value + 5.0))
    assert [each.more is None for each in told] == [False] * 3
    assert [each.more is None for each in unproven if told[unproven.index(each)].more] == [True]


def test_all_limits_share_one_time() -> None:
    problem = two_courses(20.0)
    assert [each.more for each in bind_resources(problem, solve(problem), seconds=0.0)] == [None] * 3


def test_seats_that_bring_nobody_are_not_given() -> None:
    problem = replace(two_courses(1000.0), rate=np.array([[[0.5, 0.0], [0.0, 0.0]]]))
    assert solve(problem).seats.tolist() == [[4, 0]]


def test_nobody_is_counted_as_brought_twice() -> None:
    """Two courses that both help in one competency bring no more people than are below."""
    problem = replace(
        two_courses(1000.0),
        rate=np.array([[[0.9, 0.0], [0.9, 0.0]]]),
        below=np.array([[2.0, 4.0]]),
        lead=np.array([[0, 1]]),
    )
    assert solve(problem).value == pytest.approx(2.0)


def test_nothing_to_gain_gives_no_seats() -> None:
    problem = two_courses(1000.0)
    nothing = replace(problem, below=np.zeros((1, 2)), most=np.zeros((1, 2), dtype=np.int64))
    assert solve(nothing).seats.tolist() == [[0, 0]]
    assert solve(nothing).is_best


def test_hundred_units_and_eight_courses_are_planned_within_seconds() -> None:
    rng = np.random.default_rng(1)
    below = rng.uniform(0, 30, (100, 12))
    problem = Problem(
        rate=rng.uniform(0, 0.6, (100, 8, 12)) * (rng.uniform(size=(100, 8, 12)) < 0.2),
        below=below,
        weight=rng.uniform(0.5, 2, 100),
        lead=rng.integers(0, 12, (100, 8)),
        most=rng.integers(0, 25, (100, 8)),
        seats=np.full(8, 200),
        hours=rng.uniform(1, 20, 8),
        cost=rng.uniform(0, 5e6, 8),
        hours_limit=9000.0,
        budget=2e9,
    )
    found = solve(problem, seconds=8.0)
    assert found.bound - found.value <= 0.001 * found.value
