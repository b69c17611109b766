"""Up the ladder: an instance publishes what its pages show; another takes the file once and shows it beside its own."""

import io
import re
from base64 import b64encode
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command
from django.utils import timezone

from competencies.models import Competency
from organisation.models import AuditEvent, Position, Unit
from reports.api import (
    describe_publication,
    gap_report,
    publish_figures,
    published_beside,
    published_elsewhere,
    rebuild_cells,
)
from reports.domain.ladder import publish_subtree
from reports.domain.publication_format import PublicationRefused, read_publication, write_publication
from reports.domain.publishers import add_publisher, import_publication, wrong_totals
from reports.models import Publication, PublishedUnitElsewhere, Publisher
from tests.factories.organisation import RoleGrantFactory, UnitFactory
from tests.factories.reports import make_competencies, make_position, staff
from tests.frontend.hr.reading import tables

pytestmark = pytest.mark.django_db
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
PUBLIC = KEY.public_key().public_bytes_raw()


@pytest.fixture
def world():
    """A nation with two provinces; this instance has people in P (districts and wards, large and small) alone."""
    nation = UnitFactory(code="VN", kind="nation", name_vi="Cả nước", name_en="Nation")
    province = UnitFactory(code="P", kind="province", parent=nation, name_vi="Tỉnh P", name_en="Province P")
    competencies = make_competencies(2)
    position = make_position(dict.fromkeys(competencies, 4))
    district = UnitFactory(code="D", parent=province, name_vi="Huyện D", name_en="District D")
    for code, count in (("A", 30), ("B", 2), ("C", 12)):
        staff(UnitFactory(code=code, parent=district, name_vi=f"Xã {code}"), position, competencies[0], count)
    staff(district, position, competencies[0], 8)
    staff(UnitFactory(code="E", parent=province, name_vi="Xã E"), position, competencies[0], 9)
    rebuild_cells()
    publish_figures()
    return province


@pytest.fixture
def elsewhere(world):
    """The other province, of which this instance has nobody and a publisher speaks."""
    unit = UnitFactory(
        code="Q", kind="province", parent=world.versions.get().parent, name_vi="Tỉnh Q", name_en="Province Q"
    )
    return add_publisher("Sở Nội vụ tỉnh Q", unit, PUBLIC)


def exported(unit, key=KEY) -> bytes:
    return b"".join(publish_subtree(unit, key))


def as_of_q(world) -> bytes:
    """What P's instance would publish were it Q's: the file that Q's publisher signs."""
    header, units = read_publication(exported(world), PUBLIC)
    moved = [replace(each, code={"P": "Q"}.get(each.code, each.code)) for each in units]
    moved = [replace(each, parent={"P": "Q"}.get(each.parent, each.parent)) for each in moved]
    kept = {name: header[name] for name in ("framework", "issued_at", "figures_at", "threshold")}
    return b"".join(write_publication({**kept, "unit": "Q"}, moved, KEY))


def unit(code: str) -> Unit:
    found: Unit = Unit.objects.get(code=code)
    return found


def refused(content: bytes) -> PublicationRefused:
    with pytest.raises(PublicationRefused) as caught:
        import_publication(content)
    return caught.value


def test_the_file_says_what_the_published_pages_say(world):
    header, units = read_publication(exported(world), PUBLIC)
    assert (header["unit"], header["threshold"]) == ("P", 5)
    assert [each.code for each in units] == ["P", "D", "E", "A", "B", "C"]
    shown = {(each.code, code): cell for each in units for code, cell in each.cells.items()}
    own = {(each.code, code): cell for each in units for code, cell in (each.own or {}).items()}
    for page in ("P", "D"):
        report = gap_report(unit(page), published=True)
        for row in report.children:
            for each in report.competencies:
                gap, cell = row.gap(each.competency.pk), shown[row.of.code, each.competency.code]
                assert (gap.required, gap.assessed) == ((cell.required, cell.assessed) if cell else (None, None))
        for each in report.competencies:
            gap, cell = report.own.gap(each.competency.pk), own.get((page, each.competency.code))
            if cell or gap.required != 0:
                assert (gap.required, gap.assessed) == ((cell.required, cell.assessed) if cell else (None, None))
    assert shown["B", "1.1"] is None


