"""Table tasks: values, formulas, and formulas that only look right."""

from decimal import Decimal

import pytest

from assessments.items import table
from assessments.items.formulas import Cell
from assessments.items.table_cells import KeySheet, find_circle, varied
from tests.assessments.items.content import text
from tests.assessments.items_more.refusals import earned, problems_of, refusal_of
from tests.assessments.items_more.test_assigning_types import changed
from tests.assessments.items_more.twins import frame

RAW = frame(
    "table",
    columns=[text("unit"), text("done"), text("late")],
    rows=[
        [text("a"), 10, 4],
        [text("b"), "20.5", {"value": 6, "tolerance": "0.5"}],
        [text("sum"), {"formula": "=SUM(B2:B3)"}, {"formula": "=C2+C3", "tolerance": "0.01"}],
        [text("share"), {"formula": "=ROUND(C4/B4,2)"}, None],
    ],
)


def score_of(**cells: str) -> int | None:
    return earned(table.parse_content(RAW), {"cells": cells})


@pytest.mark.parametrize(
    ("cells", "score"),
    [
        ({"B4": "=SUM(B2:B3)", "C3": "6", "C4": "=C2+C3", "B5": "=ROUND(C4/B4,2)"}, 4),
        ({"B4": "=B2+B3", "C3": "6,5", "C4": "=SUM(C2;C3)", "B5": "=ROUND(C4/B4;2)"}, 4),
        ({"C3": "6,6"}, 0),
        ({"C3": "=C2*1,5"}, 1),
        ({"C3": "=C2+B2"}, 0),
        ({"B4": "30,5"}, 0),
        ({"B4": "=30,5"}, 0),
        ({"B4": "=10+20,5"}, 0),
        ({"B4": "=B2+20,5"}, 0),
        ({"B4": "=MAX(B2:B3)+10"}, 0),
        ({"B4": "=AVERAGE(B2:B3)*COUNT(B2:B3)"}, 1),
        ({"C4": "=C2+C3"}, 0),
        ({"C4": "=C2+C3", "C3": "9"}, 1),
        ({"B5": "=ROUND(C4/B4,2)"}, 0),
        ({"B5": "=ROUND(C4/B4,2)", "B4": "1", "C4": "1"}, 1),
        ({"B4": "=B5*10", "B5": "3"}, 0),
        ({"B4": "=1/0"}, 0),
        ({"B4": "=A2+1"}, 0),
    ],
)
def test_cells_are_judged_each_on_its_own(cells, score):
    assert score_of(**cells) == score


def test_a_large_number_is_right_to_the_last_digit():
    raw = changed(RAW, ["rows", 0, 1], 1_250_000_000_000)
    large = table.parse_content(changed(raw, ["rows", 1, 2], {"value": 1_250_000_000_000}))
    for written, score in (("1250000000000", 1), ("1250000000001", 0), ("=B2", 1), ("=B2/3*3", 1), ("=B2+1", 0)):
        assert earned(large, {"cells": {"C3": written}}) == score


@pytest.mark.parametrize(
    ("cells", "refusal"),
    [
        ({"B4": "=B4"}, ("cells.B4", "circular")),
        ({"B4": "=C4", "C4": "=SUM(B2:B5)"}, ("cells.B4", "circular")),
        ({"B4": "=D4"}, ("cells.B4", "outside_table")),
        ({"B4": "=B9"}, ("cells.B4", "outside_table")),
        ({"B4": "=SUM(B2:B99)"}, ("cells.B4", "outside_table")),
        ({"B4": f"=SUM({';'.join(['A1:C5'] * 20)})+SUM({';'.join(['A1:C5'] * 9)})"}, ("cells.B4", "too_many_cells")),
        ({"B4": "=" + "+".join(["A1"] * 66) + "+D1"}, ("cells.B4", "too_long")),
        ({"B4": "=FOO(B2)"}, ("cells.B4", "unknown_function")),
        ({"B4": "=SUM(1,5)"}, ("cells.B4", "ambiguous_formula")),
        ({"B4": "1.250"}, ("cells.B4", "ambiguous_number")),
        ({"B4": "nhiều"}, ("cells.B4", "not_a_number")),
        ({"B4": 30}, ("cells.B4", "not_a_text")),
        ({"B2": "1"}, ("cells", "unknown_part")),
        ({}, ("cells", "nothing_answered")),
    ],
)
def test_answer_names_what_is_wrong(cells, refusal):
    assert refusal_of(table.parse_content(RAW), {"cells": cells}) == refusal


def test_notation_settles_what_could_be_read_two_ways():
    content = table.parse_content(changed(RAW, ["rows", 1, 2], {"value": "1250"}))
    assert earned(content, {"cells": {"C3": "1.250"}, "notation": "vi"}) == 1
    assert earned(content, {"cells": {"C3": "1.250"}, "notation": "en"}) == 0
    assert refusal_of(content, {"cells": {"C3": "1"}, "notation": "fr"}) == ("notation", "unknown_notation")


