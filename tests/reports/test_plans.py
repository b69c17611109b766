"""Training plans: made from the page's figures, solved, explained, kept, exported and turned into enrolments."""

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import numpy as np
import openpyxl
import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override

from courses.models import Course, CourseEffect, Enrolment, ModuleOutcome
from organisation.models import AuditEvent, Person, Posting, Unit, User
from reports.api import (
    Asked,
    NotProposed,
    Offer,
    PlanInUse,
    PlanResult,
    RequestRefused,
    approve_request,
    ask_to_enrol,
    change_plan,
    describe_request,
    discard_plan,
    expected_people,
    explain_effect,
    explain_limit,
    explain_line,
    export_plan_xlsx,
    gap_report,
    likely_people,
    make_plan,
    mark_shown,
    places_left,
    plannable_courses,
    propose_people,
    rebuild_cells,
    requests_waiting_for,
)
from reports.domain.plan_enrolment import enrol_people, lift_chance
from reports.domain.plan_parts import plan_parts
from reports.models import CellBlock, EnrolmentRequest, TrainingPlan
from tests.factories.courses import CourseFactory, LessonFactory, ModuleFactory
from tests.factories.organisation import (
    PositionFactory,
    PositionGroupFactory,
    RoleGrantFactory,
    UnitFactory,
    UserFactory,
)
from tests.factories.reports import make_competencies, require, set_estimate, spread_staff, staff

pytestmark = pytest.mark.django_db


def make_course(code, claims, level=6, minutes=120):
    """A course that teaches these competencies to a level, with the gains its author claims."""
    module = ModuleFactory(course=CourseFactory(code=code, name_en=f"Course {code}", name_vi=f"Khóa {code}"))
    LessonFactory(module=module, minutes=minutes)
    for competency, claimed in claims.items():
        ModuleOutcome.objects.create(module=module, competency=competency, level=level)
        CourseEffect.objects.create(course=module.course, competency=competency, claimed=claimed)
    return module.course


@pytest.fixture
def competencies():
    return make_competencies(2)


@pytest.fixture
def desk(competencies):
    position = PositionFactory(group=PositionGroupFactory(code="desk", name_en="Front desk"))
    require(position, dict(zip(competencies, (5, 5), strict=True)))
    return position


@pytest.fixture
def province(competencies, desk):
    """Wards of people assessed in the first competency: A (20, weak), B (20, strong), C (3) and D (6).

    C is too small to show, and D hidden so that C cannot be worked out.
    """
    root = UnitFactory(code="P", kind="province", name_en="Province")
    for code, count, mean in (("A", 20, -0.9), ("B", 20, 0.6), ("C", 3, -1.5), ("D", 6, -1.0)):
        unit = UnitFactory(code=code, parent=root, name_en=f"Ward {code}", name_vi=f"Phường {code}")
        spread_staff(unit, desk, competencies[0], count, mean)
    rebuild_cells()
    return root


@pytest.fixture
def course(competencies):
    return make_course("c", {competencies[0]: 1.0})


def asked(seats=10, **kwargs):
    return Asked({"c": Offer(seats, 2.0, 100)}, **kwargs)


def lines_of(plan):
    return {(line.unit.code, line.course.code): line for line in PlanResult.from_json(plan.result).lines}


def test_places_go_where_they_bring_most_people(province, course):
    plan = make_plan(province, asked(10), UserFactory())
    line = lines_of(plan)["A", "c"]
    assert sum(each.seats for each in lines_of(plan).values()) == 10
    assert (line.required, line.assessed) == (20, 20)
    assert 0 < line.brought < line.seats
    assert line.low <= line.brought <= line.high
    gap = next(row for row in gap_report(province).children if row.of.code == "A").gap(line.competency.pk)
    assert (line.share, line.assessed) == (gap.below.estimate, gap.assessed)


def test_hidden_unit_gets_no_places_and_nothing_is_said_of_it_but_its_name(province, course):
    plan = make_plan(province, asked(1000), UserFactory())
    result = PlanResult.from_json(plan.result)
    assert "C" not in {line.unit.code for line in result.lines}
    rows = {row.of.code: row for row in gap_report(province).children}
    assert {code for code, row in rows.items() if any(gap.suppressed for gap in row.gaps.values())} == {"C", "D"}
    assert {each.code for each in result.left_out} == {"C", "D"}


