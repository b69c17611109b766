"""Scoring by the key of a later version: who is scored by it, in what order, and who may publish it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from assessments.domain.attempts import start_attempt
from assessments.domain.authoring import retire_item_version
from assessments.domain.corrections import Correction, RegradeRefused, key_correction, void_correction
from assessments.domain.feedback import feedback_on_question
from assessments.domain.items import publish_new_version, version_digest
from assessments.domain.points import points_of
from assessments.domain.queries.corrected_keys import corrected_keys
from assessments.domain.queries.results import review_items
from assessments.domain.regrading import publish_regrade, start_regrade, wake_stalled_regrades
from assessments.domain.submission import submit_attempt
from assessments.items.registry import item_type
from assessments.models import Attempt, Certificate, ItemVersion, Regrade, RegradeResult
from competencies.api import counted_evidence
from competencies.models import Evidence
from tests.factories.assessments import flipped_key, make_item, sit
from tests.factories.competencies import competency_of, make_framework, make_post
from tests.factories.forms import make_form
from tests.factories.marking import make_marked_item
from tests.factories.organisation import UserFactory
from tests.factories.regrading import finish_regrade

pytestmark = pytest.mark.django_db
EASIER = {"model": "2pl", "a": 1.2, "b": -2.0}


@pytest.fixture
def competency():
    return competency_of(make_framework("9.1"), "9.1")


@pytest.fixture
def versions(competency):
    """Three single choices."""
    return [make_item(competency, number, kind="single_choice") for number in (1, 2, 3)]


def reworded(version: ItemVersion) -> ItemVersion:
    """The next version of the item: it asks with other words, to which no answer given to this one belongs."""
    raw = {**version.content, "stem": {"vi": "Câu khác", "en": "Another"}}
    content = item_type("single_choice").parse_content(raw).to_dict()
    digest = version_digest(content, version.level, 60)
    return publish_new_version(version.item, content, digest, {}, level=version.level, seconds=60)


def sat(competency, form, *, right=False, hand_in=True) -> Attempt:
    attempt = start_attempt(make_post({competency: 4}), form)
    sit(attempt, lambda given: right)
    if hand_in:
        submit_attempt(attempt)
    return attempt


def publish(correction: Correction) -> Regrade:
    preview = finish_regrade(start_regrade(None, [correction], "a wrong key", previews=True))
    return publish_regrade(UserFactory(), preview.pk)


def earned(attempt: Attempt) -> int:
    return int(points_of(attempt).earned)


def test_open_and_later_sittings_are_scored_by_the_corrected_key_when_they_are_handed_in(competency, versions):
    form = make_form(versions, certifies=True, pass_share=0.3)
    first, still_open = sat(competency, form), sat(competency, form, hand_in=False)
    regrade = publish(key_correction(versions[0], flipped_key(versions[0])))
    finish_regrade(regrade)
    submit_attempt(still_open)
    later = sat(competency, form)
    assert later.presentations.filter(version=versions[0]).exists()
    assert [earned(each) for each in (first, still_open, later)] == [1, 1, 1]
    assert {each.attempt_id for each in Certificate.objects.all()} == {first.pk, still_open.pk, later.pk}
    rows = Evidence.objects.filter(observable=versions[0].item.code).order_by("pk")
    assert list(rows.values_list("score", flat=True)) == [0, 1, 1, 1]


def test_answer_that_does_not_fit_the_corrected_version_keeps_its_score(competency, versions):
    form = make_form(versions)
    first = sat(competency, form)
    finish_regrade(publish(key_correction(versions[0], flipped_key(versions[0], vi="Lời khác"))))
    later = sat(competency, form)
    assert [earned(each) for each in (first, later)] == [0, 0]
    assert [each["is_corrected"] for each in review_items(later, "vi")] == [False] * 3


def test_sitting_handed_in_as_the_key_is_published_is_found_and_later_ones_are_left_alone(
    competency, versions, monkeypatch
):
    form = make_form(versions)
    crossing, later = (sat(competency, form, hand_in=False) for _ in range(2))
    regrade = finish_regrade(publish(key_correction(versions[0], flipped_key(versions[0]))))
    submit_attempt(later, now=regrade.requested_at + timedelta(minutes=6))
    assert (regrade.done, wake_stalled_regrades()) == (0, 0)
    monkeypatch.setattr("assessments.domain.submission.corrected_keys", dict)
    submit_attempt(crossing)
    assert (earned(crossing), wake_stalled_regrades()) == (0, 1)
    finish_regrade(regrade)
    assert earned(crossing) == 1


def test_of_two_regrades_under_way_none_takes_back_what_the_other_wrote(competency, versions):
    form = make_form(versions)
    attempt = sat(competency, form)
    version = versions[0]
    key = start_regrade(None, [key_correction(version, flipped_key(version))], "asked first, reached last")
    easier = start_regrade(None, [Correction(version.pk, competency.pk, parameters=EASIER)], "parameters")
    finish_regrade(easier)
    finish_regrade(key)
    counted = counted_evidence(attempt.person_id)[competency.pk]
    (row,) = [each for each in counted if each.observable == version.item.code]
    assert (row.score, dict(row.parameters)) == (1, EASIER)
    assert earned(attempt) == 1
    assert list(RegradeResult.objects.order_by("pk").values_list("score_before", "score_after")) == [(0, 0), (0, 1)]


def test_key_that_is_applied_last_counts_though_it_was_asked_for_first(competency, versions):
    version = versions[0]
    attempt = sat(competency, make_form(versions))
    second = flipped_key(version)
    third = flipped_key(second)
    newest = start_regrade(None, [Correction(version.pk, competency.pk, scored_as=second.pk)], "applied last")
    finish_regrade(start_regrade(None, [Correction(version.pk, competency.pk, scored_as=third.pk)], "asked for last"))
    assert earned(attempt) == 0
    finish_regrade(newest)
    assert earned(attempt) == 1


def test_second_key_of_a_version_waits_until_the_first_is_applied(competency, versions):
    sat(competency, make_form(versions))
    second = flipped_key(versions[0])
    third = flipped_key(second)
    first = publish(key_correction(versions[0], second))
    waiting = finish_regrade(start_regrade(None, [key_correction(versions[0], third)], "x", previews=True))
    with pytest.raises(RegradeRefused, match="underway"):
        publish_regrade(UserFactory(), waiting.pk)
    finish_regrade(first)
    publish_regrade(UserFactory(), waiting.pk)
    assert corrected_keys()[versions[0].pk].key == third.pk


def test_preview_says_who_would_pass_and_changes_nothing(competency, versions):
    attempt = sat(competency, make_form(versions, pass_share=0.3))
    kept = Evidence.objects.count()
    finish_regrade(start_regrade(None, [key_correction(versions[0], flipped_key(versions[0]))], "x", previews=True))
    (found,) = RegradeResult.objects.all()
    assert (found.score_before, found.score_after, found.passed_before, found.passed_after) == (0, 1, False, True)
    assert (Evidence.objects.count(), earned(attempt), dict(corrected_keys())) == (kept, 0, {})


def test_nobody_publishes_what_touches_their_own_sitting(competency, versions):
    attempt = sat(competency, make_form(versions), hand_in=False)
    attempt.person.user = UserFactory()
    attempt.person.save()
    key = flipped_key(versions[0])
    retire_item_version(ItemVersion.objects.get(pk=key.pk), actor=UserFactory())
    for correction in (key_correction(versions[0], key), void_correction(versions[0])):
        preview = finish_regrade(start_regrade(None, [correction], "x", previews=True))
        with pytest.raises(RegradeRefused, match="own"):
            publish_regrade(attempt.person.user, preview.pk)
    assert Regrade.objects.exclude(status="previewed").count() == 0


def test_key_must_be_of_a_later_version_of_a_question_scored_by_machine(competency, versions):
    key = flipped_key(versions[0])
    with pytest.raises(RegradeRefused, match="older"):
        key_correction(key, versions[0])
    with pytest.raises(RegradeRefused, match="unfit"):
        key_correction(versions[2], reworded(versions[2]))
    essay = make_marked_item(competency, 9)
    with pytest.raises(RegradeRefused, match="marked"):
        key_correction(essay, essay)
    finish_regrade(start_regrade(None, [void_correction(ItemVersion.objects.get(pk=versions[0].pk))], "x"))
    with pytest.raises(RegradeRefused, match="void"):
        key_correction(versions[0], key)
    versions[1].item.competency_id = None
    with pytest.raises(RegradeRefused, match="several"):
        key_correction(versions[1], key)


def test_appeals_own_regrade_corrects_nobodys_key(versions, competency):
    Regrade.objects.create(
        reason="appeal 1",
        status="done",
        corrections=[{"version_pk": versions[0].pk, "competency_pk": competency.pk, "scored_as": versions[0].pk}],
        finished_at=timezone.now(),
    )
    sat(competency, make_form(versions))
    assert (dict(corrected_keys()), wake_stalled_regrades()) == ({}, 0)


def test_review_shows_the_corrected_key_and_nothing_of_the_key_of_a_void_question(competency, versions):
    attempt = sat(competency, make_form(versions))
    finish_regrade(publish(key_correction(versions[0], flipped_key(versions[0]))))
    retire_item_version(versions[1], actor=UserFactory())
    finish_regrade(start_regrade(None, [void_correction(versions[1])], "x"))
    corrected, void, plain = review_items(attempt, "en")
    assert (corrected["score"], corrected["is_corrected"], corrected["is_void"]) == (1, True, False)
    assert [each["correct"] for each in corrected["options"] if each["chosen"]] == [True]
    assert void == {"position": 2, "code": versions[1].item.code, "kind": "single_choice", "is_void": True} | {
        name: void[name] for name in ("stem", "score", "maximum", "is_corrected")
    }
    assert (void["score"], void["maximum"], plain["score"], plain["is_corrected"]) == (None, 0, 0, False)


def test_feedback_after_each_answer_is_by_the_corrected_key(competency, versions):
    finish_regrade(publish(key_correction(versions[0], flipped_key(versions[0]))))
    attempt = start_attempt(make_post({competency: 4}), make_form(versions, feedback="after_each"))
    sit(attempt, lambda given: False)
    reviews = [feedback_on_question(attempt, position, "vi") for position in (1, 2)]
    assert [(each["score"], each["is_corrected"]) for each in reviews if each] == [(1, True), (0, False)]
