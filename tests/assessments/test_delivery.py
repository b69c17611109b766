"""Questions one by one."""

from datetime import timedelta

import pytest
from django.db import Error, transaction
from django.utils import timezone

from assessments.domain.attempts import start_attempt
from assessments.domain.bank import published_bank
from assessments.domain.delivery import next_item
from assessments.domain.items import publish_draft, save_draft
from assessments.domain.submission import submit_attempt
from assessments.domain.versions import playable_version
from assessments.models import ItemVersion, Presentation
from tests.factories.assessments import answer, make_quiz, raw_content, sit

pytestmark = pytest.mark.django_db


def test_unanswered_question_is_given_again():
    attempt = start_attempt(*make_quiz())
    first = next_item(attempt)
    assert next_item(attempt) == first
    assert Presentation.objects.count() == 1


def test_question_is_kept_with_its_parameters_and_the_reason():
    attempt = start_attempt(*make_quiz())
    given = next_item(attempt)
    assert given is not None
    kept = Presentation.objects.get()
    assert (kept.attempt, kept.position, kept.version_id) == (attempt, 1, given.version_id)
    assert kept.parameters == given.parameters
    assert kept.competency is not None
    assert kept.competency.code == given.competency_code
    assert sorted(kept.reason) == ["bank", "best_information", "candidates", "information", "relaxed", "why"]


def test_answers_move_the_sitting_on():
    attempt = start_attempt(*make_quiz())
    first = next_item(attempt)
    assert first is not None
    assert (first.position, first.sequence, first.answered, first.at_most) == (1, 1, 0, 12)
    answer(attempt, first)
    second = next_item(attempt)
    assert second is not None
    assert (second.position, second.sequence, second.answered) == (2, 2, 1)
    assert second.version_id != first.version_id


def test_changed_answer_moves_the_sequence_on():
    attempt = start_attempt(*make_quiz())
    first = next_item(attempt)
    assert first is not None
    answer(attempt, first)
    answer(attempt, first, sequence=5, right=False)
    second = next_item(attempt)
    assert second is not None
    assert second.sequence == 6


def test_sitting_ends_by_its_rule_its_time_or_its_submission():
    attempt = start_attempt(*make_quiz())
    given = sit(attempt)
    assert 9 <= len(given) <= 12
    assert next_item(attempt) is None

    timed = start_attempt(*make_quiz(["8.1"]))
    assert next_item(timed, now=timed.deadline) is not None
    assert next_item(timed, now=timed.deadline + timedelta(seconds=1)) is None

    submitted = start_attempt(*make_quiz(["7.1"]))
    submit_attempt(submitted)
    assert next_item(submitted) is None


def test_player_view_is_in_the_attempts_own_order_and_has_no_key():
    attempt = start_attempt(*make_quiz())
    given = next_item(attempt)
    assert given is not None
    view = given.player_view("vi")
    assert view == given.player_view("vi")
    assert set(view) == {"kind", "stem", "options"}
    orders = set()
    for seed in range(30):
        attempt.seed = seed
        again = next_item(attempt)
        assert again is not None
        orders.add(tuple(option["id"] for option in again.player_view("vi")["options"]))
    assert len(orders) > 5


def test_item_published_anew_during_a_sitting_leaves_it_alone():
    attempt = start_attempt(*make_quiz(["9.1"], max_items=4))
    first = next_item(attempt)
    assert first is not None
    item = ItemVersion.objects.get(pk=first.version_id).item
    save_draft(item, raw_content(item.kind, "mới"), level=4, seconds=60, actor=None)
    publish_draft(item, None)
    published_bank(recheck=True)
    again = next_item(attempt)
    assert again is not None
    assert again.version_id == first.version_id
    assert again.player_view("vi")["stem"] == playable_version(first.version_id).content.stem.vi
    answer(attempt, first)
    given = sit(attempt)
    assert item.pk not in ItemVersion.objects.filter(pk__in=[each.version_id for each in given]).values_list(
        "item_id", flat=True
    )


def test_presentations_are_append_only():
    attempt = start_attempt(*make_quiz())
    next_item(attempt)
    for change in (
        lambda: Presentation.objects.update(position=9),
        lambda: Presentation.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(Error), transaction.atomic():
            change()


@pytest.mark.parametrize("answered", [1, 9])
def test_next_takes_two_queries_however_many_were_answered(answered, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr("assessments.domain.bank.RECHECK_SECONDS", 3600)
    attempt = start_attempt(*make_quiz(["9.1", "9.2", "9.3"], level=5, max_items=12))
    for number in range(answered):
        given = next_item(attempt)
        assert given is not None
        answer(attempt, given, right=number % 2 == 0)
    with django_assert_num_queries(2):
        assert next_item(attempt, now=timezone.now()) is not None
