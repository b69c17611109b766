"""Whatever bytes, texts or values come: a result or the room's own refusal, never another error, and soon."""

import io
import json
import zipfile
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessments.items.bank_file import read_entry
from assessments.items.exchange.aiken import read_aiken
from assessments.items.exchange.encodings import decode_text
from assessments.items.exchange.gift import read_gift
from assessments.items.exchange.moodle import read_moodle
from assessments.items.exchange.outcomes import ExchangeError, Outcome
from assessments.items.exchange.qti_package import read_package
from assessments.items.exchange.qti_read import read_item
from assessments.items.exchange.reading import read_file
from assessments.items.exchange.row_fields import COLUMNS
from assessments.items.exchange.table_files import read_table, write_csv, write_workbook
from assessments.items.exchange.table_rows import KINDS, example_rows, outcome_of
from assessments.items.exchange.xml_input import read_xml
from assessments.items.problems import ContentError, ResponseError
from assessments.items.registry import ITEM_TYPES, MARKED_TYPES
from assessments.items.rubric import MarksError
from tests.assessments.items_more.test_exchange import bank
from tests.assessments.items_more.test_foreign_files import GIFT, MOODLE
from tests.effort import little_effort

fuzz = settings(max_examples=150, deadline=2000, suppress_health_check=[HealthCheck.too_slow])
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=True), st.text(max_size=20), st.binary(max_size=4)
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
GIFT_TEXT = st.text(st.sampled_from("{}=~#%:->\\|.$[]/ aT1\n\t<b>é"), max_size=160)
AIKEN_TEXT = st.lists(st.sampled_from(["A. a", "B) b", "ANSWER: B", "answer:A", "", "Hỏi?", "ANSWER:", "Z. z"])).map(
    "\n".join
)
TABLE_CELL = st.one_of(st.text(max_size=12), st.sampled_from(["1; 2", "true;1", "a | b", "tolerance=5%", "-1", "=1+1"]))
ROW = st.fixed_dictionaries(
    {"kind": st.sampled_from([*KINDS, "x"])}, optional={name: TABLE_CELL for name in COLUMNS if name != "kind"}
)


def is_accounted(outcomes: list[Outcome]) -> None:
    """Every outcome has content or a reason, and its content is one of its type."""
    for outcome in outcomes:
        if outcome.content is None:
            assert outcome.notes
        else:
            assert ITEM_TYPES[outcome.kind].parse_content(outcome.content).to_dict() == outcome.content


def attempt(read: Callable[[], Any], *refusals: type[Exception]) -> Any:
    """What comes, or None for a refusal of the kinds named."""
    try:
        return read()
    except refusals:
        return None


@fuzz
@given(st.one_of(st.binary(max_size=400), st.binary(max_size=100).map(lambda tail: b"PK\x03\x04" + tail)))
def test_any_bytes_are_a_file_or_refused(data):
    found = attempt(lambda: read_file(data), ExchangeError)
    is_accounted(list(found.outcomes) if found else [])
    attempt(lambda: decode_text(data), ExchangeError)
    attempt(lambda: read_package(data), ExchangeError)
    attempt(lambda: read_table(data), ExchangeError)


@fuzz
@given(GIFT_TEXT)
def test_any_text_is_gift_with_every_question_accounted(text):
    is_accounted(read_gift(text))


@fuzz
@given(AIKEN_TEXT)
def test_any_text_is_aiken_with_every_question_accounted(text):
    is_accounted(read_aiken(text))


MUTATIONS = st.lists(
    st.tuples(st.integers(0, 10**6), st.integers(0, 40), st.binary(max_size=6)), min_size=1, max_size=6
)


