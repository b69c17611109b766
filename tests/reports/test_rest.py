"""GET /api/v1/reports/gaps/."""

from datetime import timedelta
from typing import Any

import pytest

from competencies.models import Competency
from organisation.api import issue_token, today
from organisation.models import AuditEvent, Person, User
from organisation.reorganising.steps import Merge
from reports.api import keep_snapshots, make_snapshot, publish_figures, rebuild_cells
from tests.factories.organisation import (
    PersonFactory,
    PositionGroupFactory,
    RoleGrantFactory,
    UnitFactory,
    UserFactory,
)
from tests.factories.reports import make_competencies, make_position, noon, revise, set_estimate, staff
from tests.organisation.reorganising import applied, new

pytestmark = pytest.mark.django_db
GAPS = "/api/v1/reports/gaps/"
LAST = today().replace(day=1) - timedelta(days=1)


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
        "days",
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
    parameters = {each["name"]: each["schema"] for each in operation["parameters"]}
    assert list(parameters) == ["competence", "group", "structure", "unit"]
    assert parameters["competence"] == parameters["structure"] == {"type": "string", "format": "date"}
    report = client.get(GAPS, {"unit": "P"}, headers=bearer(hr)).json()

    def keys(name):
        return set(schema["components"]["schemas"][name]["properties"])

    assert operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].endswith("/GapReport")
    assert keys("GapReport") == set(report)
    assert keys("DaysShown") == {"competence", "structure"}
    assert keys("CompetencyGap") == set(report["competencies"][0])
    assert keys("Child") == set(report["children"][0])
    assert keys("PartGap") == set(report["children"][0]["competencies"][0])
    assert keys("Share") == set(report["competencies"][0]["below"])


@pytest.fixture
def past(province):
    """Whoever works in the province was weak at the end of last month, and is not now; A and B are ward N since."""
    (competency,) = Competency.objects.all()
    for person in Person.objects.all():
        revise(person, competency, -2.0, noon(LAST), se=0.3)
        set_estimate(person, competency, 2.0, se=0.3, tell=False)
    make_snapshot(LAST)
    applied(Merge(("A", "B"), "N", new("N", "P")), day=today())
    rebuild_cells()
    keep_snapshots()


def test_competence_of_one_day_under_the_structure_of_another(client, hr, past):
    def ask(**query: Any) -> Any:
        return client.get(GAPS, {"unit": "P", **query}, headers=bearer(hr)).json()

    def shares(data: Any) -> dict[str, int | None]:
        cells = {child["unit"]["code"]: child["competencies"][0]["below"] for child in data["children"]}
        return {code: round(cell["estimate"]) if cell else None for code, cell in cells.items()}

    now, before, then = ask(), ask(competence=f"{LAST}"), ask(competence=f"{LAST}", structure=f"{LAST}")
    assert [each["days"] for each in (now, before, then)] == [
        None,
        {"competence": f"{LAST}", "structure": f"{today()}"},
        {"competence": f"{LAST}", "structure": f"{LAST}"},
    ]
    assert [shares(each) for each in (now, before, then)] == [
        {"N": 0, "C": 0},
        {"N": 1, "C": 1},
        {"A": None, "B": None, "C": 1},  # as on the page of the day: B is of two people, and A would give it away
    ]
    assert ask(competence=f"{today()}", structure=f"{today()}") == now
    # A day within the month shows the month end before it; a ward that is no more is found by a day when it was there.
    assert client.get(GAPS, {"unit": "A"}, headers=bearer(hr)).status_code == 404
    old = {"unit": "A", "competence": f"{LAST}", "structure": f"{LAST}"}
    assert client.get(GAPS, old, headers=bearer(hr)).json()["competencies"][0]["suppressed"] is True


@pytest.mark.parametrize(
    ("days", "wrong"),
    [
        ({"competence": "31/31/2026"}, ["competence"]),
        ({"structure": "2999-01-01"}, ["structure"]),
        ({"competence": "2001-01-01"}, ["competence"]),
        ({"structure": "2026-01-01"}, ["structure"]),
        ({"competence": f"{LAST}", "group": "desk"}, ["group"]),
    ],
)
def test_days_that_cannot_be_shown_are_refused_by_name(client, hr, past, days, wrong):
    answer = client.get(GAPS, {"unit": "P", **days}, headers=bearer(hr))
    assert (answer.status_code, list(answer.json())) == (400, wrong)


def test_other_days_are_for_whoever_may_see_people_alone(client, province, past):
    headers = bearer(RoleGrantFactory(role="hr", unit=province).user)
    for days in ({"competence": f"{LAST}"}, {"structure": f"{LAST}"}, {"competence": f"{today()}"}):
        assert client.get(GAPS, {"unit": "P", **days}, headers=headers).status_code == 404


def test_old_structures_of_newer_competence_are_for_administrators(client, hr, past):
    RoleGrantFactory(role="admin", user=hr)
    answer = client.get(GAPS, {"unit": "A", "structure": f"{LAST}"}, headers=bearer(hr))
    assert answer.json()["days"] == {"competence": f"{today()}", "structure": f"{LAST}"}
