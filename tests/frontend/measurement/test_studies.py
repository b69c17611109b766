"""How well an assessment sorts people, and its trials on simulated people."""

from datetime import timedelta

import numpy as np
import pytest
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from assessments.domain.simulation_study import run_study
from assessments.domain.study_report import MAX_EXPOSURE
from assessments.measurement.classification import classification_quality
from assessments.models import SimulationStudy
from competencies.api import cuts_in_force
from competencies.models import Estimate
from frontend.author.measurement.words.studies import reason_name, verdict_flag
from tests.assessments.calibration.bank import make_quiz

pytestmark = pytest.mark.django_db


@pytest.fixture
def quiz(competency, versions):
    return make_quiz(competency)


def start(client, quiz, **data):
    return client.post(reverse("author:study-start", args=[quiz.code]), {"people": "60", "correlation": "0,6"} | data)


def show(client, study):
    return client.get(reverse("author:study", args=[study.pk]))


def test_hub_lists_the_assessments_and_what_waits(client, trainer, quiz, run):
    context = client.get(reverse("author:measurement")).context
    assert list(context["assessments"]) == [quiz]
    assert (context["runs"]["ready"], context["runs"]["active"], context["open_panels"]) == (1, 0, 0)


def test_quality_shows_accuracy_and_consistency(client, trainer, competency, answered):
    (row,) = client.get(reverse("author:assessment-quality", args=["quiz"])).context["rows"]
    assert (row.competency, row.people, row.standard.method) == (competency, 240, "provisional")
    assert 0.3 < row.quality.accuracy < row.quality.band_accuracy < 1


def test_quality_is_of_what_is_reported(client, trainer, competency, answered):
    """With what other competencies lend, where that is stored; else of the competency's own evidence."""

    def shown() -> tuple[float, float]:
        (row,) = client.get(reverse("author:assessment-quality", args=["quiz"])).context["rows"]
        return row.mean_se, row.quality.accuracy

    def expected(mean: str, se: str) -> tuple[float, float]:
        means, errors = np.array(Estimate.objects.values_list(mean, se)).T
        cuts = cuts_in_force([competency.pk])[competency.pk].cuts
        return float(errors.mean()), classification_quality(means, errors, cuts).accuracy

    Estimate.objects.update(joint_mean=F("mean") + 0.1, joint_se=F("se") * 0.8)
    assert shown() == pytest.approx(expected("joint_mean", "joint_se"))
    assert shown() != pytest.approx(expected("mean", "se"))
    Estimate.objects.update(joint_mean=None, joint_se=None)
    assert shown() == pytest.approx(expected("mean", "se"))


def test_quality_of_an_unknown_assessment_is_not_found(client, trainer):
    assert client.get(reverse("author:assessment-quality", args=["nothing"])).status_code == 404


def test_start_queues_a_trial_and_wakes_a_worker(client, trainer, quiz, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        response = start(client, quiz)
    study = SimulationStudy.objects.get()
    assert response["Location"] == reverse("author:study", args=[study.pk])
    assert (study.people, study.correlation, study.requested_by) == (60, 0.6, trainer)
    assert sent == [("assessments.study_tasks.run_simulation_study", [study.pk])]
    assert 'hx-trigger="every 2s"' in show(client, study).content.decode()


@pytest.mark.parametrize(
    ("data", "field"),
    [({"people": "3"}, "people"), ({"people": "x"}, "people"), ({"correlation": "1"}, "correlation")],
)
def test_settings_out_of_range_name_the_field(client, trainer, quiz, data, field):
    response = start(client, quiz, **data)
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    assert SimulationStudy.objects.count() == 0


def test_a_quiz_without_questions_says_so(client, trainer, competency):
    client.cookies["django_language"] = "en"
    response = start(client, make_quiz(competency), correlation="0.6")
    assert response.context["form"].non_field_errors() == [
        "There are no questions for the competencies of this assessment."
    ]


def test_report_has_figures_pictures_and_a_verdict(client, trainer, quiz, sent):
    start(client, quiz)
    study = SimulationStudy.objects.get()
    run_study(study.pk)
    response = show(client, study)
    context, page = response.context, response.content.decode()
    assert page.count('role="img" aria-labelledby') == 2
    assert [flag.label for flag in context["verdict"]] == [
        verdict_flag(code).label for code in context["report"]["verdict"]
    ]
    assert "overexposed" in context["report"]["verdict"], "eight items for everybody"
    assert len(context["exposure"].bars) == 8
    assert sum(bar.css == "text-danger" for bar in context["exposure"].bars) == sum(
        each["rate"] > MAX_EXPOSURE for each in context["report"]["items"]
    )
    assert sum(count for _reason, count, _share in context["reasons"]) == 60


def test_a_failed_trial_says_why(client, trainer, quiz):
    study = SimulationStudy.objects.create(
        assessment=quiz, people=60, correlation=0.6, seed=1, status="failed", problem="nothing_to_ask"
    )
    client.cookies["django_language"] = "en"
    assert "There are no questions for the competencies" in show(client, study).content.decode()


def test_only_a_stalled_trial_is_woken(client, trainer, quiz, sent, django_capture_on_commit_callbacks):
    study = SimulationStudy.objects.create(assessment=quiz, people=60, correlation=0.6, seed=1)
    wake = reverse("author:study-continue", args=[study.pk])
    with django_capture_on_commit_callbacks(execute=True):
        client.post(wake)
    assert sent == []
    SimulationStudy.objects.update(moved_at=timezone.now() - timedelta(hours=1))
    with django_capture_on_commit_callbacks(execute=True):
        client.post(wake)
    assert sent == [("assessments.study_tasks.run_simulation_study", [study.pk])]


def test_every_reason_and_verdict_has_words():
    assert all(reason_name(code) for code in ("meets", "below", "precise", "limit", "no_items"))
    for code in (
        "less_accurate_than_asked",
        "often_stopped_by_limit",
        "short_of_items",
        "overexposed",
        "many_items_unused",
        "too_long",
        "leaves_competencies_out",
    ):
        assert verdict_flag(code).advice
