"""Signed files: read back as written, and refused with the place of whatever was done to them. No database."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.domain.publication_format import (
    PublicationRefused,
    UnitCells,
    read_header,
    read_publication,
    write_publication,
)
from reports.domain.values import CellValues

KEY, OTHER = (Ed25519PrivateKey.from_private_bytes(bytes([place]) * 32) for place in (1, 2))
PUBLIC = KEY.public_key().public_bytes_raw()
HEADER = {
    "unit": "AB",
    "framework": "digital 1",
    "issued_at": "2026-11-22T10:00:00+00:00",
    "figures_at": "",
    "threshold": 5,
}
VALUES = CellValues(40, 36, 9_500_000, 4_000_000, 1_000_000, 12_000_000, (4_500_000,) * 8)
UNITS = [
    UnitCells("AB", "", "Tỉnh An Bình", "An Binh Province", {"1.1": VALUES, "1.2": None}, {"1.1": None}),
    UnitCells("AB-01", "AB", "Xã Đồng “Tâm”", "Dong Tam", {"1.1": VALUES, "1.2": None}, None),
    UnitCells("AB-02", "AB", "Xã Hòa", "Hoa", {"1.1": None}, None),
]


def file_of(units=UNITS, key=KEY, **header) -> bytes:
    return b"".join(write_publication(HEADER | header, units, key))


def refusal(content: bytes, public_key: bytes = PUBLIC) -> tuple[str, int | None]:
    with pytest.raises(PublicationRefused) as refused:
        read_publication(content, public_key)
    assert str(refused.value).strip()
    return refused.value.reason, refused.value.line


def test_what_was_written_is_read():
    header, units = read_publication(file_of(), PUBLIC)
    assert units == UNITS
    assert {name: header[name] for name in HEADER} == HEADER
    assert (header["units"], header["cells"]) == (3, 6)


@pytest.mark.parametrize(
    "change",
    [{"name_vi": "Xã\0"}, {"name_en": "x" * 301}, {"code": "A\0"}, {"code": "x" * 41}],
)
def test_a_text_that_cannot_be_kept_is_refused_though_it_is_signed(change):
    units = [UNITS[0], replace(UNITS[1], **change), UNITS[2]]
    assert refusal(file_of(units)) == ("bad_text", 3)


def test_bytes_are_canonical():
    content = file_of()
    assert content == file_of()
    for line in content.splitlines():
        row = json.loads(line)
        assert json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() == line
    assert "Xã Đồng “Tâm”".encode() in content


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_any_changed_byte_is_refused_where_it_stands(data):
    content = bytearray(file_of())
    at = data.draw(st.integers(0, len(content) - 1))
    was = content[at]
    content[at] = data.draw(st.integers(0, 255).filter(lambda byte: byte != was))
    line = bytes(content[:at]).count(b"\n") + 1
    reason, found = refusal(bytes(content))
    if ord("\n") in (was, content[at]) or line in (5, 6) or reason == "cut_off":
        return  # a line more or less, or the list and its signature, which answer for each other
    assert found == line


@given(st.integers(0, len(file_of()) - 1))
def test_a_file_cut_off_anywhere_is_refused(length):
    assert refusal(file_of()[:length])[0] in ("cut_off", "unreadable", "not_canonical")


def rows(change: Callable[[list[bytes]], object]) -> bytes:
    lines = file_of().splitlines(keepends=True)
    change(lines)
    return b"".join(lines)


def put(place: int, old: bytes, new: bytes) -> Callable[[list[bytes]], None]:
    def change(lines: list[bytes]) -> None:
        assert old in lines[place]
        lines[place] = lines[place].replace(old, new, 1)

    return change


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (put(2, b"[40,36,", b"[41,36,"), ("changed", 3)),
        (put(2, b'"1.2":null', b'"1.2":[9,9,0,0,0,0,0,0,0,0,0,0,0,0]'), ("changed", 3)),
        (put(0, b'"threshold":5', b'"threshold":1'), ("changed", 1)),
        (put(0, b'"version":1', b'"version":2'), ("other_version", 1)),
        (put(0, b"thang-cells", b"other-cells"), ("other_format", 1)),
        (put(0, b'"threshold":5', b'"threshold": 5'), ("not_canonical", 1)),
        (lambda lines: lines.pop(2), ("changed", 3)),
        (lambda lines: lines.pop(3), ("lines_missing", 3)),
        (lambda lines: lines.insert(4, lines[3]), ("lines_added", 5)),
        (lambda lines: lines.reverse(), ("other_format", 1)),
        (lambda lines: lines.pop(), ("cut_off", 5)),
        (lambda lines: lines.append(b"{}\n"), ("cut_off", 7)),
        (put(4, b'"digests":["', b'"digests":["0'), ("bad_signature", 6)),
    ],
)
def test_what_was_done_is_said_with_its_line(change, expected):
    assert refusal(rows(change)) == expected


def test_the_message_names_the_unit():
    with pytest.raises(PublicationRefused) as refused:
        read_publication(rows(put(2, b"[40,36,", b"[41,36,")), PUBLIC)
    assert str(refused.value) == "Line 3: This line was changed after it was signed (unit AB-01)."


def test_another_key_is_refused():
    assert refusal(file_of(), OTHER.public_key().public_bytes_raw()) == ("bad_signature", 6)
    forged = file_of(key=OTHER).replace(*(read_header(file_of(key=key))["key"].encode() for key in (OTHER, KEY)))
    assert refusal(forged) == ("bad_signature", 6)


def test_a_signature_of_the_list_does_not_serve_for_other_bytes():
    listed = file_of().splitlines(keepends=True)[-2]
    with pytest.raises(PublicationRefused):
        read_publication(b"".join([*file_of().splitlines(keepends=True)[:-1], KEY.sign(listed)]), PUBLIC)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (CellValues(4, 0), "too_few_people"),
        (CellValues(40, 4, 1), "too_few_people"),
        (CellValues(0, 0), "too_few_people"),
        (CellValues(40, 41), "bad_sums"),
        (CellValues(40, 20, 20_000_001), "bad_sums"),
        (CellValues(40, 20, -1), "bad_sums"),
        (CellValues(40, 20, 2**62), "bad_sums"),
    ],
)
def test_a_signed_figure_that_must_not_be_is_refused(values, reason):
    unit = UnitCells("AB", "", "x", "x", {"1.1": values}, None)
    assert refusal(file_of([unit])) == (reason, 2)


@pytest.mark.parametrize(
    "units",
    [[UNITS[1], UNITS[0]], [UNITS[0], UNITS[1], UNITS[1]], [UNITS[0], UnitCells("C", "NONE", "c", "c", {}, None)]],
)
def test_a_signed_tree_that_is_none_is_refused(units):
    assert refusal(file_of(units))[0] == "bad_tree"


def test_a_file_that_is_too_large_is_not_even_read(monkeypatch):
    monkeypatch.setattr("reports.domain.publication_format.MAX_BYTES", 100)
    assert refusal(file_of()) == ("too_large", None)
