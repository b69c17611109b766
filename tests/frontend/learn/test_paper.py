"""A sitting on one page: every question at once, saved together, changed until it is handed in."""

import re
from collections import Counter
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.api import (
    attempt_result,
    next_item,
    question_page,
    save_page,
    start_attempt,
    submit_attempt,
    submit_response,
)
from assessments.domain.refusals import AttemptNotFound
from assessments.items.registry import ITEM_TYPES
from assessments.models import Attempt, ItemVersion, Response
from competencies.models import Evidence
from frontend.learn import paper
from frontend.learn.answers import read_answer
from frontend.learn.question_fields import posted_value, prefix_of
from tests.factories.assessments import make_item, right_answer, wrong_answer
from tests.factories.competencies import competency_of, make_framework, make_post
from tests.factories.forms import make_form
from tests.frontend.forms import fields_of_answer, fields_of_page
from tests.frontend.learn.test_player import said, url
from tests.frontend.learn.test_questions import publish_sample

pytestmark = pytest.mark.django_db

KINDS = sorted(ITEM_TYPES.keys() - {"file_upload"})


@pytest.fixture
def competency(db):
    return competency_of(make_framework("9.1"), "9.1")


@pytest.fixture
def client(client_of, competency):
    found = client_of(make_post({competency: 4}))
    found.cookies["django_language"] = "en"
    return found


def begin(client, *versions, **fields) -> Attempt:
    form = make_form(list(versions), one_page=True, **fields)
    assert client.post(reverse("learn:assessment", args=[form.code])).status_code == 302
    return Attempt.objects.get(assessment=form)


def posted(page, answers) -> dict[str, object]:
    """What the browser would post: answers are raw, by version."""
    fields = {
        f"{prefix_of(version)}{name}": value
        for version, raw in answers.items()
        for name, value in fields_of_answer("", raw).items()
    }
    return {"key": str(page.context["key"]), "sequence": page.context["sequence"], "version": "page", **fields}


def accepted(attempt: Attempt) -> dict[int, object]:
    rows = Response.objects.filter(attempt=attempt, status="accepted").order_by("sequence")
    return dict(rows.values_list("version_id", "value"))


def test_every_kind_is_answered_on_one_page_and_handed_in(client, competency):
    versions = [publish_sample(kind, competency) for kind in KINDS]
    attempt = begin(client, *versions)
    page = client.get(url("attempt", attempt))
    ids = Counter(re.findall(r'\bid="([^"]+)"', page.text))
    assert [name for name, count in ids.items() if count > 1] == []
    names = {name for each in re.findall(r'aria-describedby="([^"]+)"', page.text) for name in each.split()}
    assert names - ids.keys() == set()
    answers = {each.pk: right_answer(each.pk) for each in versions}
    response = client.post(url("save-page", attempt), posted(page, answers))
    assert response["Location"] == url("check", attempt)
    assert accepted(attempt) == answers
    check = client.get(url("check", attempt))
    assert "Every question has an answer" in check.text
    assert client.post(url("submit", attempt))["Location"] == url("result", attempt)
    (row,) = attempt_result(Attempt.objects.get()).competencies
    machine = [each for each in versions if ITEM_TYPES[each.item.kind].score is not None]
    assert row.score == row.maximum
    assert len(machine) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_saved_is_filled_in_again(client, competency, kind):
    version = publish_sample(kind, competency)
    attempt = begin(client, version)
    right = right_answer(version.pk)
    assert read_answer(posted_value(right), kind) == right
    client.post(url("save-page", attempt), posted(client.get(url("attempt", attempt)), {version.pk: right}))
    page = client.get(url("attempt", attempt))
    assert paper._in_any_order(read_answer(shown_fields(page, version), kind)) == paper._in_any_order(right)
    client.post(url("save-page", attempt), posted(page, {version.pk: right}))
    assert Response.objects.count() == 1


def shown_fields(page, version) -> QueryDict:
    """What the browser would post of a question as it came, under the names of a page of its own."""
    found = QueryDict(mutable=True)
    for name, values in fields_of_page(page.text, "answer").items():
        if name.startswith(prefix_of(version.pk)):
            found.setlist(name.removeprefix(prefix_of(version.pk)), values)
    return found


