"""Questions of other tools: every one is accounted for, hostile files are refused, a round trip is true."""

import io
import json
import unicodedata
import warnings
import zipfile
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.items.exchange.gift import read_gift, write_gift
from assessments.items.exchange.outcomes import LONGEST_DETAIL, ExchangeError, Outcome
from assessments.items.exchange.qti_package import PackedItem, read_package, write_package
from assessments.items.exchange.qti_read import read_item
from assessments.items.exchange.qti_write import item_xml
from assessments.items.exchange.reading import read_file
from assessments.items.exchange.table_files import rows_of, write_csv, write_workbook
from assessments.items.exchange.xml_input import read_xml
from assessments.items.multiple_choice import ALL_OR_NOTHING
from assessments.items.registry import ITEM_TYPES, item_type
from tests.assessments.items.content import choice
from tests.effort import little_effort

GIFT = """// a remark
$CATEGORY: $course$/AI

::Q1::Công cụ nào\\: dùng được? {
=VNeID#Đúng
~Zalo#Sai
~Facebook#Sai
####Nhớ
}

Ai ký văn bản? {=người ký =Người ký văn bản}

Ghép đôi {=a -> 1 =b -> 2 =c -> 3}

Bao nhiêu? {#1822:5}

Khoảng? {#1..5}

Văn bản [html]<b>đậm</b> {T}

Viết đề xuất {}

Nhiều lựa chọn {~%50%a ~%50%b ~%-50%c ~%-50%d}

Thiếu ngoặc {=a ~b

Không có câu trả lời
"""


def content_of(outcome: Outcome) -> Mapping[str, Any]:
    assert outcome.content is not None
    return outcome.content


def statuses(outcomes) -> list[tuple[str, str]]:
    return [(each.status, each.kind or each.notes[0].reason) for each in outcomes]


def test_every_question_of_a_gift_file_is_accounted_for():
    found = read_file(GIFT.encode())
    assert found.format == "gift"
    assert statuses(found.outcomes) == [
        ("comes", "single_choice"),
        ("approximated", "short_text"),
        ("approximated", "matching"),
        ("approximated", "numeric"),
        ("approximated", "numeric"),
        ("approximated", "true_false_reason"),
        ("approximated", "essay"),
        ("approximated", "multiple_choice"),
        ("refused", "unclosed_braces"),
        ("refused", "no_answers"),
    ]
    first = content_of(found.outcomes[0])
    assert (first["stem"]["vi"], first["rationale"]["en"]) == ("Công cụ nào: dùng được?", "Nhớ")
    assert [option["correct"] for option in first["options"]] == [True, False, False]
    assert [content_of(found.outcomes[4])[name] for name in ("answer", "tolerance")] == ["3", {"absolute": "2"}]


AIKEN = "Thủ đô?\nA. Huế\nB. Hà Nội\nC. Vinh\nANSWER: B\n\nSai?\nA. một\nB. hai\nANSWER: D\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_aiken_is_read_in_every_unicode_encoding(encoding):
    found = read_file(AIKEN.encode(encoding))
    assert (found.format, found.guessed) == ("aiken", False)
    assert statuses(found.outcomes) == [("approximated", "single_choice"), ("refused", "no_right_answer")]
    assert [option["vi"] for option in content_of(found.outcomes[0])["options"]] == ["Huế", "Hà Nội", "Vinh"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Tập {1; 2} là gì?\nA. tập hợp\nB. số\nANSWER: A\n", "aiken"),
        ("Đặt x = {a=1}?\nA. một {1}\nB. hai\nANSWER: A\n\nHai?\nA. a\nB. b\nANSWER: B\n", "aiken"),
        ("Một { mở?\nA. a\nB. b\nANSWER: A\n", "aiken"),
        ("Một? {=a ~b}\n\nHai? {T}\n\nVí dụ:\nA. a\nB. b\nANSWER: A\n", "gift"),
        ("Một? {=a ~b}\nANSWER: A\n", "gift"),
    ],
)
def test_brace_or_an_answer_line_alone_does_not_make_the_format(text, kind):
    assert read_file(text.encode()).format == kind


def test_xml_in_utf_16_is_read_as_well_as_any_other():
    declared = MOODLE.replace('encoding="UTF-8"', 'encoding="UTF-16"')
    assert read_file(declared.encode("utf-16")).outcomes == read_file(MOODLE.encode()).outcomes