def test_view_names_each_cell_and_shows_no_formula():
    view = table.player_view(table.parse_content(RAW), "vi", 1)
    assert [column["ref"] for column in view["columns"]] == ["A1", "B1", "C1"]
    assert view["rows"][1] == [
        {"ref": "A3", "text": "b (vi)"},
        {"ref": "B3", "text": "20,5"},
        {"ref": "C3", "input": "number"},
    ]
    assert view["rows"][3][1:] == [{"ref": "B5", "input": "formula"}, {"ref": "C5", "text": ""}]


def test_review_shows_what_the_sheet_came_to():
    content = table.parse_content(RAW)
    value = table.parse_response(content, {"cells": {"B4": "=SUM(B2:B3)*2", "C4": "=C2/(B2-B2)", "B5": "=B4+C4"}})
    rows = table.review_view(content, "vi", value)["rows"]
    assert {key: rows[2][1][key] for key in ("wanted", "formula", "given", "result", "correct")} == {
        "wanted": "30,5",
        "formula": "=SUM(B2:B3)",
        "given": "=SUM(B2:B3)*2",
        "result": "61",
        "correct": False,
    }
    assert (rows[2][2]["result"], rows[3][1]["result"]) == ("division_by_zero", "division_by_zero")
    assert (rows[1][2]["given"], rows[1][2]["result"], rows[3][1]["wanted"]) == (None, None, "0,33")


def test_sheet_that_refers_to_itself_many_times_is_worked_out_once_a_cell():
    rows = [[text(str(row)), {"value": 1}] for row in range(12)]
    content = table.parse_content(frame("table", columns=[text("x"), text("y")], rows=rows))
    cells = {f"B{row}": "=" + "+".join([f"B{row + 1}"] * 40) for row in range(2, 13)} | {"B13": "1"}
    value = table.parse_response(content, {"cells": cells})
    assert table.results(content, value)["B2"] == Decimal(40) ** 11
    assert table.score(content, value) == 0


@pytest.mark.parametrize(
    ("path", "value", "problems"),
    [
        (["rows", 2, 1, "formula"], "=SUM(B2:B9)", [("rows[2][1].formula", "outside_table")]),
        (["rows", 2, 1, "formula"], "=B5", [("rows[2][1].formula", "circular")]),
        (["rows", 2, 1, "formula"], "SUM(B2)", [("rows[2][1].formula", "not_a_formula")]),
        (["rows", 2, 1, "formula"], "=SUM(1,5)", [("rows[2][1].formula", "ambiguous_formula")]),
        (["rows", 2, 1, "formula"], 5, [("rows[2][1].formula", "not_a_formula")]),
        (
            ["rows", 2, 1, "formula"],
            "=B2/(B3-B3)",
            [("rows[2][1].formula", "division_by_zero"), ("rows[3][1].formula", "division_by_zero")],
        ),
        (["rows", 2, 1], {"formula": "=B2", "value": 1}, [("rows[2][1].value", "unknown_key")]),
        (["rows", 0], [text("a"), 1], [("rows[0]", "wrong_number")]),
        (["rows", 0, 1], "1,5", [("rows[0][1]", "not_a_number")]),
        (["rows", 0, 1], True, [("rows[0][1]", "not_a_number")]),
        (["rows", 0, 0], {"vi": "a"}, [("rows[0][0].en", "empty")]),
        (["rows"], [[text("a"), 1, 2]], [("rows", "wrong_number_asked")]),
        (
            ["columns"],
            [text("a")],
            [
                ("columns", "wrong_number"),
                *[(f"rows[{n}]", "wrong_number") for n in range(4)],
            ],
        ),
    ],
)
def test_table_names_problems(path, value, problems):
    assert problems_of(changed(RAW, path, value), "table") == problems


@pytest.mark.parametrize("number", ["0", "1", "-1", "7", "-250", "0.1", "-3.25", "1000000"])
def test_variations_keep_sign_and_decimals_and_are_other_numbers(number):
    value = Decimal(number)
    varieties = {varied(value, Cell(1, row), variation) for row in range(5) for variation in (1, 2)}
    assert value not in varieties
    assert varied(value, Cell(1, 1), 0) == value
    for each in varieties:
        assert each < 0 if value < 0 else each > 0
        assert each.as_tuple().exponent == value.as_tuple().exponent
        assert abs(each) <= abs(value) * Decimal("1.5") + 3


def test_key_is_worked_out_on_variations_too():
    content = table.parse_content(RAW)
    totals = {KeySheet(content, variation)(Cell(1, 3)) for variation in range(3)}
    assert Decimal("30.5") in totals
    assert len(totals) == 3


def test_circles_are_found_over_several_steps():
    formulas = {Cell(0, 0): Cell(0, 1), Cell(0, 1): Cell(0, 2), Cell(0, 2): Cell(0, 0)}
    assert find_circle(formulas) == Cell(0, 0)
    assert find_circle({Cell(0, 0): Cell(0, 1), Cell(0, 1): Cell(0, 2)}) is None