@pytest.mark.parametrize("sequence", [0, 2**31, 10**30])
def test_page_counted_beyond_every_limit_is_not_read(client, competency, sequence):
    version = publish_sample("single_choice", competency)
    attempt = begin(client, version)
    fields = posted(client.get(url("attempt", attempt)), {version.pk: right_answer(version.pk)})
    response = client.post(url("save-page", attempt), fields | {"sequence": sequence})
    assert response["Location"] == url("attempt", attempt)
    assert not Response.objects.exists()


def test_page_counted_beyond_what_anybody_can_have_counted_is_shown_again(client, competency):
    version = publish_sample("single_choice", competency)
    attempt = begin(client, version)
    fields = posted(client.get(url("attempt", attempt)), {version.pk: right_answer(version.pk)})
    response = client.post(url("save-page", attempt), fields | {"sequence": 2**31 - 1})
    assert response.status_code == 422
    assert not Response.objects.exists()
    assert client.post(url("save-page", attempt), fields).status_code == 302
    assert Response.objects.get().status == "accepted"


def test_answers_change_until_handed_in_and_the_newest_counts(client, competency):
    versions = [make_item(competency, number) for number in (1, 2, 3)]
    attempt = begin(client, *versions)
    first, second, third = (each.pk for each in versions)
    client.post(url("save-page", attempt), posted(client.get(url("attempt", attempt)), {third: wrong_answer(third)}))
    check = client.get(url("check", attempt))
    assert "2 questions have no answer yet" in check.text
    page = client.get(url("attempt", attempt))
    client.post(url("save-page", attempt), posted(page, {first: right_answer(first), third: right_answer(third)}))
    assert accepted(attempt) == {first: right_answer(first), third: right_answer(third)}
    client.post(url("submit", attempt))
    (row,) = attempt_result(Attempt.objects.get()).competencies
    assert (row.score, row.asked) == (2, 3)
    assert second not in accepted(attempt)


def test_a_faulty_answer_is_named_and_the_others_are_saved(client, competency):
    number, choice = publish_sample("numeric", competency), make_item(competency, 1)
    attempt = begin(client, number, choice)
    page = client.get(url("attempt", attempt))
    response = client.post(
        url("save-page", attempt),
        posted(page, {number.pk: {"value": "mười hai"}, choice.pk: right_answer(choice.pk)}),
    )
    assert response.status_code == 422
    assert '<a href="#question-1">Question 1</a>' in response.text
    assert 'value="mười hai"' in response.text
    assert accepted(attempt) == {choice.pk: right_answer(choice.pk)}


def test_the_window_that_is_behind_is_told(client, competency):
    version = make_item(competency, 1)
    attempt = begin(client, version)
    here, there = client.get(url("attempt", attempt)), client.get(url("attempt", attempt))
    client.post(url("save-page", attempt), posted(here, {version.pk: right_answer(version.pk)}))
    late = client.post(url("save-page", attempt), posted(there, {version.pk: wrong_answer(version.pk)}))
    assert said(late) == [
        "Newer answers had been saved already, perhaps in another window. The newer ones count; see them here."
    ]
    assert accepted(attempt) == {version.pk: right_answer(version.pk)}
    assert Response.objects.filter(status="superseded").count() == 1


def test_the_same_page_twice_is_saved_once(client, competency):
    versions = [make_item(competency, number) for number in (1, 2)]
    attempt = begin(client, *versions)
    client.get(url("attempt", attempt))
    key, answers = uuid4(), {each.pk: right_answer(each.pk) for each in versions}
    first = save_page(attempt.pk, attempt.person_id, key=key, sequence=1, answers=answers)
    again = save_page(attempt.pk, attempt.person_id, key=key, sequence=1, answers=answers)
    assert first == again == ({each.pk: "accepted" for each in versions}, {})
    assert Response.objects.count() == 2


