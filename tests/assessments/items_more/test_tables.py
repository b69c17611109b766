"""Questions in tables: a row each, back and forth; every row accounted for; hostile workbooks refused quickly."""

import io
import tracemalloc
import zipfile

import pytest

from assessments.items.exchange.outcomes import ExchangeError
from assessments.items.exchange.reading import read_file
from assessments.items.exchange.row_fields import COLUMNS
from assessments.items.exchange.table_files import rows_of, write_csv, write_workbook
from assessments.items.exchange.table_rows import KINDS, example_rows, row_of
from assessments.items.file_upload import TYPES
from assessments.items.highlight import PROBLEMS
from tests.assessments.items_more.test_exchange import bank, content_of
from tests.effort import little_effort

QUESTION = {
    "kind": "single_choice",
    "stem_vi": "Ai ký?",
    "rationale_vi": "Nhớ",
    "right": "2",
    **{f"option_{place}_vi": text for place, text in enumerate("abc", start=1)},
    **{f"note_{place}_vi": "vì" for place in (1, 2, 3)},
}

OFFERED = f"rule: not_one_of {', '.join(PROBLEMS)[:80]}"
ENDINGS = f"rule: not_one_of {', '.join(TYPES)}"


def outcome(**changes: str):
    return read_file(write_csv([QUESTION | changes])).outcomes[0]


def said(found) -> list[tuple[str, str]]:
    return [(note.reason, note.detail) for note in found.notes]


@pytest.mark.parametrize("write", [write_csv, lambda rows: write_workbook(rows, title="Câu hỏi")])
def test_what_goes_out_in_a_row_comes_back_the_same(write):
    rows, left = rows_of(bank())
    found = read_file(write(rows))
    codes = {item.code for item, _reason in left}
    kept = [item for item in bank() if item.code not in codes]
    assert [(each.content, each.level, each.seconds, each.competency) for each in found.outcomes] == [
        (item.content, item.level, item.seconds, item.competency) for item in kept
    ]
    assert [each.row for each in found.outcomes] == list(range(2, len(kept) + 2))
    assert {item.content["kind"] for item in bank() if item.code in codes} == {
        *("table", "hotspot"),
    }


def test_template_has_an_example_of_each_kind_that_comes_as_it_is():
    found = read_file(write_workbook(example_rows(), title="x"))
    assert [(each.kind, each.status) for each in found.outcomes] == [(kind, "comes") for kind in KINDS]


def test_vietnamese_stands_for_both_languages_where_english_is_missing():
    found = outcome()
    content = content_of(found)
    assert (found.status, found.level, found.seconds) == ("comes", None, None)
    assert content["stem"] == {"vi": "Ai ký?", "en": "Ai ký?"}
    assert [option["correct"] for option in content["options"]] == [False, True, False]


@pytest.mark.parametrize(
    ("changes", "notes"),
    [
        ({"kind": ""}, [("cell_empty", "kind")]),
        ({"kind": "hotspot"}, [("no_such_row_kind", "kind: hotspot")]),
        ({"right": "4"}, [("no_right_answer", "right: 4")]),
        ({"right": ""}, [("no_right_answer", "right")]),
        ({"level": "9"}, [("not_in_range", "level: 9 (1–8)")]),
        ({"seconds": "1,5"}, [("not_in_range", "seconds: 1,5 (5–1800)")]),
        ({"seconds": "0" * 5000 + "60"}, [("not_in_range", f"seconds: {'0' * 20} (5–1800)")]),
        ({"kind": "short_text", "rule": "edits=" + "1" * 5000}, [("does_not_fit", "rule: not_in_range 0..2")]),
        ({"option_3_vi": "a"}, [("does_not_fit", "option_3_vi: repeated")]),
        ({"kind": "multiple_choice"}, [("does_not_fit", "option_…: some_correct_options")]),
        ({"kind": "true_false_reason"}, [("no_right_answer", "right: 2")]),
        ({"kind": "numeric", "right": "năm"}, [("does_not_fit", "right: not_a_number năm")]),
        ({"kind": "numeric", "right": "1,234"}, [("does_not_fit", "right: not_a_number 1,234")]),
        ({"kind": "short_text", "rule": "case=never"}, [("does_not_fit", "rule: not_one_of any, exact")]),
        ({"kind": "short_text", "rule": "size=2"}, [("unknown_rule", "rule: size=2")]),
        ({"kind": "essay", "rule": "words=a"}, [("unknown_rule", "rule: words=a-")]),
        ({"kind": "essay", "note_1_en": "x | y"}, [("levels_differ", "note_1_en")]),
        ({"kind": "categorise", "text_vi": "A\nB", "right": "1; 3; 1"}, [("no_right_answer", "right: 3")]),
        ({"kind": "categorise", "text_vi": "A\nB", "right": "1"}, [("no_right_answer", "right")]),
        ({"kind": "categorise", "text_vi": "A\nB", "text_en": "A"}, [("lines_differ", "text_en")]),
        ({"kind": "cloze", "text_vi": "[[a]] [[b]]", "right": "1"}, [("wrong_count", "right: 2")]),
        ({"kind": "cloze", "text_vi": "[[a]]", "right": "3"}, [("no_right_answer", "right: 3")]),
        ({"kind": "cloze", "text_vi": "[[a]]", "right": "number"}, [("does_not_fit", "option_1: not_a_number a")]),
        ({"kind": "cloze", "text_vi": "[[A]]", "right": "1"}, [("does_not_fit", "text: bad_name A")]),
        ({"kind": "highlight", "text_vi": "a\nb", "right": "3=bias"}, [("no_right_answer", "right: 3=bias")]),
        (
            {"kind": "highlight", "text_vi": "a\nb\nc\nd", "right": "3=bias"},
            [("does_not_fit", OFFERED)],
        ),
        ({"kind": "prompt", "text_vi": "nêu: a", "rule": ""}, [("no_sign", "text: nêu: a")]),
        ({"kind": "prompt", "rule": "characters=many"}, [("unknown_rule", "rule: characters=many")]),
        ({"kind": "file_upload", "rule": "types=exe"}, [("does_not_fit", ENDINGS)]),
        ({"kind": "file_upload", "rule": "types=pdf; most=x"}, [("unknown_rule", "rule: most=x")]),
    ],
)
def test_refused_row_names_its_column(changes, notes):
    found = outcome(**changes)
    assert (found.status, said(found), found.row) == ("refused", notes, 2)


