"""Reorganisations on the database: people follow, once, all or nothing; undoing; who may approve; what is refused."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from organisation.api import (
    ReorganisationRefused,
    add_steps,
    admit_hr_system,
    apply_due_reorganisations,
    apply_reorganisation,
    approve_reorganisation,
    change_unit,
    end_posting,
    find_unit,
    hr_scope,
    preview_reorganisation,
    revoke_hr_system,
    today,
    undo_reorganisation,
    unit_tree,
    what_depends,
    withdraw_approval,
)
from organisation.models import AuditEvent, Posting, Reorganisation, ReorganisationMove, Succession, UnitVersion
from organisation.reorganising.steps import Create, Dissolve, Merge, Move, Rename, Split
from organisation.signals import reorganised
from tests.factories.organisation import PersonFactory, PostingFactory, RoleGrantFactory, UnitFactory, UserFactory
from tests.organisation.conftest import Province
from tests.organisation.reorganising import DAY, applied, approved, draft, new

pytestmark = pytest.mark.django_db
BEFORE = DAY - timedelta(days=1)


def where(person: Any, day: date) -> list[str]:
    """Codes of the units of the person's postings on the day, primary first."""
    postings = Posting.objects.filter(person=person, valid__contains=day).order_by("kind", "unit__code")
    return list(postings.values_list("unit__code", flat=True))


def codes(day: date) -> dict[str, str]:
    """Every unit in force with the one above it."""
    tree = unit_tree(day)
    return {node.code: tree.nodes[node.parent_pk].code if node.parent_pk else "" for node in tree.nodes.values()}


def everything() -> list[list[tuple[Any, ...]]]:
    """All that a reorganisation may write, as it stands."""
    return [
        sorted(UnitVersion.objects.values_list("unit__code", "name_vi", "kind", "parent__code", "valid"), key=str),
        sorted(Posting.objects.values_list("person", "unit__code", "position", "kind", "valid"), key=str),
        sorted(Succession.objects.values_list("predecessor", "successor"), key=str),
        sorted(ReorganisationMove.objects.values_list("posting_id"), key=str),
    ]


def test_merge_into_a_new_unit_takes_everybody(province: Province):
    first = PostingFactory(unit=province.first, valid_to=date(2027, 1, 1)).person
    second = PostingFactory(unit=province.second).person
    PostingFactory(person=first, unit=province.second, kind="secondary")
    applied(Merge(("AB-01", "AB-02"), "AB-X", new("AB-X", "AB", name_vi="Xã Hoà Lập")))
    assert codes(BEFORE) == {"AB": "", "AB-01": "AB", "AB-02": "AB", "BM": ""}
    assert codes(DAY) == {"AB": "", "AB-X": "AB", "BM": ""}
    assert (where(first, BEFORE), where(first, DAY)) == (["AB-01", "AB-02"], ["AB-X", "AB-X"])
    assert (where(second, BEFORE), where(second, DAY)) == (["AB-02"], ["AB-X"])
    assert where(first, date(2027, 1, 1)) == ["AB-X"]
    version = UnitVersion.objects.get(unit__code="AB-X")
    assert (version.name_en, version.search_key) == ("Hoa Lap Commune", "xa hoa lap hoa lap commune")
    assert list(Succession.objects.order_by("predecessor__code").values_list("predecessor__code", "is_whole")) == [
        ("AB-01", True),
        ("AB-02", True),
    ]


def test_posting_that_begins_later_begins_in_the_new_unit(province: Province):
    person = PostingFactory(unit=province.first, valid_from=DAY + timedelta(days=5)).person
    on_the_day = PostingFactory(unit=province.first, valid_from=DAY).person
    over = PostingFactory(unit=province.first, valid_to=DAY).person
    applied(Merge(("AB-01",), "AB-02"))
    assert list(Posting.objects.order_by("pk").values_list("person", "unit__code")) == [
        (person.pk, "AB-02"),
        (on_the_day.pk, "AB-02"),
        (over.pk, "AB-01"),
    ]


@pytest.mark.parametrize(
    ("follow", "expected"),
    [
        ("main", ["AB-01", "AB-01", "AB-01"]),
        ("list", ["AB-01", "AB-X", "AB-01"]),
        ("position", ["AB-01", "AB-01", "AB-X"]),
        ("evenly", ["AB-01", "AB-X", "AB-01"]),
    ],
)
def test_people_of_a_split_unit_follow_the_rule(province: Province, follow, expected):
    people = [PersonFactory(employee_code=f"NV{number}") for number in range(3)]
    for person, position in zip(people, [province.clerk, province.clerk, province.chair], strict=True):
        PostingFactory(person=person, unit=province.first, position=position)
    assign = {"list": {"NV1": "AB-X"}, "position": {"chair": "AB-X"}}.get(follow, {})
    applied(Split("AB-01", ("AB-01", "AB-X"), "AB-01", (new("AB-X", "AB"),), follow, assign))
    assert [where(person, DAY) for person in people] == [[code] for code in expected]
    assert [where(person, BEFORE) for person in people] == [["AB-01"]] * 3