def test_a_page_that_comes_late_is_kept_and_does_not_count(client, competency):
    version = make_item(competency, 1)
    attempt = begin(client, version)
    page = client.get(url("attempt", attempt))
    Attempt.objects.update(
        started_at=timezone.now() - timedelta(hours=2), deadline=timezone.now() - timedelta(seconds=1)
    )
    answers = {version.pk: right_answer(version.pk)}
    statuses, faults = save_page(attempt.pk, attempt.person_id, key=uuid4(), sequence=1, answers=answers)
    assert (statuses, faults) == ({version.pk: "late"}, {})
    late = client.post(url("save-page", attempt), posted(page, answers))
    assert said(late) == ["Your last answers came after the time was over. They are kept but do not count."]
    assert list(Response.objects.values_list("status", flat=True)) == ["late", "late"]
    assert client.get(url("attempt", attempt)).templates[0].name == "learn/attempt_over.html"
    submit_attempt(attempt)
    queued = {"headers": {"accept": "application/json"}}
    again = client.post(
        url("save-page", attempt), posted(page, answers) | {"sequence": 9, "key": str(uuid4())}, **queued
    )
    assert (again.json()["status"], again.json()["next"]) == ("late", url("check", attempt))
    assert Response.objects.filter(status="late").count() == 3
    assert not Evidence.objects.exists()


def test_a_queue_is_told_what_can_never_be_kept_and_goes_on(client, competency):
    """A redirection would tell the queue that the person is signed out; it would stop, and what follows would wait."""
    attempt = begin(client, make_item(competency, 1))
    Attempt.objects.update(
        started_at=timezone.now() - timedelta(hours=2), deadline=timezone.now() - timedelta(seconds=1)
    )
    for unread in ({"key": "x"}, {"key": str(uuid4()), "sequence": 1}):  # no key; no question was ever given
        assert client.post(url("save-page", attempt), unread, headers={"accept": "application/json"}).status_code == 400


def test_a_page_late_by_a_moment_is_told(client, competency, monkeypatch):
    version = make_item(competency, 1)
    attempt = begin(client, version)
    page = client.get(url("attempt", attempt))
    monkeypatch.setattr(paper, "save_page", lambda *given, **named: ({version.pk: "late"}, {}))
    response = client.post(url("save-page", attempt), posted(page, {version.pk: right_answer(version.pk)}))
    assert said(response) == ["Your last answers came after the time was over. They are kept but do not count."]


def test_nobody_saves_anothers_page(client, competency):
    version = make_item(competency, 1)
    attempt = begin(client, version)
    stranger = make_post({competency: 3})
    with pytest.raises(AttemptNotFound):
        save_page(attempt.pk, stranger.pk, key=uuid4(), sequence=1, answers={version.pk: right_answer(version.pk)})
    other = make_item(competency, 2)
    _saved, faults = save_page(
        attempt.pk, attempt.person_id, key=uuid4(), sequence=1, answers={other.pk: right_answer(other.pk)}
    )
    assert {pk: each.reason for pk, each in faults.items()} == {other.pk: "not_given"}
    assert Response.objects.count() == 0


def test_a_step_moves_without_scripts(client, competency):
    version = make_item(competency, 1, kind="ordering")
    attempt = begin(client, version)
    page = client.get(url("attempt", attempt))
    shown = shown_fields(page, version).getlist("order")
    fields = posted(page, {version.pk: {"order": shown}}) | {f"{prefix_of(version.pk)}move": f"down:{shown[0]}"}
    moved = client.post(url("save-page", attempt), fields)
    assert moved.status_code == 200
    assert shown_fields(moved, version).getlist("order") == [shown[1], shown[0], *shown[2:]]


def test_autosave_says_the_next_sequence_and_stays(client, competency):
    version = make_item(competency, 1)
    attempt = begin(client, version)
    page = client.get(url("attempt", attempt))
    fields = posted(page, {version.pk: right_answer(version.pk)}) | {"stay": "1"}
    response = client.post(url("save-page", attempt), fields, headers={"accept": "application/json"})
    told = response.json()
    assert told["bases"].keys() == {f"{prefix_of(version.pk)}base"}
    del told["bases"]
    assert told == {"status": "accepted", "next": None, "sequence": 2, "states": {"1": "accepted"}}
    assert accepted(attempt) == {version.pk: right_answer(version.pk)}


def test_autosave_never_says_saved_of_what_is_not(client, competency):
    number = publish_sample("numeric", competency)
    attempt = begin(client, number)
    fields = posted(client.get(url("attempt", attempt)), {number.pk: {"value": "mười hai"}}) | {"stay": "1"}
    response = client.post(url("save-page", attempt), fields, headers={"accept": "application/json"})
    bases = {f"{prefix_of(number.pk)}base": "0"}
    assert response.json() == {"status": None, "next": None, "sequence": 2, "bases": bases, "states": {}}
    assert accepted(attempt) == {}


