"""Fixed forms and draws: what is given, in what time, and what counts."""

import random
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from assessments.domain.attempts import start_attempt
from assessments.domain.delivery import GRACE, next_item, next_step
from assessments.domain.feedback import feedback_allowed, feedback_on_question
from assessments.domain.form_plan import Candidate, SectionStart, _fill, draw_versions, stretch
from assessments.domain.items import provisional_parameters, publish_new_version, version_digest
from assessments.domain.points import Points, points_of
from assessments.domain.refusals import AttemptRefused
from assessments.domain.submission import submit_attempt
from assessments.items.registry import ITEM_TYPES
from assessments.models import Attempt, Item, ItemVersion, Presentation, Response, SectionDraw
from competencies.models import Evidence
from tests.factories.assessments import answer, make_bank, make_item, sit
from tests.factories.competencies import competency_of, make_framework, make_post
from tests.factories.forms import make_draw, make_form

pytestmark = pytest.mark.django_db


@pytest.fixture
def competencies():
    framework = make_framework("9.1", "9.2")
    return [competency_of(framework, code) for code in ("9.1", "9.2")]


@pytest.fixture
def person(competencies):
    return make_post({competencies[0]: 4})


@pytest.fixture
def versions(competencies):
    return [make_item(competencies[0], number) for number in range(1, 7)]


def codes(given):
    return [each.version.item_code for each in given]


def test_fixed_form_gives_its_questions_in_their_order_to_everybody(person, competencies, versions):
    form = make_form([versions[2], versions[0]], [versions[4]])
    first, second = (start_attempt(each, form) for each in (person, make_post({competencies[1]: 2})))
    assert codes(sit(first)) == codes(sit(second)) == ["9.1-03", "9.1-01", "9.1-05"]
    (frozen,) = first.form["competencies"]
    assert (frozen["code"], frozen["required"]) == ("9.1", 4)
    assert second.form["competencies"][0]["required"] is None


def test_published_later_version_does_not_change_a_sitting_that_began(person, versions):
    attempt = start_attempt(person, make_form(versions[:2]))
    ItemVersion.objects.filter(pk=versions[0].pk).update(status="retired")
    assert [each.version_id for each in sit(attempt)] == [versions[0].pk, versions[1].pk]


@pytest.mark.parametrize("kind", sorted(ITEM_TYPES))
def test_every_kind_is_given_and_only_what_is_scored_becomes_evidence(person, competencies, kind):
    module = ITEM_TYPES[kind]
    content = module.parse_content(module.SAMPLE)
    item = Item.objects.create(code=f"9.1-{kind}", kind=kind, competency=competencies[0])
    parameters = {competencies[0].pk: provisional_parameters(4, module.maximum(content))}
    raw = content.to_dict()
    version = publish_new_version(item, raw, version_digest(raw, 4, 60), parameters, level=4, seconds=60)
    attempt = start_attempt(person, make_form([version]))
    (given,) = [next_item(attempt)]
    marked = kind in ("essay", "prompt", "file_upload")
    if kind != "file_upload":
        answer(attempt, given, raw_value={"text": "x"} if marked else module.key(content))
    submit_attempt(attempt)
    assert Evidence.objects.count() == (0 if marked else 1)
    points, maximum = points_of(attempt), module.maximum(content)
    if kind == "file_upload":
        assert points == Points(0, maximum, 0)
    else:
        assert points == (Points(0, maximum, 1) if marked else Points(maximum, maximum, 0))


def test_what_was_not_reached_counts_as_nothing(person, versions):
    attempt = start_attempt(person, make_form(versions[:4]))
    answer(attempt, next_item(attempt))
    answer(attempt, next_item(attempt), right=False)
    submit_attempt(attempt)
    assert (points_of(attempt), points_of(attempt).share) == (Points(1, 4, 0), 0.25)


def test_a_section_is_announced_before_its_clock_starts(person, versions):
    now = timezone.now()
    attempt = start_attempt(person, make_form(versions[:2], versions[2:4], minutes={2: 3}), now=now)
    start = next_step(attempt, now=now)
    assert (start.number, start.count, start.questions, start.section.seconds) == (1, 2, 2, None)
    assert not Presentation.objects.exists()
    for _ in range(2):
        answer(attempt, next_item(attempt, now=now))
    start = next_step(attempt, now=now)
    assert isinstance(start, SectionStart)
    assert (start.number, start.section.name_en, start.section.seconds) == (2, "Part 2", 180)
    given = next_item(attempt, now=now + timedelta(minutes=10))
    assert (given.deadline, given.section.name_en) == (now + timedelta(minutes=13), "Part 2")
    assert next_step(attempt, now=now) == given


