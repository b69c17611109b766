"""The author's rules in real sittings: exposure, pretest items, testlets, enemies, blueprint, both error rates."""

from collections import Counter

import pytest
from django.db import IntegrityError, transaction

from assessments.domain.attempts import start_attempt
from assessments.domain.bank import published_bank
from assessments.domain.delivery import next_item
from assessments.domain.delivery_rules import RulesRefused, set_delivery_rules, set_item_rules
from assessments.domain.form import Form
from assessments.domain.submission import submit_attempt
from assessments.domain.versions import playable_version
from assessments.models import Assessment, Attempt, BankState, Item, ItemExposure, Presentation
from competencies.models import Estimate, Evidence, Requirement
from organisation.models import AuditEvent, Person
from tests.factories.assessments import answer, make_item, make_quiz, sit
from tests.factories.competencies import make_post

pytestmark = pytest.mark.django_db


def another_person() -> Person:
    """Somebody in a post of the same requirements as the first one's."""
    return make_post({each.competency: each.level for each in Requirement.objects.select_related("competency")})


def items_of(attempt: Attempt) -> list[str]:
    return list(
        Presentation.objects.filter(attempt=attempt).order_by("position").values_list("version__item__code", flat=True)
    )


def finish(person: Person, quiz: Assessment, seed: int, right=lambda given: given.position % 2 == 0) -> Attempt:
    attempt = start_attempt(person, quiz, seed=seed)
    sit(attempt, right)
    submit_attempt(attempt)
    return attempt


def test_exposure_is_counted_when_a_sitting_ends():
    person, quiz = make_quiz(["9.1"], max_items=3)
    attempt = start_attempt(person, quiz, seed=1)
    sit(attempt)
    assert ItemExposure.objects.count() == 0
    submit_attempt(attempt)
    submit_attempt(attempt)
    quiz.refresh_from_db()
    counts = dict(ItemExposure.objects.values_list("item__code", "given"))
    assert (quiz.sittings, counts) == (1, dict.fromkeys(items_of(attempt), 1))


def test_exposure_stays_under_the_maximum():
    """Thirty people, twelve items, three questions each: without the cap four share them, so one is in most."""

    def largest_share(max_exposure: float) -> float:
        _, quiz = make_quiz([f"9.{round(100 * max_exposure)}"], max_items=3, max_exposure=max_exposure, randomness=0.0)
        competency = Requirement.objects.latest("pk").competency
        for number in range(6, 13):
            make_item(competency, number, level=1 + number % 8)
        shares: Counter[str] = Counter()
        for seed in range(30):
            shares.update(items_of(finish(make_post({competency: 4}), quiz, seed)))
        return max(shares.values()) / 30

    assert largest_share(1.0) >= 0.75
    assert largest_share(0.34) <= 0.44


def test_items_that_sit_out_are_fixed_by_the_seed_and_kept():
    person, quiz = make_quiz(["9.1"], max_items=3)
    for seed in range(4):
        finish(another_person(), quiz, seed)
    first = Form.from_dict(start_attempt(person, quiz, seed=99).form)
    second = Form.from_dict(start_attempt(another_person(), quiz, seed=99).form)
    assert first.ineligible == second.ineligible != frozenset()
    kept = ItemExposure.objects.filter(held_back__gt=0).count()
    submit_attempt(Attempt.objects.get(person=person))
    assert ItemExposure.objects.filter(held_back__gt=0).count() >= max(kept, len(first.ineligible))


def test_pretest_items_are_given_and_never_scored():
    person, quiz = make_quiz(["9.1"], max_items=8, max_items_per_competency=8, target_se=0.05, pretest_share=0.5)
    set_delivery_rules(quiz, None, published_bank(recheck=True), error_rate=0.001)
    for item in Item.objects.filter(code__in=["9.1-01", "9.1-02"]):
        set_item_rules(item, None, pretest=True)
    quiz.refresh_from_db()
    attempt = finish(person, quiz, 11)
    scored = dict(Presentation.objects.filter(attempt=attempt).values_list("version__item__code", "scored"))
    unscored = {code for code, was_scored in scored.items() if not was_scored}
    assert unscored <= {"9.1-01", "9.1-02"}
    assert unscored
    reasons = Presentation.objects.filter(attempt=attempt, scored=False).values_list("reason__why", flat=True)
    assert set(reasons) == {"pretest"}
    assert set(Evidence.objects.values_list("observable", flat=True)) == set(scored) - unscored
    assert Estimate.objects.get(person=person).evidence_count == len(scored) - len(unscored)


def test_without_a_share_pretest_items_are_never_given():
    person, quiz = make_quiz(["9.1"], max_items=5)
    set_item_rules(Item.objects.get(code="9.1-01"), None, pretest=True)
    assert "9.1-01" not in items_of(finish(person, quiz, 3))


def test_enemies_do_not_meet_and_testlets_stay_together():
    _, quiz = make_quiz(["9.1"], max_items=5, max_items_per_competency=5, target_se=0.05, error_rate=0.001)
    items = list(Item.objects.order_by("code"))
    set_item_rules(items[0], None, enemies=items[1:3])
    for item in items[3:]:
        set_item_rules(item, None, testlet="case")
    for seed in range(6):
        given = items_of(finish(another_person(), quiz, seed))
        assert not ({"9.1-01"} <= set(given) and set(given) & {"9.1-02", "9.1-03"})
        places = [given.index(code) for code in ("9.1-04", "9.1-05")]
        assert abs(places[0] - places[1]) == 1


