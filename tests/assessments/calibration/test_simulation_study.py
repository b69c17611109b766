"""Trials of an adaptive quiz on simulated people."""

import numpy as np
import pytest

from assessments.domain.queries.classification import assess_classification
from assessments.domain.simulation_study import (
    StudyRefused,
    note_study_failure,
    plan_study,
    run_study,
    simulate_sittings,
    start_study,
)
from assessments.measurement import ItemParameters
from assessments.models import Assessment, AssessmentCompetency, Attempt, SimulationStudy
from competencies.api import recompute_estimates
from competencies.models import Competency, Estimate
from organisation.models import Person
from tests.assessments.calibration.bank import let_sit, make_competency, make_quiz, make_versions, true_items
from tests.factories.competencies import make_framework, make_post
from tests.factories.organisation import PositionFactory, UserFactory

pytestmark = pytest.mark.django_db


def sharp_items(count: int) -> list[ItemParameters]:
    return [ItemParameters("2pl", 2.0, float(b)) for b in np.linspace(-2.2, 2.2, count)]


@pytest.fixture
def quiz():
    """A quiz over one competency with forty sharp items."""
    competency = make_competency()
    make_versions(competency, sharp_items(40))
    quiz = make_quiz(competency)
    quiz.max_items = quiz.max_items_per_competency = 16
    quiz.save()
    return quiz


def study_of(quiz: Assessment, people: int = 150, **options: object) -> SimulationStudy:
    study = start_study(UserFactory(), quiz, people=people, correlation=0.6, seed=7, **options)  # type: ignore[arg-type]  # a test's shorthand
    run_study(study.pk)
    study.refresh_from_db()
    return study


def test_study_reports_what_the_sittings_showed(quiz):
    study = study_of(quiz)
    report = study.report
    assert (study.status, study.done, study.problem) == ("ready", 150, "")
    assert 2 < report["length"]["mean"] <= 16
    assert report["decision"]["accuracy"] > 0.85
    assert 0.9 < report["coverage"] <= 1.0
    assert sum(row["n"] for row in report["by_ability"]) == 150
    assert sum(report["reasons"].values()) == 150
    assert len(report["items"]) == 40
    given = sum(row["given"] for row in report["items"])
    assert given == pytest.approx(report["length"]["mean"] * 150)
    assert report["max_exposure"] == report["items"][0]["rate"]


def test_study_chooses_by_the_rules_of_the_assessment(quiz):
    quiz.max_exposure = 0.2
    quiz.save()
    assert study_of(quiz, people=300).report["max_exposure"] <= 0.2
    # The control: without a cap the most telling items are met by nearly everybody.
    quiz.max_exposure, quiz.randomness = 1.0, 0.0
    quiz.save()
    assert study_of(quiz, people=300).report["max_exposure"] > 0.3


def test_study_touches_no_person(quiz):
    study_of(quiz, people=20)
    assert (Person.objects.count(), Attempt.objects.count(), Estimate.objects.count()) == (0, 0, 0)


def test_the_same_seed_gives_the_same_report(quiz):
    assert study_of(quiz, people=40).report == study_of(quiz, people=40).report


def test_abilities_correlate_as_asked():
    codes = [f"1.{at}" for at in range(1, 3)]
    framework = make_framework(*codes)
    quiz = Assessment.objects.create(code="two", name_vi="Hai", name_en="Two", mode="adaptive", max_items=8)
    for competency in Competency.objects.filter(domain__framework=framework):
        make_versions(competency, sharp_items(10), prefix=competency.code)
        AssessmentCompetency.objects.create(assessment=quiz, competency=competency, level=4)
    plan = plan_study(quiz, None)
    sittings = simulate_sittings(plan, 600, 0.6, 3)
    both = np.array([list(each.truth.values()) for each in sittings if len(each.truth) == 2])
    assert np.corrcoef(both.T)[0, 1] == pytest.approx(0.6, abs=0.08)


def test_a_small_weak_bank_gets_a_plain_verdict():
    competency = make_competency()
    make_versions(competency, [ItemParameters("2pl", 0.4, 0.0)] * 5)
    verdict = study_of(make_quiz(competency), people=100).report["verdict"]
    assert "less_accurate_than_asked" in verdict
    assert "overexposed" in verdict


def test_a_large_sharp_bank_gets_no_accuracy_warning(quiz):
    verdict = study_of(quiz, people=600).report["verdict"]
    assert "less_accurate_than_asked" not in verdict
    assert "too_long" not in verdict


def test_study_by_post_takes_the_position_of_the_study():
    competency = make_competency()
    make_versions(competency, sharp_items(12))
    position = PositionFactory()
    make_post({competency: 5}, position=position)
    quiz = Assessment.objects.create(code="post", name_vi="x", name_en="x", mode="adaptive", by_post=True)
    with pytest.raises(StudyRefused, match="no_post"):
        start_study(None, quiz, people=10, correlation=0.5)
    study = study_of(quiz, people=30, position=position)
    assert (study.status, study.position_id) == ("ready", position.pk)
    (only,) = plan_study(quiz, position).competencies
    assert (only.code, only.required) == ("6.3", 5)


@pytest.mark.parametrize(
    ("people", "correlation", "reason"),
    [(0, 0.5, "people"), (9999, 0.5, "people"), (10, 1.0, "correlation"), (10, -0.1, "correlation")],
)
def test_study_settings_out_of_range_are_refused(quiz, people, correlation, reason):
    with pytest.raises(StudyRefused, match=reason):
        start_study(None, quiz, people=people, correlation=correlation)
    assert SimulationStudy.objects.count() == 0


def test_study_without_items_is_refused():
    with pytest.raises(StudyRefused, match="nothing_to_ask"):
        start_study(None, make_quiz(make_competency()), people=10, correlation=0.5)


def test_a_failed_study_says_so(quiz):
    study = start_study(None, quiz, people=10, correlation=0.5)
    note_study_failure(study.pk)
    study.refresh_from_db()
    assert (study.status, study.problem) == ("failed", "failed")


def test_classification_is_that_of_the_people_who_took_the_assessment():
    competency, rng = make_competency(), np.random.default_rng(2)
    truth = true_items(rng, 10)
    versions = make_versions(competency, truth)
    quiz = make_quiz(competency)
    other = make_quiz(competency, "other")
    let_sit(versions, truth, rng.standard_normal(40), rng, quiz=quiz)
    let_sit(versions, truth, rng.standard_normal(7), rng, quiz=other)
    recompute_estimates(Person.objects.values_list("pk", flat=True), "test")
    (row,) = assess_classification(quiz)
    assert (row.competency, row.people, row.standard.method) == (competency, 40, "provisional")
    assert row.quality is not None
    assert row.quality.accuracy < row.quality.band_accuracy < 1
    assert row.quality.consistency < row.quality.accuracy
    (few,) = assess_classification(other)
    assert (few.people, few.quality) == (7, None)