def test_live_figures_never_leave(world):
    before = exported(world).splitlines()
    (competency, _other) = Competency.objects.order_by("pk")
    staff(unit("E"), Position.objects.get(), competency, 1)
    rebuild_cells()
    live, published = (gap_report(world, published=each).competencies[0].gap.required or 0 for each in (False, True))
    assert live == published + 1
    assert exported(world).splitlines()[1:-2] == before[1:-2]


def test_a_file_made_while_figures_are_published_is_of_one_publication(world):
    (competency, _other) = Competency.objects.order_by("pk")
    news = iter([True])

    def publish_meanwhile(done: int, total: int) -> None:
        if done == 2 and next(news, False):
            for code in ("A", "E"):
                staff(unit(code), Position.objects.get(), competency, 10)
            rebuild_cells()
            publish_figures()

    _header, units = read_publication(b"".join(publish_subtree(world, KEY, on_unit=publish_meanwhile)), PUBLIC)
    assert list(wrong_totals(units)) == []
    assert units == read_publication(exported(world), PUBLIC)[1]


def test_the_preview_is_made_once_until_figures_or_units_change(world, monkeypatch, django_assert_num_queries):
    version = iter(["one", "one", "one", "two"])
    monkeypatch.setattr("reports.domain.ladder.content_read", lambda: next(version))
    first = describe_publication(world)
    with django_assert_num_queries(1):
        assert describe_publication(world) == first
    (competency, _other) = Competency.objects.order_by("pk")
    staff(unit("E"), Position.objects.get(), competency, 10)
    rebuild_cells()
    publish_figures()
    assert describe_publication(world).figures_at != first.figures_at
    UnitFactory(code="F", parent=world)
    assert len(describe_publication(world).units) == len(first.units) + 1


def test_a_publication_is_shown_beside(world, elsewhere):
    taken = import_publication(as_of_q(world))
    nation = gap_report(unit("VN"))
    (found,) = published_beside(nation)
    own = gap_report(world, published=True)
    assert (found.publisher, found.unit_code, found.whole.of.name_vi) == ("Sở Nội vụ tỉnh Q", "Q", "Tỉnh P")
    for each in own.competencies:
        assert found.whole.gap(each.competency.pk) == each.gap
    assert found.at == own.folded_at
    below = published_elsewhere(taken, "D")
    page, pk = gap_report(unit("D"), published=True), own.competencies[0].competency.pk
    parts = {row.of.code: row.gap(pk) for row in (*page.children, page.own)}
    assert {row.of.code: row.gap(pk) for row, _has_below in below.rows} == parts
    assert [parts[code].suppressed for code in "ABC"] == [False, True, False]
    assert [each.code for each in below.trail] == ["Q"]
    assert published_elsewhere(taken, "NONE") is None


def test_a_file_is_taken_once_and_never_an_older_one(world, elsewhere):
    old = as_of_q(world)
    with time_machine.travel(timezone.now() + timedelta(seconds=30)):
        new = as_of_q(world)
    first = import_publication(old)
    assert refused(old).reason == "taken_already"
    second = import_publication(new)
    assert refused(old).reason == "older"
    assert refused(new).reason == "taken_already"
    assert [each.digest for each in Publication.objects.all()] == [second.digest]
    assert second.issued_at > first.issued_at
    assert set(PublishedUnitElsewhere.objects.values_list("publication", flat=True)) == {second.pk}
    assert AuditEvent.objects.filter(action="publication_imported").count() == 2


def test_a_refused_file_leaves_all_as_it_was(world, elsewhere):
    kept = import_publication(as_of_q(world))
    with time_machine.travel(timezone.now() + timedelta(seconds=30)):
        new = as_of_q(world)
    place = new.index(b'"code":"A"')
    tampered = new[:place] + b'"code":"Z"' + new[place + 10 :]
    error = refused(tampered)
    assert (error.reason, error.line) == ("changed", tampered[:place].count(b"\n") + 1)
    assert list(Publication.objects.values_list("digest", flat=True)) == [kept.digest]
    assert import_publication(new).pk != kept.pk, "the control: untouched it is taken"


