"""The workbook: what it says is what the report says, hidden cells stay hidden, and text stays text."""

import io

import pytest
from django.utils import translation
from openpyxl import load_workbook

from organisation.models import Unit
from reports.api import export_gap_xlsx, gap_report, rebuild_cells
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
        "vi": ["Tổng hợp", "Bản đồ nhiệt", "Toàn bộ số liệu", "Ghi chú"],
        "en": ["Summary", "Heat map", "All figures", "Notes"],
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
        summary, heat, listed, _notes = workbook(Unit.objects.get(code=unit))
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
