"""The quiz player as a plain web form: every answer once, in time, by its owner, and said in words."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.api import next_item, start_attempt, submit_attempt
from assessments.models import Attempt, Presentation, Response
from organisation.models import AuditEvent
from tests.factories.assessments import make_quiz, right_answer, wrong_answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def sitting(client_of):
    """A client of the person, and their attempt just started."""
    person, quiz = make_quiz()
    return client_of(person), start_attempt(person, quiz, seed=5)


def url(name: str, attempt: Attempt) -> str:
    return reverse(f"learn:{name}", args=[attempt.pk])


def form_of(page: Any, answer: dict[str, Any] | None = None, right: bool = True) -> dict[str, Any]:
    """What the browser would post from a question page."""
    item = page.context["item"]
    chosen = answer if answer is not None else (right_answer if right else wrong_answer)(item.version_id)
    return {
        "key": str(page.context["key"]),
        "sequence": item.sequence,
        "version": item.version_id,
        "kind": page.context["question"]["kind"],
        **chosen,
    }


def find_question(client, attempt, kind: str):
    """Answer until a question of the kind is on the page."""
    for _each in range(12):
        page = client.get(url("attempt", attempt))
        if page.context["question"]["kind"] == kind:
            return page
        client.post(url("respond", attempt), form_of(page))
    raise AssertionError(f"no question of kind {kind}")


def said(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_quiz_is_played_from_the_first_question_to_the_result(sitting):
    client, attempt = sitting
    asked = 0
    response = client.get(url("attempt", attempt))
    while response.status_code == 200:
        asked += 1
        response = client.post(url("respond", attempt), form_of(response))
        response = client.get(response["location"]) if response["location"] == url("attempt", attempt) else response
    assert response["location"] == url("result", attempt)
    attempt.refresh_from_db()
    scores = Response.objects.filter(attempt=attempt, status="accepted").values_list("score", flat=True)
    assert (attempt.status, list(scores)) == ("submitted", [1] * asked)
    assert asked == Presentation.objects.filter(attempt=attempt).count()


def test_question_page_never_tells_the_key(sitting):
    """Control: the review after submission has these very words."""
    client, attempt = sitting
    words = ["Vì sao", "Nguyên tắc", "correct"]
    page = client.get(url("attempt", attempt))
    assert [word in page.content.decode() for word in words] == [False, False, False]
    client.post(url("respond", attempt), form_of(page))
    submit_attempt(attempt)
    review = client.get(url("result", attempt)).content.decode()
    assert [word in review for word in words] == [True, True, True]


def test_answer_is_acknowledged_in_words_on_the_next_page(sitting):
    client, attempt = sitting
    first = client.get(url("attempt", attempt))
    assert (first.context["saved_at"], first.context["item"].answered) == (None, 0)
    client.post(url("respond", attempt), form_of(first))
    second = client.get(url("attempt", attempt))
    assert second.context["saved_at"] == Response.objects.get().received_at
    assert "Đã lưu câu 1 lúc" in second.content.decode()
    assert f"Câu 2, tối đa {second.context['item'].at_most} câu" in second.content.decode()


def test_answer_sent_twice_is_saved_once(sitting):
    client, attempt = sitting
    form = form_of(client.get(url("attempt", attempt)))
    places = [client.post(url("respond", attempt), form)["location"] for _each in range(2)]
    assert places == [url("attempt", attempt)] * 2
    assert Response.objects.count() == 1


def test_answer_changed_on_an_old_page_is_told_that_the_first_counts(sitting):
    client, attempt = sitting
    page = client.get(url("attempt", attempt))
    client.post(url("respond", attempt), form_of(page))
    response = client.post(url("respond", attempt), form_of(page, right=False))
    assert said(response) == ["Anh/chị đã trả lời câu này trước đó. Câu trả lời được lưu lần đầu được tính."]
    assert [each.score for each in Response.objects.all()] == [1]


def test_answer_from_another_window_is_kept_and_told(sitting):
    client, attempt = sitting
    here, there = (client.get(url("attempt", attempt)) for _each in range(2))
    client.post(url("respond", attempt), form_of(there))
    response = client.post(url("respond", attempt), form_of(here, right=False))
    assert said(response) == [
        "Đã có câu trả lời mới hơn được lưu, có thể từ một cửa sổ khác. Câu trả lời mới hơn được tính."
    ]
    assert [each.status for each in Response.objects.order_by("pk")] == ["accepted", "superseded"]


@pytest.mark.parametrize(("kind", "answer"), [("single_choice", {}), ("multiple_choice", {})])
def test_question_without_an_answer_is_shown_again(sitting, kind, answer):
    client, attempt = sitting
    page = find_question(client, attempt, kind)
    before = Response.objects.count()
    response = client.post(url("respond", attempt), form_of(page, answer))
    assert (response.status_code, response.context["error"]) == (422, "Anh/chị hãy chọn một phương án trước.")
    assert response.context["item"].version_id == page.context["item"].version_id
    assert Response.objects.count() == before


def test_forged_answer_is_refused_and_nothing_is_saved(sitting):
    client, attempt = sitting
    page = find_question(client, attempt, "single_choice")
    before = Response.objects.count()
    response = client.post(url("respond", attempt), form_of(page, {"choice": "x"}))
    assert (response.status_code, Response.objects.count()) == (422, before)


@pytest.mark.parametrize("field", ["key", "sequence", "version", "kind"])
def test_unreadable_form_leads_back_to_the_question(sitting, field):
    client, attempt = sitting
    form = form_of(client.get(url("attempt", attempt))) | {field: "x'; --"}
    response = client.post(url("respond", attempt), form)
    assert (response["location"], Response.objects.count()) == (url("attempt", attempt), 0)
    assert said(response) == ["Hệ thống không đọc được câu trả lời vừa gửi. Anh/chị vui lòng trả lời lại."]


def test_question_that_was_not_given_cannot_be_answered(sitting):
    client, attempt = sitting
    form = form_of(client.get(url("attempt", attempt))) | {"version": 99_999_999}
    response = client.post(url("respond", attempt), form)
    assert (response["location"], Response.objects.count()) == (url("attempt", attempt), 0)


def test_steps_are_ordered_by_buttons_without_scripts(sitting):
    client, attempt = sitting
    page = find_question(client, attempt, "ordering")
    order = [option["id"] for option in page.context["question"]["options"]]
    before = Response.objects.count()
    form = form_of(page, {"order": order}) | {"move": f"down:{order[0]}"}
    moved = client.post(url("respond", attempt), form)
    wanted = [order[1], order[0], *order[2:]]
    assert (moved.context["focus"], moved.content.decode().count(" autofocus")) == (f"down:{order[0]}", 1)
    assert [option["id"] for option in moved.context["question"]["options"]] == wanted
    moved = client.post(url("respond", attempt), form_of(moved, {"order": wanted}) | {"move": f"up:{order[0]}"})
    assert [option["id"] for option in moved.context["question"]["options"]] == order
    assert Response.objects.count() == before
    client.post(url("respond", attempt), form_of(moved, {"order": wanted}))
    assert Response.objects.order_by("-pk")[0].value == {"order": wanted}


@pytest.mark.parametrize("change", [{"order": ["x", "y"]}, {"order": []}, {"move": "down:nowhere"}, {"move": ""}])
def test_forged_move_leads_back_to_the_question(sitting, change):
    client, attempt = sitting
    page = find_question(client, attempt, "ordering")
    order = [option["id"] for option in page.context["question"]["options"]]
    form = form_of(page, {"order": order}) | {"move": f"down:{order[0]}"} | change
    assert client.post(url("respond", attempt), form)["location"] == url("attempt", attempt)


def test_late_answer_is_kept_told_and_not_scored(sitting):
    client, attempt = sitting
    form = form_of(client.get(url("attempt", attempt)))
    Attempt.objects.update(
        started_at=attempt.started_at - timedelta(hours=2), deadline=attempt.deadline - timedelta(hours=1)
    )
    response = client.post(url("respond", attempt), form)
    assert response["location"] == url("result", attempt)
    assert said(response) == [
        "Câu trả lời cuối của anh/chị đến sau khi hết giờ. Câu trả lời được giữ lại nhưng không được tính."
    ]
    assert [each.status for each in Response.objects.all()] == ["late"]
    assert client.get(url("result", attempt)).context["cards"] == ""


def test_page_after_the_deadline_offers_to_hand_in(sitting):
    client, attempt = sitting
    Attempt.objects.update(
        started_at=attempt.started_at - timedelta(hours=2), deadline=attempt.deadline - timedelta(hours=1)
    )
    page = client.get(url("attempt", attempt))
    assert (page.templates[0].name, page.context["in_time"]) == ("learn/attempt_over.html", False)


def test_finishing_early_hands_in_once(sitting):
    client, attempt = sitting
    client.post(url("respond", attempt), form_of(client.get(url("attempt", attempt))))
    first = client.post(url("submit", attempt))
    handed_in = Attempt.objects.get().submitted_at
    assert (first["location"], client.post(url("submit", attempt))["location"]) == (url("result", attempt),) * 2
    assert Attempt.objects.get().submitted_at == handed_in
    assert client.get(url("attempt", attempt))["location"] == url("result", attempt)


def test_time_left_is_the_servers(sitting):
    client, attempt = sitting
    Attempt.objects.update(deadline=attempt.started_at + timedelta(minutes=9))
    assert 520 < client.get(url("attempt", attempt)).context["seconds_left"] <= 540


def test_player_pages_are_never_kept_by_the_browser(sitting):
    client, attempt = sitting
    cache_control = client.get(url("attempt", attempt))["Cache-Control"]
    assert "no-store" in cache_control


def test_attempt_of_another_is_404_everywhere_and_leaves_audit_rows(sitting, learner_client):
    _client, attempt = sitting
    gets, posts = ["attempt", "result", "simulation"], ["respond", "submit", "act"]
    codes = [learner_client.get(url(name, attempt)).status_code for name in gets]
    codes += [learner_client.post(url(name, attempt)).status_code for name in posts]
    assert codes == [404] * 6
    assert (
        list(AuditEvent.objects.filter(action="refused").values_list("target", flat=True))
        == [f"attempt {attempt.pk}"] * 6
    )
    attempt.refresh_from_db()
    assert (attempt.status, Response.objects.count()) == ("open", 0)


def test_attempt_that_never_was_looks_the_same_as_anothers(sitting, learner_client):
    _client, attempt = sitting
    never = reverse("learn:attempt", args=[uuid4()])
    pages = [learner_client.get(each) for each in (never, url("attempt", attempt))]
    assert pages[0].status_code == pages[1].status_code == 404
    assert len(pages[0].content) == len(pages[1].content)


def test_question_takes_the_same_queries_at_the_start_and_at_the_end(sitting):
    client, attempt = sitting
    counts = []
    for number in range(9):
        page = client.get(url("attempt", attempt))
        if number in (0, 8):
            with CaptureQueriesContext(connection) as captured:
                client.get(url("attempt", attempt))
            counts.append(len(captured))
        client.post(url("respond", attempt), form_of(page))
    assert counts[0] == counts[1]


def test_simulation_address_of_a_quiz_leads_to_the_quiz(sitting):
    client, attempt = sitting
    assert next_item(attempt) is not None
    assert client.get(url("simulation", attempt))["location"] == url("attempt", attempt)
    assert client.post(url("act", attempt))["location"] == url("attempt", attempt)
