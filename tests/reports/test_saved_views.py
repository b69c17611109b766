"""Views that HR keeps: who finds them, and where they lead."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from organisation.api import change_unit, today, undo_reorganisation
from organisation.models import RoleGrant, Unit, User
from organisation.reorganising.steps import Dissolve, Merge
from reports.api import delete_view, find_view, save_view, share_view, views_for
from reports.domain.saved_views import Destination, places_of
from reports.models import SavedView
from tests.factories.organisation import RoleGrantFactory, UnitFactory, UserFactory
from tests.organisation.reorganising import applied, new

pytestmark = pytest.mark.django_db
QUERY = {"kind": "commune", "sort": "name", "group": "desk", "structure": "2026-01-31"}


def officer(unit: Unit | None, *, sees_people: bool = False, role: str = "hr") -> User:
    user: User = RoleGrantFactory(role=role, unit=unit, sees_people=sees_people).user
    return user


@pytest.fixture
def province(db) -> Unit:
    """T with the wards A and B."""
    top: Unit = UnitFactory(code="T", kind="province")
    for code in "AB":
        UnitFactory(code=code, parent=top)
    return top


def ward(code: str) -> Unit:
    return Unit.objects.get(code=code)


def found_by(user: User) -> list[tuple[str, str | None]]:
    return [(each.view.name, each.place.unit.code if each.place else None) for each in views_for(user)]


def leads_to(user: User, view: SavedView) -> Destination | None:
    found = find_view(user, view.pk)
    return found[1] if found else None


def test_a_view_keeps_what_a_units_page_can_be_asked(province):
    view = save_view(
        officer(province), province, "  Tháng  1 ", {**QUERY, "stamp": "x", "trend": "", "competence": "9" * 61}
    )
    assert (view.name, view.unit, view.query, view.is_shared) == ("Tháng 1", province, QUERY, False)
    assert save_view(view.owner, province, "B", {"sort": "\0"}).query == {}


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "Tháng 1"])
def test_a_view_needs_a_name_of_its_own(province, name):
    owner = officer(province)
    save_view(owner, province, "Tháng 1", {})
    with pytest.raises(ValidationError):
        save_view(owner, province, name, {})
    assert save_view(officer(province), province, "Tháng 1", {}).query == {}  # another's may be called so


@pytest.mark.parametrize("name", ["", "Tháng 1"])
def test_the_database_refuses_a_second_or_empty_name(province, name):
    owner = officer(province)
    save_view(owner, province, "Tháng 1", {})
    with pytest.raises(IntegrityError), transaction.atomic():
        SavedView.objects.create(owner=owner, unit=province, name=name)


def test_a_shared_view_is_found_by_hr_of_the_unit_and_above_alone(province):
    owner = officer(ward("A"))
    own = save_view(owner, ward("A"), "riêng", QUERY)
    shared = save_view(owner, ward("A"), "chung", QUERY, share=True)
    for user, names in (
        (owner, [("chung", "A"), ("riêng", "A")]),
        (officer(ward("A")), [("chung", "A")]),
        (officer(province), [("chung", "A")]),
        (officer(None, role="admin"), [("chung", "A")]),
        (officer(ward("B")), []),
        (officer(UnitFactory(parent=ward("A"))), []),
        (officer(None, role="trainer"), []),
        (UserFactory(), []),
    ):
        assert found_by(user) == names
        assert [find_view(user, view.pk) is not None for view in (shared, own)] == [
            ("chung", "A") in names,
            ("riêng", "A") in names,
        ]
    share_view(shared, False)
    assert found_by(officer(province)) == []


def test_an_own_view_out_of_scope_can_still_be_deleted(province):
    owner = officer(ward("A"))
    view = save_view(owner, ward("A"), "A", {}, share=True)
    RoleGrant.objects.filter(user=owner).update(unit=ward("B"))
    assert (found_by(owner), find_view(owner, view.pk)) == ([("A", None)], (view, None))
    delete_view(view)
    assert found_by(owner) == []


def test_a_view_on_a_merged_unit_leads_to_its_successor(province):
    owner, neighbour = officer(province), officer(province)
    view = save_view(owner, ward("A"), "A", {"sort": "name"}, share=True)
    made = applied(Merge(("A", "B"), "N", new("N", "T")))
    expected = Destination(ward("N"), {"sort": "name"}, moved=True, dropped=False)
    for user in (owner, neighbour):
        assert (found_by(user), find_view(user, view.pk)) == ([("A", "N")], (view, expected))
    undo_reorganisation(made.pk, actor=UserFactory())
    assert (found_by(owner), leads_to(owner, view).unit) == ([("A", "A")], ward("A"))


def test_a_view_follows_one_reorganisation_after_another(province):
    UnitFactory(code="C", parent=province)
    a, b, c = (ward(code).pk for code in "ABC")
    applied(Merge(("A", "B"), "N", new("N", "T")), day=today() - timedelta(days=2))
    applied(Merge(("N", "C"), "M", new("M", "T")), day=today() - timedelta(days=1))
    m = ward("M").pk
    assert places_of([a, b, c, m]) == dict.fromkeys([a, b, c, m], m)
    applied(Dissolve("M", "T"), day=today())
    assert places_of([a, m, province.pk]) == dict.fromkeys([a, m, province.pk], province.pk)


def test_parts_for_those_who_see_people_are_left_out_for_others(province):
    past = (today() - timedelta(days=1)).isoformat()
    view = save_view(officer(province), province, "T", {**QUERY, "structure": past}, share=True)
    sees, does_not = officer(province, sees_people=True), officer(province)
    assert leads_to(sees, view) == Destination(province, {**QUERY, "structure": past}, False, False)
    assert leads_to(does_not, view) == Destination(
        province, {"kind": "commune", "sort": "name"}, moved=False, dropped=True
    )


def test_a_view_of_a_past_structure_leads_to_the_unit_as_it_was(province):
    past = (today() - timedelta(days=1)).isoformat()
    user = officer(province, sees_people=True)
    view = save_view(user, ward("A"), "A", {"structure": past})
    applied(Merge(("A", "B"), "N", new("N", "T")), day=today())
    assert leads_to(user, view) == Destination(ward("A"), {"structure": past}, False, False)


def test_scope_is_that_of_today(province):
    elsewhere = UnitFactory(code="Z", kind="province")
    save_view(officer(province), ward("A"), "A", {}, share=True)
    change_unit(ward("A"), from_day=today(), parent=elsewhere)
    assert (found_by(officer(province)), found_by(officer(elsewhere))) == ([], [("A", "A")])


@pytest.mark.parametrize("count", [1, 30])
def test_any_number_of_views_takes_the_same_queries(province, count, django_assert_num_queries):
    owner = officer(province)
    for number in range(count):
        save_view(owner, UnitFactory(parent=province), f"{number}", {}, share=True)
        save_view(officer(province), UnitFactory(parent=province), "A", {}, share=True)
    user = officer(province)
    with django_assert_num_queries(9):
        assert len(found_by(user)) == 2 * count
