"""The PDF: what can be read in it is what the report says, in letters that are all there, and nothing is fetched."""

import io
import socket
import unicodedata
from typing import Any

import pytest
from django.utils import translation
from fontpkg_be_vietnam_pro import ROOT
from pypdf import PdfReader
from reportlab.pdfbase.ttfonts import TTFontFile

from reports.api import export_gap_pdf, gap_report, rebuild_cells
from reports.domain.export_pdf import percent
from reports.domain.pdf import BOLD, REGULAR, build_pdf, text
from tests.factories.organisation import UnitFactory
from tests.factories.reports import make_competencies, make_position, staff

pytestmark = pytest.mark.django_db
HOSTILE = '<img src="http://example.vn/x.png"/> & Đỗ Ữu'
TONES = "\u0300\u0301\u0309\u0303\u0323"
LOWER = {*"aăâbcdđeêghiklmnoôơpqrstuưvxyfjwz"}
LOWER |= {unicodedata.normalize("NFC", vowel + tone) for vowel in "aăâeêioôơuưy" for tone in TONES}
ALPHABET = sorted(LOWER | {letter.upper() for letter in LOWER})


def words(content: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())


@pytest.fixture
def province():
    """Wards of 9, 2, 7 and 37 people; the two small figures of B and C are hidden."""
    province = UnitFactory(code="P", kind="province", name_vi="Tỉnh Thừa Thiên", name_en="Province P")
    (competency,) = make_competencies(1)
    position = make_position({competency: 4})
    for code, name, count, assessed in (
        ("A", HOSTILE, 9, 8),
        ("B", "Xã B", 2, 2),
        ("C", "Xã C", 7, 6),
        ("E", "Xã E", 37, 37),
    ):
        unit = UnitFactory(code=code, parent=province, name_vi=name, name_en=name)
        staff(unit, position, competency, count, assessed=assessed)
    rebuild_cells()
    return province


def test_every_letter_of_the_alphabet_is_in_both_fonts_and_comes_back_from_a_document():
    assert len(ALPHABET) == 186
    for name in (REGULAR, BOLD):
        face = TTFontFile(ROOT / "files" / f"{name}.ttf")
        assert [letter for letter in ALPHABET if not face.charToGlyph.get(ord(letter))] == []
    spoken = " ".join(ALPHABET)
    with translation.override("vi"):
        content = build_pdf("Bảng chữ", [text(spoken), text("", bold=unicodedata.normalize("NFD", spoken))])
    assert words(content) == f"{spoken} {spoken} Bảng chữ Trang 1/1"


def test_fonts_are_embedded_and_the_language_is_said(province):
    with translation.override("vi"):
        reader = PdfReader(io.BytesIO(export_gap_pdf(gap_report(province))))
    resources: list[Any] = [page["/Resources"] for page in reader.pages]
    fonts = {font["/BaseFont"].split("+")[-1]: font for each in resources for font in each["/Font"].values()}
    root: Any = reader.trailer["/Root"]
    assert {REGULAR, BOLD} <= set(fonts)
    assert ["/FontFile2" in fonts[name]["/FontDescriptor"] for name in (REGULAR, BOLD)] == [True, True]
    assert (root["/Lang"], reader.metadata.title) == ("vi", "Khoảng cách năng lực: Tỉnh Thừa Thiên")


def test_figures_are_the_reports_and_hidden_ones_are_not_there(province):
    report = gap_report(province)
    with translation.override("en"):
        found = words(export_gap_pdf(report))
    (each,) = report.competencies
    below = each.gap.below
    shares = [percent(share) for share in (below.estimate, below.low, below.high)]
    assert f"55 53 (96%) {shares[0]} ({shares[1]}–{shares[2]})" in found
    heat = found[found.index("By unit and competency") :].split("Empty: not required.")[1]
    rows = {row.of.code: row.gap(each.competency.pk) for row in report.children}
    assert [rows[code].suppressed for code in "ABCE"] == [False, True, True, False]
    for code, name in (("A", HOSTILE), ("B", "Xã B"), ("C", "Xã C"), ("E", "Xã E")):
        after = heat.split(name)[1].split()[0]
        assert after == ("*" if rows[code].suppressed else percent(rows[code].below.estimate))


def test_nothing_is_fetched(province, monkeypatch):
    report = gap_report(province)
    list(report.competencies)
    opened = []
    connect = socket.socket.connect

    def note(self, address):
        opened.append(address)
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", note)
    assert HOSTILE in words(export_gap_pdf(report))
    assert opened == []


def test_pages_are_numbered_and_a_long_table_repeats_its_head():
    rows = [text(f"Dòng {number}") for number in range(150)]
    with translation.override("vi"):
        reader = PdfReader(io.BytesIO(build_pdf("Dài", rows)))
    feet = [page.extract_text().split("Dài")[1].strip() for page in reader.pages]
    assert feet == [f"Trang {number}/{len(feet)}" for number in range(1, len(feet) + 1)]
    assert len(feet) == 4


def test_a_unit_without_people_has_a_document():
    with translation.override("vi"):
        assert "Chưa có khoảng cách nào có thể hiển thị" in words(export_gap_pdf(gap_report(UnitFactory())))