def mutated(source: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    for at, cut, put in changes:
        at %= len(source) + 1
        source = source[:at] + put + source[at + cut :]
    return source


WORKBOOK = write_workbook(example_rows(), title="x")


def package_of(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


@fuzz
@given(MUTATIONS, st.sampled_from([GIFT.encode(), MOODLE.encode(), write_csv(example_rows()), WORKBOOK]))
def test_damaged_file_is_read_or_refused(changes, source):
    found = attempt(lambda: read_file(mutated(source, changes)), ExchangeError)
    is_accounted(list(found.outcomes) if found else [])


PARTS = {
    name: zipfile.ZipFile(io.BytesIO(WORKBOOK)).read(name) for name in zipfile.ZipFile(io.BytesIO(WORKBOOK)).namelist()
}


@fuzz
@given(MUTATIONS, st.sampled_from(sorted(PARTS)))
def test_workbook_with_a_damaged_part_is_read_or_refused(changes, damaged):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in PARTS.items():
            archive.writestr(name, mutated(content, changes) if name == damaged else content)
    found = attempt(lambda: read_file(buffer.getvalue()), ExchangeError)
    is_accounted(list(found.outcomes) if found else [])


XML_NAMES = st.sampled_from(
    [
        *("quiz", "question", "name", "text", "questiontext", "answer", "feedback", "subquestion", "selectoption"),
        *("group", "tolerance", "units", "file", "assessmentItem", "itemBody", "responseDeclaration", "value", "p"),
        *("correctResponse", "choiceInteraction", "simpleChoice", "orderInteraction", "matchInteraction", "prompt"),
        *("simpleMatchSet", "simpleAssociableChoice", "gapMatchInteraction", "gap", "gapText", "modalFeedback"),
        *("textEntryInteraction", "inlineChoiceInteraction", "inlineChoice", "hottextInteraction", "hottext", "img"),
        *("extendedTextInteraction", "responseIf", "match", "variable", "baseValue", "mapEntry"),
    ]
)
XML_ATTRIBUTES = st.dictionaries(
    st.sampled_from(["type", "fraction", "identifier", "responseIdentifier", "baseType", "mapKey", "mappedValue"]),
    st.sampled_from(
        ["multichoice", "multianswer", "gapselect", "ordering", "numerical", "100", "50", "-x", "A", "B", "R", "float"]
    ),
    max_size=3,
)
XML_TEXT = st.sampled_from(["", "A", "B A", "1.5", "{1:MC:=a~b}", "[[1]]", "[[9]]", "x", "*", "đ <b>", "&", "\x85"])


def element(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def build(name: str, attributes: dict[str, str], text: str, children: list[str]) -> str:
        said = "".join(f' {key}="{value}"' for key, value in attributes.items())
        escaped = text.replace("&", "&amp;").replace("<", "&lt;")
        return f"<{name}{said}>{escaped}{''.join(children)}</{name}>"

    return st.builds(build, XML_NAMES, XML_ATTRIBUTES, XML_TEXT, st.lists(inner, max_size=4))


XML = st.recursive(st.just("<p/>"), element, max_leaves=15)


@fuzz
@given(st.lists(XML, max_size=4).map("".join))
def test_any_tree_is_a_moodle_document_or_a_qti_item(tree):
    root = attempt(lambda: read_xml(f"<quiz>{tree}</quiz>".encode()), ExchangeError)
    if root is not None:
        is_accounted(read_moodle(root))
    item = attempt(lambda: read_xml(f"<assessmentItem>{tree}</assessmentItem>".encode()), ExchangeError)
    if item is not None:
        is_accounted([read_item(item)])


@fuzz
@given(ROW)
def test_any_row_is_a_question_or_refused_with_its_column(row):
    is_accounted([outcome_of(row, 2)])


@fuzz
@given(st.integers(0, 14), st.lists(st.tuples(st.integers(0, 200), VALUES), min_size=1, max_size=3))
def test_package_whose_companion_is_anything_is_read_or_refused(place, changes):
    item = bank()[place]
    content = json.loads(json.dumps(item.content))
    for at, value in changes:
        change_leaf(content, at, value)
    companion = {"format": "thang-item-1", "code": "x", "competency": "", "level": 1, "seconds": 1, "content": content}
    raw = json.dumps(companion | {"digest": "0"}, default=str).encode()
    found = attempt(lambda: read_package(package_of("items/x.json", raw)), ExchangeError)
    is_accounted(found or [])


def change_leaf(content: Any, at: int, value: Any) -> None:
    """Put a value in place of some part of a content."""
    parents = [content]
    for each in parents:
        inner = each.values() if isinstance(each, dict) else each
        parents += [part for part in inner if isinstance(part, (dict, list)) and part]
    parent = parents[at % len(parents)]
    keys = list(parent) if isinstance(parent, dict) else list(range(len(parent)))
    parent[keys[at % len(keys)]] = value


@pytest.mark.parametrize("kind", sorted(ITEM_TYPES))
@settings(fuzz, max_examples=60)
@given(at=st.integers(0, 300), value=VALUES, raw=VALUES)
def test_content_answer_and_marks_of_any_shape_are_read_or_refused(kind, at, value, raw):
    module = ITEM_TYPES[kind]
    broken = json.loads(json.dumps(module.SAMPLE))
    change_leaf(broken, at, value)
    content = attempt(lambda: module.parse_content(broken), ContentError)
    attempt(lambda: module.parse_content(raw), ContentError)
    attempt(lambda: read_entry({"code": "6.3-01", "level": 1, "seconds": 60, **broken}, "6.3"), ContentError)
    sample = content or module.parse_content(module.SAMPLE)
    key = json.loads(json.dumps(module.key(sample)))
    change_leaf(key, at, raw)
    for answer in (key, raw):
        given_value = attempt(partial(module.parse_response, sample, answer), ResponseError)
        if given_value is not None:
            module.score(sample, given_value)
            module.review_view(sample, "vi", given_value)
    if kind in MARKED_TYPES:
        attempt(lambda: MARKED_TYPES[kind].parse_marks(sample, raw), MarksError)


GAPS = "<textEntryInteraction responseIdentifier='R'/><responseDeclaration identifier='R'/>"
STRINGS = "".join(f"<si><t>{'|' * 32_000}</t></si>" for _ in range(3))
CELLS = "".join(
    f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c>'
    + "".join(f'<c r="{column}{row}" t="s"><v>1</v></c>' for column in "BCDEFGHIJKLMNOP")
    + "</row>"
    for row in range(2, 2000)
)


def amplified() -> bytes:
    """A small workbook whose cells all name one long text: some 900 MB once each cell has its own."""
    buffer = io.BytesIO()
    header = "".join(
        f'<c r="{letter}1" t="inlineStr"><is><t>{name}</t></is></c>'
        for letter, name in zip("ABCDEFGHIJKLMNOP", COLUMNS, strict=False)
    )
    sheet = f'<worksheet><sheetData><row r="1">{header}</row>{CELLS}</sheetData></worksheet>'
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        changed = {"xl/worksheets/sheet1.xml": sheet, "xl/sharedStrings.xml": f"<sst>{STRINGS}</sst>"}
        for name, content in (PARTS | changed).items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"{" * 4_000_000,
        b"::a" * 1_000_000 + b"{=a ~b}",
        b"q {" + b"=a->b " * 600_000 + b"}",
        b"q {" + b"~%50%a " * 500_000 + b"}",
        b"<" * 2_000_000 + b" {=a ~b}",
        b"A. a\n" * 800_000 + b"ANSWER: A\n",
        b"<quiz><question type='multianswer'><questiontext><text>"
        + b"{:SA:=a}" * 1_000_000
        + b"</text></questiontext></question></quiz>",
        b"<quiz><question type='gapselect'><questiontext><text>"
        + b"[[1]]" * 500_000
        + b"</text></questiontext>"
        + b"<selectoption/>" * 100_000
        + b"</question></quiz>",
        f"<assessmentItem><itemBody>{GAPS * 60_000}</itemBody></assessmentItem>".encode(),
        ("<assessmentItem><itemBody><gapMatchInteraction>" + "<gap/><gapText/>" * 90_000).encode()
        + b"</gapMatchInteraction></itemBody></assessmentItem>",
        write_csv([{"kind": "essay", "stem_vi": "x", "note_1_vi": "|" * 60_000}] * 100),
        amplified(),
    ],
    ids=range(12),
)
def test_file_made_to_take_long_does_not(data):
    with little_effort():
        attempt(lambda: read_file(data), ExchangeError)