def test_decomposed_letters_and_single_byte_encodings_come_composed():
    decomposed = read_file(unicodedata.normalize("NFD", AIKEN).encode())
    assert decomposed.outcomes == read_file(AIKEN.encode()).outcomes
    western = read_file("Café?\nA. é\nB. è\nC. ê\nANSWER: A\n".encode("cp1252"))
    assert (western.guessed, content_of(western.outcomes[0])["options"][0]["vi"]) == (True, "é")


MOODLE = """<?xml version="1.0" encoding="UTF-8"?><quiz>
<question type="category"><category><text>x</text></category></question>
<question type="multichoice"><name><text>Câu 1</text></name>
<questiontext format="html"><text><![CDATA[<p>Chọn <b>một</b></p>]]></text></questiontext>
<generalfeedback><text>Nhớ</text></generalfeedback>
<answer fraction="100"><text>a</text><feedback><text>đúng</text></feedback></answer>
<answer fraction="0"><text>b</text><feedback><text>sai</text></feedback></answer>
<answer fraction="0"><text>c</text><feedback><text>sai</text></feedback></answer></question>
<question type="numerical"><name><text>Câu 2</text></name><questiontext><text>Số?</text></questiontext>
<answer fraction="100"><text>3.5</text><tolerance>0.1</tolerance></answer></question>
<question type="matching"><name><text>Câu 3</text></name><questiontext><text>Ghép</text></questiontext>
<subquestion><text>a</text><answer><text>1</text></answer></subquestion>
<subquestion><text>b</text><answer><text>2</text></answer></subquestion>
<subquestion><text></text><answer><text>3</text></answer></subquestion></question>
<question type="calculated"><name><text>Câu 4</text></name><questiontext><text>x</text></questiontext></question>
</quiz>"""


def test_every_question_of_a_moodle_file_is_accounted_for():
    found = read_file(MOODLE.encode())
    assert found.format == "moodle_xml"
    assert [each.label for each in found.outcomes] == ["Câu 1", "Câu 2", "Câu 3", "Câu 4"]
    assert statuses(found.outcomes) == [
        ("comes", "single_choice"),
        ("approximated", "numeric"),
        ("approximated", "matching"),
        ("refused", "no_such_type"),
    ]
    assert content_of(found.outcomes[0])["stem"]["vi"] == "Chọn một"
    assert content_of(found.outcomes[2])["spare"][0]["vi"] == "3"


QTI2 = """<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="i" title="Câu QTI">
<responseDeclaration identifier="R" cardinality="single" baseType="identifier">{correct}</responseDeclaration>
<itemBody><p>Chọn</p><choiceInteraction responseIdentifier="R" maxChoices="1"><prompt>một?</prompt>
<simpleChoice identifier="A">a</simpleChoice><simpleChoice identifier="B">b</simpleChoice>
<simpleChoice identifier="C">c</simpleChoice></choiceInteraction></itemBody>{processing}</assessmentItem>"""
CORRECT = "<correctResponse><value>B</value></correctResponse>"
CONDITION = """<responseProcessing><responseCondition><responseIf><match><variable identifier="R"/>
<baseValue baseType="identifier">B</baseValue></match><setOutcomeValue identifier="SCORE">
<baseValue baseType="float">1</baseValue></setOutcomeValue></responseIf></responseCondition></responseProcessing>"""


@pytest.mark.parametrize(("correct", "processing"), [(CORRECT, ""), ("", CONDITION)])
def test_right_response_is_read_where_it_is_declared_or_compared(correct, processing):
    outcome = read_file(QTI2.format(correct=correct, processing=processing).encode()).outcomes[0]
    assert (outcome.status, content_of(outcome)["stem"]["vi"]) == ("approximated", "Chọn\nmột?")
    assert [option["correct"] for option in content_of(outcome)["options"]] == [False, True, False]


def condition(expression: str, points: int) -> str:
    return (
        f"<responseProcessing><responseCondition><responseIf>{expression}<setOutcomeValue identifier='SCORE'>"
        f"<baseValue baseType='float'>{points}</baseValue></setOutcomeValue></responseIf></responseCondition>"
        "</responseProcessing>"
    )


def mapping(**shares: float) -> str:
    entries = "".join(f'<mapEntry mapKey="{key}" mappedValue="{share}"/>' for key, share in shares.items())
    return f'<mapping defaultValue="0">{entries}</mapping>'


