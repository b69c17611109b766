"""The plan as a mixed-integer linear programme, solved by HiGHS through scipy.

    maximise    sum_uk w_u z_uk - tiny sum_uc x_uc
    subject to  z_uk <= sum_c r_uck x_uc            what the seats are expected to bring
                z_uk <= B_uk                        no more people than are below
                sum_{c: lead(u,c) = k} x_uc <= round(B_uk)  nobody two courses for the same competency
                sum_u x_uc <= seats_c,  sum_uc hours_c x_uc <= hours,  sum_uc cost_c x_uc <= budget
                x_uc whole, 0 <= x_uc <= most_uc

for parts u of the organisation, courses c and competencies k (Huangfu & Hall, 2018, for the solver).
"""

from dataclasses import dataclass, replace
from time import monotonic

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Limits = tuple[csr_array, float, Floats]
"""Coefficients by seat and bringing, the least and the most that their sums may be."""

SECONDS = 10.0
"""For a plan with all that is said of its limits."""
SHARE_OF_PLAN = 0.5
"""Of the time: so much at most for the plan itself, the rest for its limits."""
GAP = 1e-6
"""The solver stops when what is found is proven to be this near the best, or the time is over."""
_SHOWN = 0.05
"""People: less is said to be nobody."""
_NOISE = 1e-5
_TINY = 1e-7
"""Price of a seat beside the people it brings: seats that bring nobody are not given."""


@dataclass(frozen=True, eq=False)
class Problem:
    """What there is to decide about.

    rate: people brought per seat, shape (parts, courses, competencies). below: people below, (parts, competencies).
    weight: of the parts, (parts,). lead: competency that a course's seats in a part are given for, (parts, courses).
    most: seats of a course that a part can use, (parts, courses). seats, hours, cost: of each course, (courses,):
    places there are, and what one of them needs. hours_limit, budget: None without a limit.
    """

    rate: Floats
    below: Floats
    weight: Floats
    lead: Integers
    most: Integers
    seats: Integers
    hours: Floats
    cost: Floats
    hours_limit: float | None = None
    budget: float | None = None


@dataclass(frozen=True, eq=False)
class Solution:
    """seats: of each part and course, shape (parts, courses). value: weighted people brought. bound: what no plan can
    exceed. brought: people brought by part and competency, not weighted, (parts, competencies)."""

    seats: Integers
    value: float
    bound: float
    brought: Floats

    @property
    def is_best(self) -> bool:
        """Whether it is proven that no plan is better by more than a ten-thousandth."""
        return self.bound - self.value <= 1e-4 * max(1.0, self.value)


@dataclass(frozen=True, slots=True)
class Resource:
    """One limit of a problem. kind: seats, hours or budget; course: its index, of seats alone. step: how much more was
    tried; more: what it would bring (weighted people), None where what is proven of both plans does not tell."""

    kind: str
    course: int | None
    limit: float
    used: float
    step: float
    more: float | None


def whole_people(expected: Floats) -> Floats:
    """Return expected numbers of people as whole numbers, halves upwards: fewer than half a person is nobody."""
    return np.floor(expected + 0.5)


def value_of(problem: Problem, seats: Integers) -> tuple[float, Floats]:
    """Return the weighted people that these seats bring, and the people by part and competency."""
    brought = np.minimum(np.einsum("uck,uc->uk", problem.rate, seats), problem.below)
    return float(problem.weight @ brought.sum(axis=1)), brought


def solve(problem: Problem, seconds: float = SECONDS * SHARE_OF_PLAN) -> Solution:
    """Return the best plan found within the time; a plan of no seats where nothing can be gained."""
    parts, courses, competencies = problem.rate.shape
    n_seats, n_brought = parts * courses, parts * competencies
    if not n_seats or not n_brought or not (problem.most > 0).any():
        return Solution(np.zeros((parts, courses), dtype=np.int64), 0.0, 0.0, np.zeros((parts, competencies)))
    from scipy.optimize import Bounds, milp  # 15 MiB that only whoever makes a plan needs

    prices = np.concatenate([np.full(n_seats, _TINY), -np.repeat(problem.weight, competencies)])
    upper = np.concatenate([problem.most.ravel(), problem.below.ravel()])
    found = milp(
        prices,
        integrality=np.concatenate([np.ones(n_seats), np.zeros(n_brought)]),
        bounds=Bounds(np.zeros(upper.size), upper),
        constraints=_constraints(problem),
        options={"time_limit": seconds, "mip_rel_gap": GAP},
    )
    # Nothing found in time: no seats at all is a plan, if a poor one.
    taken = np.zeros(n_seats) if found.x is None else found.x[:n_seats]
    seats = np.rint(taken).astype(np.int64).reshape(parts, courses)
    value, brought = value_of(problem, seats)
    proven = getattr(found, "mip_dual_bound", None)
    bound = _most(problem) if proven is None else min(_TINY * _most_seats(problem) - proven, _most(problem))
    return Solution(seats, value, max(value, bound), brought)


