"""The pages of training plans: form, plan, workbook, and enrolling."""

import re
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from courses.models import CourseEffect, Enrolment, ModuleOutcome
from organisation.api import today, undo_reorganisation
from organisation.models import AuditEvent, Posting, Unit
from organisation.reorganising.steps import Merge, Move, Split
from reports.api import PlanResult, rebuild_cells, requests_waiting_for
from reports.models import TrainingPlan
from tests.factories.courses import CourseFactory, LessonFactory, ModuleFactory
from tests.factories.organisation import RoleGrantFactory, UnitFactory
from tests.factories.reports import set_estimate
from tests.frontend.hr.reading import tables
from tests.organisation.reorganising import applied, new

pytestmark = pytest.mark.django_db
PLANS = "/hr/units/P/plans/"
NEW = f"{PLANS}new/"


@pytest.fixture
def course(competencies, province):
    """A course for the first competency; ward B is weak in it and the others are strong."""
    for code, mean in (("A", 1.5), ("B", -1.5), ("D", 1.5)):
        postings = Posting.objects.filter(unit__code=code).order_by("person")
        for place, posting in enumerate(postings):
            set_estimate(posting.person, competencies[0], mean + 0.1 * place, tell=False)
    rebuild_cells()
    module = ModuleFactory(course=CourseFactory(code="c", name_vi="Khóa C", cost=100))
    LessonFactory(module=module, minutes=90)
    ModuleOutcome.objects.create(module=module, competency=competencies[0], level=4)
    CourseEffect.objects.create(course=module.course, competency=competencies[0], claimed=1.0)
    return module.course


@pytest.fixture
def values():
    return {"seats-c": "5", "hours-c": "1.5", "cost-c": "100", "weight-desk": "1", "hours": "", "budget": ""}


@pytest.fixture
def plan(client, officer, course, values):
    client.post(NEW, values)
    return TrainingPlan.objects.get()


def test_form_begins_with_what_the_course_takes(client, officer, course):
    html = client.get(NEW).content.decode()
    assert 'name="seats-c"' in html
    assert 'name="hours-c" value="1.5"' in html
    assert 'name="cost-c" value="100"' in html
    assert "1,0 bậc theo tác giả, chưa được kiểm chứng" in html


def test_plan_is_made_kept_and_explained(client, officer, course, values):
    answer = client.post(NEW, values, follow=True)
    plan = TrainingPlan.objects.get()
    assert answer.redirect_chain == [(f"/hr/plans/{plan.pk}/", 302)]
    assert plan.author == officer
    line = PlanResult.from_json(plan.result).lines[0]
    html = answer.content.decode()
    assert re.findall(r'<h3 class="card__title fs-6">(.*)</h3>', html) == ["Phường Bình"]
    assert f"<p>5 chỗ học “Khóa C”, vì {round(line.share * 100)}% trong 12 người đã đánh giá chưa đạt yêu cầu" in html
    assert tables(client.get(PLANS).content.decode())[0][1][2] == "5"


def test_what_binds_is_said(client, plan):
    limits = tables(client.get(f"/hr/plans/{plan.pk}/").content.decode())[0]
    assert limits[1][:4] == ["Số chỗ của “Khóa C”", "5", "5", "Hạn chế"]
    assert limits[1][4].startswith("Thêm một chỗ sẽ giúp thêm 0,")


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"seats-c": ""}, "seats-c", "Hãy nhập số chỗ cho ít nhất một khóa học."),
        ({"seats-c": "-1"}, "seats-c", "Giá trị phải lớn hơn hoặc bằng 0."),
        ({"seats-c": "x"}, "seats-c", "Nhập một số tổng thể."),
        ({"hours": "-2"}, "hours", ""),
        ({"hours": "nan"}, "hours", ""),
        ({"budget": "1e999"}, "budget", ""),
        ({"cost-c": "99999999999999999999"}, "cost-c", ""),
        ({"weight-desk": ""}, "weight-desk", ""),
        ({"weight-desk": "0"}, "weight-desk", "Phải có ít nhất một nhóm vị trí được tính."),
    ],
)
def test_bad_input_is_named_by_its_field(client, officer, course, values, changes, field, message):
    answer = client.post(NEW, values | changes)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    if message.startswith(("Hãy", "Phải")):
        assert answer.context["form"].errors[field] == [message]
    assert f'href="#id_{field}"' in answer.content.decode()
    assert TrainingPlan.objects.count() == 0


