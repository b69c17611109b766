"""One person's costs: the next item, an estimate, a whole adaptive step; and re-scoring a country."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from typing import Any

import adaptivetesting.math.estimators as adaptivetesting_estimators
import catpie
import catsim
import mirt
import numpy as np
from adaptivetesting.math.item_selection import maximum_information_criterion
from adaptivetesting.models import TestItem
from catsim.selection import MaxInfoSelector
from mirt.cat import CATEngine
from mirt.models import TwoParameterLogistic

from assessments.measurement import (
    BankItem,
    ItemBank,
    ItemParameters,
    JointModel,
    Posterior,
    StopRule,
    decide,
    estimate,
    joint_posterior,
    select_next,
)
from assessments.measurement.estimation import eap_from_rows, stack_tables
from bench.report import Record
from bench.timing import fastest

BANK, GIVEN = 10_000, list(range(20))


def run() -> list[Record]:
    print("one person ...", flush=True)
    rng = np.random.default_rng(20260701)
    a, b = np.exp(rng.normal(0.2, 0.3, BANK)), rng.normal(0.0, 1.2, BANK)
    return [*_select(a, b), _eap(a[:30], b[:30], rng), _step(a, b, rng), *_regrade(a[:200], b[:200], rng)]


def mirt_model(a: np.ndarray, b: np.ndarray) -> TwoParameterLogistic:
    """mirt's 2PL with known parameters; its flag says that they need not be fitted first."""
    model = TwoParameterLogistic(n_items=len(a))
    model.set_parameters(discrimination=a, difficulty=b)
    model._is_fitted = True
    return model


def adaptivetesting_items(a: np.ndarray, b: np.ndarray) -> list[TestItem]:
    items = []
    for slope, difficulty in zip(a, b, strict=True):
        item = TestItem()
        item.a, item.b = float(slope), float(difficulty)
        items.append(item)
    return items


def _parameters(a: np.ndarray, b: np.ndarray) -> list[ItemParameters]:
    return [ItemParameters("2pl", float(x), float(y)) for x, y in zip(a, b, strict=True)]


def _select(a: np.ndarray, b: np.ndarray) -> list[Record]:
    """The most informative of 10,000 items after 20: ours over the posterior, theirs at the point estimate."""
    bank = ItemBank(BankItem(at, "u", params) for at, params in enumerate(_parameters(a, b)))
    posterior = {"u": Posterior.from_normal(0.3, 0.35)}
    ours = fastest(lambda: select_next(bank, posterior, given=GIVEN), batch=50)
    best = bank.information @ posterior["u"].weights
    best[[bank.index[item] for item in GIVEN]] = -1.0
    chosen = select_next(bank, posterior, given=GIVEN)
    if chosen is None or chosen.item_id != bank.item(int(best.argmax())).id:
        raise RuntimeError("the item chosen is not the most informative one")
    catsim_bank = catsim.ItemBank(np.column_stack([a, b, np.zeros(BANK), np.ones(BANK)]))
    selector = MaxInfoSelector()
    engine = CATEngine(mirt_model(a, b), se_threshold=0.01, max_items=60)
    items = adaptivetesting_items(a[20:], b[20:])
    peers: dict[str, Callable[[], Any]] = {
        "catsim": lambda: selector.select(item_bank=catsim_bank, administered_items=GIVEN, est_theta=0.3),
        "adaptivetesting": lambda: maximum_information_criterion(items, 0.3),
    }
    times: dict[str, float | None] = {name: 1e3 * fastest(call) for name, call in peers.items()}
    times["mirt"] = 1e3 * _engine_next_item(engine)
    return [Record("select_10k", 1e3 * ours, "ms", times).with_ratio()]


def _engine_next_item(engine: CATEngine) -> float:
    """Seconds of mirt's engine for one item. A session keeps its pending item, so each one opens a new session."""
    times = []
    for _ in range(200):
        engine.reset()
        start = time.process_time()
        engine.select_next_item()
        times.append(time.process_time() - start)
    return min(times)