@pytest.mark.parametrize("fields", [{"seconds_per_question": 60}, {"feedback": "after_each"}, {"minutes": {1: 5}}])
def test_questions_with_a_clock_or_feedback_of_their_own_come_one_by_one(client, competency, fields):
    attempt = begin(client, make_item(competency, 1), make_item(competency, 2), **fields)
    assert "one_page" not in attempt.form
    client.post(url("begin-section", attempt), {"section": 1})
    assert client.get(url("attempt", attempt)).templates[0].name == "learn/question.html"


def test_questions_for_files_come_one_by_one(client, competency):
    attempt = begin(client, publish_sample("file_upload", competency), make_item(competency, 1))
    assert "one_page" not in attempt.form


def test_a_program_is_given_the_questions_one_after_the_other(client, competency):
    versions = [make_item(competency, number) for number in (1, 2, 3)]
    attempt = begin(client, *versions)
    given = []
    while (item := next_item(attempt)) is not None:
        given.append(item.version_id)
        answer = {"key": uuid4(), "sequence": item.sequence, "version_id": item.version_id}
        submit_response(attempt.pk, attempt.person_id, **answer, raw_value=right_answer(item.version_id))
    assert given == [each.pk for each in versions]
    again = submit_response(
        attempt.pk,
        attempt.person_id,
        key=uuid4(),
        sequence=9,
        version_id=given[0],
        raw_value=wrong_answer(given[0]),
    )
    assert again.status == "accepted"


def test_pages_take_the_same_queries_for_1_question_and_for_6(client_of, competency):
    counts = []
    for numbers in (range(1, 2), range(10, 16)):
        versions = [make_item(competency, number) for number in numbers]
        person = make_post({competency: 4})
        client = client_of(person)
        attempt = start_attempt(person, make_form(versions, one_page=True))
        page = client.get(url("attempt", attempt))
        fields = posted(page, {each.pk: right_answer(each.pk) for each in versions})
        with CaptureQueriesContext(connection) as captured:
            client.get(url("attempt", attempt))
            client.post(url("save-page", attempt), fields)
            client.get(url("check", attempt))
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_two_requests_at_once_give_the_questions_once(client, competency):
    attempt = begin(client, make_item(competency, 1), make_item(competency, 2))
    pages = [question_page(attempt), question_page(attempt)]
    assert [[each.position for each in page.questions] for page in pages] == [[1, 2], [1, 2]]


def test_page_keys_are_made_of_the_version(client, competency):
    version = make_item(competency, 1)
    attempt = begin(client, version)
    client.get(url("attempt", attempt))
    key = UUID(int=5)
    save_page(attempt.pk, attempt.person_id, key=key, sequence=1, answers={version.pk: right_answer(version.pk)})
    other = save_page(
        attempt.pk, attempt.person_id, key=key, sequence=2, answers={version.pk: wrong_answer(version.pk)}
    )
    assert {pk: each.reason for pk, each in other[1].items()} == {version.pk: "key_reused"}


def autosave(client, attempt, page, answers, **fields):
    """Post what a window holds, as its script does now and then; return the reply."""
    sent = bases_of(page) | posted(page, answers) | {"stay": "1"} | fields
    return client.post(url("save-page", attempt), sent, headers={"accept": "application/json"}).json()


def bases_of(page) -> dict[str, object]:
    return {name: values[0] for name, values in fields_of_page(page.text, "answer").items() if name.endswith("-base")}


def test_a_window_never_overwrites_what_it_was_not_shown(client, competency):
    first, second, third = (make_item(competency, number).pk for number in (1, 2, 3))
    attempt = begin(client, *ItemVersion.objects.filter(pk__in=[first, second, third]).order_by("pk"))
    here = client.get(url("attempt", attempt))
    old, new = {first: wrong_answer(first)}, {first: right_answer(first)}
    reply = autosave(client, attempt, here, old)
    there = client.get(url("attempt", attempt))
    client.post(url("save-page", attempt), bases_of(there) | posted(there, new))
    assert accepted(attempt) == new
    # The first window goes on with other questions and still shows its own answer.
    known = reply["bases"] | {"sequence": reply["sequence"], "key": str(uuid4())}
    reply = autosave(client, attempt, here, old | {second: right_answer(second)}, **known)
    assert reply["sequence"] == 3
    known = reply["bases"] | {"sequence": reply["sequence"], "key": str(uuid4())}
    autosave(client, attempt, here, old | {second: right_answer(second), third: right_answer(third)}, **known)
    assert accepted(attempt) == {each: right_answer(each) for each in (first, second, third)}