def test_plan_can_be_changed_until_it_enrols(client, plan, values):
    address = f"/hr/plans/{plan.pk}/edit/"
    assert 'name="seats-c" value="5"' in client.get(address).content.decode()
    client.post(address, values | {"seats-c": "2"})
    plan.refresh_from_db()
    assert PlanResult.from_json(plan.result).seats == 2
    enrol(client, plan)
    assert client.get(address, follow=True).redirect_chain == [(f"/hr/plans/{plan.pk}/", 302)]
    client.post(f"/hr/plans/{plan.pk}/discard/")
    assert TrainingPlan.objects.count() == 1


def test_draft_is_discarded(client, plan):
    answer = client.post(f"/hr/plans/{plan.pk}/discard/", follow=True)
    assert answer.redirect_chain == [(PLANS, 302)]
    assert TrainingPlan.objects.count() == 0


def proposed(client, plan):
    return [each.person.employee_code for each in client.get(f"/hr/plans/{plan.pk}/lines/0/").context["candidates"]]


def ask(client, plan, codes=None):
    codes = proposed(client, plan) if codes is None else codes
    return client.post(f"/hr/plans/{plan.pk}/lines/0/", {"person": codes}, follow=True)


def enrol(client, plan, codes=None):
    """Ask for the people, and have a colleague approve."""
    request = ask(client, plan, codes).context["asked"]
    return decide(colleague_of(plan), request, "approve")


def colleague_of(plan):
    client = Client()
    client.force_login(RoleGrantFactory(role="hr", unit=plan.unit, sees_people=True).user)
    return client


def address_of(request):
    return f"/hr/plans/{request.plan_id}/requests/{request.pk}/"


def decide(client, request, action, **said):
    """Look at the request, then decide it as the page offers."""
    shown = client.get(address_of(request)).context["shown"]
    return client.post(address_of(request), {"action": action, "shown": shown, **said}, follow=True)


def test_people_are_shown_before_they_are_enrolled(client, plan):
    rows = tables(client.get(f"/hr/plans/{plan.pk}/lines/0/").content.decode())[0]
    assert len(rows) == 6
    assert {row[2] for row in rows[1:]} == {"Phường Bình"}
    assert Enrolment.objects.count() == 0


def test_nobody_is_enrolled_before_a_second_person_approved_and_twice_changes_nothing(client, officer, plan):
    codes = proposed(client, plan)[:3]
    page = ask(client, plan, codes)
    request = page.context["asked"]
    assert (Enrolment.objects.count(), request.status, page.context["count"]) == (0, "asked", 3)
    # Whoever asked does not decide, and has no button to.
    assert 'value="approve"' not in page.content.decode()
    decide(client, request, "approve")
    decide(client, request, "refuse", reason="x")
    request.refresh_from_db()
    assert (request.status, Enrolment.objects.count()) == ("asked", 0)
    second = colleague_of(plan)
    assert "Đã ghi danh 3 người." in decide(second, request, "approve").content.decode()
    assert "đã được quyết định" in decide(second, request, "approve").content.decode()
    request.refresh_from_db()
    assert (request.status, request.enrolled) == ("approved", 3)
    assert sorted(Enrolment.objects.values_list("person__employee_code", flat=True)) == sorted(codes)
    assert set(Enrolment.objects.values_list("assigned_by", flat=True)) == {request.decided_by_id}
    actions = AuditEvent.objects.filter(detail__plan=plan.pk).values_list("action", "actor")
    assert list(actions.order_by("pk"))[1:] == [
        ("enrolment_asked", officer.pk),
        ("enrolled", request.decided_by_id),
        ("enrolment_approved", request.decided_by_id),
    ]
    assert len(proposed(client, plan)) == 2


