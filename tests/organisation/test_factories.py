"""The factories that every room's tests use."""

import pytest

from organisation.api import posting_of, roles_of, today, unit_tree
from tests.factories.organisation import (
    PASSWORD,
    PersonFactory,
    PostingFactory,
    RoleGrantFactory,
    UnitFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def test_unit_factory_places_a_unit_under_its_parent():
    province = UnitFactory(code="AB", name_vi="Tỉnh An Bình", kind="province")
    commune = UnitFactory(code="AB-01", name_vi="Xã Hoà Bình", parent=province)
    tree = unit_tree()
    assert [node.code for node in tree.ancestors(commune.pk)] == ["AB"]
    assert tree.nodes[commune.pk].name_en == "Hoa Binh Commune"


def test_posting_factory_gives_a_posting_in_force():
    posting = PostingFactory()
    assert posting_of(posting.person, today()) == posting


def test_user_factory_makes_an_account_that_can_sign_in():
    user = UserFactory()
    assert user.check_password(PASSWORD)
    assert roles_of(user) == set()


def test_role_grant_factory_gives_the_role_beside_the_learners():
    grant = RoleGrantFactory(role="hr", unit=UnitFactory())
    PersonFactory(user=grant.user)
    assert roles_of(grant.user) == {"hr", "learner"}
