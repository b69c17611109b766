"""Workbook and CSV: what they say is what the report says, hidden cells stay hidden, and text stays text."""

import csv
import io
import re
import zipfile

import pytest
from django.utils import translation
from openpyxl import load_workbook

from organisation.models import Unit, UnitVersion
from reports.api import export_gap_csv, export_gap_xlsx, gap_report, rebuild_cells
from tests.factories.organisation import UnitFactory
from tests.factories.reports import make_competencies, make_position, staff

pytestmark = pytest.mark.django_db
HOSTILE = '=HYPERLINK("http://example.vn","x")'


@pytest.fixture
def province():
    province = UnitFactory(code="P", kind="province", name_vi="Tỉnh P", name_en="Province P")
    (competency,) = make_competencies(1)
    position = make_position({competency: 4})
    staff(UnitFactory(code="A", parent=province, name_vi=HOSTILE, name_en=HOSTILE), position, competency, 9, assessed=8)
    staff(UnitFactory(code="B", parent=province), position, competency, 2)
    staff(UnitFactory(code="C", parent=province), position, competency, 7, assessed=6)
    staff(UnitFactory(code="D", parent=province), position, competency, 6, assessed=0)
    staff(UnitFactory(code="E", parent=province), position, competency, 20)
    rebuild_cells()
    return province


def workbook(unit):
    return load_workbook(io.BytesIO(export_gap_xlsx(gap_report(unit))))


def test_summary_says_what_the_report_says(province):
    with translation.override("en"):
        sheet = workbook(province)["Summary"]
    (each,) = gap_report(province).competencies
    row = [cell.value for cell in sheet[4]]
    assert row[:4] == ["1.1", each.competency.name_en, 44, 36]
    assert each.gap.below and each.gap.bands
    assert row[5:8] == [round(share, 2) for share in (each.gap.below.estimate, each.gap.below.low, each.gap.below.high)]
    assert row[9:13] == [round(people, 1) for people in each.gap.bands]
    assert [cell.number_format for cell in sheet[4][4:]] == [*["0%"] * 4, *["0.0"] * 5]
    assert row[4] == 0.82
    assert sheet.freeze_panes == "C4"


def test_hidden_cells_are_words_everywhere(province):
    with translation.override("en"):
        book = workbook(province)
    heat = {row[0].value: row[2].value for row in book["Heat map"].iter_rows(min_row=4)}
    assert {code: isinstance(value, float) for code, value in heat.items()} == {
        "A": True,
        "B": False,
        "C": False,
        "D": False,
        "E": True,
    }
    assert (heat["B"], heat["C"], heat["D"]) == ("Too few people to show", "Too few people to show", "Not assessed")
    listed = {row[0].value: [cell.value for cell in row[4:]] for row in book["All figures"].iter_rows(min_row=2)}
    assert listed["B"] == ["Too few people to show", *[None] * 6]
    assert listed["D"] == [6, 0, 0, "Not assessed", None, None, None]


def test_a_name_that_looks_like_a_formula_stays_a_name(province):
    book = workbook(province)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert HOSTILE in [cell.value for cell in cells]


def test_sheets_are_named_in_the_readers_language(province):
    names = {}
    for language in ("vi", "en"):
        with translation.override(language):
            names[language] = workbook(province).sheetnames
    assert names == {
        "vi": ["Tổng hợp", "Biểu đồ", "Bản đồ nhiệt", "Toàn bộ số liệu", "Ghi chú"],
        "en": ["Summary", "Charts", "Heat map", "All figures", "Notes"],
    }


FIGURES = {
    "vi": [
        "Số người thuộc diện yêu cầu",
        "Số người đã đánh giá",
        "Tỷ lệ đã đánh giá",
        "Chưa đạt yêu cầu",
        "Cận dưới",
        "Cận trên",
        "Mức thiếu (bậc)",
    ],
    "en": [
        "Required (people)",
        "Assessed (people)",
        "Coverage",
        "Below requirement",
        "Lower bound",
        "Upper bound",
        "Shortfall (levels)",
    ],
}


@pytest.mark.parametrize(
    ("language", "unit", "heads"),
    [
        ("vi", "P", ["Mã đơn vị", "Đơn vị", "Mã năng lực", "Năng lực"]),
        ("en", "P", ["Unit code", "Unit", "Competency code", "Competency"]),
        ("vi", "E", ["Mã đơn vị hoặc nhóm vị trí", "Đơn vị hoặc nhóm vị trí", "Mã năng lực", "Năng lực"]),
        ("en", "E", ["Code of the unit or position group", "Unit or position group", "Competency code", "Competency"]),
    ],
)
def test_columns_are_named_once_each_in_the_readers_language(province, language, unit, heads):
    with translation.override(language):
        summary, _charts, heat, listed, _notes = workbook(Unit.objects.get(code=unit))
    assert [cell.value for cell in listed[1]] == [*heads, *FIGURES[language]]
    assert [cell.value for cell in heat[3]][:2] == heads[:2]
    assert [cell.value for cell in summary[3]][:9] == [*heads[2:], *FIGURES[language]]
    for row in (summary[3], heat[3], listed[1]):
        names = [cell.value for cell in row]
        assert len(set(names)) == len(names)


def test_unit_without_people_has_an_empty_workbook():
    with translation.override("en"):
        book = workbook(UnitFactory())
    assert book.sheetnames == ["Summary", "All figures", "Notes"]
    assert book["Summary"].max_row == 3


@pytest.mark.parametrize("language", ["vi", "en"])
def test_csv_has_the_rows_of_the_workbooks_list(province, language):
    with translation.override(language):
        listed = [[cell.value for cell in row] for row in workbook(province).worksheets[3].iter_rows()]
        content = export_gap_csv(gap_report(province))
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert [row[:4] for row in rows] == [
        ["'" + text if text == HOSTILE else text for text in row[:4]] for row in listed
    ]
    figures = [[f"{float(text):g}" if text[:1].isdigit() else text for text in row[4:]] for row in rows[1:]]
    assert figures == [
        ["" if value is None else f"{value:g}" if isinstance(value, float | int) else value for value in row[4:]]
        for row in listed[1:]
    ]
    assert len(rows) == 7


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_csv_never_begins_a_cell_as_a_formula(province, first):
    UnitVersion.objects.filter(unit__code="A").update(name_vi=f"{first}1+1", name_en=f"{first}1+1")
    rows = list(csv.reader(io.StringIO(export_gap_csv(gap_report(province)).decode("utf-8-sig"), newline="")))
    assert [row[1] for row in rows if row[0] == "A"] == [f"'{first}1+1"]


def test_charts_are_native_and_draw_what_the_summary_says():
    province = UnitFactory(code="Q", kind="province")
    shown, thin = make_competencies(2)
    position = make_position({shown: 4, thin: 4})
    staff(province, position, shown, 9, assessed=8)
    rebuild_cells()
    with translation.override("en"):
        content = export_gap_xlsx(gap_report(province))
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        charts = [parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/charts/chart")]
    assert [re.findall("<c:f>(.*?)</c:f>", chart) for chart in charts] == [
        ["Summary!$B$4", "Summary!$F$4"],
        [
            reference
            for column in "JKLM"
            for reference in (f"Summary!${column}$3", "Summary!$B$4", f"Summary!${column}$4")
        ],
    ]
    below = gap_report(province).competencies[0].gap.below
    ends = [float(value) for value in re.findall("<c:v>(.*?)</c:v>", charts[0].split("<c:errBars>")[1])[:2]]
    assert ends == pytest.approx([below.high - below.estimate, below.estimate - below.low], abs=0.0101)