@pytest.fixture
def plan_of_ward(client, officer, course, values):
    """A plan of ward B, and the request for three of its people that waits."""
    client.post("/hr/units/B/plans/new/", values)
    plan = TrainingPlan.objects.get()
    return plan, ask(client, plan, proposed(client, plan)[:3]).context["asked"]


def test_a_plan_and_its_requests_go_on_in_the_unit_that_took_the_place(client, officer, plan_of_ward, values):
    plan, request = plan_of_ward
    second = colleague_of(plan)
    elsewhere = Client()
    elsewhere.force_login(RoleGrantFactory(role="hr", unit=Unit.objects.get(code="D"), sees_people=True).user)
    applied(Merge(("A", "B"), "N", new("N", "P", name_vi="Phường Mới")), day=today())
    rebuild_cells()
    assert "Phường Mới" in second.get("/hr/", follow=True).content.decode()
    assert requests_waiting_for(second.get(address_of(request)).wsgi_request.user) == [request]
    assert requests_waiting_for(officer) == []
    for address in (f"/hr/plans/{plan.pk}/", "/hr/units/N/plans/"):
        assert f"/hr/plans/{plan.pk}/" in client.get(address).content.decode()
        assert elsewhere.get(address).status_code in {403, 404}
    assert elsewhere.get(address_of(request)).status_code in {403, 404}
    assert "Đã ghi danh 3 người." in decide(second, request, "approve").content.decode()
    assert Enrolment.objects.count() == 3


def test_a_request_of_a_unit_that_ended_is_taken_back_and_its_plan_solved_anew(client, plan_of_ward, values):
    plan, request = plan_of_ward
    applied(Merge(("A", "B"), "N", new("N", "P")), day=today())
    rebuild_cells()
    decide(client, request, "withdraw")
    request.refresh_from_db()
    assert request.status == "withdrawn"
    client.post(f"/hr/plans/{plan.pk}/edit/", values | {"seats-c": "2"})
    plan.refresh_from_db()
    assert (plan.unit.code, PlanResult.from_json(plan.result).seats) == ("N", 2)


def test_a_plan_of_a_unit_that_was_split_is_for_who_sees_all_its_parts(client, officer, plan_of_ward):
    plan, request = plan_of_ward
    step = Split("B", ("B1", "B2"), "B1", (new("B1", "P"), new("B2", "P")), "evenly")
    applied(step, day=today())
    one = RoleGrantFactory(role="hr", unit=Unit.objects.get(code="B1"), sees_people=True).user
    alone = Client()
    alone.force_login(one)
    assert [alone.get(each).status_code for each in (f"/hr/plans/{plan.pk}/", address_of(request))] == [404, 404]
    assert (requests_waiting_for(one), alone.get("/hr/units/B1/plans/").context["rows"]) == ([], [])
    assert client.get(f"/hr/plans/{plan.pk}/").status_code == 200
    assert [row[0] for row in client.get("/hr/units/B1/plans/").context["rows"]] == [plan]


def alone(unit, **grant):
    """Another account that sees the people of one unit."""
    client = Client()
    code = unit if isinstance(unit, str) else unit.code
    user = RoleGrantFactory(role="hr", unit=Unit.objects.get(code=code), sees_people=True, **grant).user
    client.force_login(user)
    return client


@pytest.fixture
def plan_of_undone(client, officer, course, values):
    """A plan of ward N, which was made of A and B until that was undone, and a request that still waits."""
    made = applied(Merge(("A", "B"), "N", new("N", "P", name_vi="Phường Mới")), day=today())
    rebuild_cells()
    client.post("/hr/units/N/plans/new/", values)
    plan = TrainingPlan.objects.get()
    request = ask(client, plan, proposed(client, plan)[:3]).context["asked"]
    undo_reorganisation(made.pk, actor=officer)
    rebuild_cells()
    return plan, request


