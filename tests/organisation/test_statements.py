"""Statements that libpq runs by itself: the values and errors that Django would have given, prepared once."""

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction

from organisation.api import fetch_all_prepared, fetch_prepared, run_prepared
from organisation.models import Unit
from tests.factories.organisation import UnitFactory

pytestmark = pytest.mark.django_db(transaction=True)

ADD = "INSERT INTO organisation_unit (code, created_at) VALUES (%(code)s, now())"
PREPARED = "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'thang%%' AND statement LIKE %(part)s"


def test_rows_are_counted_and_fetched():
    assert run_prepared(ADD, {"code": "A"}) == 1
    assert run_prepared("UPDATE organisation_unit SET code = 'B' WHERE code = %(code)s", {"code": "none"}) == 0
    assert fetch_all_prepared("SELECT code FROM organisation_unit WHERE code = %(code)s", {"code": "A"}) == [("A",)]


def test_a_value_stands_wherever_its_name_does_and_two_signs_are_one():
    text = "SELECT %(word)s::text, 7 %% 4, %(word)s::text || '%%'"
    assert fetch_prepared(text, {"word": "%(word)s"}) == ("%(word)s", 3, "%(word)s%")


def test_whole_numbers_of_any_width_share_one_statement():
    text = "SELECT %(number)s + 0 AS any_width"
    widths = [1, 2**15, 2**31, 2**62]
    assert [fetch_prepared(text, {"number": number}) for number in widths] == [(number,) for number in widths]
    assert fetch_prepared(PREPARED, {"part": "%any_width"}) == (1,)


def test_control_values_of_two_types_are_prepared_apart():
    text = "SELECT %(value)s::text AS any_type"
    assert [fetch_prepared(text, {"value": value}) for value in (1, True)] == [("1",), ("true",)]
    assert fetch_prepared(PREPARED, {"part": "%any_type"}) == (2,)


def test_errors_are_those_of_django_and_leave_the_connection_of_use():
    UnitFactory(code="TAKEN")
    with pytest.raises(IntegrityError, match="organisation_unit_code"):
        run_prepared(ADD, {"code": "TAKEN"})
    with pytest.raises(DatabaseError, match="not_there"):
        fetch_prepared("SELECT not_there FROM organisation_unit", {})
    assert fetch_prepared("SELECT 1", {}) == (1,)


def test_what_a_transaction_takes_back_is_gone():
    with pytest.raises(LookupError), transaction.atomic():
        run_prepared(ADD, {"code": "GONE"})
        raise LookupError
    with transaction.atomic():
        run_prepared(ADD, {"code": "KEPT"})
    assert set(Unit.objects.filter(code__in=["GONE", "KEPT"]).values_list("code", flat=True)) == {"KEPT"}


def test_an_error_spoils_its_transaction_alone():
    UnitFactory(code="TAKEN")
    with transaction.atomic():
        with pytest.raises(IntegrityError), transaction.atomic():
            run_prepared(ADD, {"code": "TAKEN"})
        run_prepared(ADD, {"code": "FREE"})
    assert Unit.objects.filter(code="FREE").exists()


def test_a_lost_connection_is_said_and_the_next_one_prepares_anew():
    fetch_prepared("SELECT 1", {})
    end_own_server()
    with pytest.raises(OperationalError):
        fetch_prepared("SELECT 1", {})
    connection.close()
    assert fetch_prepared("SELECT 1", {}) == (1,)


def test_a_connection_is_usable_until_its_server_ends():
    connection.ensure_connection()
    assert connection.is_usable()
    end_own_server()
    assert not connection.is_usable()
    connection.close()


def end_own_server() -> None:
    """End the server's side of the connection, from another one, and wait until it has gone."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])
            assert cursor.fetchone() == (True,)
    finally:
        other.close()
