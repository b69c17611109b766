"""Marking through the pages: blind, one answer after another; appeals read and answered."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.domain.appeals import make_appeal, take_appeal, waiting_appeals
from assessments.domain.attempts import start_attempt
from assessments.domain.marking import take_answer
from assessments.domain.submission import submit_attempt
from assessments.models import (
    AppealStep,
    Assessment,
    Attempt,
    Mark,
    MarkedScore,
    MarkingRule,
    MarkingSeat,
    MarkingTask,
    Presentation,
    Upload,
)
from organisation.models import AuditEvent
from tests.factories.assessments import make_item, sit
from tests.factories.competencies import competency_of, make_framework, make_post
from tests.factories.forms import make_form
from tests.factories.marking import hand_in, make_essay_form, make_marker, mark_next, points_of_levels
from tests.factories.organisation import UserFactory

pytestmark = pytest.mark.django_db
MARKING = reverse("author:marking")


def fields(seat: MarkingSeat, *levels: int, **more: str) -> dict:
    return {f"points-{key}": str(value) for key, value in points_of_levels(seat, *levels).items()} | more


def take(client, form) -> MarkingSeat:
    response = client.post(reverse("author:marking-next", args=[form.code]))
    return MarkingSeat.objects.get(pk=response["Location"].rstrip("/").rsplit("/", 1)[1])


def test_list_names_what_waits_in_few_queries(client, trainer, django_assert_num_queries):
    person, form = make_essay_form()
    attempt = hand_in(person, form)
    (state,) = client.get(MARKING).context["states"]
    assert (state.assessment, state.answers, state.final) == (form, 1, 0)
    for presentation in (None, *Presentation.objects.filter(attempt=attempt)):
        appeal = make_appeal(attempt, "x", presentation=presentation)
        with django_assert_num_queries(7):
            appeals = client.get(MARKING).context["appeals"]
    take_appeal(appeal, make_marker())
    assert [can_be_answered for _appeal, can_be_answered in appeals] == [True, True]
    assert "đang xem xét" in client.get(MARKING).content.decode()


def test_trainer_marks_one_answer_after_another(client, trainer):
    person, form = make_essay_form()
    hand_in(person, form, {"text": "Bài làm <b>của tôi</b>"})
    seat = take(client, form)
    page = client.get(reverse("author:marking-answer", args=[seat.pk])).content.decode()
    assert "Bài làm &lt;b&gt;của tôi&lt;/b&gt;" in page
    assert (person.full_name in page, person.employee_code in page) == (False, False)
    done = client.post(
        reverse("author:marking-answer", args=[seat.pk]), fields(seat, 2, 1, comment="Nêu rõ hơn"), follow=True
    )
    assert [str(message) for message in done.context["messages"]] == [
        "Đã lưu điểm anh/chị chấm.",
        "Ở đây không còn bài nào để anh/chị chấm.",
    ]
    assert list(Mark.objects.values_list("marker", "total", "comment")) == [(trainer.pk, 3, "Nêu rõ hơn")]
    assert client.get(reverse("author:marking-answer", args=[seat.pk])).status_code == 404


@pytest.mark.parametrize(
    ("feedback", "words"),
    [("none", "không cho xem nhận xét"), ("after_close", "khi bài đã đóng"), ("after_submit", "cùng kết quả")],
)
def test_marker_is_told_when_a_comment_is_read(client, trainer, feedback, words):
    person, form = make_essay_form()
    closes_at = timezone.now() + timedelta(days=1) if feedback == "after_close" else None
    Assessment.objects.filter(pk=form.pk).update(feedback=feedback, closes_at=closes_at)
    hand_in(person, form)
    page = client.get(reverse("author:marking-answer", args=[take(client, form).pk]))
    assert words in page.context["form"].fields["comment"].help_text


def test_missing_criterion_is_named_and_nothing_is_kept(client, trainer):
    person, form = make_essay_form()
    hand_in(person, form)
    seat = take(client, form)
    page = client.post(reverse("author:marking-answer", args=[seat.pk]), {"comment": "x"})
    assert (page.status_code, len(page.context["form"].errors), Mark.objects.count()) == (422, 2, 0)


def test_answer_that_is_given_back_goes_to_another(client, trainer):
    person, form = make_essay_form()
    MarkingRule.objects.create(assessment=form, markers=1)
    hand_in(person, form)
    seat = take(client, form)
    other = make_marker()
    assert take_answer(other, form) is None
    client.post(reverse("author:marking-answer", args=[seat.pk]), {"action": "give-back"})
    assert take_answer(other, form) == seat


@pytest.fixture
def sat_with_file(settings, tmp_path) -> Attempt:
    """A sitting of one question, answered by the person's own file."""
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    }
    person, form = make_essay_form("file_upload")
    kept = {"name": "Bang-cua-Lan.xlsx", "size": 3, "sha256": "0" * 64}
    upload = Upload.objects.create(person=person, content_type="application/zip", **kept)
    default_storage.save(upload.stored_name, ContentFile(b"abc"))
    return hand_in(person, form, {"files": [{"id": str(upload.pk), **kept}]})