def test_a_plan_of_a_unit_whose_making_was_undone_is_read_taken_back_and_discarded(client, plan_of_undone, values):
    plan, request = plan_of_undone
    address = f"/hr/plans/{plan.pk}/"
    page = client.get(address).content.decode()
    assert "Đơn vị của kế hoạch này không còn" in page
    assert "Ghi danh những người này" not in page
    assert [row[0] for row in client.get("/hr/units/A/plans/").context["rows"]] == [plan]
    assert client.get(f"{address}plan.xlsx").status_code == 200
    for way in ("edit/", "ask/", "lines/0/"):
        done = client.post(f"{address}{way}", values, follow=True)
        assert done.redirect_chain == [(address, 302)]
        assert "nên không ai được ghi danh theo kế hoạch" in done.content.decode()
    assert client.post(address_of(request), {"action": "withdraw"}, follow=True).status_code == 200
    request.refresh_from_db()
    assert (request.status, Enrolment.objects.count()) == ("withdrawn", 0)
    assert client.post(f"{address}discard/", follow=True).status_code == 200
    assert not TrainingPlan.objects.exists()


def test_a_plan_of_an_undone_unit_is_for_its_owner_and_for_who_sees_all_it_was_made_of(client, officer, plan_of_undone):
    plan, request = plan_of_undone
    address = f"/hr/plans/{plan.pk}/"
    second = colleague_of(TrainingPlan(unit=Unit.objects.get(code="P")))
    assert f'href="{address_of(request)}"' in second.get("/hr/").content.decode()
    listed = [second.get(f"/hr/units/{code}/plans/").context["rows"] for code in ("A", "D")]
    assert [[row[0] for row in rows] for rows in listed] == [[plan], []]
    decide(second, request, "approve")
    assert Enrolment.objects.count() == 0
    for other in (alone("A"), alone("D"), alone("B")):
        assert [other.get(each).status_code for each in (address, address_of(request))] == [404, 404]
        assert other.post(f"{address}discard/").status_code == 404
    officer.role_grants.update(unit=Unit.objects.get(code="D"))
    assert client.get(address).status_code == 200
    assert [row[0] for row in client.get("/hr/units/D/plans/").context["rows"]] == [plan]
    officer.role_grants.update(sees_people=False)
    assert client.get(address).status_code == 404
    decide(second, request, "refuse", reason="Đơn vị không còn")
    assert second.post(f"{address}discard/", follow=True).status_code == 200
    assert not TrainingPlan.objects.exists()


def test_nobody_is_proposed_of_a_unit_that_left_the_plans_unit(client, officer, plan):
    assert len(proposed(client, plan)) == 5
    UnitFactory(code="Q", kind="province")
    applied(Move("B", "Q"), day=today())
    assert proposed(client, plan) == []


def test_the_approver_sees_how_many_in_which_units_and_what_it_costs(client, officer, plan):
    request = ask(client, plan, proposed(client, plan)[:3]).context["asked"]
    page = colleague_of(plan).get(address_of(request))
    assert (page.context["count"], page.context["hours"], page.context["cost"]) == (3, 4.5, 300)
    assert [dict(each.units) for each, _part in page.context["lines"]] == [{"Phường Bình": 3}]
    assert tables(page.content.decode())[0][1][1:] == ["Khóa C", "Phường Bình: 3", "3"]


def test_who_drops_out_between_look_and_word_is_left_out_and_told(client, officer, plan, course):
    codes = proposed(client, plan)[:3]
    request = ask(client, plan, codes).context["asked"]
    second = colleague_of(plan)
    shown = second.get(address_of(request)).context["shown"]
    Enrolment.objects.create(person=Posting.objects.get(person__employee_code=codes[0]).person, course=course)
    page = second.get(address_of(request))
    assert (page.context["count"], page.context["left_out"]) == (2, 1)
    done = second.post(address_of(request), {"action": "approve", "shown": shown}, follow=True).content.decode()
    assert "Đã ghi danh 2 người." in done
    assert "1 người trong số đã hiển thị" in done
    assert Enrolment.objects.count() == 3


