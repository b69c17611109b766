"""Numbers in Vietnamese and English notation."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.items.decimal_forms import NumberFormError, read_number, show_number


def reason(text: str, **options: object) -> str:
    with pytest.raises(NumberFormError) as caught:
        read_number(text, **options)
    return caught.value.reason


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", "0"),
        ("1234", "1234"),
        ("1.234,5", "1234.5"),
        ("1,234.5", "1234.5"),
        ("1.234.567", "1234567"),
        ("1,234,567", "1234567"),
        ("1 234 567", "1234567"),
        ("1 234,567", "1234.567"),
        ("1\u00a0234.567", "1234.567"),
        ("12,5", "12.5"),
        ("12.5", "12.5"),
        ("0,125", "0.125"),
        ("0.125", "0.125"),
        ("1234,567", "1234.567"),
        ("1,2345", "1.2345"),
        ("-7", "-7"),
        ("\u22127,5", "-7.5"),
        ("+7", "7"),
        ("1.234,567", "1234.567"),
        ("  3  ", "3"),
    ],
)
def test_number_that_can_be_read_one_way_only(text, value):
    assert read_number(text) == Decimal(value)
    assert read_number(text, notation="vi") == read_number(text, notation="en") == Decimal(value)


@pytest.mark.parametrize(
    ("text", "vi", "en"), [("1.234", "1234", "1.234"), ("1,234", "1.234", "1234"), ("-12.500", "-12500", "-12.5")]
)
def test_ambiguous_number_is_refused_unless_the_notation_is_known(text, vi, en):
    assert reason(text) == "ambiguous_number"
    assert read_number(text, notation="vi") == Decimal(vi)
    assert read_number(text, notation="en") == Decimal(en)


@pytest.mark.parametrize(
    ("text", "value"), [("1.234", 1234), ("1,234", 1234), ("1.000", 1000), ("12.5", Decimal("12.5"))]
)
def test_where_only_whole_numbers_are_meant_marks_set_off_groups(text, value):
    assert read_number(text, whole=True) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "x",
        "1.23.456",
        "1234,567.8",
        "12 34",
        "1,",
        ",5",
        "1..2",
        "1,2,3",
        "1e3",
        "10²",
        "٣",
        "１２",
        "0x1",
        "1.234 567",
        "--1",
        "1 - 2",
        "nan",
        "1" * 41,
    ],
)
def test_what_is_no_number_is_refused(text):
    assert reason(text) == "not_a_number"


def test_number_beyond_what_is_scored_is_refused():
    assert reason("1" + "0" * 15) == "too_large"
    assert reason("1" + "0" * 15, whole=True) == "too_large"


@given(st.decimals("-99999999999", "99999999999", places=9), st.sampled_from(["vi", "en"]))
def test_shown_number_reads_back(value, locale):
    assert read_number(show_number(value, locale), notation=locale) == value


@given(st.integers(-(10**14), 10**14), st.sampled_from(["vi", "en"]))
def test_whole_numbers_are_shown_so_that_they_are_never_ambiguous(value, locale):
    assert read_number(show_number(Decimal(value), locale)) == value


@pytest.mark.parametrize(
    ("value", "vi", "en"),
    [
        ("1234.5", "1234,5", "1234.5"),
        ("1250000", "1\u00a0250\u00a0000", "1\u00a0250\u00a0000"),
        ("-0.50", "-0,5", "-0.5"),
        ("-0", "0", "0"),
    ],
)
def test_number_is_shown_with_the_mark_of_the_language(value, vi, en):
    assert (show_number(Decimal(value), "vi"), show_number(Decimal(value), "en")) == (vi, en)


def test_shown_decimals_are_limited():
    assert show_number(Decimal(2) / 3, "vi", 3) == "0,667"
    assert show_number(Decimal("-0.0004"), "en", 3) == "0"


@given(st.text("0123456789., -", max_size=14))
def test_any_text_of_digits_and_marks_is_read_or_refused(text):
    try:
        both = read_number(text)
    except NumberFormError as error:
        assert error.reason in {"not_a_number", "ambiguous_number"}
    else:
        assert both == read_number(text, notation="vi") == read_number(text, notation="en")