IS_B = '<match><variable identifier="R"/><baseValue baseType="identifier">B</baseValue></match>'


@pytest.mark.parametrize("processing", [condition(f"<not>{IS_B}</not>", 1), condition(IS_B, 0)])
def test_response_that_a_condition_turns_round_or_gives_nothing_is_no_key(processing):
    outcome = read_file(QTI2.format(correct="", processing=processing).encode()).outcomes[0]
    assert (outcome.status, outcome.notes[0].reason) == ("refused", "no_right_answer")


@pytest.mark.parametrize(
    ("declared", "is_simplified"),
    [(mapping(B=1), False), (mapping(B=1, C=-1), False), (mapping(A=0.5, B=1), True), (CORRECT + mapping(A=0.5), True)],
)
def test_mapping_alone_says_what_is_right(declared, is_simplified):
    outcome = read_file(QTI2.format(correct=declared, processing="").encode()).outcomes[0]
    assert [option["correct"] for option in content_of(outcome)["options"]] == [False, True, False]
    assert ("weights" in {note.reason for note in outcome.notes}) is is_simplified


def test_template_that_gives_all_or_nothing_is_kept():
    right = "<correctResponse><value>A</value><value>B</value></correctResponse>"
    template = '<responseProcessing template="http://www.imsglobal.org/question/qti_v2p1/rptemplates/match_correct"/>'
    fourth = '<simpleChoice identifier="C">c</simpleChoice><simpleChoice identifier="D">d</simpleChoice>'
    text = QTI2.replace('<simpleChoice identifier="C">c</simpleChoice>', fourth)
    outcome = read_file(text.format(correct=right, processing=template).encode()).outcomes[0]
    assert (outcome.kind, content_of(outcome).get("scoring", ALL_OR_NOTHING)) == ("multiple_choice", ALL_OR_NOTHING)
    assert "weights" not in {note.reason for note in outcome.notes}


def test_entry_that_goes_with_nothing_is_not_dropped_in_silence():
    entries = [
        "".join(f'<simpleAssociableChoice identifier="{key}">{key}</simpleAssociableChoice>' for key in keys)
        for keys in ("ABCD", "WXYZ")
    ]
    text = f"""<assessmentItem identifier="i" title="M"><responseDeclaration identifier="R"><correctResponse>
    <value>A X</value><value>B Y</value><value>C Z</value></correctResponse></responseDeclaration><itemBody>
    <matchInteraction responseIdentifier="R"><prompt>M</prompt><simpleMatchSet>{entries[0]}</simpleMatchSet>
    <simpleMatchSet>{entries[1]}</simpleMatchSet></matchInteraction></itemBody></assessmentItem>"""
    outcome = read_file(text.encode()).outcomes[0]
    assert (outcome.kind, outcome.notes[0].reason) == ("matching", "unpaired_dropped")


def test_question_without_an_answer_does_not_swallow_the_next_one():
    options = "A. a\nB. b\nC. c, and\nmore of it\n"
    found = read_file(f"One?\n{options}\nTwo?\n{options}ANSWER: C\n\nThree?\nA. a\n{options}ANSWER: A\n".encode())
    assert [(each.label, each.status, each.notes[0].reason) for each in found.outcomes] == [
        ("One?", "refused", "no_right_answer"),
        ("Two?", "approximated", "no_reasons"),
        ("Three?", "refused", "repeated_letters"),
    ]
    assert content_of(found.outcomes[1])["options"][2]["vi"] == "c, and more of it"


def test_question_with_answers_twice_does_not_swallow_the_next_one():
    found = read_file(b"One {=a ~b ~c}\nTwo {=a ~b ~c}\n\nThree {=a ~b ~c}\n")
    assert statuses(found.outcomes) == [("refused", "several_answers"), ("approximated", "single_choice")]


def bank() -> list[PackedItem]:
    contents = [module.parse_content(module.SAMPLE).to_dict() for module in ITEM_TYPES.values()]
    return [PackedItem(f"6.3-{number:02d}", "6.3", 4, 75, each) for number, each in enumerate(contents)]


def test_package_that_went_out_comes_back_the_same_by_digest():
    items = bank()
    package = write_package(items)
    back = read_package(package)
    again = [PackedItem(each.label, each.competency, each.level, each.seconds, each.content) for each in back]
    assert [item.digest for item in again] == [item.digest for item in items]
    assert write_package(again) == package


