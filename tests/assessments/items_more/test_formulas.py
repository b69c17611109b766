"""The formula language: what it reads, what it refuses, what it works out."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.items.formula_values import CellValue, FormulaFault, formula_value
from assessments.items.formulas import Cell, FormulaError, Range, cells_of, read_formula

SHEET: dict[str, CellValue] = {
    "B2": Decimal(10),
    "B3": Decimal(20),
    "B4": Decimal("4.5"),
    "C2": Decimal(-3),
    "C3": "text",
    "C4": None,
}


def lookup(cell: Cell) -> CellValue:
    return SHEET.get(str(cell))


def value(text: str, notation: str | None = None) -> Decimal:
    return formula_value(read_formula(text, notation), lookup)


def refusal(text: str, notation: str | None = None) -> str:
    with pytest.raises(FormulaError) as caught:
        read_formula(text, notation)
    return caught.value.reason


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("=1+2*3", "7"),
        ("=(1+2)*3", "9"),
        ("=10-4-3", "3"),
        ("=12/4/3", "1"),
        ("=-2*-3", "6"),
        ("=--2", "2"),
        ("=50%", "0.5"),
        ("=B2*10%", "1"),
        ("=b2+$B$3", "30"),
        ("=SUM(B2:B4)", "34.5"),
        ("=sum( B2 : B4 )", "34.5"),
        ("=SUM(B4:B2)", "34.5"),
        ("=SUM(B2:C4)", "31.5"),
        ("=SUM(B2:B4,100)", "134.5"),
        ("=AVERAGE(B2:B3)", "15"),
        ("=AVERAGE(B2:C2,C4)", "3.5"),
        ("=MIN(B2:C4)", "-3"),
        ("=MAX(B2:C4,99)", "99"),
        ("=COUNT(B2:C4)", "4"),
        ("=COUNT(C3,C4)", "0"),
        ("=MAX(C3:C4)", "0"),
        ("=C4+1", "1"),
        ("=IF(B2>=10,1,0)", "1"),
        ("=IF(B2<>10,1/0,5)", "5"),
        ("=IF(B2=10,B3,B4)", "20"),
        ("=B2>B3", "0"),
        ("=(B2<B3)+1", "2"),
        ("=ROUND(2.345,2)", "2.35"),
        ("=ROUND(-2.5,0)", "-3"),
        ("=ROUND(1234,-2)", "1200"),
        ("=ROUND(B2/3;2)", "3.33"),
        ("=B2*0,5", "5"),
        ("=B2*0.5", "5"),
        ("=SUM(B2;B3;0,5)", "30.5"),
        ("=SUM(B2:B3)*1,1", "33"),
        ("=B2\u00d72\u22121", "19"),
        ("=B2/3*3", "10"),
    ],
)
def test_formula_has_this_value(text, expected):
    assert abs(value(text) - Decimal(expected)) < Decimal("1e-20")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1+2", "not_a_formula"),
        ("", "not_a_formula"),
        ("=", "bad_formula"),
        ("=1+", "bad_formula"),
        ("=(1", "bad_formula"),
        ("=1)", "bad_formula"),
        ("=1 2", "bad_formula"),
        ("=B2:B4", "bad_formula"),
        ("=B0", "bad_formula"),
        ("=B2.x", "bad_formula"),
        ("=AA1", "bad_formula"),
        ("=B123", "bad_formula"),
        ("=ROUND(B2:B4,1)", "bad_formula"),
        ("=SUM()", "bad_formula"),
        ("=SUM(B2,)", "bad_formula"),
        ("=1=1=1", "bad_formula"),
        ("=2^3", "bad_formula"),
        ('="a"', "bad_formula"),
        ("=1e5", "bad_formula"),
        ("=1.5*2,5", "bad_formula"),
        ("=HYPERLINK(1)", "unknown_function"),
        ("=__import__(1)", "bad_formula"),
        ("=VLOOKUP(B2,B2:B4,1)", "unknown_function"),
        ("=IF(1,2)", "wrong_arguments"),
        ("=ROUND(1)", "wrong_arguments"),
        ("=" + "(" * 20 + "1" + ")" * 20, "too_deep"),
        ("=" + "-" * 30 + "1", "too_deep"),
        ("=" + "1+" * 150 + "1", "too_long"),
        ("=SUM(" + ";".join("1" * 21) + ")", "wrong_arguments"),
    ],
)
def test_what_is_not_in_the_language_does_not_parse(text, reason):
    assert refusal(text) == reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("=1/0", "division_by_zero"),
        ("=B2/C4", "division_by_zero"),
        ("=AVERAGE(C3:C4)", "division_by_zero"),
        ("=C3+1", "text_in_arithmetic"),
        ("=ROUND(1,0.5)", "bad_digits"),
        ("=ROUND(1,10)", "bad_digits"),
        ("=999999999999999*999999999999999*999999999999999", "too_large"),
    ],
)
def test_formula_without_a_value_says_why(text, reason):
    with pytest.raises(FormulaFault) as caught:
        value(text)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("text", "en", "vi"), [("=SUM(1,5)", "6", "1.5"), ("=SUM(B2*0,5)", "5", "5"), ("=MAX(B2*0,5)", "5", "5")]
)
def test_formula_with_two_meanings_is_refused_unless_the_notation_is_known(text, en, vi):
    assert refusal(text) == "ambiguous_formula"
    assert value(text, "en") == Decimal(en)
    assert value(text, "vi") == Decimal(vi)


def test_formula_that_is_one_notation_only_is_read_so_whatever_is_said():
    assert value("=IF(B2>5,1,0)", "vi") == 1
    assert value("=IF(B2>5;1;0)", "en") == 1
    assert value("=ROUND(B2*0,1)") == 0


def test_cells_of_a_formula():
    node = read_formula("=SUM(B2:C3)+IF(D9>1,A1,0)")
    assert sorted(str(cell) for cell in cells_of(node)) == ["A1", "B2", "B3", "C2", "C3", "D9"]
    assert [str(cell) for cell in Range(Cell(1, 1), Cell(0, 0)).cells()] == ["A1", "B1", "A2", "B2"]


@st.composite
def expressions(draw: st.DrawFn, depth: int = 3) -> tuple[str, str, Fraction | None]:
    """A formula in English and in Vietnamese notation, and its value as a fraction; None where it divides by zero."""
    if depth == 0 or draw(st.booleans()):
        number = draw(st.integers(0, 999))
        tenths = draw(st.integers(0, 9))
        return f"{number}.{tenths}", f"{number},{tenths}", Fraction(number * 10 + tenths, 10)
    shape = draw(st.sampled_from(["+", "-", "*", "/", "SUM", "MIN", "MAX", "IF", "neg"]))
    (en1, vi1, first), (en2, vi2, second) = draw(expressions(depth - 1)), draw(expressions(depth - 1))
    if first is None or second is None:
        return f"({en1})+({en2})", f"({vi1})+({vi2})", None
    if shape == "neg":
        return f"-({en1})", f"-({vi1})", -first
    if shape == "IF":
        chosen = first if first < second else second
        return f"IF({en1}<{en2},{en1},{en2})", f"IF({vi1}<{vi2};{vi1};{vi2})", chosen
    if shape in ("SUM", "MIN", "MAX"):
        found = {"SUM": first + second, "MIN": min(first, second), "MAX": max(first, second)}[shape]
        return f"{shape}({en1},{en2})", f"{shape}({vi1};{vi2})", found
    if shape == "/":
        return f"({en1})/({en2})", f"({vi1})/({vi2})", first / second if second else None
    worked = {"+": first + second, "-": first - second, "*": first * second}[shape]
    return f"({en1}){shape}({en2})", f"({vi1}){shape}({vi2})", worked


@given(expressions())
def test_both_notations_agree_with_exact_arithmetic(expression):
    en, vi, expected = expression
    if len(en) > 190 or ("IF" in en and "/" in en):
        return
    assert read_formula(f"={en}", "en") == read_formula(f"={vi}", "vi")
    try:
        found = value(f"={en}", "en")
    except FormulaFault as fault:
        assert (fault.reason, expected) == ("division_by_zero", None)
    else:
        assert expected is not None
        assert abs(Fraction(found) - expected) <= abs(expected) / 10**25 + Fraction(1, 10**20)


@given(st.text("=ABCSUMIF0123456789+-*/(),;:.<>% $", max_size=40))
def test_any_text_is_read_or_refused(text):
    try:
        node = read_formula("=" + text)
    except FormulaError as error:
        assert error.reason
        return
    try:
        assert abs(formula_value(node, lookup)) <= Decimal(10) ** 30
    except FormulaFault as fault:
        assert fault.reason
