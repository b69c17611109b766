"""Typed answers are compared as people write them."""

import pytest

from assessments.simulations.wording import LocaleText, contains_number, contains_text, normalise, paragraphs


@pytest.mark.parametrize(
    "text",
    [
        "15000",
        "15.000",
        "15,000",
        "15 000",
        "15.000đ",
        "Lệ phí:15.000 đồng/bản.",
        "15 nghìn",
        "15 ngàn đồng",
        "15k",
        "15K nhé",
    ],
)
def test_number_is_found_however_it_is_written(text: str) -> None:
    assert contains_number(text, 15000) is True


@pytest.mark.parametrize("text", ["", "115000", "150.000", "15.000.000", "1.500", "15", "15 triệu", "15.0001", "nghìn"])
def test_other_numbers_are_not_taken_for_it(text: str) -> None:
    assert contains_number(text, 15000) is False


def test_number_with_decimals_and_units() -> None:
    assert contains_number("khoảng 1,5 triệu đồng", 1_500_000) is True
    assert contains_number("khoảng 8,5 điểm", 8.5) is True
    assert contains_number("8.000 đồng/bản, hai bản 16.000 đồng", 16000) is True


def test_phrase_is_found_without_diacritics_and_case_as_whole_words() -> None:
    assert contains_text("Đã đối chiếu LỆ PHÍ với trang thủ tục", "le phi") is True
    assert contains_text("lệ phíx", "lệ phí") is False
    assert contains_text("lệ phí", "") is False


def test_normalise_drops_marks_and_spaces() -> None:
    assert normalise("  Đường   Nguyễn  Huệ ") == "duong nguyen hue"


def test_text_of_an_unknown_locale_is_an_error() -> None:
    with pytest.raises(ValueError, match="locale is 'fr'"):
        LocaleText("a", "b").at("fr")


def test_paragraphs_split_at_blank_lines() -> None:
    assert paragraphs("a\nb\n\n c \n") == ["a b", "c"]
