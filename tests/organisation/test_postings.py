"""People and their dated postings: the operations, the news of them, and what the database refuses."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from organisation.api import create_person, create_posting, end_posting, move_person, posting_of
from organisation.domain.people import rename_person
from organisation.models import Person, Posting
from tests.factories.organisation import PersonFactory, PositionFactory, PostingFactory, UnitFactory

pytestmark = pytest.mark.django_db


def test_create_person_fills_name_and_keys():
    person = create_person(" NV1 ", "Nguye\u0302\u0303n  Thi\u0323 Hồng Ánh", gender="f", birth_date=date(1990, 5, 1))
    assert (person.employee_code, person.full_name) == ("NV1", "Nguyễn Thị Hồng Ánh")
    assert person.search_key == "nguyen thi hong anh"
    assert person.sort_key.split(" ")[0] == "ARL.5"


def test_rename_person_moves_them_in_the_order():
    an, binh = PersonFactory(full_name="Trần Văn An"), PersonFactory(full_name="Lê Thị Bình")
    rename_person(an, "Trần Văn Yên")
    assert list(Person.objects.all()) == [binh, an]


def test_database_refuses_a_second_person_of_the_same_employee_code():
    PersonFactory(employee_code="NV1")
    with pytest.raises(IntegrityError), transaction.atomic():
        PersonFactory(employee_code="NV1")


def test_create_posting_tells_after_commit(news, django_capture_on_commit_callbacks):
    person, unit, position = PersonFactory(), UnitFactory(), PositionFactory()
    with django_capture_on_commit_callbacks() as callbacks:
        create_posting(person, unit, position, valid_from=date(2020, 1, 1))
    assert news == []
    for callback in callbacks:
        callback()
    assert news == [[person.pk]]


def test_refused_posting_tells_nothing(news, django_capture_on_commit_callbacks):
    posting = PostingFactory()
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(IntegrityError), transaction.atomic():
        create_posting(posting.person, posting.unit, posting.position, valid_from=date(2021, 1, 1))
    assert news == []


def test_end_posting_frees_the_day_it_names(news, django_capture_on_commit_callbacks):
    posting = PostingFactory(valid_from=date(2020, 1, 1))
    with django_capture_on_commit_callbacks(execute=True):
        end_posting(posting, date(2022, 3, 1))
    assert posting_of(posting.person, date(2022, 2, 28)) == posting
    assert posting_of(posting.person, date(2022, 3, 1)) is None
    assert news == [[posting.person.pk]]


@pytest.mark.parametrize("day", [date(2019, 12, 31), date(2020, 1, 1)])
def test_end_posting_refuses_a_day_before_the_posting(day):
    posting = PostingFactory(valid_from=date(2020, 1, 1))
    with pytest.raises(ValidationError):
        end_posting(posting, day)
    posting.refresh_from_db()
    assert posting.valid == DateRange(date(2020, 1, 1), None)


def test_move_person_leaves_one_posting_on_every_day():
    posting = PostingFactory(valid_from=date(2020, 1, 1), valid_to=date(2030, 1, 1))
    moved = move_person(posting.person, UnitFactory(), posting.position, day=date(2024, 1, 1))
    assert list(Posting.objects.order_by("valid").values_list("pk", "valid")) == [
        (posting.pk, DateRange(date(2020, 1, 1), date(2024, 1, 1))),
        (moved.pk, DateRange(date(2024, 1, 1), date(2030, 1, 1))),
    ]


def test_move_person_on_the_first_day_replaces_the_posting():
    posting = PostingFactory(valid_from=date(2024, 1, 1))
    moved = move_person(posting.person, UnitFactory(), posting.position, day=date(2024, 1, 1))
    assert Posting.objects.get() == moved


def check_now() -> None:
    """Let the database check what it leaves to the end of a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


# --- what the database refuses --------------------------------------------------------------------------------------


def test_database_refuses_overlapping_primary_postings():
    posting = PostingFactory(valid_from=date(2020, 1, 1), valid_to=date(2022, 1, 1))
    with pytest.raises(IntegrityError, match="one_primary_posting_at_a_time"), transaction.atomic():
        PostingFactory(person=posting.person, valid_from=date(2021, 12, 31))
    PostingFactory(person=posting.person, valid_from=date(2022, 1, 1))
    assert posting.person.postings.count() == 2


def test_database_allows_a_secondary_posting_beside_the_primary():
    posting = PostingFactory()
    PostingFactory(person=posting.person, kind="secondary")
    assert posting_of(posting.person, date(2024, 1, 1)) == posting


@pytest.mark.parametrize("valid_to", [date(2020, 1, 2), None])
def test_database_refuses_a_posting_that_outlasts_its_unit(valid_to):
    unit = UnitFactory(valid_from=date(2010, 1, 1), valid_to=date(2020, 1, 1))
    with pytest.raises(IntegrityError, match="no longer than its unit"), transaction.atomic():
        PostingFactory(unit=unit, valid_from=date(2009, 1, 1), valid_to=valid_to)
        check_now()
    PostingFactory(unit=unit, valid_from=date(2009, 1, 1), valid_to=date(2020, 1, 1))
    check_now()


def test_database_refuses_to_end_a_unit_in_which_somebody_works():
    posting = PostingFactory()
    with pytest.raises(IntegrityError, match="no longer than its unit"), transaction.atomic():
        posting.unit.versions.update(valid=DateRange(date(2000, 1, 1), date(2025, 7, 1)))
        check_now()


def test_database_refuses_an_empty_posting():
    with pytest.raises(IntegrityError, match="posting_not_empty"), transaction.atomic():
        PostingFactory(valid_from=date(2020, 1, 1), valid_to=date(2020, 1, 1))
