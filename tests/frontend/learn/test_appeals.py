"""Marks and appeals on the result page."""

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from assessments.domain.appeals import answer_appeal, take_appeal
from assessments.models import Appeal, Assessment, Attempt
from tests.factories.marking import hand_in, make_essay_form, make_marker, mark_next
from tests.factories.organisation import PersonFactory

pytestmark = pytest.mark.django_db


def result(client, attempt) -> str:
    page = client.get(reverse("learn:result", args=[attempt.pk])).content.decode()
    return " ".join(strip_tags(page).split())


def appeal_url(attempt) -> str:
    return reverse("learn:appeal", args=[attempt.pk])


def test_result_says_what_waits_then_what_markers_gave_and_wrote(client_of):
    person, form = make_essay_form()
    attempt = hand_in(person, form)
    client = client_of(person)
    page = result(client, attempt)
    assert ("Chờ chấm" in page, "Còn 1 câu đang được người chấm." in page) == (True, True)
    marker = make_marker()
    mark_next(marker, form, 2, 1, comment="Nêu cách đo rất tốt")
    assert "Nêu cách đo rất tốt" not in result(client, attempt)
    mark_next(make_marker(), form, 2, 1)
    page = result(client, attempt)
    assert "3 trên 4 điểm (hai người chấm độc lập)" in page
    assert "Benefits" not in page
    assert "Lợi ích gắn với công việc của phường: 2 điểm. Lợi ích cụ thể, có cách đo" in page
    assert ("Nêu cách đo rất tốt" in page, marker.username in page, "Chờ chấm" in page) == (True, False, False)


def test_person_contests_a_question_once_and_reads_the_answer(client_of):
    person, form = make_essay_form()
    attempt = hand_in(person, form)
    client = client_of(person)
    choices = client.get(appeal_url(attempt)).context["form"].fields["question"].choices
    assert [value for value, _label in choices] == ["whole", "1"]
    sent = client.post(appeal_url(attempt), {"question": "1", "text": "Tôi có nêu cách đo."})
    assert sent["Location"] == reverse("learn:result", args=[attempt.pk])
    appeal = Appeal.objects.get()
    assert (appeal.attempt, appeal.presentation.position) == (attempt, 1)
    assert client.post(appeal_url(attempt), {"question": "1", "text": "Lần nữa"}).status_code == 422
    reader = make_marker()
    take_appeal(appeal, reader)
    assert "đang xem xét" in result(client, attempt)
    answer_appeal(appeal, reader, "Điểm được giữ vì thiếu số liệu.")
    page = result(client, attempt)
    assert ("đã trả lời: giữ nguyên kết quả" in page, "Điểm được giữ vì thiếu số liệu." in page) == (True, True)
    assert reader.username not in page


def test_appeal_needs_words_a_submitted_attempt_and_its_own_person(client_of):
    person, form = make_essay_form()
    attempt = hand_in(person, form)
    assert client_of(person).post(appeal_url(attempt), {"question": "whole", "text": " "}).status_code == 422
    assert client_of(PersonFactory()).post(appeal_url(attempt), {"question": "whole", "text": "x"}).status_code == 404
    Attempt.objects.update(status="open", submitted_at=None)
    assert client_of(person).get(appeal_url(attempt))["Location"] == reverse("learn:result", args=[attempt.pk])
    assert Appeal.objects.count() == 0


def test_marks_are_not_shown_where_the_assessment_shows_no_answers(client_of):
    person, form = make_essay_form()
    Assessment.objects.filter(pk=form.pk).update(feedback="none")
    attempt = hand_in(person, form)
    for _ in range(2):
        mark_next(make_marker(), form, 2, 1, comment="kín")
    page = result(client_of(person), attempt)
    assert ("kín" in page, "Đề nghị phúc khảo" in page) == (False, True)
