"""Parts of a unit's page drawn once for each look: as drawn anew, and other figures as soon as they change."""

import re
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from frontend import drawing
from organisation.api import reading_content, today
from organisation.models import PositionGroup, Posting, UnitVersion
from reports.api import digest_of, gap_report, rebuild_cells
from reports.domain.queries.structure import surroundings
from tests.factories.organisation import RoleGrantFactory, UnitFactory
from tests.factories.reports import place, set_estimate
from tests.frontend.hr.reading import tables
from tests.frontend.learn.test_drawing import plain
from tests.frontend.learn.test_kept import watched_tables

pytestmark = pytest.mark.django_db(transaction=True)
PATHS = ["/hr/units/P/", "/hr/units/P/?group=desk&sort=coverage", "/hr/units/P/?kind=ward", "/hr/units/A/"]


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("sees_people", [True, False])
def test_every_page_is_as_drawn_anew(client, province, language, sees_people, monkeypatch):
    client.force_login(RoleGrantFactory(role="hr", unit=province, sees_people=sees_people).user)
    client.cookies["django_language"] = language
    for path in PATHS if sees_people else PATHS[::3]:
        client.get(path)
        kept = client.get(path)
        with monkeypatch.context() as patch:
            patch.setattr(drawing, "content_read", lambda: None)
            anew = client.get(path)
        assert (kept.status_code, anew.status_code) == (200, 200)
        assert plain(kept.text) == plain(anew.text)


def test_new_names_are_on_the_next_page(client, officer):
    client.get(PATHS[0])
    PositionGroup.objects.filter(code="desk").update(name_vi="Tiếp <dân>")
    assert '<option value="desk">Tiếp &lt;dân&gt;</option>' in client.get(PATHS[0]).text


def asked(client, path: str) -> list[str]:
    """The statements of a page."""
    with CaptureQueriesContext(connection) as found:
        assert client.get(path).status_code == 200
    return [query["sql"] for query in found]


def test_names_and_tree_are_read_once_from_watched_tables(client, officer):
    PositionGroup.objects.update(order=9)  # so that this process remembers nothing
    first, second, leaf = (asked(client, path) for path in ("/hr/units/P/", "/hr/units/P/", "/hr/units/A/"))
    once = [statement for statement in first if statement not in second]
    tables = {
        table
        for statement in once
        for table in re.findall(r'(?:FROM|JOIN) "?(organisation_\w+|competencies_\w+)', statement)
    }
    assert {"organisation_unit", "organisation_unitversion", "organisation_positiongroup"} <= tables
    assert "competencies_competency" in tables
    assert tables - watched_tables() == set()
    assert not set(once) & {statement for statement in leaf if "sort_key" in statement}


def rows_of(client, path: str) -> list[str]:
    return [row[0] for row in tables(client.get(path).text)[0]]


def test_a_changed_tree_is_on_the_next_page(client, officer, province):
    assert rows_of(client, "/hr/units/P/") == ["Đơn vị", "Toàn đơn vị", "Phường Bình", "Phường Ánh"]
    UnitVersion.objects.filter(unit__code="B").update(name_vi="Phường Mới")
    assert rows_of(client, "/hr/units/P/")[2] == "Phường Mới"
    UnitVersion.objects.filter(unit__code="B").update(parent=UnitVersion.objects.get(unit__code="A").unit)
    rebuild_cells()
    assert rows_of(client, "/hr/units/P/") == ["Đơn vị", "Toàn đơn vị", "Phường Ánh"]
    assert rows_of(client, "/hr/units/A/")[2:] == ["Phường Mới", "Phường Ánh: người làm việc trực tiếp"]
    assert 'href="/hr/units/A/">Phường Ánh</a>' in client.get("/hr/units/B/").text


def test_a_unit_that_left_the_scope_is_refused_at_once(client, officer):
    assert client.get("/hr/units/A/").status_code == 200
    UnitVersion.objects.filter(unit__code="A").update(parent=UnitFactory(code="Q"))
    assert client.get("/hr/units/A/").status_code == 404


def test_new_names_of_groups_are_in_the_next_table(client, officer):
    assert rows_of(client, "/hr/units/A/")[2:] == ["Một cửa"]
    PositionGroup.objects.filter(code="desk").update(name_vi="Tiếp dân")
    assert rows_of(client, "/hr/units/A/")[2:] == ["Tiếp dân"]


def test_what_is_known_of_the_tree_is_what_is_read_anew(province):
    deep = UnitFactory(code="A11", parent=UnitFactory(code="A1", parent=UnitVersion.objects.get(unit__code="A").unit))
    units = [
        province,
        *(version.unit for version in province.child_versions.order_by("pk")),
        deep,
        deep.versions.get().parent,
    ]
    anew = [surroundings(unit.pk, today()) for unit in units]
    for version, order in {"first": units, "second": units[::-1]}.items():
        with reading_content(version.__str__):
            known = {unit.code: surroundings(unit.pk, today()) for unit in order}
        assert known == {unit.code: found for unit, found in zip(units, anew, strict=True)}


def test_a_unit_that_moves_while_a_page_is_made_is_among_the_units_of_its_new_parent(province):
    """What was read before the move does not fit, so all is read anew, and what is known stays what it was."""
    first, second = (UnitFactory(code=code, parent=province) for code in ("M", "N"))
    mover, child = UnitFactory(code="M1", parent=first), UnitFactory(code="N1", parent=second)
    with reading_content("before".__str__):
        before = surroundings(child.pk, today())
        UnitVersion.objects.filter(unit=mover).update(parent=second)
        found = surroundings(mover.pk, today())
        assert [node.code for node in found.chain] == ["P", "N", "M1"]
        assert [node.code for node in found.below[second.pk]] == ["M1", "N1"]
        assert surroundings(child.pk, today()) == before
    with reading_content("after".__str__):
        assert surroundings(mover.pk, today()) == found


@pytest.mark.parametrize("code", ["U12", "H.01", "a b", "Đ1", "50%", "CODE"])
def test_rows_of_any_code_lead_to_their_pages(client, officer, province, desk, code):
    place(UnitFactory(code=code, parent=province, name_vi="Phòng Mới"), desk, 8)
    rebuild_cells()
    assert f'href="{reverse("hr:unit", args=[code])}">Phòng Mới</a>' in client.get("/hr/units/P/").text


def test_digest_differs_where_anything_does(province, competencies):
    report = gap_report(province)
    assert digest_of(gap_report(province)) == digest_of(report)
    first, *others = report.children
    renamed = replace(first, of=replace(first.of, name_en="Other"))
    changed = [
        replace(report, children=[renamed, *others]),
        replace(report, children=[*others, first]),
        replace(report, children=others),
        replace(report, kind="commune"),
        replace(report, own=first),
    ]
    assert len({digest_of(report), *map(digest_of, changed)}) == 1 + len(changed)


def test_digest_differs_when_somebody_is_measured(province, competencies):
    before = digest_of(gap_report(province))
    set_estimate(Posting.objects.filter(unit__code="A").first().person, competencies[0], -2.0)
    rebuild_cells()
    assert digest_of(gap_report(province)) != before