def set_results(codes: list[str], millionths: int) -> int:
    """Write the sums of people below and of levels missed in every cell of these units; return of how many blocks."""
    blocks = list(CellBlock.objects.filter(unit__code__in=codes))
    for block in blocks:
        sums = np.frombuffer(block.sums, ">i8").reshape(len(block.competencies), -1).copy()
        sums[:, 0] = sums[:, 3] = millionths
        block.sums = sums.tobytes()
        block.save()
    return len(blocks)


def test_plan_does_not_change_with_what_stands_in_hidden_cells(province, course, competencies):
    """The control: other results of the three people, with the figures of their neighbours as they were."""
    before = make_plan(province, asked(1000), UserFactory()).result
    hidden = [each["code"] for each in before["left_out"]]
    assert set_results(hidden, 0) > 0
    assert make_plan(province, asked(1000), UserFactory()).result == before
    assert set_results(["A"], 1_000_000) > 0
    assert make_plan(province, asked(1000), UserFactory()).result != before


def test_hours_and_budget_bind_and_one_more_place_is_worth_what_it_brings(province, course):
    plan = make_plan(province, asked(10, hours=9.0, budget=100_000), UserFactory())
    result = PlanResult.from_json(plan.result)
    limits = {limit.kind: limit for limit in result.limits}
    assert result.seats == 4  # 2 hours each
    assert (limits["hours"].used, limits["hours"].step, limits["hours"].binds) == (8.0, 2.0, True)
    assert (limits["seats"].binds, limits["budget"].binds) == (False, False)
    more = make_plan(province, asked(10, hours=11.0, budget=100_000), UserFactory())
    assert PlanResult.from_json(more.result).value - result.value == pytest.approx(limits["hours"].more)


def test_nobody_is_sent_to_a_course_that_ends_below_their_requirement(province, competencies):
    make_course("c", {competencies[0]: 1.0}, level=4)
    assert PlanResult.from_json(make_plan(province, asked(), UserFactory()).result).seats == 0


def test_who_is_in_the_course_already_gets_no_place(province, course, desk, competencies):
    assert lines_of(make_plan(province, asked(1000), UserFactory()))["A", "c"].seats > 10
    for posting in desk.postings.filter(unit__code="A"):
        Enrolment.objects.create(person=posting.person, course=course)
    assert "A" not in {unit for unit, _course in lines_of(make_plan(province, asked(1000), UserFactory()))}


def test_measured_effect_takes_the_place_of_the_claim(province, course, competencies):
    assert [each.measured_on for each in plannable_courses()[0].effects] == [0]
    CourseEffect.objects.update(gain=0.3, se=0.1, people=40, compared=50, measured_at="2026-01-01T00:00Z")
    effect = plannable_courses()[0].effects[0]
    assert (effect.effect.gain, effect.effect.se, effect.measured_on) == (0.3, 0.1, 40)
    line = lines_of(make_plan(province, asked(), UserFactory()))["A", "c"]
    assert (line.gain, line.measured_on) == (0.3, 40)


def test_course_without_any_effect_is_named_and_not_planned(province, course):
    CourseEffect.objects.all().delete()
    result = PlanResult.from_json(make_plan(province, asked(), UserFactory()).result)
    assert (result.lines, [each.code for each in result.without_effect]) == ([], ["c"])


def add_chiefs(competencies, **counts):
    """Weak leaders in these wards."""
    position = PositionFactory(group=PositionGroupFactory(code="chief", name_en="Leaders"))
    require(position, {competencies[0]: 5})
    for unit, count in counts.items():
        spread_staff(Unit.objects.get(code=unit), position, competencies[0], count, -1.0)
    rebuild_cells()


@pytest.fixture
def chiefs(province, competencies):
    add_chiefs(competencies, A=8, B=10)


def parts_of(province, **weights):
    parts, _left_out = plan_parts(province, weights)
    return {(part.unit.code, part.group.code if part.group else None): part.weight for part in parts}


def test_weights_send_places_to_the_posts_that_matter(province, course, chiefs):
    plan = make_plan(province, asked(8, weights={"chief": 10.0, "desk": 1.0}), UserFactory())
    lines = PlanResult.from_json(plan.result).lines
    assert {line.group.code for line in lines} == {"chief"}
    assert sum(line.seats for line in lines) == 8