@pytest.mark.parametrize("shown", ["", "5", "20", "2_", "x", "٣", "9" * 30, "3f0", "0x3f"])
def test_an_approval_of_nothing_that_was_shown_is_refused(client, officer, plan, shown):
    request = ask(client, plan).context["asked"]
    assert colleague_of(plan).get(address_of(request)).context["shown"] == "3f", (
        "a leading bit and one for each of five"
    )
    colleague_of(plan).post(address_of(request), {"action": "approve", "shown": shown})
    assert Enrolment.objects.count() == 0


def test_a_refusal_needs_a_reason_which_the_asker_reads(client, officer, plan):
    request = ask(client, plan).context["asked"]
    second = colleague_of(plan)
    assert "Hãy nêu lý do từ chối." in decide(second, request, "refuse", reason="  ").content.decode()
    decide(second, request, "refuse", reason="Để sang quý sau <b>")
    html = client.get(address_of(request)).content.decode()
    assert "Để sang quý sau &lt;b&gt;" in html
    assert Enrolment.objects.count() == 0
    # The plan may be changed and asked for again.
    assert client.get(f"/hr/plans/{plan.pk}/edit/").status_code == 200
    assert ask(client, plan).context["asked"].status == "asked"


def test_a_plan_that_waits_is_neither_changed_nor_discarded_nor_asked_for_again(client, officer, plan, values):
    request = ask(client, plan).context["asked"]
    client.post(f"/hr/plans/{plan.pk}/edit/", values | {"seats-c": "1"})
    client.post(f"/hr/plans/{plan.pk}/discard/")
    client.post(f"/hr/plans/{plan.pk}/lines/0/", {"person": [next(iter(request.people["0"]))]})
    client.post(f"/hr/plans/{plan.pk}/ask/")
    plan.refresh_from_db()
    assert PlanResult.from_json(plan.result).seats == 5
    assert plan.requests.count() == 1
    # Its asker takes it back, nobody else does.
    colleague_of(plan).post(address_of(request), {"action": "withdraw"})
    assert plan.requests.get().status == "asked"
    client.post(address_of(request), {"action": "withdraw"})
    assert plan.requests.get().status == "withdrawn"
    client.post(f"/hr/plans/{plan.pk}/discard/")
    assert not TrainingPlan.objects.exists()


def test_the_whole_plan_is_asked_for_at_once_with_those_likelier_below(client, officer, plan):
    likely = [
        each.person.employee_code
        for each in client.get(f"/hr/plans/{plan.pk}/lines/0/").context["candidates"]
        if each.is_likely
    ]
    page = client.post(f"/hr/plans/{plan.pk}/ask/", follow=True)
    assert page.context["asked"].people == {"0": sorted(likely)}
    assert likely


def test_the_request_is_found_on_the_second_persons_home_alone(client, officer, plan):
    request = ask(client, plan).context["asked"]
    link = f'href="{address_of(request)}"'
    assert link not in client.get("/hr/", follow=True).content.decode()
    second = colleague_of(plan)
    assert link in second.get("/hr/").content.decode()
    for grant in ({"unit": UnitFactory(), "sees_people": True}, {"unit": plan.unit, "sees_people": False}):
        other = Client()
        other.force_login(RoleGrantFactory(role="hr", **grant).user)
        assert link not in other.get("/hr/", follow=True).content.decode()
        assert other.get(address_of(request)).status_code in (403, 404)
        other.post(address_of(request), {"action": "approve", "shown": "3f"})
    assert Enrolment.objects.count() == 0
    decide(second, request, "approve")
    assert link not in second.get("/hr/", follow=True).content.decode()


