"""Vietnamese names: order, search and English forms."""

import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from organisation.domain.names import (
    english_unit_name,
    fold_text,
    normalise_text,
    person_sort_key,
    sort_key,
    split_unit_name,
)

ALPHABET = "aăâbcdđeêghiklmnoôơpqrstuưvxy"
TONES = ["", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"]  # level, huyền, hỏi, ngã, sắc, nặng
VOWELS = "aăâeêioôơuưy"
TEXT = st.text(max_size=60)

# Given name first, then family name, then middle names; by hand, from the Vietnamese alphabet and its tones.
PEOPLE = [
    "Lê Văn An",
    "Nguyễn Thị An",
    "Nguyễn Văn An",
    "Trần An",
    "Phạm Ngọc Ánh",
    "Đỗ Thị Ân",
    "Vũ Quang Bảo",
    "Vũ Quang Bích",
    "Hoàng Thị Dung",
    "Bùi Tiến Dũng",
    "Bùi Tiến Đạt",
    "Ngô Minh Đức",
    "Lý Thị Hà",
    "Lý Thị Hạ",
    "Lý Thị Hoa",
    "Lý Thị Hòa",
    "Lý Thị Hoà",
    "Lý Thị Hương",
    "Lý Thị Hường",
    "Cao Bá Quát",
    "Cao Bá Quý",
    "Tạ Thị Thu",
    "Tạ Thị Thuý",
    "Tạ Thị Thư",
    "Đinh Thị Yến",
]


def in_order(texts: list[str]) -> list[str]:
    """The texts by their keys, from the opposite of the order they are given in."""
    backwards = list(reversed(texts))
    return sorted(backwards, key=sort_key)


def tone_word(tone: str) -> str:
    return unicodedata.normalize("NFC", f"ma{tone}")


def test_sort_key_orders_the_six_tones():
    words = [tone_word(tone) for tone in TONES]
    assert words == ["ma", "mà", "mả", "mã", "má", "mạ"]
    assert in_order(words) == words


def test_sort_key_orders_the_alphabet():
    assert in_order(list(ALPHABET)) == list(ALPHABET)


def test_sort_key_compares_letters_before_tones():
    assert sorted(["mát", "mạ", "mác", "ma", "man"], key=sort_key) == ["ma", "mạ", "mác", "man", "mát"]


def test_person_sort_key_orders_real_names():
    shuffled = PEOPLE.copy()
    random.Random(5).shuffle(shuffled)
    assert sorted(shuffled, key=lambda name: (person_sort_key(name), PEOPLE.index(name))) == PEOPLE


def test_person_sort_key_of_both_spellings_of_a_tone_is_one():
    assert person_sort_key("Lý Thị Hòa") == person_sort_key("Lý Thị Hoà")


def test_sort_key_orders_numbers_by_value():
    names = ["Phường 1", "Phường 02", "Phường 9", "Phường 10", "Phường 100", "Phường An Lạc"]
    assert in_order(names) == names


def test_sort_key_ignores_case_punctuation_and_composition():
    key = sort_key("Bà Rịa-Vũng Tàu")
    assert sort_key("  bà rịa – VŨNG   tàu.") == key
    assert sort_key(unicodedata.normalize("NFD", "Bà Rịa Vũng Tàu")) == key


def test_person_sort_key_takes_a_single_name():
    assert person_sort_key("Ánh") == sort_key("Ánh")
    assert person_sort_key("  ") == ""


@given(TEXT)
def test_sort_key_is_ascii_and_fits_its_column(text):
    key = sort_key(text)
    assert key.isascii()
    assert len(sort_key(text * 40)) <= 400
    assert person_sort_key(text).isascii()


@given(TEXT)
def test_normalise_text_and_its_keys_do_not_depend_on_composition(text):
    assert normalise_text(normalise_text(text)) == normalise_text(text)
    assert sort_key(unicodedata.normalize("NFD", text)) == sort_key(unicodedata.normalize("NFC", text))
    assert fold_text(unicodedata.normalize("NFD", text)) == fold_text(unicodedata.normalize("NFC", text))


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_sort_key_agrees_with_numbers(first, second):
    if len(str(first)) <= 9 and len(str(second)) <= 9:
        assert (sort_key(f"Tổ {first}") < sort_key(f"Tổ {second}")) == (first < second)


@given(st.sampled_from(VOWELS), st.integers(0, 5), st.integers(0, 5), st.text(ALPHABET, max_size=4))
def test_sort_key_orders_tones_of_any_vowel(vowel, first, second, ending):
    words = [unicodedata.normalize("NFC", f"t{vowel}{TONES[tone]}{ending}") for tone in (first, second)]
    assert (sort_key(words[0]) < sort_key(words[1])) == (first < second)


@given(st.text(ALPHABET, min_size=1, max_size=6), st.text(ALPHABET, min_size=1, max_size=6))
def test_sort_key_orders_level_words_like_the_alphabet(first, second):
    place = [[ALPHABET.index(letter) for letter in word] for word in (first, second)]
    assert (sort_key(first) < sort_key(second)) == (place[0] < place[1])


def test_fold_text_drops_diacritics():
    assert fold_text(" Đặng  Thuỳ Dương ") == "dang thuy duong"


@pytest.mark.parametrize(
    ("name_vi", "name_en"),
    [
        ("Thành Phố Hà Nội", "Ha Noi City"),
        ("Tỉnh Bà Rịa-Vũng Tàu", "Ba Ria-Vung Tau Province"),
        ("Huyện Ba Vì", "Ba Vi District"),
        ("Quận Đống Đa", "Dong Da District"),
        ("Quận 1", "District 1"),
        ("Thị xã Sơn Tây", "Son Tay Town"),
        ("Thị Trấn Tây Đằng", "Tay Dang Township"),
        ("Phường 12", "Ward 12"),
        ("Xã Minh Châu", "Minh Chau Commune"),
        ("Đặc khu Phú Quốc", "Phu Quoc Special Zone"),
        ("Sở Nội vụ", "So Noi vu"),
        ("Xã", "Xa"),
    ],
)
def test_english_unit_name(name_vi, name_en):
    assert english_unit_name(name_vi) == name_en


def test_split_unit_name_spells_the_kind_as_vietnamese_does():
    assert split_unit_name("Thành Phố  Hà Nội") == ("Thành phố", "Hà Nội")
    assert split_unit_name("Xãm") == ("", "Xãm")