def test_every_kind_of_step_in_one_reorganisation(province: Province):
    person = PostingFactory(unit=province.top).person
    other = PostingFactory(unit=province.neighbour).person
    applied(
        Create(new("OF", "AB", kind="office")),
        Move("AB-02", "BM"),
        Rename("AB-01", "Phường Hoà Bình"),
        Split("BM", ("BM", "ND"), "ND", (new("ND", "AB", kind="department"),)),
    )
    assert codes(DAY) == {"AB": "", "AB-01": "AB", "AB-02": "BM", "BM": "", "ND": "AB", "OF": "AB"}
    assert UnitVersion.objects.get(unit=province.first, valid__contains=DAY).name_en == "Hoa Binh Ward"
    assert UnitVersion.objects.get(unit=province.first, valid__contains=BEFORE).name_vi == "Xã Hoà Bình"
    assert (where(person, DAY), where(other, DAY)) == (["AB"], ["ND"])


def test_district_is_dissolved_once_nothing_is_below_it(province: Province):
    district = UnitFactory(code="D", kind="district", parent=province.top)
    commune = UnitFactory(code="D-1", parent=district)
    person = PostingFactory(unit=district).person
    applied(Move("D-1", "AB"), Dissolve("D", "AB"))
    assert codes(DAY)["D-1"] == "AB"
    assert "D" not in codes(DAY)
    assert where(person, DAY) == ["AB"]
    assert find_unit("D", BEFORE) == district
    assert commune.versions.count() == 2


def test_applying_again_changes_nothing(province: Province):
    PostingFactory(unit=province.first)
    made = applied(Merge(("AB-01",), "AB-02"))
    before = everything()
    assert apply_reorganisation(made.pk) is False
    assert everything() == before
    assert AuditEvent.objects.filter(action="reorganised").count() == 1


def test_applying_tells_once_after_commit(province: Province, news, django_capture_on_commit_callbacks):
    heard: list[tuple[int, date, list[int]]] = []

    def listen(reorganisation_id: int, day: date, unit_ids: list[int], **kwargs: Any) -> None:
        heard.append((reorganisation_id, day, unit_ids))

    PostingFactory(unit=province.first)
    made = approved(Merge(("AB-01",), "AB-02"))
    reorganised.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            apply_reorganisation(made.pk)
    finally:
        reorganised.disconnect(listen)
    assert heard == [(made.pk, DAY, sorted([province.first.pk, province.second.pk]))]
    assert news == []


def test_only_what_is_approved_and_due_is_applied(province: Province):
    waiting = approved(Merge(("AB-01",), "AB-02"), day=today() + timedelta(days=1))
    with pytest.raises(ReorganisationRefused):
        apply_reorganisation(waiting.pk)
    with pytest.raises(ReorganisationRefused):
        apply_reorganisation(draft(Move("AB-01", "BM")).pk)
    due = approved(Move("AB-01", "BM"), day=today())
    assert apply_due_reorganisations() == [due.pk]
    assert apply_due_reorganisations() == []


def test_what_no_longer_fits_waits_with_the_reason(province: Province):
    made = approved(Merge(("AB-01",), "AB-02"))
    change_unit(province.first, from_day=DAY + timedelta(days=1), name_vi="Xã Khác")
    before = everything()
    assert apply_due_reorganisations() == []
    made.refresh_from_db()
    assert (made.status, made.failure) == ("approved", "Đơn vị AB-01 đã có một thay đổi về sau được ghi nhận.")
    assert everything() == before


def test_nobody_approves_their_own(province: Province):
    made = draft(Merge(("AB-01",), "AB-02"))
    with pytest.raises(ReorganisationRefused):
        approve_reorganisation(made, made.author)
    with pytest.raises(IntegrityError, match="approved_by_a_second_person"), transaction.atomic():
        Reorganisation.objects.filter(pk=made.pk).update(status="approved", approved_by=made.author)
    with pytest.raises(IntegrityError, match="applied_only_when_approved"), transaction.atomic():
        Reorganisation.objects.filter(pk=made.pk).update(status="applied")


def test_approved_one_is_not_edited_until_withdrawn(province: Province):
    made = approved(Merge(("AB-01",), "AB-02"))
    with pytest.raises(ReorganisationRefused):
        add_steps(made, [Move("AB-02", "BM")])
    withdraw_approval(made, UserFactory())
    add_steps(made, [Rename("AB-02", "Xã Mới")])
    assert (made.status, made.steps.count()) == ("draft", 2)