def test_a_closed_course_enrols_nobody_and_the_request_waits(client, officer, plan, course):
    request = ask(client, plan).context["asked"]
    course.is_open = False
    course.save()
    decide(colleague_of(plan), request, "approve")
    assert (Enrolment.objects.count(), plan.requests.get().status) == (0, "asked")


def test_nobody_chosen_and_nobody_proposed_are_refused_in_words(client, plan):
    assert "Hãy chọn ít nhất một người." in ask(client, plan, []).content.decode()
    for nobody in ("NOBODY", "\0"):
        assert "Số liệu đã thay đổi" in ask(client, plan, [nobody]).content.decode()
    assert Enrolment.objects.count() == 0


def test_enrolled_person_finds_the_course_on_their_home_page(client, officer, plan):
    enrol(client, plan)
    person = Enrolment.objects.first().person
    person.user = RoleGrantFactory().user
    person.save()
    client.force_login(person.user)
    assert "Khóa C" in client.get("/").content.decode()
    html = client.get(reverse("learn:course", args=["c"])).content.decode()
    assert "Cán bộ nhân sự đã ghi danh cho anh/chị ngày" in html


def test_workbook_comes_with_its_name(client, plan):
    answer = client.get(f"/hr/plans/{plan.pk}/plan.xlsx")
    assert answer["Content-Disposition"] == f'attachment; filename="thang-plan-P-{plan.pk}.xlsx"'


@pytest.mark.parametrize("query", ["lines/9/", "lines/0/?order=x"])
def test_what_is_not_there_is_not_found(client, plan, query):
    assert client.get(f"/hr/plans/{plan.pk}/{query}").status_code == 404


def test_who_may_not_see_people_is_told_why(client, hr, plan):
    client.force_login(hr)
    for address in (
        PLANS,
        NEW,
        f"/hr/plans/{plan.pk}/",
        f"/hr/plans/{plan.pk}/lines/0/",
        f"/hr/plans/{plan.pk}/plan.xlsx",
    ):
        answer = client.get(address)
        assert answer.status_code == 403
        assert "Tài khoản của anh/chị không được lập kế hoạch đào tạo ở đây" in answer.content.decode()
        assert "Phường Bình" not in answer.content.decode()
    assert AuditEvent.objects.filter(action="refused", actor=hr).count() == 5
    assert "plans/" not in client.get("/hr/units/P/").content.decode()


def test_plan_of_other_units_is_not_found(client, plan):
    client.force_login(RoleGrantFactory(role="hr", unit=UnitFactory(), sees_people=True).user)
    assert {client.get(address).status_code for address in (PLANS, f"/hr/plans/{plan.pk}/")} == {404}


def test_unit_page_leads_to_its_plans(client, officer):
    assert f'href="{PLANS}"' in client.get("/hr/units/P/").content.decode()


def test_without_courses_the_form_says_why(client, officer):
    assert "Chưa có khóa học nào đưa vào kế hoạch được" in client.get(NEW).content.decode()


def test_list_asks_as_often_for_one_plan_as_for_four(client, plan, values, django_assert_num_queries):
    client.get(PLANS)
    with django_assert_num_queries(6):
        client.get(PLANS)
    for _ in range(3):
        client.post(NEW, values)
    with django_assert_num_queries(6):
        client.get(PLANS)


def test_a_plan_of_a_unit_that_ended_refuses_an_admin_in_words(client, plan):
    ended = UnitFactory(code="OLD", name_vi="Xã Cũ", valid_from=date(2020, 1, 1), valid_to=date(2024, 1, 1))
    TrainingPlan.objects.filter(pk=plan.pk).update(unit=ended)
    client.force_login(RoleGrantFactory(role="admin", unit=None).user)
    page = client.get(f"/hr/plans/{plan.pk}/")
    assert page.status_code == 403
    assert "Xã Cũ" in page.content.decode()