def test_a_section_ends_with_its_time_and_the_next_begins(person, versions):
    now = timezone.now()
    attempt = start_attempt(person, make_form(versions[:2], versions[2:4], minutes={1: 1}), now=now)
    first = next_item(attempt, now=now)
    late = now + timedelta(seconds=60) + GRACE + timedelta(milliseconds=1)
    assert answer(attempt, first, now=late).status == "late"
    given = next_item(attempt, now=late)
    assert (given.version_id, given.position, given.answered) == (versions[2].pk, 3, 0)


def test_question_time_is_the_servers_with_grace(person, versions):
    now = timezone.now()
    attempt = start_attempt(person, make_form(versions[:3], seconds_per_question=30), now=now)
    first = next_item(attempt, now=now)
    assert first.deadline == now + timedelta(seconds=30)
    assert answer(attempt, first, now=now + timedelta(seconds=35)).status == "accepted"
    second = next_item(attempt, now=now + timedelta(seconds=40))
    late = now + timedelta(seconds=40 + 35, milliseconds=1)
    assert next_item(attempt, now=late - timedelta(milliseconds=1)) == second
    assert answer(attempt, second, now=late).status == "late"
    third = next_item(attempt, now=late)
    assert (third.version_id, third.answered) == (versions[2].pk, 1)
    submit_attempt(attempt)
    assert points_of(attempt) == Points(1, 3, 0)


def test_adaptive_quiz_keeps_question_time_too(competencies):
    make_bank(competencies)
    person = make_post(dict.fromkeys(competencies, 4))
    now = timezone.now()
    attempt = start_attempt(person, make_form(mode="adaptive", by_post=True, seconds_per_question=20), now=now)
    first = next_item(attempt, now=now)
    assert first.deadline == now + timedelta(seconds=20)
    second = next_item(attempt, now=now + timedelta(seconds=26))
    assert (second.position, second.version_id != first.version_id) == (2, True)
    assert answer(attempt, first, now=now + timedelta(seconds=27)).status == "superseded"


def test_first_answer_stands_where_its_key_is_shown(person, versions):
    attempt = start_attempt(person, make_form(versions[:2], feedback="after_each"))
    first = next_item(attempt)
    assert feedback_on_question(attempt, 1, "en") is None
    assert answer(attempt, first, right=False).status == "accepted"
    review = feedback_on_question(attempt, 1, "en")
    assert review is not None
    assert (review["code"], review["score"], review["maximum"]) == ("9.1-01", 0, 1)
    assert answer(attempt, first, sequence=9).status == "superseded"
    assert Response.objects.filter(status="accepted").count() == 1


def test_without_feedback_after_each_an_answer_may_be_bettered_until_the_next_question(person, versions):
    attempt = start_attempt(person, make_form(versions[:2]))
    first = next_item(attempt)
    answer(attempt, first, right=False)
    assert answer(attempt, first, sequence=2).status == "accepted"
    assert feedback_on_question(attempt, 1, "en") is None


@pytest.mark.parametrize(
    ("policy", "shown"),
    [
        ("none", [False, False, False]),
        ("after_each", [False, True, True]),
        ("after_submit", [False, True, True]),
        ("after_close", [False, False, True]),
    ],
)
def test_feedback_keeps_to_the_policy(person, versions, policy, shown):
    now = timezone.now()
    form = make_form(versions[:1], feedback=policy, closes_at=now + timedelta(days=1))
    attempt = start_attempt(person, form)
    seen = [feedback_allowed(attempt)]
    submit_attempt(attempt)
    assert [*seen, feedback_allowed(attempt), feedback_allowed(attempt, now + timedelta(days=2))] == shown


def test_draw_is_decided_by_the_seed(person, competencies):
    make_bank(competencies, 12)
    form = make_draw({"count": 4, "competency": competencies[0]}, {"count": 2, "kind": "ordering"})
    draws = list(SectionDraw.objects.all())
    once, again, other = (draw_versions(draws, seed) for seed in (1, 1, 2))
    assert once == again != other
    attempt = start_attempt(person, form, seed=1)
    given = sit(attempt)
    assert [each.version_id for each in given] == [pk for pks in once.values() for pk in pks]
    assert [each.competency_code for each in given[:4]] == ["9.1"] * 4
    assert [each.version.kind.KIND for each in given[4:]] == ["ordering"] * 2


