"""GET /api/v1/reports/gaps/."""

import pytest

from organisation.api import issue_token
from organisation.models import AuditEvent, User
from reports.api import publish_figures, rebuild_cells
from tests.factories.organisation import (
    PersonFactory,
    PositionGroupFactory,
    RoleGrantFactory,
    UnitFactory,
    UserFactory,
)
from tests.factories.reports import make_competencies, make_position, staff

pytestmark = pytest.mark.django_db
GAPS = "/api/v1/reports/gaps/"


def bearer(user: User) -> dict[str, str]:
    return {"authorization": f"Bearer {issue_token(user, 'test')}"}


@pytest.fixture
def province():
    """A province with two wards, of nine people and of two, and an HR officer over it."""
    province = UnitFactory(code="P", kind="province", name_vi="Tỉnh P", name_en="Province P")
    (competency,) = make_competencies(1)
    group = PositionGroupFactory(code="desk")
    position = make_position({competency: 4}, group=group)
    staff(UnitFactory(code="A", parent=province, name_vi="Phường A"), position, competency, 9, assessed=8)
    staff(UnitFactory(code="B", parent=province, name_vi="Xã B"), position, competency, 2)
    staff(UnitFactory(code="C", parent=province, name_vi="Xã C"), position, competency, 14, assessed=14)
    rebuild_cells()
    return province


@pytest.fixture
def hr(province):
    return RoleGrantFactory(role="hr", unit=province, sees_people=True).user


def test_report_has_the_agreed_shape(client, hr):
    data = client.get(GAPS, {"unit": "P"}, headers=bearer(hr)).json()
    assert set(data) == {
        "unit",
        "position_group",
        "threshold",
        "published",
        "folded_at",
        "competencies",
        "children",
        "own",
    }
    assert data["unit"] == {"code": "P", "name_vi": "Tỉnh P", "name_en": "Province P", "kind": "province"}
    assert (data["threshold"], data["position_group"]) == (5, None)
    (gap,) = data["competencies"]
    assert (gap["code"], gap["required"], gap["assessed"], gap["suppressed"]) == ("1.1", 25, 24, False)
    assert set(gap["below"]) == {"estimate", "low", "high"}
    assert 0 <= gap["below"]["low"] <= gap["below"]["estimate"] <= gap["below"]["high"] <= 1
    assert (len(gap["levels"]), sum(gap["levels"])) == (8, pytest.approx(24, abs=1e-4))
    assert {child["unit"]["code"] for child in data["children"]} == {"A", "B", "C"}
    assert data["own"]["competencies"][0]["required"] == 0


def test_suppressed_cells_are_null_in_every_figure(client, hr):
    data = client.get(GAPS, {"unit": "P"}, headers=bearer(hr)).json()
    cells = {child["unit"]["code"]: child["competencies"][0] for child in data["children"]}
    nothing = dict.fromkeys(["required", "assessed", "below", "shortfall", "levels"])
    assert cells["B"] == {"code": "1.1", **nothing, "suppressed": True}
    assert cells["A"] == {"code": "1.1", **nothing, "suppressed": True}
    assert (cells["C"]["assessed"], cells["C"]["suppressed"]) == (14, False)


def test_unit_with_nobody_assessed_has_no_share(client, hr, province):
    (competency,) = make_competencies(1)
    staff(UnitFactory(code="D", parent=province), make_position({competency: 3}), competency, 6, assessed=0)
    rebuild_cells()
    data = client.get(GAPS, {"unit": "D"}, headers=bearer(hr)).json()
    (gap,) = data["competencies"]
    assert (gap["required"], gap["assessed"], gap["below"], gap["levels"]) == (6, 0, None, None)
    assert (data["children"], data["own"]) == ([], None)


def test_group_narrows_the_figures(client, hr):
    data = client.get(GAPS, {"unit": "P", "group": "desk"}, headers=bearer(hr)).json()
    assert (data["position_group"]["code"], data["competencies"][0]["required"]) == ("desk", 25)


@pytest.mark.parametrize("query", [{}, {"unit": ""}, {"unit": "NONE"}, {"unit": "\0"}, {"unit": "P", "group": "none"}])
def test_what_is_not_there_is_not_found(client, hr, query):
    assert client.get(GAPS, query, headers=bearer(hr)).status_code == 404


def test_whoever_may_not_see_people_gets_published_figures(client, province):
    headers = bearer(RoleGrantFactory(role="hr", unit=province).user)
    nothing = client.get(GAPS, {"unit": "P"}, headers=headers).json()
    assert (nothing["published"], nothing["folded_at"], nothing["competencies"]) == (True, None, [])
    publish_figures()
    data = client.get(GAPS, {"unit": "P"}, headers=headers).json()
    assert (data["published"], data["competencies"][0]["required"]) == (True, 23)
    assert client.get(GAPS, {"unit": "P", "group": "desk"}, headers=headers).status_code == 404


def test_unit_out_of_scope_looks_as_if_it_were_not_there_and_is_audited(client, hr):
    UnitFactory(code="ELSEWHERE")
    headers = bearer(hr)
    refused, missing = (client.get(GAPS, {"unit": code}, headers=headers) for code in ("ELSEWHERE", "NONE"))
    assert (refused.status_code, refused.content) == (missing.status_code, missing.content)
    events = AuditEvent.objects.filter(action="refused").values_list("target", "actor")
    assert list(events) == [("unit ELSEWHERE", hr.pk)]


def test_who_may_ask(client, hr, province):
    learner = UserFactory()
    PersonFactory(user=learner)
    trainer, admin = RoleGrantFactory(role="trainer").user, RoleGrantFactory(role="admin").user
    answers = [
        client.get(GAPS, {"unit": "P"}, headers=bearer(user)).status_code for user in (learner, trainer, hr, admin)
    ]
    assert answers == [403, 403, 200, 200]
    assert client.get(GAPS, {"unit": "P"}).status_code == 401


def test_schema_describes_the_report(client, hr):
    schema = client.get("/api/schema/", {"format": "json"}, headers=bearer(hr)).json()
    operation = schema["paths"]["/api/v1/reports/gaps/"]["get"]
    assert [each["name"] for each in operation["parameters"]] == ["group", "unit"]
    report = client.get(GAPS, {"unit": "P"}, headers=bearer(hr)).json()

    def keys(name):
        return set(schema["components"]["schemas"][name]["properties"])

    assert operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].endswith("/GapReport")
    assert keys("GapReport") == set(report)
    assert keys("CompetencyGap") == set(report["competencies"][0])
    assert keys("Child") == set(report["children"][0])
    assert keys("PartGap") == set(report["children"][0]["competencies"][0])
    assert keys("Share") == set(report["competencies"][0]["below"])