def test_weights_of_zero_leave_a_group_out(province, course, chiefs):
    plan = make_plan(province, asked(1000, weights={"chief": 0.0, "desk": 1.0}), UserFactory())
    assert {line.group.code for line in PlanResult.from_json(plan.result).lines} == {"desk"}


def test_people_of_a_group_alone_are_proposed_for_its_places(province, course, chiefs):
    plan = make_plan(province, asked(8, weights={"chief": 10.0, "desk": 1.0}), UserFactory())
    codes = [each.person.employee_code for each in propose_people(plan, 0)]
    assert codes
    assert set(Posting.objects.filter(person__employee_code__in=codes).values_list("position__group__code")) == {
        ("chief",)
    }


def test_unequal_weights_count_by_position_group(province, chiefs):
    assert parts_of(province, chief=3.0, desk=2.0) == {
        ("A", "chief"): 3.0,
        ("A", "desk"): 2.0,
        ("B", "chief"): 3.0,
        ("B", "desk"): 2.0,
    }


def test_units_whose_groups_may_not_be_shown_count_as_wholes_with_the_smallest_weight(province, competencies):
    add_chiefs(competencies, A=1, B=10)
    assert parts_of(province, chief=3.0, desk=2.0) == {("A", None): 2.0, ("B", None): 2.0}


def test_equal_weights_count_units_as_wholes(province, chiefs):
    assert parts_of(province, chief=3.0, desk=3.0) == {("A", None): 1.0, ("B", None): 1.0}


def test_unit_without_units_below_is_planned_itself(province, course):
    plan = make_plan(Unit.objects.get(code="A"), asked(5), UserFactory())
    assert [(line.unit.code, line.own, line.seats) for line in lines_of(plan).values()] == [("A", False, 5)]


def test_explanation_says_places_share_and_what_is_expected(province, course):
    line = lines_of(make_plan(province, asked(10), UserFactory()))["A", "c"]
    line = replace(line, share=0.61, assessed=40, brought=9.4, low=6, high=12, seats=24, others={"6.3": 2.2})
    with override("en"):
        said = explain_line(line)
    assert said == (
        "24 places in “Course c”, because 61% of the 40 people assessed are below what their posts require in"
        f" 1.1 {line.competency.name_en}. Expected to bring 9.4 of them (6 to 12) to it. Besides: 2.2 in 6.3."
    )


@pytest.mark.parametrize(("count", "shown"), [(0.04, "0.0"), (1.06, "1.1"), (9.94, "9.9"), (9.96, "10"), (10.7, "11")])
def test_expected_people_are_rounded_not_cut_off(count, shown):
    with override("en"):
        assert expected_people(count) == shown


def test_effect_is_told_with_who_says_so():
    with override("en"):
        assert explain_effect(0.29, 0.11, 0.47, 41) == "0.3 levels (0.1 to 0.5), measured on 41 people"
        assert explain_effect(0.5, 0.01, 0.99, 0) == "0.5 levels by the author's claim, not measured yet"


def test_limits_are_explained_with_whole_places_in_mind(province, course):
    plan = make_plan(province, asked(10, hours=9.0), UserFactory())
    with override("en"):
        said = {limit.kind: explain_limit(limit) for limit in PlanResult.from_json(plan.result).limits}
        weighted = explain_limit(PlanResult.from_json(plan.result).limits[1], weighted=True)
    assert weighted.endswith("more people to what is required, counted by weight.")
    assert said["seats"] == "One more place would bring nobody else."
    assert said["hours"].startswith("2 more hours, as many as one place takes at least, would bring 0.")


def test_plan_is_solved_again_only_when_asked(province, course, competencies):
    plan = make_plan(province, asked(10), UserFactory())
    kept = TrainingPlan.objects.get(pk=plan.pk).result
    assert set_results(["A"], 1_000_000) > 0
    assert TrainingPlan.objects.get(pk=plan.pk).result == kept
    actor = UserFactory()
    change_plan(plan, asked(10), actor)
    again = TrainingPlan.objects.get(pk=plan.pk)
    assert again.result != kept
    assert again.author == actor