def test_files_that_are_not_for_here_are_refused(world, elsewhere, monkeypatch):
    assert refused(exported(world)).reason == "other_unit"
    assert refused(exported(world, Ed25519PrivateKey.generate())).reason == "unknown_key"
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        future = as_of_q(world)
    assert refused(future).reason == "in_the_future"
    Publisher.objects.update(unit=world)
    assert refused(exported(world)).reason == "counted_here"
    monkeypatch.setattr("reports.domain.publishers.THRESHOLD", 6)
    assert refused(exported(world)).reason == "lower_threshold"


def test_figures_of_others_hide_where_this_instance_has_its_own(world, elsewhere):
    taken = import_publication(as_of_q(world))
    assert published_elsewhere(taken, "D"), "the control: with nobody of its own they are shown"
    Publisher.objects.update(unit=world)
    taken.refresh_from_db()
    assert published_beside(gap_report(unit("VN"))) == []
    assert published_beside(gap_report(world)) == []
    assert [published_elsewhere(taken, code) for code in ("", "D")] == [None, None]


def test_commands_make_a_key_export_and_import(world, elsewhere, tmp_path, settings, capsys):
    call_command("publishing_key", "make")
    settings.PUBLISHING_KEY = capsys.readouterr().out.strip().removeprefix("PUBLISHING_KEY=")
    call_command("publishing_key", "show")
    public = capsys.readouterr().out.split()[0]
    call_command("publication", "publisher", elsewhere.name, "--unit", "Q", "--key", public)
    (tmp_path / "p.jsonl").write_bytes(b"")
    call_command("publication", "export", "P", str(tmp_path / "p.jsonl"))
    with pytest.raises(CommandError, match="Line 1: It is of unit P; this publisher speaks for Q"):
        call_command("publication", "import", str(tmp_path / "p.jsonl"))
    call_command("publication", "publisher", elsewhere.name, "--unit", "Q", "--key", b64encode(PUBLIC).decode())
    (tmp_path / "q.jsonl").write_bytes(as_of_q(world))
    call_command("publication", "import", str(tmp_path / "q.jsonl"))
    call_command("publication", "list")
    assert "Took 6 units of Sở Nội vụ tỉnh Q" in (out := capsys.readouterr().out)
    assert out.splitlines()[-1].split("\t")[:2] == ["Sở Nội vụ tỉnh Q", "Q"]
    settings.PUBLISHING_KEY = "none"
    with pytest.raises(CommandError, match="PUBLISHING_KEY is not set, or is no key"):
        call_command("publication", "export", "P", str(tmp_path / "p.jsonl"), stdout=io.StringIO())
    with pytest.raises(CommandError, match="not 32 bytes"):
        call_command("publication", "publisher", "x", "--unit", "P", "--key", "AAAA")
    with pytest.raises(CommandError, match="Another publisher"):
        call_command("publication", "publisher", "x", "--unit", "P", "--key", b64encode(PUBLIC).decode())


def test_the_nations_page_shows_them_and_leads_below(world, elsewhere, client):
    import_publication(as_of_q(world))
    nation = unit("VN")
    client.force_login(RoleGrantFactory(role="hr", unit=nation).user)
    html = client.get("/hr/units/VN/").content.decode()
    section = html[html.index('id="elsewhere"') :]
    assert "do Sở Nội vụ tỉnh Q công bố, tính đến" in section
    assert 'href="/hr/units/Q/published/"' in section
    assert 'href="/hr/units/Q/published/"' in client.get("/hr/units/Q/").content.decode(), "which counts nobody itself"
    page = client.get("/hr/units/Q/published/").content.decode()
    assert re.findall(r'href="/hr/units/Q/published/\?of=(\w+)"', page) == ["D"]
    below = client.get("/hr/units/Q/published/", {"of": "D"}).content.decode()
    assert [row[0] for row in tables(below)[0][1:]][:4] == ["Toàn đơn vị", "Xã A", "Xã B", "Xã C"]
    assert client.get("/hr/units/Q/published/", {"of": "NONE"}).status_code == 404
    assert client.get("/hr/units/P/published/").status_code == 404
    client.force_login(RoleGrantFactory(role="hr", unit=world).user)
    assert client.get("/hr/units/Q/published/").status_code == 404
    assert 'id="elsewhere"' not in client.get("/hr/units/P/").content.decode()
