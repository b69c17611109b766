"""Home: where am I, what next, how long."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.api import start_attempt
from assessments.models import Attempt
from competencies.models import Estimate, Standard
from frontend.learn.standing import standings
from tests.factories.assessments import make_quiz
from tests.factories.competencies import CompetencyFactory, make_framework, make_post
from tests.factories.courses import LessonFactory

pytestmark = pytest.mark.django_db


def make_estimate(person, competency, probabilities, level=None, band=None):
    return Estimate.objects.create(
        person=person,
        competency=competency,
        standard=Standard.objects.get(),
        mean=0.0,
        se=0.4,
        level_probabilities=probabilities,
        level=level,
        band=band,
        evidence_count=5,
        measured_at="2026-03-02T08:00:00+07:00",
    )


@pytest.fixture
def required(db):
    """Five competencies of one framework, in its order."""
    framework = make_framework("9.1", "9.2", "9.3", "9.4", "9.5")
    return list(framework.domains.get().competencies.order_by("code"))


def test_home_orders_competencies_by_need_and_says_each_in_words(required, client_of):
    meets, likely, below, vague, unknown = required
    person = make_post(dict.fromkeys(required, 4))
    make_estimate(person, meets, [0, 0, 0.05, 0.7, 0.25, 0, 0, 0], level=4, band=2)
    make_estimate(person, likely, [0, 0, 0.4, 0.5, 0.1, 0, 0, 0], band=2)
    make_estimate(person, below, [0, 0.2, 0.75, 0.05, 0, 0, 0, 0], level=3, band=2)
    make_estimate(person, vague, [0.125] * 8)
    response = client_of(person).get("/")
    found = [(each.competency, each.words, each.probability) for each in response.context["standings"]]
    assert found == [
        (below, "Nhiều khả năng chưa đạt yêu cầu", 0.75),
        (vague, "Chưa đủ căn cứ", None),
        (unknown, "Chưa đánh giá", None),
        (likely, "Nhiều khả năng đạt yêu cầu", 0.9),
        (meets, "Đạt yêu cầu", 0.7),
    ]
    assert [response.context[name] for name in ("met", "below", "unknown")] == [2, 1, 2]


def test_home_leaves_out_what_the_post_does_not_require(required, client_of):
    person = make_post({required[0]: 4})
    make_estimate(person, required[1], [0.125] * 8)
    found = client_of(person).get("/").context["standings"]
    assert [each.competency for each in found] == [required[0]]


def test_home_names_one_next_step_and_its_time(learner_client):
    lesson = LessonFactory(minutes=12)
    response = learner_client.get("/")
    assert response.context["next"].url == f"/learn/courses/{lesson.module.course.code}/{lesson.code}/"
    assert (response.context["next"].label, response.context["next"].time) == ("Bắt đầu bài học", "Khoảng 12 phút")
    assert [task["state"] for task in response.context["tasks"]] == ["next"]


def test_home_without_post_or_course_still_says_what_is_the_case(learner_client):
    response = learner_client.get("/")
    assert (response.status_code, response.context["standings"], response.context["next"]) == (200, [], None)
    assert "Chưa có vị trí việc làm" in response.content.decode()


def test_home_takes_the_same_queries_for_1_competency_and_for_30(client_of):
    counts = []
    for size in (1, 30):
        framework = make_framework(*[f"{size}.{number}" for number in range(size)])
        competencies = list(framework.domains.get().competencies.all())
        person = make_post(dict.fromkeys(competencies, 3))
        for competency in competencies:
            Estimate.objects.create(
                person=person,
                competency=competency,
                standard=framework.standards.get(),
                mean=0,
                se=0.4,
                level_probabilities=[0.125] * 8,
                evidence_count=3,
                measured_at="2026-03-02T08:00:00+07:00",
            )
        client = client_of(person)
        client.get("/")
        with CaptureQueriesContext(connection) as captured:
            response = client.get("/")
        assert len(response.context["standings"]) == size
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_standings_of_no_requirement_is_empty():
    CompetencyFactory()
    assert standings([]) == []


def test_home_says_what_is_borrowed_and_when_to_measure_again(required, client_of):
    person = make_post(dict.fromkeys(required[:3], 4))
    for competency in required[:3]:
        make_estimate(person, competency, [0, 0, 0.05, 0.7, 0.25, 0, 0, 0], level=4, band=2)
    Estimate.objects.filter(competency=required[0]).update(borrowed=0.05)
    Estimate.objects.filter(competency=required[1]).update(borrowed=0.45)
    Estimate.objects.filter(competency=required[2]).update(measure_again_from="2026-03-03T08:00:00+07:00")
    response = client_of(person).get("/")
    found = {each.competency: each for each in response.context["standings"]}
    own, lent, old = (found[each] for each in required[:3])
    assert (own.lent_words, own.age_words, own.needs_work) == ("", "", False)
    assert lent.lent_words.endswith("(Phần suy từ năng lực khác: 45%.)")
    assert old.age_words == "Lần đo gần nhất: 02/03/2026. Đã lâu rồi, mời anh/chị đo lại."
    assert old.needs_work
    text = response.content.decode()
    assert text.count("Cần đo lại") == 1
    assert text.count(lent.lent_words) == 1


def test_home_says_how_long_a_sitting_under_way_has_left(client_of):
    person, quiz = make_quiz(minutes=30)
    client = client_of(person)
    before = client.get("/").context["next"]
    assert (before.label, before.time, before.is_sitting) == ("Làm bài trắc nghiệm", "Tối đa 30 phút", False)
    attempt = start_attempt(person, quiz)
    for passed, said in (
        (timedelta(minutes=12, seconds=30), "Còn 18 phút"),
        (timedelta(minutes=31), "Đã hết giờ"),
    ):
        Attempt.objects.update(
            started_at=timezone.now() - passed, deadline=timezone.now() - passed + timedelta(minutes=30)
        )
        page = client.get("/")
        assert (page.context["next"].time, page.context["tasks"][0]["time"]) == (said, said)
        assert page.context["next"].url == reverse("learn:attempt", args=[attempt.pk])
        assert ("Đang làm dở" in page.content.decode()) == ("Còn" in said)