def test_item_whose_companion_was_changed_is_read_from_its_xml():
    """Control for the round trip: a false digest is noticed."""
    source = zipfile.ZipFile(io.BytesIO(write_package(bank()[:1])))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name in source.namelist():
            text = source.read(name).decode()
            target.writestr(name, text.replace('"level": 4', '"level": 5') if name.endswith(".json") else text)
    assert [each.status for each in read_package(buffer.getvalue())] == ["approximated"]


@pytest.mark.parametrize("kind", ["matching", "ordering", "categorise", "cloze", "single_choice"])
def test_other_tools_get_the_right_response_in_the_xml(kind):
    module = item_type(kind)
    content = module.parse_content(module.SAMPLE)
    outcome = read_item(read_xml(item_xml("x", content.to_dict()).encode()))
    read = item_type(outcome.kind).parse_content(outcome.content)
    assert outcome.kind == kind
    assert item_type(kind).maximum(read) == module.maximum(content)


def one_language(value: Any) -> Any:
    """A content that says in both languages what it says in Vietnamese, its `id`s made anew."""
    if isinstance(value, list):
        return [one_language(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    found = {key: one_language(each) for key, each in value.items() if key != "id"}
    return found | {"en": found["vi"]} if "vi" in found else found


def through_xml(kind: str, **changes: Any) -> tuple[Mapping[str, Any], Outcome]:
    """A content, and what becomes of its XML where nothing lies beside it."""
    module = item_type(kind)
    content = module.parse_content(one_language(module.SAMPLE) | changes).to_dict()
    return content, read_item(read_xml(item_xml("x", content).encode()))


@pytest.mark.parametrize(
    "changes",
    [
        {"tolerance": {"absolute": "2.5"}},
        {"tolerance": {"percent": "5"}},
        {"tolerance": {"absolute": "0"}, "whole": True, "units": []},
    ],
)
def test_number_comes_back_from_its_xml_with_tolerance_and_units(changes):
    content, outcome = through_xml("numeric", **changes)
    assert (outcome.content, outcome.notes) == (content, ())


@pytest.mark.parametrize("case", ["any", "exact"])
@pytest.mark.parametrize(("diacritics", "edits"), [("any", 1), ("exact", 2)])
def test_short_text_comes_back_from_its_xml_with_its_rules(case, diacritics, edits):
    wordings = {"vi": ["ảo giác máy", "bịa đặt"], "en": []}
    changes = {"case": case, "diacritics": diacritics, "edits": edits * (diacritics == "any"), "accepted": wordings}
    content, outcome = through_xml("short_text", **one_language(changes) | {"rejected": one_language({"vi": ["ảnh"]})})
    assert (outcome.content, outcome.notes) == (content, ())


@pytest.mark.parametrize("kind", ["multiple_choice", "matching", "ordering"])
def test_what_the_standard_can_say_comes_back_from_the_xml(kind):
    """All but the reasons of options, of which the report speaks."""
    content, outcome = through_xml(kind)
    back = {key: set(map(str, without_whys(value))) for key, value in content_of(outcome).items()}
    assert back == {key: set(map(str, without_whys(value))) for key, value in content.items()}
    assert [note.reason for note in outcome.notes] == (["no_reasons"] if kind == "multiple_choice" else [])


def without_whys(value: Any) -> list[Any]:
    entries = value if isinstance(value, list) else [value]
    return [{key: each[key] for key in each if key != "why"} if isinstance(each, dict) else each for each in entries]


def test_gaps_come_back_from_the_xml_with_their_rules():
    gaps = one_language(item_type("cloze").SAMPLE["gaps"]) | {"verify": {"answer": "3", "tolerance": {"percent": "2"}}}
    gaps["signer"] = {"accepted": {"vi": ["người ký"], "en": ["người ký"]}, "case": "exact", "edits": 1}
    content, outcome = through_xml("cloze", gaps=gaps)
    remove, verify, signer = content_of(outcome)["gaps"].values()
    assert [verify, signer] == [content["gaps"]["verify"], content["gaps"]["signer"]]
    assert {each["vi"]: each["correct"] for each in remove["options"]} == {
        each["vi"]: each["correct"] for each in content["gaps"]["remove"]["options"]
    }
    assert outcome.notes == ()


def entry(base: str, declared: str, processing: str = "") -> Outcome:
    text = f"""<assessmentItem identifier="i" title="T"><responseDeclaration identifier="R" cardinality="single"
    baseType="{base}">{declared}</responseDeclaration><itemBody><p>Bao nhiêu?</p><textEntryInteraction
    responseIdentifier="R"/></itemBody><responseProcessing>{processing}</responseProcessing></assessmentItem>"""
    return read_file(text.encode()).outcomes[0]


def comparison(attributes: str, name: str = "equal", operand: str = '<correct identifier="R"/>') -> str:
    return (
        f'<responseCondition><responseIf><{name} {attributes}><variable identifier="R"/>{operand}</{name}>'
        '<setOutcomeValue identifier="SCORE"><baseValue baseType="float">1</baseValue></setOutcomeValue></responseIf>'
        "</responseCondition>"
    )


@pytest.mark.parametrize(
    ("attributes", "answer", "tolerance", "reasons"),
    [
        ('toleranceMode="absolute" tolerance="0.5 0.5"', "20", {"absolute": "0.5"}, []),
        ('toleranceMode="absolute" tolerance="2"', "20", {"absolute": "2"}, []),
        ('toleranceMode="relative" tolerance="5 5"', "20", {"percent": "5"}, []),
        ('toleranceMode="exact"', "20", {"absolute": "0"}, []),
        ('toleranceMode="absolute" tolerance="1 3"', "21", {"absolute": "2"}, ["tolerance_centred"]),
        ('toleranceMode="relative" tolerance="10 20"', "21", {"absolute": "3"}, ["tolerance_centred"]),
        (
            'toleranceMode="absolute" tolerance="1 1" includeLowerBound="false"',
            *("20", {"absolute": "1"}, ["bounds_included"]),
        ),
        ('toleranceMode="absolute" tolerance="T1"', "20", {"absolute": "0"}, ["own_processing"]),
    ],
)
def test_tolerance_of_others_comes_with_the_number(attributes, answer, tolerance, reasons):
    found = entry("float", "<correctResponse><value>20.0</value></correctResponse>", comparison(attributes))
    content = content_of(found)
    assert (content["answer"], content["tolerance"]) == (answer, tolerance)
    assert [note.reason for note in found.notes if note.reason != "no_rationale"] == reasons


def test_rounding_and_numbers_that_only_a_condition_names_come():
    rounded = comparison('roundingMode="decimalPlaces" figures="2"', "equalRounded")
    found = entry("float", "<correctResponse><value>3.14</value></correctResponse>", rounded)
    assert content_of(found)["tolerance"] == {"absolute": "0.005"}
    compared = comparison(
        'toleranceMode="absolute" tolerance="1 1"', operand='<baseValue baseType="float">7</baseValue>'
    )
    found = entry("float", "", compared)
    assert [content_of(found)[name] for name in ("answer", "tolerance")] == ["7", {"absolute": "1"}]


@pytest.mark.parametrize(
    ("declared", "processing", "case", "reasons"),
    [
        ("<correctResponse><value>Hà Nội</value></correctResponse>", "", "exact", []),
        (
            "<correctResponse><value>Hà Nội</value></correctResponse>",
            comparison('caseSensitive="false" substring="false"', "stringMatch"),
            *("any", []),
        ),
        ('<mapping><mapEntry mapKey="Hà Nội" mappedValue="1" caseSensitive="false"/></mapping>', "", "any", []),
        (
            '<mapping><mapEntry mapKey="Hà Nội" mappedValue="1" caseSensitive="false"/>'
            '<mapEntry mapKey="HN" mappedValue="1"/></mapping>',
            *("", "any", ["case_simplified"]),
        ),
        (
            '<mapping><mapEntry mapKey="Hà Nội" mappedValue="1"/><mapEntry mapKey="HN" mappedValue="0.5"/></mapping>',
            *("", "exact", ["weights"]),
        ),
    ],
)
def test_rule_of_capitals_of_others_is_kept(declared, processing, case, reasons):
    found = entry("string", declared, processing)
    assert content_of(found)["case"] == case
    assert [note.reason for note in found.notes if note.reason != "no_rationale"] == reasons


def test_choice_between_true_and_false_is_a_judgement():
    text = QTI2.format(correct="<correctResponse><value>false</value></correctResponse>", processing="")
    for name, word in (("A", "true"), ("B", "false")):
        text = text.replace(f'identifier="{name}"', f'identifier="{word}"')
    text = text.replace('<simpleChoice identifier="C">c</simpleChoice>', "")
    content = content_of(read_file(text.encode()).outcomes[0])
    assert (content["kind"], content["answer"], content["options"]) == ("true_false_reason", False, [])
    _content, outcome = through_xml("true_false_reason")
    assert [outcome.kind, content_of(outcome)["answer"], len(content_of(outcome)["options"])] == [
        *("true_false_reason", False, 4),
    ]
    _content, outcome = through_xml("true_false_reason", options=[])
    assert [outcome.kind, content_of(outcome)["options"], outcome.notes] == ["true_false_reason", [], ()]


def test_gift_that_went_out_comes_back_with_the_same_options():
    module = item_type("single_choice")
    content = module.parse_content(module.SAMPLE).to_dict()
    text, left = write_gift([("6.3-01", content)], "vi")
    back = read_gift(text)[0]
    assert left == []
    assert [(each["vi"], each["correct"]) for each in content_of(back)["options"]] == [
        (each["vi"], each["correct"]) for each in content["options"]
    ]


def test_gift_says_what_it_can_and_remarks_on_the_rest():
    items = [(item.code, item.content) for item in bank()]
    text, remarks = write_gift(items, "vi")
    kinds = {item.code: item.content["kind"] for item in bank()}
    said = {kinds[code]: reason for code, reason in remarks}
    assert {kind for kind, reason in said.items() if reason == "simplified"} == {
        *("true_false_reason", "categorise", "short_text", "numeric", "essay"),
    }
    left = {kind for kind, reason in said.items() if reason == "no_such_type"}
    assert left == {"ordering", "cloze", "table", "highlight", "hotspot", "prompt", "file_upload"}
    back = {each.label: each for each in read_gift(text)}
    assert {kinds[label]: each.kind for label, each in back.items()} == {
        kind: kind for kind in set(kinds.values()) - left
    }


def test_one_gap_goes_out_as_a_missing_word():
    gap = {"options": [{"vi": "loại", "en": "x", "correct": True}, {"vi": "giữ", "en": "y", "correct": False}]}
    changes = {"text": {"vi": "Phải [[a]] đi.", "en": "[[a]]."}, "gaps": {"a": gap}}
    content = item_type("cloze").parse_content(dict(item_type("cloze").SAMPLE) | changes).to_dict()
    text, remarks = write_gift([("6.3-01", content)], "vi")
    (back,) = read_gift(text)
    assert (content_of(back)["stem"]["vi"].splitlines()[-1], back.kind) == ("Phải ____ đi.", "single_choice")
    assert remarks == [("6.3-01", "simplified")]


def test_match_that_belongs_to_several_is_a_category():
    found = read_gift("Xếp {=Word -> văn phòng =Excel -> văn phòng =Zalo -> nhắn tin = -> khác}")[0]
    content = content_of(found)
    assert (found.kind, [each["vi"] for each in content["categories"]]) == (
        "categorise",
        ["văn phòng", "nhắn tin", "khác"],
    )
    assert [each["category"] for each in content["cards"]] == ["category1", "category1", "category2"]


# --- hostile files ----------------------------------------------------------------------------------------------------
def archive(**entries: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in entries.items():
            target.writestr(name, content)
    return buffer.getvalue()


def link() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        entry = zipfile.ZipInfo("a.xml")
        entry.external_attr = 0o120777 << 16
        target.writestr(entry, "/etc/passwd")
    return buffer.getvalue()


def twice() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target, warnings.catch_warnings(action="ignore"):
        target.writestr("a.xml", "<a/>")
        target.writestr("a.xml", "<b/>")
    return buffer.getvalue()


LAUGHS = '<!DOCTYPE q [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;">]><quiz>&b;</quiz>'
XXE = '<!DOCTYPE q [<!ENTITY a SYSTEM "file:///etc/passwd">]><quiz>&a;</quiz>'


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (XXE.encode(), "forbidden_xml"),
        (LAUGHS.encode(), "forbidden_xml"),
        (LAUGHS.encode("utf-16"), "forbidden_xml"),
        (XXE.encode("utf-16"), "forbidden_xml"),
        (("<a>" * 100).encode("utf-16"), "too_deep"),
        (b"\xff\xfe<", "not_text"),
        (b"<quiz " + b"a" * 10 + b'="' + b"x" * 30_000 + b'"/>', "too_large"),
        (b"<a>" * 100 + b"</a>" * 100, "too_deep"),
        (b"<quiz><question", "not_xml"),
        (archive(**{"../../evil.xml": b"<a/>"}), "path_traversal"),
        (archive(**{"/etc/evil.xml": b"<a/>"}), "path_traversal"),
        (archive(**{"C:\\\\evil.xml": b"<a/>"}), "path_traversal"),
        (link(), "symlink"),
        (archive(**{"a.xml": b" " * 20_000_000}), "zip_bomb"),
        (b"PK\x03\x04 no zip", "not_a_zip"),
        (twice(), "repeated_names"),
        (archive(**{"a.txt": b"x"}), "no_questions"),
        (b'<quiz a="' + b"x" * 15_000_000 + b'"/>', "too_large"),
        (b"\0\1\2", "not_text"),
        (b"", "unknown_format"),
        (b"hello", "unknown_format"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unknown_format"),
    ],
)
def test_hostile_file_is_refused_quickly(data, reason):
    with little_effort(), pytest.raises(ExchangeError) as caught:
        read_file(data)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    "data",
    [
        b"One {#1e999999999}\n\nTwo {#1:1e9999999}\n",
        b"One {#" + b"9" * 1_000_000 + b"}\n\nTwo {#" + b"9" * 500_000 + b".." + b"9" * 500_000 + b"}\n",
        ("One {" + "a\u0323\u0301" * 3 + "\u0323\u0301" * 500_000 + "}\n\nTwo").encode(),
        b'<quiz><question/><question type="multianswer"><questiontext><text>{1:MC:' + b"~a" * 1_000_000 + b"}</text>"
        b"</questiontext></question></quiz>",
        archive(**{f"{number}.xml": b"<a>" + b"<b/>" * 140_000 + b"</a>" for number in range(5)}),
        archive(**{f"{number}.xml": b"<a>" + b"<b/>" * 2_000 + b"</a>" for number in range(1500)}),
    ],
)
def test_hostile_question_is_refused_quickly(data):
    with little_effort():
        outcomes = read_file(data).outcomes
    assert {each.status for each in outcomes} == {"refused"}
    assert len(outcomes) > 1
    assert all(len(note.detail) <= LONGEST_DETAIL for each in outcomes for note in each.notes)


def test_every_item_of_a_package_is_found_whatever_its_ending_looks_like():
    good = QTI2.format(correct=CORRECT, processing="").encode()
    assert len(read_package(archive(**{"a.XML": good, "b.xml": good}))) == 2


def test_entity_in_one_item_of_a_package_spoils_that_item_alone():
    good = QTI2.format(correct=CORRECT, processing="").encode()
    outcomes = read_package(archive(**{"a.xml": XXE.encode(), "b.xml": good}))
    assert statuses(outcomes) == [("refused", "forbidden_xml"), ("approximated", "single_choice")]


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.text(st.sampled_from("{}=~#%:->\\ ab1\n"), max_size=120).map(str.encode)))
def test_any_bytes_are_read_or_refused(data):
    try:
        found = read_file(data)
    except ExchangeError:
        return
    for outcome in found.outcomes:
        assert (outcome.content is None) == (outcome.status == "refused")


def full_part() -> list[PackedItem]:
    """As many questions as a file of ours may have, together as long as they may be."""
    module = item_type("single_choice")
    items = []
    for number in range(1000):
        raw = choice("single_choice", [True, False, False])
        raw["stem"] = {"vi": f"Câu {number} " + "đề bài " * 210, "en": f"Question {number} " + "text " * 270}
        items.append(PackedItem(f"6.3-{number:04d}", "6.3", 4, 60, module.parse_content(raw).to_dict()))
    return items


@pytest.mark.parametrize(
    "write",
    [
        write_package,
        lambda items: write_csv(rows_of(items)[0]),
        lambda items: write_workbook(rows_of(items)[0], title="x"),
        lambda items: write_gift([(item.code, item.content) for item in items], "vi")[0].encode(),
    ],
    ids=["qti", "csv", "xlsx", "gift"],
)
def test_full_part_of_an_export_is_within_what_is_read(write):
    items = full_part()
    assert sum(len(json.dumps(item.content, ensure_ascii=False).encode()) for item in items) > 3_500_000
    found = read_file(write(items)).outcomes
    assert (len(found), {each.status for each in found} <= {"comes"}) == (1000, True)