def test_an_answer_written_upon_an_old_one_is_kept_and_its_writer_told(client, competency):
    first, second = make_item(competency, 1), make_item(competency, 2)
    attempt = begin(client, first, second)
    here = client.get(url("attempt", attempt))
    there = client.get(url("attempt", attempt))
    client.post(url("save-page", attempt), bases_of(there) | posted(there, {first.pk: right_answer(first.pk)}))
    reply = autosave(client, attempt, here, {first.pk: wrong_answer(first.pk)}, sequence=9)
    assert (reply["status"], reply["states"], reply["sequence"]) == ("superseded", {"1": "superseded"}, 10)
    assert accepted(attempt) == {first.pk: right_answer(first.pk)}
    assert Response.objects.get(status="superseded").value == wrong_answer(first.pk)
    # It is told once, and does not come back with the next page.
    known = reply["bases"] | {"sequence": reply["sequence"], "key": str(uuid4())}
    answers = {first.pk: wrong_answer(first.pk), second.pk: right_answer(second.pk)}
    assert autosave(client, attempt, here, answers, **known)["states"] == {"2": "accepted"}
    assert accepted(attempt) == {each.pk: right_answer(each.pk) for each in (first, second)}


@pytest.mark.parametrize("is_back", [False, True])
def test_a_window_that_missed_a_reply_still_changes_its_own_answer(client, competency, is_back):
    version = make_item(competency, 1)
    attempt = begin(client, version)
    right, wrong = right_answer(version.pk), wrong_answer(version.pk)
    page = client.get(url("attempt", attempt))
    autosave(client, attempt, page, {version.pk: right})
    page = client.get(url("attempt", attempt))
    autosave(client, attempt, page, {version.pk: wrong})  # the reply is lost
    newest = right if is_back else None
    if newest is None:
        newest = other_answer(version.pk, right, wrong)
    known = {"sent": str(page.context["key"]), "key": str(uuid4()), "sequence": "3"}
    assert autosave(client, attempt, page, {version.pk: newest}, **known)["status"] == "accepted"
    assert accepted(attempt) == {version.pk: newest}


def other_answer(version_pk, *taken):
    """A third option of a question with a single choice."""
    options = ItemVersion.objects.get(pk=version_pk).content["options"]
    return next({"choice": each["id"]} for each in options if {"choice": each["id"]} not in taken)


def test_a_faulty_answer_keeps_the_base_it_was_written_upon(client, competency):
    number = publish_sample("numeric", competency)
    attempt = begin(client, number)
    here, there = client.get(url("attempt", attempt)), client.get(url("attempt", attempt))
    right = right_answer(number.pk)
    client.post(url("save-page", attempt), bases_of(there) | posted(there, {number.pk: right}))
    again = client.post(url("save-page", attempt), bases_of(here) | posted(here, {number.pk: {"value": "mười"}}))
    assert again.status_code == 422
    mended = client.post(
        url("save-page", attempt), bases_of(again) | posted(again, {number.pk: right | {"value": "987"}})
    )
    assert said(mended)
    assert accepted(attempt) == {number.pk: right}


def test_steps_that_nobody_moved_are_no_answer(client, competency):
    """Each page posts them as they were shown; moved and moved back to where they were, they are an answer again."""
    versions = [make_item(competency, 1, kind="ordering"), make_item(competency, 2)]
    attempt = begin(client, *versions)
    page = client.get(url("attempt", attempt))
    steps = re.findall(rf'name="{prefix_of(versions[0].pk)}order"[^>]*value="([^"]+)"', page.text)
    assert len(steps) > 2
    shown, other = {"order": steps}, right_answer(versions[1].pk)
    client.post(url("save-page", attempt), posted(page, {versions[0].pk: shown, versions[1].pk: other}))
    assert accepted(attempt) == {versions[1].pk: other}
    assert "1 question has no answer yet" in client.get(url("check", attempt)).text
    moved = {"order": [steps[1], steps[0], *steps[2:]]}
    for given in (moved, shown):
        client.post(url("save-page", attempt), posted(client.get(url("attempt", attempt)), {versions[0].pk: given}))
        assert accepted(attempt)[versions[0].pk] == given
