"""Units over time: the operations, and what the database refuses whoever writes."""

import threading
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from organisation.api import change_unit, create_unit, find_unit, is_within, unit_tree
from organisation.domain.units import unit_version
from organisation.models import Unit, UnitVersion
from tests.factories.organisation import UnitFactory

pytestmark = pytest.mark.django_db

NFD_NAME = "Xa\u0303  Hòa Bi\u0300nh "  # decomposed letters, stray spaces


def put_under(
    unit: Unit, parent: Unit | None, *, valid_from: date = date(2020, 1, 1), valid_to: date | None = None
) -> None:
    """Write a version past every check of the domain, as a careless program would."""
    unit_version(unit, name_vi="Tên", kind="office", parent=parent, valid_from=valid_from, valid_to=valid_to).save(
        force_insert=True
    )


def test_create_unit_fills_names_and_keys():
    unit = create_unit(" AB-01 ", name_vi=NFD_NAME, kind="commune")
    version = unit.versions.get()
    assert (unit.code, version.name_vi, version.name_en) == ("AB-01", "Xã Hòa Bình", "Hoa Binh Commune")
    assert (version.sort_key, version.search_key) == ("eA.4 LSA.2 DMRL.2", "xa hoa binh hoa binh commune")
    assert version.valid == DateRange(date(2000, 1, 1), None)


def test_create_unit_leaves_nothing_when_its_version_is_refused():
    with pytest.raises(IntegrityError), transaction.atomic():
        create_unit("AB", name_vi="A", kind="office", valid_from=date(2020, 1, 1), valid_to=date(2020, 1, 1))
    assert Unit.objects.count() == 0


def test_change_unit_closes_one_version_and_opens_the_next():
    unit = UnitFactory(name_vi="Xã Cũ", valid_from=date(2010, 1, 1))
    change_unit(unit, from_day=date(2020, 1, 1), name_vi="Phường Mới")
    versions = unit.versions.order_by("valid").values_list("name_vi", "name_en", "valid")
    assert list(versions) == [
        ("Xã Cũ", "Cu Commune", DateRange(date(2010, 1, 1), date(2020, 1, 1))),
        ("Phường Mới", "Moi Ward", DateRange(date(2020, 1, 1), None)),
    ]


def test_change_unit_on_the_first_day_of_a_version_changes_that_version():
    unit = UnitFactory(valid_from=date(2010, 1, 1))
    change_unit(unit, from_day=date(2010, 1, 1), name_vi="Xã Khác", name_en="Another")
    assert unit.versions.get().name_en == "Another"


def test_change_unit_keeps_what_is_not_given():
    parent = UnitFactory()
    unit = UnitFactory(name_vi="Xã A", name_en="The A", parent=parent)
    version = change_unit(unit, from_day=date(2020, 1, 1), kind="office")
    assert (version.name_vi, version.name_en, version.kind, version.parent) == ("Xã A", "The A", "office", parent)


def test_change_unit_refuses_a_day_without_a_version():
    unit = UnitFactory(valid_from=date(2010, 1, 1), valid_to=date(2020, 1, 1))
    with pytest.raises(ValidationError):
        change_unit(unit, from_day=date(2020, 1, 1), name_vi="Xã B")


def test_change_unit_refuses_a_parent_from_below():
    top = UnitFactory()
    middle = UnitFactory(parent=top)
    bottom = UnitFactory(parent=middle)
    with pytest.raises(ValidationError):
        change_unit(top, from_day=date(2020, 1, 1), parent=bottom)
    with pytest.raises(ValidationError):
        change_unit(top, from_day=date(2020, 1, 1), parent=top)


def test_unit_tree_shows_the_structure_of_the_day():
    old, new = UnitFactory(code="OLD"), UnitFactory(code="NEW")
    unit = UnitFactory(parent=old)
    change_unit(unit, from_day=date(2025, 7, 1), parent=new)
    assert [node.code for node in unit_tree(date(2025, 6, 30)).ancestors(unit.pk)] == ["OLD"]
    assert [node.code for node in unit_tree(date(2025, 7, 1)).ancestors(unit.pk)] == ["NEW"]
    assert is_within(unit.pk, [old.pk], date(2025, 6, 30))
    assert not is_within(unit.pk, [old.pk], date(2025, 7, 1))


def test_unit_tree_orders_children_the_vietnamese_way():
    parent = UnitFactory()
    for name in ["Quận 10", "Quận Đống Đa", "Quận 2", "Quận Dương Kinh", "Quận Ba Đình"]:
        UnitFactory(name_vi=name, parent=parent)
    assert [node.name_vi for node in unit_tree().children(parent.pk)] == [
        "Quận 2",
        "Quận 10",
        "Quận Ba Đình",
        "Quận Dương Kinh",
        "Quận Đống Đa",
    ]


def test_find_unit_knows_units_by_the_day():
    unit = UnitFactory(code="AB", valid_to=date(2025, 7, 1))
    assert find_unit("AB", date(2025, 6, 30)) == unit
    assert find_unit("AB", date(2025, 7, 1)) is None


# --- what the database refuses --------------------------------------------------------------------------------------


def refused_by(constraint: str) -> pytest.RaisesExc[IntegrityError]:
    return pytest.raises(IntegrityError, match=constraint)


