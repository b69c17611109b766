"""Comparing Vietnamese words."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.items.wording import comparable, within_distance

LETTERS = "aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạấầẩẫậắằẳẵặếềểễệốồổỗộớờởỡợứừửữựíìỉĩịýỳỷỹỵ "
vietnamese = st.text(LETTERS, max_size=20)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("hòa", "hoà"),
        ("thúy", "thuý"),
        ("khỏe", "khoẻ"),
        ("của", "cu\u0309a"),
        ("Ủy ban", "uỷ BAN"),
        ("  một   cửa. ", "một cửa"),
        ("“một cửa”", '"một cửa"'),
        ("tổ dân phố – khu phố", "tổ dân phố - khu phố"),
        ("một\u00a0cửa", "một cửa"),
        ("một\u200b cửa", "một cửa"),
        ("\u00d0ường", "Đường"),
        ("\u00f0ồng", "đồng"),
    ],
)
def test_same_words_compare_equal(first, second):
    assert comparable(first) == comparable(second)


def test_eth_stands_for_d_with_a_stroke_whatever_is_compared():
    assert comparable("\u00d0ồng", case=True) == comparable("Đồng", case=True) != comparable("đồng", case=True)
    assert comparable("\u00f0ồng", diacritics=False) == "dong"


@pytest.mark.parametrize(
    ("first", "second"), [("má", "mà"), ("ma", "mã"), ("đình", "dình"), ("cơn", "côn"), ("hòa", "hóa"), ("lê", "le")]
)
def test_other_words_differ_unless_diacritics_do_not_matter(first, second):
    assert comparable(first) != comparable(second)
    assert comparable(first, diacritics=False) == comparable(second, diacritics=False)


def test_case_matters_only_on_request():
    assert comparable("VNeID") == comparable("vneid")
    assert comparable("VNeID", case=True) != comparable("vneid", case=True)


@given(vietnamese)
def test_composed_and_decomposed_compare_equal(text):
    assert comparable(unicodedata.normalize("NFD", text)) == comparable(unicodedata.normalize("NFC", text))


@given(st.text(max_size=30), st.booleans(), st.booleans())
def test_comparable_form_is_its_own_without_diacritics(text, case, diacritics):
    once = comparable(text, case=case, diacritics=diacritics)
    assert "  " not in once
    if not diacritics:
        assert [
            char
            for char in unicodedata.normalize("NFD", once)
            if unicodedata.category(char) == "Mn" and unicodedata.combining(char)
        ] == []


def plain_distance(first: str, second: str) -> int:
    """Optimal string alignment distance by its definition, whole table."""
    table = [[0] * (len(second) + 1) for _ in range(len(first) + 1)]
    for i in range(len(first) + 1):
        for j in range(len(second) + 1):
            if not i or not j:
                table[i][j] = i + j
                continue
            table[i][j] = min(
                table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (first[i - 1] != second[j - 1])
            )
            if i > 1 and j > 1 and first[i - 1] == second[j - 2] and first[i - 2] == second[j - 1]:
                table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
    return table[-1][-1]


@given(st.text("abc", max_size=8), st.text("abc", max_size=8), st.integers(0, 3))
def test_distance_within_a_band_agrees_with_the_whole_table(first, second, most):
    assert within_distance(first, second, most) == (plain_distance(first, second) <= most)