def test_marker_downloads_the_persons_own_file_under_another_name(client, trainer, sat_with_file):
    seat = take(client, sat_with_file.assessment)
    address = reverse("author:marking-file", args=[seat.task_id, 1])
    page = client.get(reverse("author:marking-answer", args=[seat.pk])).content.decode()
    assert (address in page, "Lan" in page) == (True, False)
    found = client.get(address)
    assert (found.getvalue(), found["Content-Disposition"]) == (
        b"abc",
        "attachment; filename*=utf-8''t%E1%BB%87p-1.xlsx",
    )
    client.force_login(make_marker())
    assert client.get(address).status_code == 404


def test_rule_of_an_assessment_is_changed(client, trainer):
    _person, form = make_essay_form()
    address = reverse("author:marking-assessment", args=[form.code])
    assert client.post(address, {"markers": "1", "tolerance": "3"}).status_code == 302
    assert list(MarkingRule.objects.values_list("assessment", "markers", "tolerance")) == [(form.pk, 1, 3)]
    assert client.post(address, {"markers": "5", "tolerance": "3"}).status_code == 422


def test_panel_of_two_says_who_decides_where_they_differ(client, trainer):
    _person, form = make_essay_form()
    address = reverse("author:marking-assessment", args=[form.code])
    names = [trainer.username, make_marker().username, make_marker().username]
    told = []
    for panel in (names[:2], names):
        client.post(address, {"markers": "2", "tolerance": "1", "panel": "\n".join(panel)})
        told.append("quản trị viên quyết định" in client.get(address).content.decode())
    assert told == [True, False]


def test_looking_at_the_marking_writes_nothing(client, trainer):
    person, form = make_essay_form()
    hand_in(person, form)
    with CaptureQueriesContext(connection) as asked:
        for page in (MARKING, reverse("author:marking-assessment", args=[form.code])):
            assert client.get(page).status_code == 200
    assert [each["sql"] for each in asked if not each["sql"].startswith("SELECT")] == []
    assert take(client, form).task.presentation.attempt.assessment == form


def test_who_is_not_named_for_an_assessment_meets_nothing_of_its_marking(client, trainer):
    appeal, form = contested(client), Assessment.objects.get()
    seat = MarkingSeat.objects.earliest("pk")
    address = reverse("author:marking-assessment", args=[form.code])
    marker = make_marker()
    rule = {"markers": "1", "tolerance": "3"}
    for panel, said in (
        ("nobody", "Dòng 1: không có giảng viên nào có tên đăng nhập “nobody”."),
        (marker.username, "Hãy ghi ít nhất bằng số người chấm mỗi bài."),
    ):
        refused = client.post(address, rule | {"markers": "2", "panel": panel})
        assert (refused.status_code, refused.context["form"].errors["panel"]) == (422, [said])
    assert client.post(address, rule | {"panel": marker.username})["Location"] == MARKING
    assert (client.get(MARKING).context["states"], client.get(MARKING).context["appeals"]) == ([], [])
    pages = (
        address,
        *(reverse(f"author:marking-{name}", args=[pk]) for name, pk in (("answer", seat.pk), ("appeal", appeal.pk))),
    )
    assert [client.get(page).status_code for page in pages] == [404, 404, 404]
    assert client.post(reverse("author:marking-next", args=[form.code])).status_code == 404
    assert AuditEvent.objects.filter(action="refused", target=f"marking of {form.code}").count() == 3
    client.force_login(marker)
    assert [client.get(page).status_code for page in (address, pages[2])] == [200, 200]
    assert client.get(address).context["form"]["panel"].value() == marker.username


def contested(client):
    person, form = make_essay_form()
    attempt = hand_in(person, form)
    for _ in range(2):
        mark_next(make_marker(), form, 1, 0, comment="Chưa có cách đo")
    return make_appeal(attempt, "Có nêu ở câu cuối", presentation=Presentation.objects.get(attempt=attempt))