def test_row_without_reasons_is_approximated_and_says_so():
    assert said(outcome(note_1_vi="", rationale_vi="")) == [("no_rationale", ""), ("no_reasons", "")]


def test_text_that_a_spreadsheet_would_run_is_guarded_and_comes_back():
    content = content_of(outcome(stem_vi="=1+1", option_1_vi="-5"))
    row = row_of(content)
    assert row is not None
    text = write_csv([row]).decode("utf-8-sig")
    assert ("'=1+1" in text, "'-5" in text) == (True, True)
    assert read_file(write_csv([row])).outcomes[0].content == content


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def workbook(changes: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (parts_of(write_workbook([QUESTION], title="x")) | changes).items():
            archive.writestr(name, content)
    return buffer.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
PLAIN = parts_of(write_workbook([QUESTION], title="x"))
FORMULA = PLAIN[SHEET].replace(b"</sheetData>", b'<row r="9"><c r="A9"><f>1+1</f><v>2</v></c></row></sheetData>')
STRINGS = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%s</sst>'
BAD_HEADER = write_csv([QUESTION]).replace(b"seconds", b"minutes", 1)
DOCTYPE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><workbook/>'


@pytest.mark.parametrize(
    ("data", "reason", "detail"),
    [
        (workbook({"xl/vbaProject.bin": b"x"}), "macros", ""),
        (workbook({"xl/externalLinks/externalLink1.xml": b"<externalLink/>"}), "external_links", ""),
        (workbook({SHEET: FORMULA}), "formulas", ""),
        (workbook({"xl/sharedStrings.xml": STRINGS % (b"<si><t>a</t></si>" * 550_000)}), "zip_bomb", None),
        (workbook({"xl/sharedStrings.xml": STRINGS % bytes(9_000_000)}), "zip_bomb", None),
        (workbook({"xl/sharedStrings.xml": STRINGS % (b"<si/>" * 990_000)}), "zip_bomb", None),
        (workbook({"../x.xml": b"<a/>"}), "path_traversal", None),
        (workbook({"xl/workbook.xml": DOCTYPE}), "forbidden_xml", None),
        (workbook({SHEET: b"<worksheet"}), "broken_table", "A1"),
        (BAD_HEADER, "bad_header", "minutes1"),
        (write_csv([QUESTION]).decode().encode("utf-8") + "Ai ký\u00ea?".encode("cp1252"), "not_utf8", "kind3"),
        (write_csv([QUESTION] * 2001), "too_many_questions", ""),
        (write_csv([]) + b"x" * 11_000_000, "too_large", ""),
        (write_csv([]), "no_questions", ""),
    ],
)
def test_hostile_table_is_refused_in_bounded_time_and_memory(data, reason, detail):
    with little_effort(), pytest.raises(ExchangeError):
        read_file(data)
    tracemalloc.start()
    with pytest.raises(ExchangeError) as caught:
        read_file(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert caught.value.reason == reason
    assert caught.value.detail == (detail if detail is not None else caught.value.detail)
    assert peak < 120 * 1024 * 1024


def test_every_column_of_the_template_is_known_once():
    assert len(set(COLUMNS)) == len(COLUMNS) == 78


def test_plain_judgement_and_gaps_of_every_way_go_through_a_row():
    judged = outcome(
        kind="true_false_reason",
        right="sai",
        **{f"option_{place}_vi": "" for place in (1, 2, 3)},
        **{f"note_{place}_vi": "" for place in (1, 2, 3)},
    )
    assert [content_of(judged)[name] for name in ("answer", "options")] == [False, []]
    filled = outcome(
        kind="cloze",
        text_vi="[[a]] ký, nộp trong [[b]] ngày tại [[c]]",
        text_en="[[b]] days, [[a]] signs, at [[c]]",
        right="2; number; text",
        rule="case=exact; edits=1",
        option_1_vi="trưởng phòng | chủ tịch",
        option_1_en="head | chair",
        option_2_vi="5",
        note_2_vi="10%",
        option_3_vi="một cửa | bộ phận một cửa",
        note_1_vi="",
        note_3_vi="",
    )
    gaps = content_of(filled)["gaps"]
    assert [each["correct"] for each in gaps["a"]["options"]] == [False, True]
    assert gaps["b"] == {"answer": "5", "tolerance": {"percent": "10"}}
    assert (gaps["c"]["accepted"]["en"], gaps["c"]["case"]) == (["một cửa", "bộ phận một cửa"], "exact")
    row = row_of(content_of(filled))
    assert row is not None
    assert read_file(write_csv([row])).outcomes[0].content == filled.content
