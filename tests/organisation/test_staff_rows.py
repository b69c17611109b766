"""Rows read by the thousand are read as they would be one by one, each cell as its parser reads it."""

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from organisation.domain.imports.claims import UnitClaims
from organisation.domain.imports.plan import Findings
from organisation.importing.faults import CellRefused, Fault
from organisation.importing.staff_rows import _PARSERS, COLUMNS, FIELDS, RowReader, StaffRow
from organisation.importing.xlsx_rows import ErrorValue

ODD = ["", " ", "\n", "a\nb", " a", "a  b", "a\u00a0b", "=1", "-a", "a-b", "a.b@c.vn", "@a.vn", "+a@b.vn", "a@b", "_a"]
ODD += ["Nguyễn Thị An", unicodedata.normalize("NFD", "Nguyễn"), "a\u200bb", "a\\b", "x" * 41, "y" * 201, "²", "#N/A"]
ODD += ["nữ", "xã", "2020-02-29", "31/02/2020", "1/2/2020", "An\u0301", "\u0301"]
CELL = st.sampled_from([*ODD, ErrorValue("#N/A"), date(2020, 1, 2), date(1800, 1, 1)]) | st.text(max_size=8)


def alone(number: int, column: str, cell: str | date) -> tuple[object, list[Fault]]:
    """What a column's parser makes of a cell."""
    empty = None if column in ("birth_date", "from", "to") else ""
    try:
        return (_PARSERS[column](cell) if cell else empty), []
    except CellRefused as refused:
        return empty, [Fault(number, column, refused.reason, refused.values)]


@given(st.data())
@pytest.mark.parametrize("column", COLUMNS)
def test_a_column_is_read_as_its_cells_are(column, data):
    plain = st.sampled_from(["Lê Văn An", "NV1", "nv.2_b-3", "an@x.vn", ""])
    cells = data.draw(st.lists(plain, min_size=1) | st.lists(CELL, min_size=1))
    rows, faults = RowReader([column]).read([(number, [cell]) for number, cell in enumerate(cells, start=2)])
    expected = [alone(number, column, cell) for number, cell in enumerate(cells, start=2)]
    assert list(rows.values[FIELDS[column]]) == [value for value, _faults in expected]
    found = [fault for fault in faults if not fault.reason.startswith(("missing", "ends_before"))]
    assert found == [fault for _value, own in expected for fault in own]


@pytest.mark.parametrize("cells", [["#N/A", ErrorValue("#N/A")], [ErrorValue("#N/A"), "#N/A"]])
def test_a_failed_formula_is_no_text_that_says_the_same(cells):
    rows, faults = RowReader(["position"]).read([(number, [cell]) for number, cell in enumerate(cells, start=2)])
    assert list(rows.column("position")) == ["" if isinstance(cell, ErrorValue) else cell for cell in cells]
    assert [fault.row for fault in faults if fault.column == "position"] == [2 + cells.index(ErrorValue("#N/A"))]


@given(st.lists(st.tuples(*[CELL | st.just("NV1")] * len(COLUMNS)), min_size=1, max_size=8))
def test_rows_together_are_what_each_is_alone(lines):
    numbered = [(number, list(line)) for number, line in enumerate(lines, start=2)]
    together, faults = RowReader(COLUMNS).read(numbered)
    single = [RowReader(COLUMNS).read([row]) for row in numbered]
    assert [together.row(place) for place in range(len(lines))] == [rows.row(0) for rows, _faults in single]
    assert faults == [fault for _rows, own in single for fault in own]


def test_a_column_that_the_file_does_not_have_is_empty():
    rows, faults = RowReader(["unit_code"]).read([(2, ["A"]), (3, ["B"])])
    assert (rows.row(1), faults) == (StaffRow(3, unit_code="B"), [])
    assert (list(rows.column("email")), list(rows.column("last_day"))) == (["", ""], [None, None])


def test_what_contradicts_a_unit_is_told_at_every_row():
    columns = ["unit_code", "unit_name", "from"]
    lines = [["A", "Một", ""], ["A", "Hai", ""], ["A", "Một", "2020-01-01"], ["A", "Hai", "2019-01-01"], ["A", "", ""]]
    rows, _faults = RowReader(columns).read([(number, list(line)) for number, line in enumerate(lines, start=2)])
    claims, findings = UnitClaims(), Findings()
    claims.add(rows, findings)
    assert [(fault.row, fault.column, fault.values) for fault in findings.in_order()] == [
        (3, "unit_name", {"other": "2"}),
        (5, "unit_name", {"other": "2"}),
    ]
    unit = claims.units["A"]
    assert (unit.row, unit.text("unit_name"), unit.first_day, unit.is_contradicted) == (
        2,
        "Một",
        date(2019, 1, 1),
        True,
    )