def test_testlet_that_cannot_be_finished_is_not_begun():
    person, quiz = make_quiz(["9.1"], max_items=3)
    for item in Item.objects.order_by("code")[:4]:
        set_item_rules(item, None, testlet="case")
    competency = Requirement.objects.get().competency
    make_item(competency, 6)
    make_item(competency, 7)
    assert set(items_of(finish(person, quiz, 1))) == {"9.1-05", "9.1-06", "9.1-07"}


def test_blueprint_limits_kinds():
    _, quiz = make_quiz(["9.1", "9.2"], max_items=6)
    limits = [{"attribute": "kind", "value": "ordering", "minimum": 0, "maximum": 1}]
    for seed in range(4):
        free = items_of(finish(another_person(), quiz, seed))
        assert len(free) == 6
    set_delivery_rules(quiz, None, published_bank(recheck=True), blueprint={"limits": limits})
    quiz.refresh_from_db()
    for seed in range(4):
        attempt = finish(another_person(), quiz, seed)
        kinds = Counter(
            playable_version(pk).kind.KIND
            for pk in Presentation.objects.filter(attempt=attempt).values_list("version_id", flat=True)
        )
        assert kinds["ordering"] <= 1


def test_both_error_rates_are_the_authors():
    """A person of whom all is right is told "meets" at once; a stricter rate asks for more."""
    lengths = []
    for code, rate in (("9.1", 0.2), ("9.2", 0.0005)):
        person, quiz = make_quiz([code], level=4, max_items=5, max_items_per_competency=5, error_rate=rate)
        lengths.append(len(items_of(finish(person, quiz, 2, lambda given: True))))
    assert lengths == [3, 5]
    lengths = []
    for code, rate in (("8.1", 0.45), ("8.2", 0.01)):
        person, quiz = make_quiz([code], level=4, max_items=5, max_items_per_competency=5, error_rate_below=rate)
        lengths.append(len(items_of(finish(person, quiz, 2, lambda given: False))))
    assert lengths == [3, 5]


def test_sitting_keeps_the_rules_it_began_with():
    person, quiz = make_quiz(["9.1"], max_items=4)
    attempt = start_attempt(person, quiz, seed=1)
    set_delivery_rules(quiz, None, published_bank(recheck=True), max_items=1)
    given = next_item(attempt)
    assert given is not None
    answer(attempt, given)
    assert next_item(attempt) is not None
    assert Form.from_dict(attempt.form).rule.max_items == 4


def test_rules_that_cannot_be_are_refused_and_change_nothing():
    _, quiz = make_quiz(["9.1"])
    bank = published_bank(recheck=True)
    too_many = {"limits": [{"attribute": "kind", "value": "ordering", "minimum": 9}]}
    for settings, field in [
        ({"error_rate": 0.7}, "rules"),
        ({"pretest_share": 1.0}, "rules"),
        ({"blueprint": too_many}, "blueprint"),
        ({"blueprint": {"limits": [{"attribute": "colour", "value": "red"}]}}, "rules"),
        ({"code": "other"}, "code"),
    ]:
        with pytest.raises(RulesRefused) as caught:
            set_delivery_rules(quiz, None, bank, **settings)
        assert caught.value.field == field
    assert AuditEvent.objects.filter(action="changed").count() == 0
    assert Assessment.objects.get().error_rate == 0.1


def test_database_refuses_rates_that_cannot_be():
    _, quiz = make_quiz(["9.1"])
    for change in ({"max_exposure": 0.0}, {"error_rate_below": 0.5}, {"pretest_share": 1.0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Assessment.objects.filter(pk=quiz.pk).update(**change)


def test_testlet_across_competencies_and_self_enemy_are_refused():
    make_quiz(["9.1", "9.2"])
    first, other = Item.objects.get(code="9.1-01"), Item.objects.get(code="9.2-01")
    set_item_rules(first, None, testlet="case")
    with pytest.raises(RulesRefused, match="another competency"):
        set_item_rules(other, None, testlet="case")
    with pytest.raises(RulesRefused, match="own enemy"):
        set_item_rules(first, None, enemies=[first])


def test_bank_is_kept_once_however_many_start():
    person, quiz = make_quiz(["9.1"])
    start_attempt(person, quiz)
    start_attempt(another_person(), quiz)
    assert BankState.objects.count() == 1
    set_item_rules(Item.objects.get(code="9.1-01"), None, testlet="case")
    start_attempt(another_person(), quiz)
    assert BankState.objects.count() == 2


def test_next_item_takes_few_queries(django_assert_num_queries):
    person, quiz = make_quiz()
    attempt = start_attempt(person, quiz)
    published_bank(recheck=True)
    with django_assert_num_queries(2):
        given = next_item(attempt)
    assert given is not None
    answer(attempt, given)
    with django_assert_num_queries(2):
        next_item(attempt)
