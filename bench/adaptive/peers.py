"""The rules beside ours, each on one competency at a time as they are published."""

from __future__ import annotations

import numpy as np
from catsim import ItemBank as CatsimBank
from catsim.estimation import NumericalSearchEstimator
from catsim.irt import see
from catsim.selection import MaxInfoSelector

from assessments.measurement import GRID, LOG_PRIOR
from bench.adaptive.world import COMPETENCIES, ITEMS, Point, World, judge

LENGTHS = (4, 8, 12, 16, 24, 32)
STOPS = (0.50, 0.45, 0.40, 0.35, 0.30)
LIMIT = 40


def fixed_form(world: World) -> list[Point]:
    """One form of 32 items for everybody: the bank's difficulties evenly represented; scored by EAP."""
    forms = np.array([np.argsort(b)[np.linspace(0, ITEMS - 1, 32).round().astype(int)] for b in world.b])
    rng = np.random.default_rng(1)
    forms = np.array([rng.permutation(form) for form in forms])
    points = []
    for length in LENGTHS:
        estimate = np.empty_like(world.theta)
        for k in range(COMPETENCIES):
            form = forms[k, :length]
            z = world.a[k, form, None] * (GRID - world.b[k, form, None])
            right = world.right[:, k, form]
            logs = right @ -np.logaddexp(0, -z) + (1 - right) @ -np.logaddexp(0, z) + LOG_PRIOR
            weights = np.exp(logs - logs.max(axis=1, keepdims=True))
            estimate[:, k] = weights @ GRID / weights.sum(axis=1)
        points.append(judge(world, str(length), estimate, length, 1.0))
    return points


def flash(world: World) -> list[Point]:
    """Pix's published flash rule: 80 points on -9..9, a normal prior of variance 1.5 re-centred at the last estimate
    after every answer, the next item drawn from the five most informative at that estimate.
    """
    samples = np.arange(-9.0, 9.0, 18 / 80)
    rng = np.random.default_rng(2)
    people = len(world.theta)
    rows = np.arange(people)
    estimates = np.zeros((max(LENGTHS) + 1, people, COMPETENCIES))
    used = np.zeros((max(LENGTHS) + 1, COMPETENCIES, ITEMS))
    for k in range(COMPETENCIES):
        a, b = world.a[k], world.b[k]
        left = np.ones((people, ITEMS), dtype=bool)
        logs = np.zeros((people, samples.size))
        capacity = np.zeros(people)
        for step in range(1, max(LENGTHS) + 1):
            p = 1 / (1 + np.exp(-a * (capacity[:, None] - b)))
            reward = np.where(left, a**2 * p * (1 - p), -1.0)
            top = np.argpartition(-reward, 5, axis=1)[:, :5]
            item = top[rows, rng.integers(0, 5, people)]
            left[rows, item] = False
            used[step, k] = used[step - 1, k] + np.bincount(item, minlength=ITEMS)
            z = a[item, None] * (samples - b[item, None])
            right = world.right[rows, k, item][:, None]
            logs += np.where(right == 1, -np.logaddexp(0, -z), -np.logaddexp(0, z))
            posterior = logs - (samples - capacity[:, None]) ** 2 / 3.0
            weights = np.exp(posterior - posterior.max(axis=1, keepdims=True))
            capacity = weights @ samples / weights.sum(axis=1)
            estimates[step, :, k] = capacity
    return [judge(world, str(length), estimates[length], length, used[length].max() / people) for length in LENGTHS]


def catsim_se_stop(world: World) -> list[Point]:
    """catsim's selector and estimator, stopped when its standard error reaches the bound."""
    selector, estimator = MaxInfoSelector(), NumericalSearchEstimator()
    finals = {stop: np.empty_like(world.theta) for stop in STOPS}
    used = {stop: np.zeros((COMPETENCIES, ITEMS)) for stop in STOPS}
    for k in range(COMPETENCIES):
        bank = CatsimBank(np.column_stack([world.a[k], world.b[k], np.zeros(ITEMS), np.ones(ITEMS)]))
        for person in range(len(world.theta)):
            given: list[int] = []
            answers: list[bool] = []
            theta, waiting = 0.0, list(STOPS)
            while waiting:
                item = selector.select(item_bank=bank, administered_items=given, est_theta=theta)
                given.append(int(item))
                answers.append(bool(world.right[person, k, item]))
                theta = float(
                    estimator.estimate(
                        item_bank=bank, administered_items=given, response_vector=answers, est_theta=theta
                    )
                )
                error = see(theta, bank.items[given])
                while waiting and (error <= waiting[0] or len(given) >= LIMIT):
                    finals[waiting[0]][person, k] = theta
                    used[waiting[0]][k, given] += 1
                    waiting.pop(0)
    return _se_points(world, finals, used)


def eap_se_stop(world: World) -> list[Point]:
    """An SE stop at its best: EAP with its posterior SD, maximum information, no exposure limit, no borrowing."""
    finals = {stop: np.empty_like(world.theta) for stop in STOPS}
    used = {stop: np.zeros((COMPETENCIES, ITEMS)) for stop in STOPS}
    people = len(world.theta)
    rows = np.arange(people)
    for k in range(COMPETENCIES):
        a, b = world.a[k], world.b[k]
        left = np.ones((people, ITEMS), dtype=bool)
        given = np.zeros((people, ITEMS), dtype=bool)
        logs = np.tile(LOG_PRIOR, (people, 1))
        done = {stop: np.zeros(people, dtype=bool) for stop in STOPS}
        for step in range(1, LIMIT + 1):
            weights = np.exp(logs - logs.max(axis=1, keepdims=True))
            mean = weights @ GRID / weights.sum(axis=1)
            p = 1 / (1 + np.exp(-a * (mean[:, None] - b)))
            item = np.where(left, a**2 * p * (1 - p), -1.0).argmax(axis=1)
            left[rows, item], given[rows, item] = False, True
            z = a[item, None] * (GRID - b[item, None])
            right = world.right[rows, k, item][:, None]
            logs += np.where(right == 1, -np.logaddexp(0, -z), -np.logaddexp(0, z))
            weights = np.exp(logs - logs.max(axis=1, keepdims=True))
            weights /= weights.sum(axis=1, keepdims=True)
            mean = weights @ GRID
            error = np.sqrt(weights @ GRID**2 - mean**2)
            for stop in STOPS:
                now = ~done[stop] & ((error <= stop) | (step == LIMIT))
                finals[stop][now, k] = mean[now]
                used[stop][k] += given[now].sum(axis=0)
                done[stop] |= now
    return _se_points(world, finals, used)


def _se_points(world: World, finals: dict[float, np.ndarray], used: dict[float, np.ndarray]) -> list[Point]:
    return [
        judge(
            world,
            f"{stop:.2f}",
            finals[stop],
            float(used[stop].sum()) / world.theta.size,
            float(used[stop].max()) / len(world.theta),
        )
        for stop in STOPS
    ]
