"""Parts of a unit's page drawn once for each look: as drawn anew, and other figures as soon as they change."""

from dataclasses import replace

import pytest

from frontend import drawing
from organisation.models import PositionGroup, Posting
from reports.api import digest_of, gap_report, rebuild_cells
from tests.factories.organisation import RoleGrantFactory
from tests.factories.reports import set_estimate
from tests.frontend.learn.test_drawing import plain

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