# --- enrolling
@pytest.fixture
def plan(province, course):
    """Six places for ward A."""
    return make_plan(Unit.objects.get(code="A"), asked(6), UserFactory())


def test_those_most_surely_below_are_proposed_first(plan):
    found = propose_people(plan, 0)
    chances = [each.person.p_below or 0.0 for each in found]
    assert len(found) == 6
    assert chances == sorted(chances, reverse=True)
    assert {each.person.unit.code for each in found} == {"A"}


def test_nearest_first_brings_more_people(plan):
    def expected(nearest_first):
        return sum(each.chance for each in propose_people(plan, 0, nearest_first=nearest_first))

    assert expected(True) > expected(False)


@pytest.mark.parametrize(
    ("gain", "expected"), [(0.0, 0.0), (-1.0, 0.0), (0.5, 0.1), (1.0, 0.2), (1.5, 0.35), (2.0, 0.5), (9.0, 1.0)]
)
def test_chance_to_be_lifted_is_the_probability_within_reach(gain, expected):
    assert lift_chance([0.2, 0.3, 0.3, 0.2, 0, 0, 0, 0], 5, gain) == pytest.approx(expected)


def test_enrolling_is_approved_audited_and_repeats_change_nothing(plan, course):
    actor = UserFactory()
    codes = [each.person.employee_code for each in propose_people(plan, 0)][:4]
    assert enrol_people(plan, 0, codes, actor) == 4
    assert enrol_people(plan, 0, codes, actor) == 0
    plan.refresh_from_db()
    assert (plan.enrolled, places_left(plan, 0)) == ({"0": 4}, 2)
    assert sorted(Enrolment.objects.values_list("person__employee_code", "assigned_by")) == sorted(
        (code, actor.pk) for code in codes
    )
    event = AuditEvent.objects.get(action="enrolled")
    assert (event.actor, event.target) == (actor, "4 people of unit A in course c")
    assert event.detail == {"plan": plan.pk, "line": 0, "people": sorted(codes)}
    assert len(propose_people(plan, 0)) == 2
    assert not {each.person.employee_code for each in propose_people(plan, 0)} & set(codes)