def test_bad_step_is_not_kept(province: Province):
    with pytest.raises(ValidationError):
        draft(Merge(("AB-01",), "AB-01"))


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (Move("NO", "AB"), "Đơn vị NO không hoạt động vào ngày đó."),
        (Create(new("OLD", "AB")), "Mã OLD đã được dùng."),
        (Rename("FRESH", "Xã"), "Đơn vị FRESH đã có thay đổi vào đúng ngày đó."),
        (
            Split("AB-01", ("AB-01", "AB-02"), "AB-01", (), "list", {"NV9": "AB-02"}),
            "Công chức NV9 không làm việc tại đơn vị AB-01 vào ngày đó.",
        ),
        (
            Split("AB-01", ("AB-01", "AB-02"), "AB-01", (), "position", {"nobody": "AB-02"}),
            "Không có vị trí việc làm nobody.",
        ),
    ],
)
def test_what_does_not_fit_the_record_is_told_and_cannot_be_approved(province: Province, step, message):
    UnitFactory(code="OLD", valid_to=date(2020, 1, 1))
    UnitFactory(code="FRESH", valid_from=DAY)
    made = draft(step)
    assert preview_reorganisation(made).problems[0][1] == message
    with pytest.raises(ReorganisationRefused, match=message.split(".")[0]):
        approve_reorganisation(made, UserFactory())


@pytest.mark.parametrize(
    ("step", "fits"),
    [
        (Merge(("AB-01",), "AB-02"), True),
        (Dissolve("AB-01", "AB"), True),
        (Move("AB-01", "BM"), False),
        (Rename("AB", "Tỉnh Khác"), False),
        (Merge(("BM",), "AB"), False),
        (Create(new("X", "BM")), False),
    ],
)
def test_reorganisation_stays_inside_its_scope(province: Province, step, fits):
    assert (preview_reorganisation(draft(step, scope=province.top)).problems == []) is fits


def test_preview_says_what_becomes_of_units_people_and_officers(province: Province):
    for unit in (province.first, province.first, province.second):
        PostingFactory(unit=unit)
    officer = UserFactory(username="officer")
    RoleGrantFactory(user=officer, role="hr", unit=province.first)
    before = everything()
    preview = preview_reorganisation(draft(Merge(("AB-01", "AB-02"), "AB-X", new("AB-X", "AB"))))
    assert preview.problems == []
    assert [(each.outcome, each.unit.code, each.people) for each in preview.units] == [
        ("created", "AB-X", 0),
        ("ended", "AB-01", 2),
        ("ended", "AB-02", 1),
    ]
    assert [(unit.code, people) for unit, people in preview.units[1].to] == [("AB-X", 2)]
    assert [(each.officer, each.unit.code, [to.code for to in each.to]) for each in preview.grants] == [
        ("officer", "AB-01", ["AB-X"])
    ]
    assert (preview.kinds, preview.people_going, preview.people_in_all) == (
        {"commune": (2, 1), "province": (2, 2)},
        3,
        3,
    )
    assert everything() == before


def test_preview_counts_who_stays_in_a_unit_that_is_split(province: Province):
    for number in range(3):
        PostingFactory(unit=province.first, person=PersonFactory(employee_code=f"NV{number}"))
    step = Split("AB-01", ("AB-01", "AB-X"), "AB-01", (new("AB-X", "AB"),), "list", {"NV1": "AB-X"})
    split = next(each for each in preview_reorganisation(draft(step)).units if each.outcome == "split")
    assert [(unit.code, people) for unit, people in split.to] == [("AB-01", 2), ("AB-X", 1)]


def test_preview_asks_the_same_number_of_questions_whatever_the_size(province: Province, django_assert_num_queries):
    def make(count: int) -> Reorganisation:
        steps = []
        for number in range(count):
            unit = UnitFactory(code=f"M{count}-{number}", parent=province.top)
            PostingFactory(unit=unit)
            RoleGrantFactory(role="hr", unit=unit)
            steps.append(Merge((unit.code,), "AB-02"))
        return draft(*steps)

    small, large = make(1), make(30)
    with django_assert_num_queries(8):
        preview_reorganisation(small)
    with django_assert_num_queries(8):
        preview_reorganisation(large)


def test_officers_of_merged_units_answer_for_what_follows(province: Province):
    merged, split, dissolved = UserFactory(), UserFactory(), UserFactory()
    office = UnitFactory(code="OF", parent=province.top)
    RoleGrantFactory(user=merged, role="hr", unit=province.first, sees_people=True)
    RoleGrantFactory(user=split, role="hr", unit=province.second)
    RoleGrantFactory(user=dissolved, role="hr", unit=office)
    made = applied(
        Merge(("AB-01",), "N", new("N", "AB")),
        Split("AB-02", ("S1", "S2"), "S1", (new("S1", "AB"), new("S2", "AB"))),
        Dissolve("OF", "AB"),
    )
    assert [unit.code for unit in hr_scope(merged)] == ["AB-01", "N"]
    assert [unit.code for unit in hr_scope(split)] == ["AB-02", "S1", "S2"]
    assert [unit.code for unit in hr_scope(dissolved)] == ["OF"]
    undo_reorganisation(made.pk, actor=UserFactory())
    assert [unit.code for unit in hr_scope(merged)] == ["AB-01"]


