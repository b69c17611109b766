"""Questions of an exam are given nowhere else while its right answers are secret."""

from datetime import timedelta

import pytest
from django.utils import timezone

from assessments.domain.attempts import start_attempt
from assessments.domain.authoring import retire_item_version
from assessments.domain.bank import published_bank
from assessments.domain.delivery import next_item
from assessments.domain.form_plan import choose_versions
from assessments.domain.invigilation import end_invigilation, set_invigilation
from assessments.domain.items import publish_new_version, version_digest
from assessments.domain.queries.secret import secrecy_of
from assessments.domain.refusals import AttemptRefused
from assessments.domain.sections import add_items, remove_item
from assessments.domain.sitting_rules import set_open, set_sitting_rules
from assessments.domain.submission import submit_attempt
from assessments.models import Accommodation, Assessment, Attempt, Invigilation, Presentation, SectionItem
from tests.factories.assessments import AssessmentFactory, make_item, provisional_parameters, sit
from tests.factories.competencies import competency_of, make_framework, make_post
from tests.factories.forms import make_draw, make_form
from tests.factories.organisation import UserFactory

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def competency():
    return competency_of(make_framework("9.1"), "9.1")


@pytest.fixture
def versions(competency):
    return [make_item(competency, number, level=4) for number in range(1, 6)]


def kept_out(versions) -> list[int]:
    """The numbers, from 1, of the questions that neither a quiz nor a draw may give; both must say the same."""
    in_bank = published_bank(recheck=True).entries
    draw = make_draw({"count": 1})
    drawable = set()
    for seed in range(60):
        try:
            drawable |= {pk for pks in choose_versions(draw, seed).values() for pk in pks}
        except AttemptRefused:
            break
    missing = [number for number, each in enumerate(versions, 1) if each.item_id not in in_bank]
    assert missing == [number for number, each in enumerate(versions, 1) if each.pk not in drawable]
    return missing


def at(hours: float):
    return timezone.now() + hours * HOUR


@pytest.mark.parametrize(
    ("fields", "is_supervised", "is_secret"),
    [
        ({"feedback": "none"}, False, True),
        ({"feedback": "none", "closes_at": 2}, False, True),
        ({"feedback": "none", "closes_at": -2}, False, False),
        ({"feedback": "none", "is_open": False}, False, False),
        ({"feedback": "none", "is_open": False, "closes_at": 2}, False, True),
        ({"feedback": "after_close", "closes_at": 2}, False, True),
        ({"feedback": "after_close", "closes_at": -2}, False, False),
        ({"feedback": "after_submit", "closes_at": 2}, False, False),
        ({"feedback": "after_submit"}, True, True),
        ({"feedback": "after_submit", "closes_at": -2}, True, False),
        ({"feedback": "after_each"}, False, False),
        ({"feedback": "none", "mode": "draw"}, False, False),
    ],
)
def test_questions_of_a_form_are_kept_out_while_its_keys_are_secret(versions, fields, is_supervised, is_secret):
    if "closes_at" in fields:
        fields = {**fields, "closes_at": at(fields["closes_at"])}
    form = make_form(versions[:2], **fields)
    if is_supervised:
        Invigilation.objects.create(assessment=form)
    assert kept_out(versions) == ([1, 2] if is_secret else [])
    assert secrecy_of(form).is_secret == is_secret


def test_quiz_that_goes_on_learns_of_each_change_of_an_exam(versions):
    actor = UserFactory()
    exam = make_form(versions[:2], feedback="none", is_open=False)
    assert kept_out(versions) == []
    set_open(exam, actor, is_open=True)
    assert kept_out(versions) == [1, 2]
    add_items(exam.sections.get(), actor, [versions[2].item.code])
    assert kept_out(versions) == [1, 2, 3]
    remove_item(SectionItem.objects.get(version=versions[0]), actor)
    assert kept_out(versions) == [2, 3]
    set_sitting_rules(exam, actor, feedback="after_submit")
    assert kept_out(versions) == []
    set_invigilation(exam, actor)
    assert kept_out(versions) == [2, 3]
    end_invigilation(exam, actor)
    assert kept_out(versions) == []
    set_sitting_rules(exam, actor, feedback="after_close", closes_at=at(1))
    assert kept_out(versions) == [2, 3]
    set_open(exam, actor, is_open=False)
    assert kept_out(versions) == [2, 3]
    set_sitting_rules(exam, actor, closes_at=at(-1))
    assert kept_out(versions) == []


def test_exam_is_secret_until_the_last_person_has_ended(versions):
    exam = make_form(versions[:2], feedback="after_close", closes_at=at(1))
    attempt = start_attempt(make_post({versions[0].item.competency: 4}), exam)
    Assessment.objects.update(closes_at=at(-1))
    assert kept_out(versions) == [1, 2]
    submit_attempt(attempt)
    assert kept_out(versions) == []
    granted = Accommodation.objects.create(
        assessment=exam, person=make_post({}), closes_at=at(3), reason="Nghỉ ốm", granted_by=UserFactory()
    )
    assert kept_out(versions) == [1, 2]
    granted.delete()
    Attempt.objects.update(status="open", submitted_at=None, deadline=at(-0.1), started_at=at(-2))
    assert kept_out(versions) == []


def test_every_version_of_an_exams_question_is_kept_out(competency, versions):
    make_form(versions[:1], feedback="none")
    retire_item_version(versions[0], actor=UserFactory())
    content = {**versions[0].content, "stem": {"vi": "Câu hỏi sửa lại", "en": "The question mended"}}
    digest, parameters = version_digest(content, 4, 60), {competency.pk: provisional_parameters(4)}
    publish_new_version(versions[0].item, content, digest, parameters, level=4, seconds=60)
    assert 1 in kept_out(versions)


def test_quiz_gives_no_question_of_an_exam_even_when_it_had_begun(competency, versions):
    quiz = AssessmentFactory(max_items=12, max_items_per_competency=12, error_rate=0.001, target_se=0.05)
    person = make_post({competency: 4})
    attempt = start_attempt(person, quiz, seed=3)
    first = next_item(attempt)
    rest = [each for each in versions if each.pk != first.version_id]
    make_form([*rest[:2], next(each for each in versions if each.pk == first.version_id)], feedback="none")
    published_bank(recheck=True)
    sit(attempt)
    given = set(Presentation.objects.filter(attempt=attempt).values_list("version_id", flat=True))
    assert given == {first.version_id, *(each.pk for each in rest[2:])}


def test_stamp_of_the_bank_is_one_statement(versions, django_assert_num_queries):
    make_form(versions[:2], feedback="none")
    published_bank(recheck=True)
    with django_assert_num_queries(1):
        published_bank(recheck=True)


def test_forms_that_share_questions_with_an_exam_are_named_on_both_sides(versions):
    exam = make_form(versions[:3], feedback="none")
    practice = make_form(versions[1:4], feedback="after_submit")
    make_form(versions[4:], feedback="after_submit")
    (of_exam,), (of_practice,) = secrecy_of(exam).sharing, secrecy_of(practice).sharing
    assert (of_exam.assessment, of_exam.count, of_exam.is_secret) == (practice, 2, False)
    assert (of_practice.assessment, of_practice.count, of_practice.is_secret) == (exam, 2, True)
    Assessment.objects.filter(pk=exam.pk).update(is_open=False)
    assert (secrecy_of(exam).sharing, secrecy_of(practice).sharing) == ((), ())