def test_appeal_is_taken_and_answered_with_another_mark(client, trainer):
    appeal = contested(client)
    address = reverse("author:marking-appeal", args=[appeal.pk])
    page = client.get(address)
    assert (page.context["is_holder"], appeal.attempt.person.full_name in page.content.decode()) == (False, False)
    client.post(address, {"action": "take"})
    seat = MarkingSeat.objects.order_by("pk")[0]
    half = client.post(address, {"outcome": "changed", "comment": "Đúng"})
    assert (half.status_code, len(half.context["form"].errors)) == (422, 2)
    client.post(address, fields(seat, 2, 2, outcome="changed", comment="Đúng"))
    assert list(AppealStep.objects.values_list("kind", "by")) == [("taken", trainer.pk), ("changed", trainer.pk)]
    assert MarkedScore.objects.latest("pk").score == 4
    assert "Đúng" in client.get(address).content.decode()


def test_marker_of_the_answer_is_told_that_somebody_else_answers_and_nothing_of_the_appeal(client, trainer):
    appeal = contested(client)
    address = reverse("author:marking-appeal", args=[appeal.pk])
    take_appeal(appeal, trainer)
    marker = Mark.objects.all()[0].marker
    client.force_login(marker)
    page = client.get(address)
    assert page.context["why_not"] == "Anh/chị đã chấm bài này; người khác sẽ trả lời."
    for post in ({"action": "take"}, {"outcome": "kept", "comment": "x"}):
        html = client.post(address, post).content.decode()
        for told in (appeal.text, trainer.username, "Chưa có cách đo", 'name="comment"'):
            assert (told in page.content.decode(), told in html) == (False, False), told
    assert list(AppealStep.objects.values_list("by", flat=True)) == [trainer.pk]
    assert address not in client.get(MARKING).content.decode()
    client.force_login(trainer)
    seat = MarkingSeat.objects.order_by("pk")[0]
    client.post(address, fields(seat, 2, 2, outcome="changed", comment="Đúng"))
    assert "Đúng" in client.get(address).content.decode()
    client.force_login(marker)
    assert "Đúng" not in client.get(address).content.decode()


def test_pages_are_for_trainers_alone(client, db):
    client.force_login(UserFactory())
    assert client.get(MARKING).status_code == 404


@pytest.mark.parametrize("is_whole", [False, True], ids=["question", "whole"])
def test_appeal_against_a_machines_score_shows_the_question_the_answer_and_the_points(client, trainer, is_whole):
    competency = competency_of(make_framework("9.1"), "9.1")
    versions = [make_item(competency, 1), make_item(competency, 2)]
    attempt = start_attempt(make_post({competency: 4}), make_form(versions))
    sit(attempt, lambda given: given.position == 2)
    submit_attempt(attempt)
    contested = None if is_whole else Presentation.objects.get(attempt=attempt, position=1)
    appeal = make_appeal(attempt, "Khoá sai", presentation=contested)
    address = reverse("author:marking-appeal", args=[appeal.pk])
    client.post(address, {"action": "take"})
    client.cookies["django_language"] = "en"
    page = client.get(address)
    assert [review["position"] for review in page.context["reviews"]] == ([1, 2] if is_whole else [1])
    link = f"/health/9.1-01/key/?version=1&amp;appeal={appeal.pk}"
    for words in ("Chosen, not right", "Right answer", "0 of 1 points", link):
        assert words in page.text
    assert ("1 of 2 points" in page.text, "Chosen, right" in page.text) == (is_whole, is_whole)
    for name in (attempt.person.full_name, attempt.person.employee_code, "You chose"):
        assert name not in page.text
    assert client.post(address, {"comment": "Đúng"}).status_code == 422
    assert client.post(address, {"outcome": "changed", "comment": "Đúng"}).status_code == 422
    client.post(address, {"outcome": "upheld", "comment": "Đúng vậy"})
    assert list(AppealStep.objects.values_list("kind", "text")) == [("taken", ""), ("upheld", "Đúng vậy")]
    assert "The person was told that a correction follows" in client.get(address).text
    assert list(waiting_appeals()) == []


def test_appeal_against_the_whole_result_shows_essays_and_files_without_whose_they_are(client, trainer, sat_with_file):
    person, appeal = sat_with_file.person, make_appeal(sat_with_file, "x")
    client.post(reverse("author:marking-appeal", args=[appeal.pk]), {"action": "take"})
    page = client.get(reverse("author:marking-appeal", args=[appeal.pk]))
    told = (person.full_name, person.employee_code, "Lan.xlsx", "Chưa chấm.")
    assert [words in page.text for words in told] == [False, False, False, True]
    task = MarkingTask.objects.get()
    assert reverse("author:marking-file", args=[task.pk, 1]) in page.text
    assert client.get(reverse("author:marking-file", args=[task.pk, 1])).status_code == 200
    other = make_marker()
    client.force_login(other)
    assert client.get(reverse("author:marking-file", args=[task.pk, 1])).status_code == 404