def _eap(a: np.ndarray, b: np.ndarray, rng: np.random.Generator) -> Record:
    """EAP and standard error from 30 responses."""
    scores = (rng.random(30) < 1 / (1 + np.exp(-a * (0.4 - b)))).astype(int)
    responses = list(zip(_parameters(a, b), scores.tolist(), strict=True))

    def ours() -> tuple[float, float]:
        posterior = estimate(responses)
        return posterior.mean, posterior.se

    model, matrix = mirt_model(a, b), scores[None, :]
    items = adaptivetesting_items(a, b)

    def theirs() -> tuple[float, float]:
        prior = adaptivetesting_estimators.NormalPrior(0, 1)
        estimator = adaptivetesting_estimators.ExpectedAPosteriori(scores, items, prior)
        mean = estimator.get_estimation()
        return mean, estimator.get_standard_error(mean)

    bank = [[x, y, 0.0, 1.0] for x, y in zip(a.tolist(), b.tolist(), strict=True)]
    answers = scores.tolist()

    def pies() -> tuple[float, float]:
        mean = catpie.eapEst(bank, answers)
        return mean, catpie.eapSem(mean, bank, answers)

    peers: dict[str, float | None] = {
        "mirt": 1e3 * fastest(lambda: mirt.fscores(model, matrix), batch=20),
        "adaptivetesting": 1e3 * fastest(theirs),
        "catpie": 1e3 * fastest(pies),
    }
    mean = ours()[0]
    if abs(mean - theirs()[0]) > 1e-4:
        raise RuntimeError("the estimates disagree")
    return Record("eap_30", 1e3 * fastest(ours, batch=50), "ms", peers).with_ratio()


def _step(a: np.ndarray, b: np.ndarray, rng: np.random.Generator) -> Record:
    """A whole adaptive step with 24 correlated competencies: take in an answer, decide, choose of 10,000 items."""
    names = [f"c{k:02d}" for k in range(24)]
    bank = ItemBank(BankItem(at, names[at % 24], params) for at, params in enumerate(_parameters(a, b)))
    correlation = np.full((24, 24), 0.6) + 0.4 * np.eye(24)
    state = joint_posterior(JointModel(names, correlation), np.zeros((24, 61)))
    for at in range(72):
        params = bank.item(bank.index[at]).parameters
        state = state.update(names[at % 24], params.log_table[int(rng.random() < 0.5)])
    cuts = dict.fromkeys(names, 0.0)
    counts = dict.fromkeys(names, 3)
    rule = StopRule(max_items=200, max_items_per_competency=20, target_se=0.2)
    rows = [bank.item(bank.index[at]).parameters.log_table[at % 2] for at in range(100, 124)]

    def step() -> None:
        for k in (3, 11, 19):
            posteriors = state.update(names[k], rows[k]).marginals()
            decisions = decide(posteriors, counts, cuts, rule)
            still_open = {name: posteriors[name] for name in names if not decisions[name].stop}
            select_next(bank, still_open, given=GIVEN, required_cuts=cuts)

    return Record("step_24", 1e3 * fastest(step, batch=5) / 3, "ms", {"catsim": None, "mirt": None})


def _regrade(a: np.ndarray, b: np.ndarray, rng: np.random.Generator) -> list[Record]:
    """2,000,000 people with 30 responses each from a bank of 200: seconds of scoring alone, one thread, and memory."""
    tables, first = stack_tables(_parameters(a, b))
    spent, part = 0.0, 100_000
    starts = np.arange(0, 30 * part + 1, 30)
    for _ in range(20):
        item = rng.integers(0, 200, (part, 30))
        rows = (first[item] + (rng.random((part, 30)) < 0.55)).ravel()
        start = time.process_time()
        eap_from_rows(tables, rows, starts)
        spent += time.process_time() - start
    scores = np.full((2000, 200), -1)
    people = np.arange(2000)[:, None]
    asked = np.argsort(rng.random((2000, 200)), axis=1)[:, :30]
    scores[people, asked] = rng.integers(0, 2, (2000, 30))
    model = mirt_model(a, b)
    peer = 1000 * fastest(lambda: mirt.fscores(model, scores), budget=1.0)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return [
        Record("regrade_2m", spent, "s", {"mirt": peer}).with_ratio(),
        Record("regrade_2m_memory", memory, "GiB"),
    ]
