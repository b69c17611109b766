"""Whole numbers of requests."""

import pytest

from frontend.author.forms.pictures import Pixels
from frontend.numbers import read_whole


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("007", 7),
        ("999999999", 999_999_999),
        *((text, None) for text in ("", "-1", "1.0", " 1", "²", "٣", "1" * 10, "9" * 5000)),
    ],
)
def test_a_whole_number_is_a_few_plain_digits(text, number):
    assert read_whole(text) == number


def test_pixels_that_are_no_numbers_stay_as_they_were_written():
    assert Pixels(name="x", label="").dump("1; -2, --3, ², 12345678", "", []) == [1, -2, "--3", "²", "12345678"]
