import numpy as np
import pytest

from assessments.measurement import PROVISIONAL_CUTS, BankItem, ItemBank, StopRule
from assessments.measurement.joint import JointModel
from assessments.measurement.selection import SelectionRule
from assessments.measurement.simulator import simulate_assessment
from assessments.measurement.sitting import Sitting, SittingPlan

from .factories import make_items


def make_plan(n_items: int = 60, k: int = 3, pretest: int = 0, **stop) -> SittingPlan:
    rng = np.random.default_rng(41)
    names = [f"c{at}" for at in range(k)]
    items = [
        BankItem(f"{name}-{at}", name, params, pretest=at < pretest)
        for name in names
        for at, params in enumerate(make_items(rng, n_items))
    ]
    rule = StopRule(**{"max_items": 40, "max_items_per_competency": 15, "target_se": 0.25, **stop})
    correlation = np.full((k, k), 0.6) + 0.4 * np.eye(k)
    cuts = dict.fromkeys(names, PROVISIONAL_CUTS[4])
    return SittingPlan(
        ItemBank(items), JointModel(names, correlation), cuts, rule, SelectionRule(length=12, randomness=0.3)
    )


def run(plan: SittingPlan, seed: int, scores) -> Sitting:
    sitting = Sitting(plan, seed)
    while (choice := sitting.next()) is not None:
        sitting.record(choice.item_id, scores(choice))
    return sitting


def test_a_sitting_stops_with_a_reason_for_every_competency():
    sitting = run(make_plan(), 1, lambda choice: 1)
    assert {name: d.reason for name, d in sitting.decisions.items()} == dict.fromkeys(("c0", "c1", "c2"), "meets")
    assert len(sitting.given) == len(set(sitting.given)) == sum(sitting.counts.values())


def test_a_sitting_resumed_from_its_answers_goes_on_the_same():
    plan, rng = make_plan(), np.random.default_rng(2)
    whole = Sitting(plan, 7)
    answers = []
    for _ in range(8):
        choice = whole.next()
        answers.append((choice.item_id, int(rng.random() < 0.5)))
        whole.record(*answers[-1])
    resumed = Sitting(plan, 7)
    resumed.resume(answers)
    assert (resumed.given, resumed.counts) == (whole.given, whole.counts)
    assert resumed.next().item_id == whole.next().item_id
    assert np.allclose(resumed.joint.mean, whole.joint.mean, atol=2e-3)


def test_pretest_and_skipped_items_move_nothing():
    plan = make_plan(pretest=5)
    sitting = Sitting(plan, 1)
    before = sitting.joint
    sitting.record("c0-0", 1)
    sitting.record("c0-20", None)
    assert sitting.joint is before
    assert (sitting.given, sitting.counts["c0"]) == (["c0-0", "c0-20"], 0)


def test_earlier_evidence_is_where_the_sitting_starts():
    plan = make_plan()
    first = run(plan, 3, lambda choice: 1)
    second = Sitting(plan, 4, before=first.joint.loglikelihood)
    assert second.posteriors["c0"].mean == pytest.approx(first.posteriors["c0"].mean, abs=1e-3)
    assert second.next() is not None


@pytest.fixture(scope="module")
def report():
    return simulate_assessment(make_plan(), PROVISIONAL_CUTS, 150, seed=5)


def test_the_simulated_assessment_keeps_its_promises(report):
    assert report.decision_accuracy > 0.88
    assert report.max_exposure <= 0.30
    assert report.coverage == pytest.approx(0.95, abs=0.03)
    assert report.length[1] <= report.length[0] <= report.length[2] <= 40
    assert sum(report.reasons.values()) == 150 * 3
    assert sum(report.items_by_competency.values()) == pytest.approx(report.length[0])
    assert max(report.exposure.values()) == report.max_exposure
    assert report.verdict == ()


def test_the_simulation_is_reproducible_and_reports_progress():
    seen = []
    plan = make_plan(n_items=20)
    results = [
        simulate_assessment(plan, PROVISIONAL_CUTS, 12, 6, progress=lambda done, total: seen.append((done, total)))
        for _ in range(2)
    ]
    assert results[0].exposure == results[1].exposure
    assert seen[:12] == [(at + 1, 12) for at in range(12)]


def test_the_verdict_names_what_is_wrong():
    plan = make_plan(n_items=60, max_items=6, max_items_per_competency=2, error_rate=0.05)
    assert simulate_assessment(plan, PROVISIONAL_CUTS, 60, 8).verdict == (
        "less_accurate_than_asked",
        "often_stopped_by_limit",
        "many_items_unused",
    )