def test_database_refuses_overlapping_versions():
    unit, parent = UnitFactory(valid_from=date(2000, 1, 1), valid_to=date(2020, 1, 2)), UnitFactory()
    with refused_by("unit_version_no_overlap"), transaction.atomic():
        put_under(unit, parent, valid_from=date(2020, 1, 1))
    put_under(unit, parent, valid_from=date(2020, 1, 2))
    assert unit.versions.count() == 2


def test_database_refuses_an_empty_version():
    unit, parent = UnitFactory(valid_to=date(2020, 1, 1)), UnitFactory()
    with refused_by("unit_version_not_empty"), transaction.atomic():
        put_under(unit, parent, valid_from=date(2021, 1, 1), valid_to=date(2021, 1, 1))


def check_now() -> None:
    """Let the database check what it leaves to the end of a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def test_database_refuses_a_day_left_out_between_two_versions():
    unit = UnitFactory(valid_to=date(2020, 1, 1))
    with refused_by("unit_version_no_gap|leave no day out"), transaction.atomic():
        put_under(unit, None, valid_from=date(2020, 1, 2))
        check_now()
    put_under(unit, None, valid_from=date(2020, 1, 1))
    check_now()


@pytest.mark.parametrize("field", ["valid_from", "valid_to"])
def test_database_refuses_a_parent_that_is_not_in_force_on_each_day(field):
    parent = UnitFactory(valid_from=date(2010, 1, 1), valid_to=date(2030, 1, 1))
    dates = {"valid_from": date(2010, 1, 1), "valid_to": date(2030, 1, 1)}
    with refused_by("parent_in_force"), transaction.atomic():
        UnitFactory(parent=parent, **dates | {field: date(2009, 12, 31) if field == "valid_from" else date(2030, 1, 2)})
        check_now()
    UnitFactory(parent=parent, **dates)
    check_now()


def test_database_refuses_to_end_a_unit_that_has_units_below_it():
    parent = UnitFactory()
    UnitFactory(parent=parent)
    with refused_by("parent_in_force"), transaction.atomic():
        parent.versions.update(valid=DateRange(date(2000, 1, 1), date(2025, 7, 1)))
        check_now()


def test_database_refuses_a_unit_under_itself():
    unit = UnitFactory(valid_to=date(2020, 1, 1))
    with refused_by("unit_not_its_own_parent"), transaction.atomic():
        put_under(unit, unit)


def test_database_refuses_a_second_unit_of_the_same_code():
    UnitFactory(code="AB")
    with pytest.raises(IntegrityError), transaction.atomic():
        UnitFactory(code="AB")


@pytest.mark.parametrize("length", [2, 3, 7])
def test_database_refuses_a_cycle_by_update(length):
    units = [UnitFactory()]
    for _ in range(length - 1):
        units.append(UnitFactory(parent=units[-1]))
    with refused_by("lie under itself"), transaction.atomic():
        UnitVersion.objects.filter(unit=units[0]).update(parent=units[-1])


def test_database_refuses_a_cycle_inserted_in_one_statement():
    first, second, third = (Unit.objects.create(code=code) for code in "ABC")
    ring = [(first, second), (second, third), (third, first)]
    with refused_by("lie under itself"), transaction.atomic():
        UnitVersion.objects.bulk_create(
            unit_version(unit, name_vi="Tên", kind="office", parent=parent, valid_from=date(2020, 1, 1))
            for unit, parent in ring
        )


def test_database_refuses_a_cycle_that_holds_for_one_day_only():
    above, below = UnitFactory(valid_to=date(2021, 12, 31)), UnitFactory(valid_to=date(2020, 1, 1))
    put_under(below, above, valid_from=date(2020, 1, 1), valid_to=date(2022, 1, 1))
    with refused_by("lie under itself"), transaction.atomic():
        put_under(above, below, valid_from=date(2021, 12, 31))
    put_under(above, None, valid_from=date(2021, 12, 31))
    assert above.versions.count() == 2


def test_database_allows_two_units_to_change_places_over_time():
    above, below = UnitFactory(valid_to=date(2022, 1, 1)), UnitFactory(valid_to=date(2020, 1, 1))
    put_under(below, above, valid_from=date(2020, 1, 1), valid_to=date(2022, 1, 1))
    put_under(below, None, valid_from=date(2022, 1, 1))
    put_under(above, below, valid_from=date(2022, 1, 1))
    assert [node.pk for node in unit_tree(date(2023, 1, 1)).ancestors(above.pk)] == [below.pk]


@pytest.mark.django_db(transaction=True)
def test_database_refuses_a_cycle_made_by_two_transactions_at_once():
    first, second = UnitFactory(), UnitFactory()
    wrote_first = threading.Event()
    outcome: list[str] = []

    def write_other_half() -> None:
        wrote_first.wait(timeout=10)
        try:
            second.versions.update(parent=first)
            outcome.append("written")
        except IntegrityError:
            outcome.append("refused")
        finally:
            connection.close()

    thread = threading.Thread(target=write_other_half)
    thread.start()
    with transaction.atomic():
        first.versions.update(parent=second)
        wrote_first.set()
        thread.join(timeout=1)
        assert thread.is_alive()  # it waits for this transaction
    thread.join(timeout=10)
    assert outcome == ["refused"]