def test_draw_fills_a_narrow_row_with_the_only_item_it_can_have(competencies):
    make_item(competencies[0], 1, level=8)
    make_item(competencies[0], 2, level=3)
    make_draw({"count": 1, "competency": competencies[0]}, {"count": 1, "level": 8})
    for seed in range(6):
        drawn = draw_versions(list(SectionDraw.objects.order_by("order")), seed)
        levels = [ItemVersion.objects.get(pk=pks[0]).level for pks in drawn.values()]
        assert levels == [3, 8]


def test_draw_takes_what_was_met_lately_last_and_keeps_enemies_apart(competencies, versions):
    make_draw({"count": 2})
    draws = list(SectionDraw.objects.all())
    seen = {version.item_id for version in versions[:4]}
    for seed in range(4):
        assert set(draw_versions(draws, seed, seen)[draws[0].pk]) == {versions[4].pk, versions[5].pk}
    versions[4].item.enemies.add(versions[5].item)
    for seed in range(4):
        assert len(set(draw_versions(draws, seed, seen)[draws[0].pk]) & {versions[4].pk, versions[5].pk}) == 1


def fill_without_a_cap(slots, order):
    """Augmenting paths over every choice of every row, by their definition."""
    holder: dict[int, int] = {}

    def place(slot, tried):
        for at, candidate in enumerate(order):
            if candidate.fits(slots[slot]) and at not in tried:
                tried.add(at)
                if at not in holder or place(holder[at], tried):
                    holder[at] = slot
                    return True
        return False

    if not all(place(slot, set()) for slot in range(len(slots))):
        return None
    return [order[next(at for at, held in holder.items() if held == slot)] for slot in range(len(slots))]


def test_rows_find_what_they_would_find_among_all_choices():
    filled = 0
    for seed in range(300):
        dice = random.Random(seed)
        levels, kinds = [None, 1, 2, 3], ["", "essay", "prompt"]
        order = [Candidate(at, at, None, None, dice.choice(kinds[1:]), dice.choice(levels[1:])) for at in range(12)]
        draws = [
            SectionDraw(pk=pk, count=dice.randint(1, 3), level=dice.choice(levels), kind=dice.choice(kinds))
            for pk in range(1, dice.randint(3, 7))
        ]
        slots = [draw for draw in draws for _ in range(draw.count)]
        found = _fill(slots, order)
        assert found == fill_without_a_cap(slots, order)
        filled += found is not None
    assert 50 < filled < 250


def test_draw_reads_a_bank_of_any_size_in_two_queries(competencies, versions, django_assert_num_queries):
    make_bank(competencies[1:], each=8)
    make_draw({"count": 3}, {"count": 2, "domain": competencies[0].domain, "kind": "ordering"})
    draws = list(SectionDraw.objects.order_by("order"))
    with django_assert_num_queries(2):
        draw_versions(draws, 1)


def test_draw_that_the_bank_cannot_fill_refuses_to_start(person, versions):
    with pytest.raises(AttemptRefused, match="nothing_to_ask"):
        start_attempt(person, make_draw({"count": 7}))
    assert not Attempt.objects.exists()


def test_pretest_question_is_given_and_not_scored(person, versions):
    Item.objects.filter(pk=versions[0].item_id).update(pretest=True)
    attempt = start_attempt(person, make_form(versions[:2]))
    sit(attempt)
    submit_attempt(attempt)
    assert list(Evidence.objects.values_list("observable", flat=True)) == ["9.1-02"]
    assert points_of(attempt) == Points(1, 1, 0)


def test_longer_times_are_rounded_up():
    assert [stretch(60, 0), stretch(60, 25), stretch(30, 33)] == [60, 75, 40]


@pytest.mark.parametrize(
    "fields",
    [
        {"max_attempts": 0},
        {"seconds_per_question": 4},
        {"feedback": "after_close"},
        {"opens_at": timezone.now(), "closes_at": timezone.now() - timedelta(days=1)},
    ],
)
def test_database_refuses_rules_that_cannot_be(competencies, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_form(**fields)