def test_undo_puts_everything_back(province: Province):
    for unit in (province.first, province.second, province.top):
        PostingFactory(unit=unit, valid_to=date(2028, 1, 1))
        PostingFactory(unit=unit, valid_from=DAY + timedelta(days=9))
    before = everything()
    made = applied(
        Merge(("AB-01",), "N", new("N", "AB")),
        Split("AB-02", ("AB-02", "S"), "AB-02", (new("S", "AB"),), "evenly"),
        Rename("BM", "Tỉnh Khác"),
    )
    assert everything() != before
    assert what_depends(made) == []
    undo_reorganisation(made.pk, actor=UserFactory())
    assert everything() == before
    made.refresh_from_db()
    assert made.status == "undone"


def test_what_was_undone_can_be_done_again(province: Province):
    step = Merge(("AB-01",), "N", new("N", "AB"))
    undo_reorganisation(applied(step).pk, actor=UserFactory())
    applied(step)
    assert codes(DAY) == {"AB": "", "AB-02": "AB", "BM": "", "N": "AB"}


def depend_posting(province: Province) -> None:
    PostingFactory(unit=find_unit("N", DAY), valid_from=DAY)


def depend_leaver(province: Province) -> None:
    end_posting(Posting.objects.get(unit__code="N"), DAY + timedelta(days=20))


def depend_name(province: Province) -> None:
    change_unit(find_unit("N", DAY), from_day=DAY + timedelta(days=20), name_vi="Xã Khác")


def depend_name_that_day(province: Province) -> None:
    change_unit(find_unit("N", DAY), from_day=DAY, name_vi="Xã Khác")


def depend_place_that_day(province: Province) -> None:
    change_unit(province.second, from_day=DAY, parent=province.neighbour)


def depend_hr_system(province: Province) -> None:
    admit_hr_system("HRM", find_unit("N", DAY))


def depend_below(province: Province) -> None:
    UnitFactory(parent=find_unit("N", DAY), valid_from=DAY)


def depend_officer(province: Province) -> None:
    RoleGrantFactory(role="hr", unit=find_unit("N", DAY))


def depend_reorganisation(province: Province) -> None:
    applied(Merge(("N",), "AB-02"), day=DAY + timedelta(days=30))


@pytest.mark.parametrize(
    "depend",
    [
        depend_posting,
        depend_leaver,
        depend_name,
        depend_name_that_day,
        depend_place_that_day,
        depend_hr_system,
        depend_below,
        depend_officer,
        depend_reorganisation,
    ],
)
def test_undo_is_refused_once_something_depends_on_it(province: Province, depend):
    PostingFactory(unit=province.first)
    made = applied(Merge(("AB-01",), "N", new("N", "AB")), Rename("AB-02", "Xã Tân Lập Mới"))
    depend(province)
    before = everything()
    assert what_depends(made) != []
    with pytest.raises(ReorganisationRefused):
        undo_reorganisation(made.pk, actor=UserFactory())
    assert everything() == before


def test_undo_is_refused_where_it_would_leave_somebody_seconded_to_their_own_unit(province: Province):
    person = PostingFactory(unit=province.first, person__employee_code="CB1").person
    parts = ("AB-01", "N")
    made = applied(Split("AB-01", parts, "AB-01", (new("N", "AB"),), "list", {"CB1": "N"}))
    sent = PostingFactory(
        person=person, unit=province.first, kind="secondment", valid_from=DAY, valid_to=date(2030, 1, 1)
    )
    with pytest.raises(ReorganisationRefused, match="vị trí công tác"):
        undo_reorganisation(made.pk, actor=UserFactory())
    sent.delete()
    undo_reorganisation(made.pk, actor=UserFactory())
    [held] = person.postings.select_related("unit")
    assert (held.unit.code, held.valid.lower, held.valid.upper) == ("AB-01", date(2020, 1, 1), None)


def test_later_changes_elsewhere_do_not_stand_in_the_way_of_undoing(province: Province):
    PostingFactory(unit=province.first)
    made = applied(Merge(("AB-01",), "N", new("N", "AB")))
    PostingFactory(unit=province.second, valid_from=DAY)
    applied(Rename("BM", "Tỉnh Khác"))
    admit_hr_system("HRM", find_unit("N", DAY))
    revoke_hr_system("HRM")
    undo_reorganisation(made.pk, actor=UserFactory())
    assert "N" not in codes(DAY)