def test_the_database_lets_nobody_decide_their_own_request_nor_two_wait(plan):
    actor, other = UserFactory(), UserFactory()
    request = ask_to_enrol(plan, likely_people(plan), actor)
    for wrong in (
        {"status": "approved", "decided_by": actor},
        {"status": "approved", "decided_by": None},
        {"status": "refused", "decided_by": other, "reason": ""},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            EnrolmentRequest.objects.filter(pk=request.pk).update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        EnrolmentRequest.objects.create(plan=plan, people={}, asked_by=other)


def test_nobody_who_is_not_proposed_can_be_enrolled(plan, desk):
    strong = desk.postings.filter(unit__code="B").first().person
    with pytest.raises(NotProposed):
        enrol_people(plan, 0, [strong.employee_code], UserFactory())
    assert Enrolment.objects.count() == 0


def test_more_people_than_places_are_refused(plan):
    far = [each.person.employee_code for each in propose_people(plan, 0)]
    near = [each.person.employee_code for each in propose_people(plan, 0, nearest_first=True)]
    assert set(near) != set(far)
    with pytest.raises(NotProposed):
        enrol_people(plan, 0, {*far, *near}, UserFactory())


def test_who_has_come_up_to_the_requirement_is_not_proposed_any_more(plan, competencies):
    first = propose_people(plan, 0)[0].person
    set_estimate(Person.objects.get(employee_code=first.employee_code), competencies[0], 2.5, 0.3)
    assert first.employee_code not in {each.person.employee_code for each in propose_people(plan, 0)}


def test_plan_that_enrolled_people_stays_as_it_is(plan):
    enrol_people(plan, 0, [propose_people(plan, 0)[0].person.employee_code], UserFactory())
    with pytest.raises(PlanInUse):
        change_plan(plan, asked(1), UserFactory())
    with pytest.raises(PlanInUse):
        discard_plan(plan)


def test_draft_can_be_discarded(plan):
    discard_plan(plan)
    assert TrainingPlan.objects.count() == 0


def test_workbook_holds_the_plan(plan):
    with override("en"):
        book = openpyxl.load_workbook(io.BytesIO(export_plan_xlsx(plan, "Province")))
        assert book.sheetnames == ["Plan", "Limits", "Notes"]
        head, first = list(book["Plan"].iter_rows(values_only=True))
        line = PlanResult.from_json(plan.result).lines[0]
        row = dict(zip(head, first, strict=True))
        assert (row["Part"], row["Number of places"], row["Enrolled"], row["Reason"]) == (
            "Ward A",
            6,
            0,
            explain_line(line),
        )
    assert book["Limits"].freeze_panes == "B2"


def test_making_a_plan_asks_as_often_for_three_units_as_for_nine(
    province, course, desk, competencies, django_assert_num_queries
):
    make_plan(province, asked(), UserFactory())
    user = UserFactory()
    with django_assert_num_queries(17):
        make_plan(province, asked(), user)
    for number in range(6):
        staff(UnitFactory(code=f"N{number}", parent=province), desk, competencies[0], 6, mean=-0.5)
    rebuild_cells()
    with django_assert_num_queries(17):
        make_plan(province, asked(), user)


def test_who_was_not_shown_is_never_enrolled_though_the_number_is_the_same(plan, competencies):
    """Somebody drops out and somebody else who was left out comes back: the same number, other people."""
    codes = [each.person.employee_code for each in propose_people(plan, 0)][:4]
    request = ask_to_enrol(plan, {0: codes}, UserFactory())
    people = {each.employee_code: each for each in Person.objects.filter(employee_code__in=codes)}
    enrolled = Enrolment.objects.create(person=people[codes[0]], course=Course.objects.get())
    shown = mark_shown(request, describe_request(request))
    enrolled.delete()
    Enrolment.objects.create(person=people[codes[1]], course=Course.objects.get())
    with pytest.raises(RequestRefused, match="changed"):
        approve_request(request, UserFactory(), shown)
    assert Enrolment.objects.count() == 1
    assert approve_request(request, UserFactory(), mark_shown(request, describe_request(request))) == (3, 0)


def test_waiting_requests_are_found_in_one_query_and_within_scope(province, course, django_assert_num_queries):
    asker, wards = UserFactory(), list(Unit.objects.filter(code__in=["A", "B"]).order_by("code"))
    asked_for = [
        EnrolmentRequest.objects.create(
            plan=TrainingPlan.objects.create(unit=unit, author=asker, asked={}, result={}, solved_at=timezone.now()),
            people={},
            asked_by=asker,
        )
        for unit in (*wards, province)
    ]
    above = RoleGrantFactory(role="hr", unit=province, sees_people=True).user
    of_ward = RoleGrantFactory(role="hr", unit=wards[0], sees_people=True).user
    blind = RoleGrantFactory(role="hr", unit=province, sees_people=False).user
    for user, found in ((above, asked_for), (of_ward, asked_for[:1]), (blind, []), (asker, [])):
        with django_assert_num_queries(1):
            assert requests_waiting_for(user) == found


def test_approving_reads_the_people_of_a_line_once(plan):
    request = ask_to_enrol(plan, likely_people(plan), UserFactory())
    shown, actor = mark_shown(request, describe_request(request)), UserFactory()
    with CaptureQueriesContext(connection) as asked_for:
        approve_request(request, actor, shown)
    reads = [each["sql"] for each in asked_for.captured_queries if "level_probabilities" in each["sql"]]
    assert len(reads) == 2, "their keys and chances, and the names of those chosen"


@pytest.mark.django_db(transaction=True)
def test_two_second_persons_at_once_decide_once(plan):
    request = ask_to_enrol(plan, likely_people(plan), UserFactory())
    becomes = describe_request(request)
    count, shown = sum(len(each.people) for each in becomes), mark_shown(request, becomes)
    start = Barrier(2)

    def approve(actor: User) -> str:
        own = EnrolmentRequest.objects.get(pk=request.pk)
        start.wait()
        try:
            return str(approve_request(own, actor, shown))
        except RequestRefused as refused:
            return refused.reason
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(approve, [UserFactory(), UserFactory()]))
    assert answers == [str((count, 0)), "decided"]
    assert Enrolment.objects.count() == count > 0
    assert AuditEvent.objects.filter(action="enrolment_approved").count() == 1
