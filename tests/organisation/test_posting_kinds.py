"""Further postings: what the database refuses beside a primary one, and what a file may say of them."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import translation

from organisation.domain.imports.apply import apply_import
from organisation.domain.imports.check import plan_import
from organisation.models import Posting, Unit
from tests.factories.organisation import PersonFactory, PostingFactory
from tests.organisation.staff_files import AN, Values, csv_file, xlsx_file

pytestmark = pytest.mark.django_db

START, END = date(2022, 1, 1), date(2023, 1, 1)


def test_a_person_is_seconded_to_one_unit_at_a_time(province):
    home = PostingFactory(unit=province.first, position=province.clerk)
    sent = {"person": home.person, "position": province.clerk, "kind": "secondment"}
    Posting.objects.create(**sent, unit=province.second, valid=DateRange(START, END))
    with pytest.raises(IntegrityError, match="one_secondment_at_a_time"), transaction.atomic():
        Posting.objects.create(**sent, unit=province.neighbour, valid=DateRange(date(2022, 12, 31), date(2024, 1, 1)))
    Posting.objects.create(**sent, unit=province.neighbour, valid=DateRange(END, date(2024, 1, 1)))


def test_a_secondment_has_an_end(province):
    with pytest.raises(IntegrityError, match="secondment_has_an_end"), transaction.atomic():
        PostingFactory(unit=province.first, position=province.clerk, kind="secondment", valid_from=START)


def test_secondary_postings_may_overlap_for_a_merger_may_bring_them_together(province):
    person = PersonFactory()
    for _ in range(2):
        PostingFactory(person=person, unit=province.first, position=province.clerk, kind="secondary")
    assert person.postings.count() == 2


CHAIR: Values = {**AN, "unit_code": "AB-02", "position": "chair", "from": "2022-01-01", "posting_kind": "kiêm nhiệm"}
SENT: Values = {**CHAIR, "posting_kind": "Biệt phái", "to": "2022-12-31"}


def bring(*rows: Values, write=csv_file, scope: list[Unit] | None = None) -> tuple[dict[str, int], list[tuple]]:
    """Check a file and, when nothing is wrong, write it; what it counts, and what is wrong."""
    with translation.override("en"):
        plan = plan_import(write(rows), "staff", scope=scope)
    if not plan.problems:
        apply_import(plan)
    counts = {name: count for name, count in plan.counts.items() if count}
    return counts, [(each.row, each.column, each.message) for each in plan.problems]


def held() -> list[tuple[str, str, date, date | None]]:
    rows = Posting.objects.order_by("kind", "valid").values_list("kind", "unit__code", "valid")
    return [(kind, code, valid.lower, valid.upper) for kind, code, valid in rows]


@pytest.mark.parametrize("write", [csv_file, xlsx_file])
def test_a_file_brings_further_postings_once(province, write):
    rows = [{**AN, "posting_kind": ""}, CHAIR, SENT]
    assert bring(*rows, write=write) == ({"people_created": 1, "postings_created": 3}, [])
    assert held() == [
        ("primary", "AB-01", date(2020, 1, 1), None),
        ("secondary", "AB-02", START, None),
        ("secondment", "AB-02", START, END),
    ]
    assert bring(*rows, write=write) == ({"postings_unchanged": 3}, [])
    assert len(held()) == 3


@pytest.mark.parametrize("word", ["secondary", "Kiem nhiem", "KIÊM NHIỆM"])
def test_kinds_are_known_by_words_of_both_languages(province, word):
    bring(AN)
    assert bring({**CHAIR, "posting_kind": word}) == ({"postings_created": 1}, [])
    assert [row[0] for row in held()] == ["primary", "secondary"]


@pytest.mark.parametrize("word", ["primary", "Chính", "chính thức", ""])
def test_a_primary_posting_may_be_called_so(province, word):
    assert bring({**AN, "posting_kind": word}) == ({"people_created": 1, "postings_created": 1}, [])
    assert held() == [("primary", "AB-01", date(2020, 1, 1), None)]


def test_an_end_that_comes_later_ends_the_posting_that_is_known(province):
    bring(AN, CHAIR)
    assert bring({**CHAIR, "to": "2022-06-30"}) == ({"postings_changed": 1}, [])
    assert held()[1] == ("secondary", "AB-02", START, date(2022, 7, 1))


def test_who_leaves_by_file_leaves_further_postings_of_which_it_does_not_speak(province):
    person = PostingFactory(
        person=PersonFactory(employee_code="NV1"), unit=province.first, position=province.clerk
    ).person
    elsewhere = {"person": person, "unit": province.neighbour, "kind": "secondary"}
    PostingFactory(**elsewhere)
    PostingFactory(**elsewhere, valid_to=START)
    left = {**AN, "full_name": "", "to": "2022-12-31"}
    assert bring(left, scope=[province.top]) == ({"postings_changed": 2}, [])
    first = date(2020, 1, 1)
    assert held() == [
        ("primary", "AB-01", first, END),
        ("secondary", "BM", first, START),
        ("secondary", "BM", first, END),
    ]
    assert bring(left) == ({"postings_unchanged": 1}, [])


def test_whoever_moves_by_file_keeps_further_postings(province):
    bring(AN, CHAIR)
    moved = {**AN, "position": "chair", "from": "2023-01-01"}
    assert bring({**AN, "to": "2022-12-31"}, moved)[1] == []
    assert held()[-1] == ("secondary", "AB-02", START, None)


def test_a_further_posting_to_come_keeps_a_file_from_letting_its_person_go(province):
    bring(AN, {**CHAIR, "from": "2023-06-01"})
    assert bring({**AN, "to": "2022-12-31"})[1] == [
        (2, "to", "The posting in unit AB-02 from 01/06/2023 on would be without a primary one. Take it back first.")
    ]


def test_a_secondment_ends_where_a_file_makes_its_unit_the_home(province):
    bring(AN, SENT)
    at_home = {**AN, "unit_code": "AB-02", "from": "2022-07-01"}
    left = {**AN, "to": "2022-06-30"}
    assert bring(left, at_home, SENT)[1] == [
        (3, "unit_code", "The person is seconded to unit AB-02 until 31/12/2022: end that before.")
    ]
    assert bring(left, at_home)[1] == []
    assert held()[-1] == ("secondment", "AB-02", START, date(2022, 7, 1))


@pytest.mark.parametrize(
    ("row", "column", "message"),
    [
        (
            {**CHAIR, "posting_kind": "thực tập"},
            "posting_kind",
            "“thực tập” is not a kind of posting. Use one of: chính thức, kiêm nhiệm, biệt phái.",
        ),
        ({**SENT, "to": ""}, "to", "A secondment ends: give its last day."),
        (
            {**CHAIR, "from": "2019-01-01", "to": "2019-06-30"},
            "from",
            "On its first day the person has no primary posting: a further posting needs one.",
        ),
        (
            {**SENT, "unit_code": "AB-01", "from": "2024-01-01", "to": "2024-12-31"},
            "unit_code",
            "The person's primary posting is in unit AB-01 on that day: nobody is seconded there.",
        ),
        ({**CHAIR, "from": "2023-01-01"}, "from", "The person already holds this secondary post since 01/01/2022."),
        (
            {**SENT, "from": "2022-06-01", "to": "2023-05-31"},
            "from",
            "The secondment overlaps the one in unit AB-02 since 01/01/2022.",
        ),
    ],
)
def test_what_cannot_be_is_told_by_row_and_column(province, row, column, message):
    assert bring(AN, CHAIR, SENT)[1] == []
    assert bring(AN, row)[1] == [(3, column, message)]
    assert bring(AN, CHAIR, SENT, row)[1] == [(5, column, message)]
    assert len(held()) == 3


def test_the_home_unit_says_who_holds_further_postings(province):
    stranger = PostingFactory(unit=province.neighbour, position=province.clerk, person__employee_code="BM1")
    row = {**CHAIR, "employee_code": "BM1", "full_name": stranger.person.full_name}
    assert [found[1] for found in bring(row, scope=[province.top])[1]] == ["employee_code"]
    bring(AN)
    Posting.objects.create(
        person_id=Posting.objects.exclude(pk=stranger.pk).get().person_id,
        unit=province.neighbour,
        position=province.chair,
        kind="secondary",
        valid=DateRange(START, None),
    )
    # What is held elsewhere takes nobody out of their home's hands.
    assert bring(CHAIR, scope=[province.top])[1] == []
