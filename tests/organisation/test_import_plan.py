"""The dry run: what it counts, and every problem at its row and column with a message."""

import unicodedata
from datetime import date, datetime, timedelta
from functools import partial
from io import BytesIO

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import translation

from organisation.api import person_record, today
from organisation.domain.imports.apply import apply_import
from organisation.domain.imports.check import plan_import
from organisation.domain.imports.messages import _MESSAGES
from organisation.domain.imports.plan import ImportPlan
from organisation.importing.staff_rows import COLUMNS
from organisation.models import Person, Posting, Unit, UnitVersion
from organisation.reorganising.steps import Merge, Split
from tests.factories.organisation import PersonFactory, PostingFactory, UnitFactory
from tests.organisation.reorganising import applied, new
from tests.organisation.staff_files import AN, Values, csv_file, xlsx_file

pytestmark = pytest.mark.django_db

NEW_UNIT: Values = {"unit_code": "AB-03", "unit_name": "Xã Mới", "unit_kind": "commune", "parent_code": "AB"}


def check(*rows: Values, scope: list[Unit] | None = None, write=csv_file) -> ImportPlan:
    """The plan of a file of these rows, in English."""
    with translation.override("en"):
        return plan_import(write(rows), "staff", scope=scope)


def problems(*rows: Values, scope: list[Unit] | None = None) -> list[tuple[int, str, str]]:
    """The problems of a file of these rows. Nothing may be planned beside them."""
    plan = check(*rows, scope=scope)
    assert plan.changes_nothing == bool(plan.problems)
    return [(problem.row, problem.column, problem.message) for problem in plan.problems]


def counted(plan: ImportPlan) -> dict[str, int]:
    assert plan.problems == []
    return {name: count for name, count in plan.counts.items() if count}


