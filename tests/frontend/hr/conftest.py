"""A province with wards, people and estimates, and an HR officer over it."""

import pytest

from organisation.models import Position, Unit, User
from reports.api import publish_figures, rebuild_cells
from tests.factories.organisation import PositionFactory, PositionGroupFactory, RoleGrantFactory, UnitFactory
from tests.factories.reports import make_competencies, require, staff


@pytest.fixture
def competencies(db):
    return make_competencies(2)


@pytest.fixture
def desk(competencies) -> Position:
    """A position of the group `desk` that requires both competencies."""
    group = PositionGroupFactory(code="desk", name_vi="Một cửa", name_en="Front desk")
    position: Position = PositionFactory(group=group, name_vi="Công chức một cửa", name_en="One-stop officer")
    require(position, dict(zip(competencies, (4, 6), strict=True)))
    return position


@pytest.fixture
def province(competencies, desk) -> Unit:
    """Four wards of 9, 12, 2 and 6 people, all assessed in the first competency and nobody in the second."""
    province: Unit = UnitFactory(code="P", kind="province", name_vi="Tỉnh An Bình", name_en="An Binh Province")
    for code, name, count in (("A", "Phường Ánh", 9), ("B", "Phường Bình", 12), ("C", "Xã Cam", 2), ("D", "Xã Dừa", 6)):
        ward = UnitFactory(code=code, parent=province, name_vi=name, name_en=f"Ward {code}")
        staff(ward, desk, competencies[0], count, mean=-1.2 if code == "B" else 0.9)
    rebuild_cells()
    publish_figures()
    return province


@pytest.fixture
def officer(client, province) -> User:
    """Signed in; may see people, and so live figures."""
    user: User = RoleGrantFactory(role="hr", unit=province, sees_people=True).user
    client.force_login(user)
    return user


@pytest.fixture(params=["hr without people", "hr elsewhere", "admin"])
def stranger(client, province, request) -> User:
    """Signed in; one of those who may not see the province's people."""
    grants = {
        "hr without people": {"role": "hr", "unit": province},
        "hr elsewhere": {"role": "hr", "unit": UnitFactory(), "sees_people": True},
        "admin": {"role": "admin"},
    }
    user: User = RoleGrantFactory(**grants[request.param]).user
    client.force_login(user)
    return user


@pytest.fixture
def hr(client, province) -> User:
    """Signed in; may not see people."""
    user: User = RoleGrantFactory(role="hr", unit=province).user
    client.force_login(user)
    return user