def _most(problem: Problem) -> float:
    """Return the weighted people below: nobody else can be brought."""
    return float(problem.weight @ problem.below.sum(axis=1))


def _most_seats(problem: Problem) -> float:
    """Return so many seats that no plan has more: the price of all of them is what a bound may be off by."""
    found = [float(np.minimum(problem.most.sum(axis=0), problem.seats).sum())]
    for limit, needs in ((problem.hours_limit, problem.hours), (problem.budget, problem.cost)):
        if limit is not None and needs.min() > 0:
            found.append(limit / float(needs.min()))
    return min(found)


def _constraints(problem: Problem) -> list[Limits]:
    parts, courses, competencies = problem.rate.shape
    n_seats = parts * courses
    part, course = (index.ravel() for index in np.indices((parts, courses)))
    seat = np.arange(n_seats)
    every = np.ones(n_seats)
    # z - sum r x <= 0
    at, of, on = np.nonzero(problem.rate)
    rows = np.concatenate([np.arange(parts * competencies), at * competencies + on])
    columns = np.concatenate([n_seats + np.arange(parts * competencies), at * courses + of])
    values = np.concatenate([np.ones(parts * competencies), -problem.rate[at, of, on]])
    found = [_at_most(rows, columns, values, np.zeros(parts * competencies), problem)]
    whole = whole_people(problem.below.ravel())
    found.append(_at_most(part * competencies + problem.lead.ravel(), seat, every, whole, problem))
    found.append(_at_most(course, seat, every, problem.seats.astype(np.float64), problem))
    for limit, needs in ((problem.hours_limit, problem.hours), (problem.budget, problem.cost)):
        if limit is not None:
            found.append(_at_most(np.zeros(n_seats, dtype=np.int64), seat, needs[course], np.array([limit]), problem))
    return found


def _at_most(rows: Integers, columns: Integers, values: Floats, limits: Floats, problem: Problem) -> Limits:
    parts, courses, competencies = problem.rate.shape
    shape = (limits.size, parts * (courses + competencies))
    return coo_array((values, (rows, columns)), shape=shape).tocsr(), -np.inf, limits


def bind_resources(
    problem: Problem, solution: Solution, seconds: float = SECONDS * (1 - SHARE_OF_PLAN)
) -> list[Resource]:
    """Return each limit, how much of it the plan uses, and what one more would bring, by solving again.

    seconds: for all limits together; what cannot be solved in it cannot be told.

    One more is a seat, or the hours (money) that the course which needs least of them takes for one person: with less,
    no seat could be added. It may bring nothing although the limit is used up, and something although some is left.
    """
    found: list[tuple[str, int | None, float, float, float, Problem]] = []
    for of, limit in enumerate(problem.seats.tolist()):
        more = problem.seats.copy()
        more[of] += 1
        used = float(solution.seats[:, of].sum())
        found.append(("seats", of, limit, used, 1.0, replace(problem, seats=more)))
    taken = solution.seats.sum(axis=0)
    for kind, ceiling, needs in (
        ("hours", problem.hours_limit, problem.hours),
        ("budget", problem.budget, problem.cost),
    ):
        if ceiling is not None and (needs > 0).any():
            step = float(needs[needs > 0].min())
            raised = ceiling + step
            wider = replace(problem, hours_limit=raised) if kind == "hours" else replace(problem, budget=raised)
            found.append((kind, None, ceiling, float(taken @ needs), step, wider))
    end, resources = monotonic() + seconds, []
    for place, (kind, course, limit, used, step, wider) in enumerate(found):
        left = (end - monotonic()) / (len(found) - place)
        gain = _gain(solution, solve(wider, left)) if left > 0 else None
        resources.append(Resource(kind, course, limit, used, step, gain))
    return resources


def _gain(plan: Solution, wider: Solution) -> float | None:
    """Return what a wider plan brings more; None where it may as well be nobody, by the bounds of both."""
    gain = wider.value - plan.value
    if wider.bound - plan.value < _SHOWN:
        return gain if gain > _NOISE else 0.0
    return gain if wider.value > plan.bound else None