def staged(column: str, condition: str = "true") -> list[object]:
    """What the last plan would write into postings."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM import_posting WHERE {condition}")
        return [row[0] for row in cursor.fetchall()]


# --- what it counts -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("write", [csv_file, xlsx_file])
def test_plan_counts_what_would_be_made(province, write):
    plan = check(
        NEW_UNIT,
        {**NEW_UNIT, **AN, "unit_code": "AB-03", "birth_date": "21/5/1990", "gender": "Nữ", "email": "an@example.vn"},
        {**AN, "employee_code": "NV2", "full_name": "Lê Văn Bình", "position": "Chủ tịch xã", "from": "1/2/2021"},
        write=write,
    )
    assert counted(plan) == {"units_created": 1, "people_created": 2, "postings_created": 2}
    assert plan.rows == 3


def test_plan_writes_nothing(province):
    before = [model.objects.count() for model in (Unit, UnitVersion, Person, Posting)]
    check(NEW_UNIT, AN)
    assert [model.objects.count() for model in (Unit, UnitVersion, Person, Posting)] == before


def test_plan_tells_changed_from_unchanged(province):
    kept = PostingFactory(person=PersonFactory(employee_code="NV1"), unit=province.first, position=province.clerk)
    ended = PostingFactory(person=PersonFactory(employee_code="NV2"), unit=province.first, position=province.clerk)
    plan = check(
        {"unit_code": "AB-01", "unit_name": "Xã Hoà Bình Mới"},
        {**AN, "full_name": kept.person.full_name},
        {**AN, "employee_code": "NV2", "full_name": "Lê Văn Bình", "to": "2021-12-31"},
        {**AN, "employee_code": "NV2", "full_name": "", "unit_code": "AB-02", "from": "2022-01-01"},
    )
    assert counted(plan) == {
        "units_changed": 1,
        "people_changed": 1,
        "postings_created": 1,
        "postings_changed": 1,
        "postings_unchanged": 1,
    }
    assert staged("valid_to", f"pk = {ended.pk}") == [date(2022, 1, 1)]


def test_plan_of_a_row_that_repeats_what_is_known_changes_nothing(province):
    plan = check({"unit_code": "AB-01", "unit_name": "Xã Hoà Bình", "unit_kind": "xã", "parent_code": "AB"})
    assert counted(plan) == {}
    assert plan.changes_nothing


def test_plan_takes_positions_by_code_and_by_name(province):
    rows = [
        {**AN, "employee_code": f"NV{index}", "position": name}
        for index, name in enumerate(["clerk", "CLERK", "Công chức văn phòng", "office clerk"])
    ]
    assert check(*rows).postings_created == 4
    assert staged("position_pk") == [province.clerk.pk] * 4


def test_plan_takes_decomposed_letters_for_the_same_name(province):
    decomposed = unicodedata.normalize("NFD", "Xã Hoà Bình")
    assert check({"unit_code": "AB-01", "unit_name": decomposed}).changes_nothing


def test_new_units_stand_behind_their_parents_and_begin_with_what_is_in_them(province):
    UnitVersion.objects.update(valid=DateRange(date(2010, 1, 1), None))
    plan = check(
        {**AN, "unit_code": "X3", "unit_name": "Phòng Ba", "unit_kind": "office", "parent_code": "X2"},
        {"unit_code": "X2", "unit_name": "Sở Hai", "unit_kind": "department", "parent_code": "AB"},
        {**AN, "employee_code": "NV2", "unit_code": "X1", "unit_name": "A", "unit_kind": "office", "parent_code": "AB",
         "from": "1999-01-01"},
        {"unit_code": "X0", "unit_name": "B", "unit_kind": "office", "parent_code": "AB"},
    )  # fmt: skip
    assert [(unit.code, unit.parent_code, unit.valid_from) for unit in plan.new_units] == [
        ("X2", "AB", date(2020, 1, 1)),
        ("X1", "AB", date(2010, 1, 1)),  # no earlier than its parent
        ("X0", "AB", date(2010, 1, 1)),
        ("X3", "X2", date(2020, 1, 1)),
    ]


def test_plan_says_how_far_it_has_read(province):
    heard: list[int] = []
    rows = [{"unit_code": "AB-01"}] * 2500
    plan_import(csv_file(rows), "staff", on_progress=heard.append)
    assert heard == [1000, 2000]


def test_plan_asks_the_database_as_often_for_a_thousand_rows(province, django_assert_num_queries):
    for count in (1, 1000):
        rows = [{**AN, "employee_code": f"NV{index}"} for index in range(count)]
        with django_assert_num_queries(15):
            assert check(*rows).postings_created == count


# --- one cell -------------------------------------------------------------------------------------------------------

CELLS = [
    ("full_name", "=HYPERLINK(1)", "“=HYPERLINK(1)” begins like a formula (=, +, - or @). Enter plain text."),
    ("full_name", "+84", "“+84” begins like a formula (=, +, - or @). Enter plain text."),
    ("full_name", "-1", "“-1” begins like a formula (=, +, - or @). Enter plain text."),
    ("unit_name", " @SUM(A1)", "“@SUM(A1)” begins like a formula (=, +, - or @). Enter plain text."),
    ("email", "=1@a.vn", "“=1@a.vn” begins like a formula (=, +, - or @). Enter plain text."),
    ("full_name", "A" * 201, "The text is longer than 200 characters."),
    ("full_name", "An\u200bh", "The text holds an invisible control character. Type it anew."),
    ("full_name", "An\u202egnh", "The text holds an invisible control character. Type it anew."),
    ("unit_code", "A /", "“A /” is not a code: use letters without diacritics, digits, full stops and hyphens."),
    ("email", "an@", "“an@” is not an e-mail address."),
    ("gender", "x", "“x” is not a gender: enter nam or nữ, or leave it empty."),
    ("birth_date", "31/02/1990", "“31/02/1990” is not a date. Write it as 31/12/2024 or 2024-12-31."),
    ("from", "hôm qua", "“hôm qua” is not a date. Write it as 31/12/2024 or 2024-12-31."),
    ("from", "12/31/2020", "“12/31/2020” is not a date. Write it as 31/12/2024 or 2024-12-31."),
    ("from", "0202-01-01", "The date 0202-01-01 lies outside 1900-01-01 to 2199-12-31."),
    ("unit_kind", "planet", "“planet” is not a kind of unit. Use one of: nation, ministry, province, department, "
     "district, commune, office."),
]  # fmt: skip


@pytest.mark.parametrize(("column", "value", "message"), CELLS)
def test_bad_cell_is_told_by_row_and_column(province, column, value, message):
    assert problems(AN, {**AN, "employee_code": "NV2", column: value}) == [(3, column, message)]


def test_everything_wrong_with_one_row_is_told_at_once(province):
    row = {**AN, "unit_code": "ZZ", "email": "x", "gender": "z", "position": "pilot", "birth_date": "2199-01-01"}
    assert [found[:2] for found in problems(row)] == [
        (2, "email"),
        (2, "gender"),
        (2, "unit_code"),
        (2, "birth_date"),
        (2, "position"),
    ]


@pytest.mark.parametrize("column", ["full_name", "position", "from", "to", "unit_name", "unit_kind", "parent_code"])
def test_unreadable_cell_is_not_told_as_missing_too(province, column):
    row = {**NEW_UNIT, **AN, "unit_code": "AB-03"}
    assert [found[:2] for found in problems({**row, column: "=1"})] == [(2, column)]


@pytest.mark.parametrize(
    ("changed", "column", "message"),
    [
        ({"unit_code": ""}, "unit_code", "The unit's code is missing."),
        ({"employee_code": ""}, "employee_code", "The row describes a person, but the employee code is missing."),
        ({"position": ""}, "position", "The position is missing."),
        ({"from": ""}, "from", "The first day of the posting is missing."),
        ({"to": "2019-12-31"}, "to", "The posting ends before it begins."),
        ({"full_name": ""}, "full_name", "Person NV1 is new: the full name is missing."),
        ({"birth_date": "2199-01-01"}, "birth_date", "The date of birth lies after today."),
        (
            {"position": "pilot"},
            "position",
            "There is no position “pilot”. Use a code or name from the list in the template.",
        ),
        (
            {"position": "", "from": ""},
            "employee_code",
            "There is no person with the code NV1. To add them, give name, position and first day.",
        ),
    ],
)
def test_incomplete_row_is_told(province, changed, column, message):
    assert problems({**AN, **changed}) == [(2, column, message)]


def test_date_in_a_text_column_of_a_workbook_is_told(province):
    plan = check({**AN, "full_name": datetime(2024, 3, 8)}, write=xlsx_file)
    assert [(problem.row, problem.column, problem.message) for problem in plan.problems] == [
        (2, "full_name", "The cell holds the date 2024-03-08, but text is expected here. Format the cell as text.")
    ]


# --- units ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "column", "message"),
    [
        (
            {"unit_code": "ZZ"},
            "unit_code",
            "There is no unit ZZ. Correct the code, or give its name, kind and parent to create it.",
        ),
        ({**NEW_UNIT, "unit_kind": ""}, "unit_kind", "Unit AB-03 is new: its kind is missing."),
        ({**NEW_UNIT, "parent_code": ""}, "parent_code", "Unit AB-03 is new: the code of its parent is missing."),
        ({**NEW_UNIT, "parent_code": "ZZ"}, "parent_code", "There is no unit ZZ to be the parent."),
        ({**NEW_UNIT, "parent_code": "AB-03"}, "parent_code", "Unit AB-03 would lie under itself."),
        ({"unit_code": "AB", "parent_code": "AB-01"}, "parent_code", "Unit AB would lie under itself."),
        ({"unit_code": "AB", "parent_code": "AB"}, "parent_code", "Unit AB would lie under itself."),
        ({"unit_code": "OLD", "unit_name": "X"}, "unit_code", "Unit OLD is no longer in force and cannot be changed."),
        ({**NEW_UNIT, "parent_code": "OLD"}, "parent_code", "There is no unit OLD to be the parent."),
    ],
)
def test_bad_unit_is_told(province, row, column, message):
    UnitFactory(code="OLD", valid_to=date(2020, 1, 1))
    assert problems({"unit_code": "AB"}, row) == [(3, column, message)]


AFTER_THE_END = "Unit OLD lasted until 31/12/2020: no posting there lasts longer."


@pytest.mark.parametrize("others", [(), ({"from": "2010-01-01", "to": "2019-12-31"},)])
@pytest.mark.parametrize(
    ("last_day", "found"),
    [("", [(4, "to", AFTER_THE_END)]), ("2021-01-01", [(4, "to", AFTER_THE_END)]), ("2020-12-31", [])],
)
def test_posting_that_outlasts_its_unit_is_told(province, last_day, found, others):
    """With one row and with more, which take different ways. Control: one that ends with its unit is applied."""
    UnitFactory(code="OLD", valid_to=date(2021, 1, 1))
    row = {**AN, "unit_code": "OLD", "to": last_day}
    rows: list[Values] = [{"unit_code": "AB"}, {"unit_code": "AB-01"}, row, *({**AN, **each} for each in others)]
    assert problems(*rows) == found
    if not found:
        apply_import(check(*rows))
        assert Posting.objects.count() == 1 + len(others)


def test_posting_in_a_unit_that_never_was_in_force_is_told(province):
    Unit.objects.create(code="NEVER")
    row = {**AN, "unit_code": "NEVER"}
    assert problems(row) == [(2, "unit_code", "Unit NEVER was never in force: nobody can be posted there.")]


def test_longer_cycle_in_the_file_is_told_once(province):
    ring: list[Values] = [{**NEW_UNIT, "unit_code": code, "parent_code": parent} for code, parent in ("XY", "YZ", "ZX")]
    hanging = {**NEW_UNIT, "unit_code": "W", "parent_code": "X"}
    assert problems(hanging, *ring) == [(3, "parent_code", "Unit X would lie under itself.")]


def test_cycle_through_recorded_units_is_told(province):
    rows: list[Values] = [{**NEW_UNIT, "parent_code": "AB-01"}, {"unit_code": "AB", "parent_code": "AB-03"}]
    assert problems(*rows) == [(2, "parent_code", "Unit AB-03 would lie under itself.")]


def test_endless_chain_of_units_is_refused(province):
    rows: list[Values] = [{**NEW_UNIT, "unit_code": "C0"}]
    rows += [{**NEW_UNIT, "unit_code": f"C{index}", "parent_code": f"C{index - 1}"} for index in range(1, 3000)]
    assert problems(*rows) == [(21, "parent_code", "Unit C19 would lie more than 20 levels deep.")]


def test_rows_that_contradict_each_other_are_told(province):
    rows: list[Values] = [
        NEW_UNIT,
        {**NEW_UNIT, "unit_name": "Xã Khác"},
        {**AN, "gender": "nam"},
        {**AN, "gender": "nữ", "from": "", "position": ""},
    ]
    assert problems(*rows) == [
        (3, "unit_name", "This differs from row 2, which describes the same unit or person."),
        (5, "gender", "This differs from row 4, which describes the same unit or person."),
    ]


# --- people and postings --------------------------------------------------------------------------------------------


def test_duplicate_employee_code_is_told(province):
    assert problems(AN, {**AN, "full_name": "Lê Văn Bình"}) == [
        (3, "employee_code", "Employee code NV1 is already in row 2, for Nguyễn Thị An.")
    ]


def test_repeated_row_is_told(province):
    assert problems(AN, AN) == [(3, "employee_code", "Employee code NV1 is already in row 2, with the same posting.")]


@pytest.mark.parametrize("write", [csv_file, xlsx_file])
def test_overlapping_postings_in_the_file_are_told(province, write):
    rows = [{**AN, "to": "2021-06-30"}, {**AN, "unit_code": "AB-02", "from": "2021-06-30"}]
    plan = check(*rows, write=write)
    assert [(problem.row, problem.column, problem.message) for problem in plan.problems] == [
        (3, "from", "The posting overlaps the one in row 2: a person has one primary posting at a time.")
    ]


def test_postings_that_follow_each_other_are_taken(province):
    rows = [{**AN, "unit_code": "AB-02", "from": "2021-07-01"}, {**AN, "to": "2021-06-30"}]
    assert counted(check(*rows)) == {"people_created": 1, "postings_created": 2}


def test_posting_that_overlaps_a_recorded_one_is_told(province):
    PostingFactory(person=PersonFactory(employee_code="NV1"), unit=province.first, position=province.clerk)
    [found] = problems({**AN, "full_name": "", "unit_code": "AB-02", "from": "2024-01-01"})
    assert found == (2, "from", "The posting overlaps the one in unit AB-01 since 01/01/2020. End that one first.")


def test_posting_that_would_grow_over_a_recorded_one_is_told(province):
    person = PersonFactory(employee_code="NV1")
    PostingFactory(person=person, unit=province.first, position=province.clerk, valid_to=date(2022, 1, 1))
    PostingFactory(person=person, unit=province.second, position=province.clerk, valid_from=date(2022, 1, 1))
    [found] = problems({**AN, "full_name": ""})
    assert found == (2, "from", "The posting overlaps the one in unit AB-02 since 01/01/2022. End that one first.")


def test_a_code_that_differs_only_in_case_is_a_slip(province):
    PostingFactory(person=PersonFactory(employee_code="NV1"), unit=province.first, position=province.clerk)
    rows = [{**AN, "employee_code": code} for code in ("nv1", "NV2a", "nv2A", "Nv2A", "NV3")]
    plan = check(*rows)
    said = "Employee code {} differs only in case from {}. Write it the same way."
    assert [(each.row, each.column, each.message) for each in plan.problems] == [
        (2, "employee_code", said.format("nv1", "NV1")),
        (4, "employee_code", said.format("nv2A", "NV2a")),
        (5, "employee_code", said.format("Nv2A", "NV2a")),
    ]
    # Who is on record in both cases already stays both.
    twin = person_record("nv1", "Nguyễn Thị An")
    twin.code_twin = 1
    twin.save()
    PostingFactory(person=twin, unit=province.first, position=province.clerk)
    both = [{**AN, "employee_code": code, "full_name": ""} for code in ("nv1", "NV1")]
    assert counted(check(*both)) == {"postings_unchanged": 2}


@pytest.mark.parametrize("name", ["Trần Văn \u00d0ức", "Trần Văn \u0189ức", "Trần Văn D\u0335ức"])
def test_what_only_looks_like_a_letter_of_ours_becomes_it(province, name):
    apply_import(check({**AN, "full_name": name}, {**AN, "employee_code": "NV2", "full_name": "Trần Văn Đức"}))
    one, other = Person.objects.values_list("full_name", "sort_key", "search_key").order_by("employee_code")
    assert one == other


# --- scope ----------------------------------------------------------------------------------------------------------


def test_scope_allows_what_lies_below(province):
    plan = check(NEW_UNIT, {**AN, "unit_code": "AB-03"}, {**AN, "employee_code": "NV2"}, scope=[province.top])
    assert counted(plan) == {"units_created": 1, "people_created": 2, "postings_created": 2}


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ({**AN, "unit_code": "AB-02"}, "unit_code", "AB-02"),
        ({"unit_code": "AB", "unit_name": "Tỉnh Khác"}, "unit_code", "AB"),
        (NEW_UNIT, "unit_code", "AB-03"),
        ({**NEW_UNIT, "parent_code": "", "unit_kind": "province"}, "unit_code", "AB-03"),
        ({"unit_code": "AB-01", "parent_code": "BM"}, "parent_code", "BM"),
    ],
)
def test_row_outside_the_scope_is_told(province, row, column, code):
    found = problems({"unit_code": "AB-01"}, row, scope=[province.first])
    assert found == [(3, column, f"Unit {code} is not among the units you answer for.")]


@pytest.mark.parametrize("ended", [False, True])
def test_a_code_out_of_scope_is_told_alike_whether_it_is_a_unit_or_none(province, ended):
    if ended:
        UnitVersion.objects.filter(unit=province.neighbour).update(valid=DateRange(date(2000, 1, 1), date(2021, 1, 1)))
    PostingFactory(person=PersonFactory(employee_code="NV2"), unit=province.first, position=province.clerk)
    known = {**AN, "employee_code": "NV2", "full_name": "", "from": "2024-01-01", "to": "2024-02-01"}
    files: list[list[Values]] = [[{}], [AN], [AN, known], [{}, AN], [known, {"employee_code": "NV2"}]]
    for rows in files:
        there, not_there = (
            [
                (found.row, found.column, found.message.replace(code, "?"))
                for found in check(*({**row, "unit_code": code} for row in rows), scope=[province.top]).problems
            ]
            for code in ("BM", "XX")
        )
        assert there == not_there
    for code in ("BM", "XX"):
        assert problems({"unit_code": "AB-01", "parent_code": code}, scope=[province.top]) == [
            (2, "parent_code", f"Unit {code} is not among the units you answer for.")
        ]


def test_person_of_another_unit_cannot_be_taken(province):
    PostingFactory(person=PersonFactory(employee_code="NV1"), unit=province.second, valid_to=date(2021, 1, 1))
    assert problems({**AN, "from": "2024-01-01"}, scope=[province.first]) == [
        (2, "employee_code", "The employee code NV1 belongs to a person outside the units you answer for.")
    ]


def merged(day: date) -> None:
    applied(Merge(("AB-01", "AB-02"), "AB-N", new("AB-N", "AB")), day=day)


def test_a_person_whom_a_reorganisation_moved_is_still_their_officers(province):
    PostingFactory(person=PersonFactory(employee_code="NV1"), unit=province.first, position=province.clerk)
    day = today() - timedelta(days=10)
    merged(day)
    moved = {"unit_code": "AB-N", "employee_code": "NV1", "position": "clerk", "from": day.isoformat()}
    before = {**AN, "full_name": "", "to": (day - timedelta(days=1)).isoformat()}
    with translation.override("en"):
        for rows in ([moved], [before], [before, moved], [{**moved, "email": "an@x.vn"}]):
            of_all, of_officer = (check(*rows, scope=scope) for scope in (None, [province.top]))
            assert (of_officer.problems, of_officer.counts) == ([], of_all.counts)


def test_a_person_who_came_long_ago_from_elsewhere_is_their_officers(province):
    came = date(2020, 1, 1)
    person = PersonFactory(employee_code="NV1", full_name="Nguyễn Thị An")
    PostingFactory(
        person=person, unit=province.neighbour, position=province.clerk, valid_from=date(2015, 1, 1), valid_to=came
    )
    PostingFactory(person=person, unit=province.first, position=province.clerk, valid_from=came)
    then = {**AN, "unit_code": "BM", "from": "2015-01-01", "to": "2019-12-31"}
    for rows in ([AN], [then, AN], [then, {**AN, "email": "an@x.vn"}], [{"unit_code": "BM"}, AN]):
        of_all, of_officer = (check(*rows, scope=scope) for scope in (None, [province.top]))
        assert (of_officer.problems, of_officer.counts) == ([], of_all.counts)
    # What they were elsewhere is not for this officer to rewrite.
    refused = [(2, "unit_code", "Unit BM is not among the units you answer for.")]
    assert problems({**then, "to": "2018-12-31"}, scope=[province.top]) == refused
    assert problems({**then, "from": "2010-01-01", "to": "2012-12-31"}, scope=[province.top]) == refused
    assert problems({**AN, "email": "an@x.vn"}, scope=[province.neighbour])[-1:] == [
        (2, "employee_code", "The employee code NV1 belongs to a person outside the units you answer for.")
    ]


def test_a_recorded_secondment_may_stand_in_a_file_without_last_days(province):
    person = PersonFactory(employee_code="NV1", full_name="Nguyễn Thị An")
    PostingFactory(person=person, unit=province.first, position=province.clerk)
    sent = {**AN, "unit_code": "AB-02", "posting_kind": "biệt phái"}
    without = [column for column in COLUMNS if column != "to"]

    def found() -> ImportPlan:
        with translation.override("en"):
            return plan_import(csv_file([AN, sent], columns=without), "staff")

    assert [(each.row, each.column, each.message) for each in found().problems] == [
        (3, "to", "A secondment ends: give its last day.")
    ]
    PostingFactory(
        person=person, unit=province.second, position=province.clerk, kind="secondment", valid_to=date(2030, 1, 1)
    )
    assert counted(found()) == {"postings_unchanged": 2}


def test_a_part_of_what_was_split_does_not_answer_for_what_it_was(province):
    person = PersonFactory(employee_code="NV1", full_name="Nguyễn Thị An")
    PostingFactory(person=person, unit=province.first, position=province.clerk)
    day = today() - timedelta(days=10)
    parts = (new("AB-11", "AB"), new("AB-12", "BM"))
    applied(Split("AB-01", ("AB-11", "AB-12"), "AB-11", parts, "main"), day=day)
    earlier = {**AN, "to": (day - timedelta(days=1)).isoformat()}
    part = Unit.objects.get(code="AB-11")
    assert counted(check(earlier, scope=[part])) == {"postings_unchanged": 1}
    assert problems({**earlier, "from": "2019-01-01", "to": "2019-12-31"}, scope=[part]) == [
        (2, "unit_code", "Unit AB-01 is not among the units you answer for.")
    ]
    added = check({**earlier, "from": "2019-01-01", "to": "2019-12-31"}, scope=[province.top])
    assert counted(added) == {"postings_created": 1}


def test_a_file_without_last_days_leaves_recorded_ends(province):
    end = today() + timedelta(days=100)
    person = PersonFactory(employee_code="NV1", full_name="Nguyễn Thị An")
    PostingFactory(person=person, unit=province.first, position=province.clerk, valid_to=end)
    columns = ("unit_code", "employee_code", "full_name", "position", "from")
    silent = check({**AN}, write=partial(csv_file, columns=columns))
    assert (counted(silent), silent.problems) == ({"postings_unchanged": 1}, [])
    assert counted(check(AN)) == {"postings_changed": 1, "postings_reopened": 1}


# --- messages -------------------------------------------------------------------------------------------------------


def test_unreadable_file_is_one_problem(province):
    with translation.override("en"):
        plan = plan_import(BytesIO(b"%PDF-1.7"), "staff.xlsx")
    [problem] = plan.problems
    assert (problem.row, problem.column) == (1, "A")
    assert problem.message == "The file is neither an Excel workbook (.xlsx) nor a CSV table."


def test_problems_beyond_a_thousand_are_counted(province):
    plan = check(*[{"unit_code": "?"}] * 1500)
    assert (len(plan.problems), plan.problem_count) == (1000, 1500)


def test_messages_are_in_the_users_language(province):
    with translation.override("vi"):
        [problem] = plan_import(csv_file([{**AN, "position": "pilot"}]), "staff").problems
    assert problem.message == "Không có vị trí việc làm “pilot”. Hãy dùng mã hoặc tên trong danh sách ở tệp mẫu."


def test_every_message_is_translated():
    with translation.override("vi"):
        assert [english for english in _MESSAGES.values() if translation.gettext(english) == english] == []
