"""Short text, cloze and numeric: what is written, and what of it is taken."""

from decimal import Decimal

import pytest

from assessments.items import cloze, numeric, short_text
from tests.assessments.items.content import text
from tests.assessments.items_more.refusals import earned, problems_of, refusal_of
from tests.assessments.items_more.test_assigning_types import changed
from tests.assessments.items_more.twins import frame

WORDS = frame("short_text", accepted={"vi": ["hòa giải cơ sở"], "en": ["grassroots mediation"]})


@pytest.mark.parametrize(
    ("rules", "answer", "score"),
    [
        ({}, "hòa giải cơ sở", 1),
        ({}, "HOÀ  GIẢI cơ sở.", 1),
        ({}, "Grassroots mediation", 1),
        ({}, "hoa giai co so", 0),
        ({}, "hòa giải cơ sơ", 0),
        ({"diacritics": "any"}, "hoa giai co so", 1),
        ({"diacritics": "any"}, "hóa giải cơ số", 1),
        ({"edits": 1}, "hòa giải cơ sơ", 0),
        ({"edits": 1}, "hòa giải cơ sớ", 0),
        ({"edits": 2}, "hòa giải cơ só", 0),
        ({"edits": 2}, "hòa giải co sở", 0),
        ({"edits": 2}, "hòa gải cơ sớ", 0),
        ({"edits": 1, "diacritics": "any"}, "hóa gải cơ sớ", 1),
        ({"edits": 1}, "hòa gải cơ sở", 1),
        ({"edits": 1}, "hòa igải cơ sở", 1),
        ({"edits": 1}, "hòa gai cơ sở", 0),
        ({"edits": 2}, "hòa gaỉ cơ ssở", 1),
        ({"edits": 2}, "hoà gảii c sở", 1),
        ({"edits": 2}, "hòa giải cơ sở  aa", 0),
        ({"edits": 1, "case": "exact"}, "Hòa giải cơ sở", 0),
        ({"edits": 2, "case": "exact"}, "Hòa gải cơ sở", 0),
        ({"edits": 1, "case": "exact"}, "hòa gải cơ sở", 1),
        ({"edits": 1, "case": "exact", "diacritics": "any"}, "Hoa giai co so", 0),
        ({"edits": 1, "rejected": {"vi": ["hòa giải cơ số"], "en": ["hòa giả cơ sở"]}}, "hòa giả cơ sở", 0),
        ({"edits": 1, "rejected": {"vi": ["hóa giải cơ sở"], "en": []}}, "hò giải cơ sở", 1),
        ({"case": "exact"}, "Hòa giải cơ sở", 0),
        ({"case": "exact"}, "hoà giải cơ sở", 1),
    ],
)
def test_short_text_is_taken_as_the_content_says(rules, answer, score):
    assert earned(short_text.parse_content(WORDS | rules), {"text": answer}) == score


@pytest.mark.parametrize(
    ("rules", "problems"),
    [
        ({"accepted": {"vi": [], "en": ["a"]}}, [("accepted.vi", "wrong_number")]),
        ({"accepted": {"vi": ["..."], "en": ["a"]}}, [("accepted.vi[0]", "empty")]),
        ({"accepted": {"vi": ["a", " a "], "en": ["a"]}}, [("accepted.vi[1]", "repeated")]),
        ({"accepted": {"vi": ["sở"], "en": ["bureau"]}, "edits": 1}, [("accepted.vi[0]", "too_short_for_edits")]),
        ({"accepted": {"vi": ["a" * 201], "en": ["a"]}}, [("accepted.vi[0]", "too_long")]),
        ({"rejected": {"vi": ["Hoà giải cơ sở"], "en": []}}, [("rejected.vi[0]", "both_accepted_and_rejected")]),
        ({"edits": 3}, [("edits", "not_in_range")]),
        ({"case": True}, [("case", "not_one_of")]),
    ],
)
def test_short_text_names_problems(rules, problems):
    assert problems_of(WORDS | rules, "short_text") == problems


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ("a" * 201, "too_long"),
        (7, "not_a_text"),
        (None, "not_a_text"),
        ("a\0", "control_character"),
    ],
)
def test_short_answer_names_what_is_wrong(answer, reason):
    assert refusal_of(short_text.parse_content(WORDS), {"text": answer}) == ("text", reason)


def test_review_of_a_short_text_shows_the_wordings_of_its_language():
    content = short_text.parse_content(WORDS)
    review = short_text.review_view(content, "en", "hoà giải cơ sở")
    assert (review["accepted"], review["given"], review["correct"]) == (
        ["grassroots mediation"],
        "hoà giải cơ sở",
        True,
    )
    assert short_text.review_view(content, "en", None)["correct"] is False


GAPS = frame(
    "cloze",
    text={
        "vi": "[[who]] nộp hồ sơ tại [[where]] trong [[days]] ngày",
        "en": "In [[days]] days [[who]] files at [[where]]",
    },
    gaps={
        "who": {"options": [{**text("citizen"), "correct": True}, {**text("officer"), "correct": False}]},
        "where": {"accepted": {"vi": ["một cửa"], "en": ["one-stop desk"]}, "diacritics": "any"},
        "days": {"accepted": {"vi": ["5", "năm"], "en": ["5", "five"]}},
    },
)


def test_gaps_follow_the_order_of_each_language():
    content = cloze.parse_content(GAPS)
    vi, en = (cloze.player_view(content, locale, 1)["parts"] for locale in ("vi", "en"))
    names = {gap.id: name for name, gap in content.gaps.items()}
    assert [part.get("text") or names[part["gap"]] for part in vi] == [
        "who",
        " nộp hồ sơ tại ",
        "where",
        " trong ",
        "days",
        " ngày",
    ]
    assert [part.get("text") or names[part["gap"]] for part in en] == [
        "In ",
        "days",
        " days ",
        "who",
        " files at ",
        "where",
    ]
    assert [set(part) for part in vi if "gap" in part] == [{"gap", "options"}, {"gap", "longest"}, {"gap", "longest"}]


def test_right_gaps_are_points():
    content = cloze.parse_content(GAPS)
    ids = {name: gap.id for name, gap in content.gaps.items()}
    right, wrong = (option.id for option in content.gaps["who"].options)
    assert earned(content, {"gaps": {ids["who"]: right, ids["where"]: "Mot cua", ids["days"]: "five"}}) == 3
    assert earned(content, {"gaps": {ids["who"]: wrong, ids["where"]: "cổng", ids["days"]: "5"}}) == 1
    assert earned(content, {"gaps": {ids["who"]: right, ids["where"]: "", ids["days"]: None}}) == 1
    assert refusal_of(content, {"gaps": {ids["who"]: "x"}}) == (f"gaps.{ids['who']}", "unknown_option")
    assert refusal_of(content, {"gaps": {ids["days"]: 5}}) == (f"gaps.{ids['days']}", "not_a_text")
    assert refusal_of(content, {"gaps": {ids["days"]: ""}}) == ("gaps", "nothing_answered")


@pytest.mark.parametrize(
    ("path", "value", "problems"),
    [
        (["text", "vi"], "[[who]] [[where]]", [("text.vi", "gap_not_once")]),
        (["text", "en"], "[[who]] [[where]] [[days]] [[who]]", [("text.en", "gap_not_once")]),
        (["text", "en"], "[[who]] [[where]] [[days]] [[extra]]", [("text.en", "unknown_gap")]),
        (["gaps", "days"], {}, [("gaps.days.accepted", "not_a_mapping")]),
        (["gaps", "who", "options", 0, "correct"], False, [("gaps.who.options", "one_correct_option")]),
        (["gaps", "who", "options", 1, "vi"], "citizen (vi)", [("gaps.who.options[1].vi", "repeated")]),
        (
            ["gaps", "days", "options"],
            "x",
            [("gaps.days.accepted", "unknown_key"), ("gaps.days.options", "not_a_list")],
        ),
        (
            ["gaps"],
            {},
            [
                ("gaps", "wrong_number"),
                *[(f"text.{locale}", "unknown_gap") for locale in ("vi", "en") for _ in range(3)],
            ],
        ),
    ],
)
def test_cloze_names_problems(path, value, problems):
    assert problems_of(changed(GAPS, path, value), "cloze") == problems


COUNTED = frame(
    "cloze",
    text={"vi": "Phí [[fee]] đồng, [[days]] ngày", "en": "[[days]] days, a fee of [[fee]]"},
    gaps={"fee": {"answer": "1250.5", "tolerance": {"percent": 1}}, "days": {"answer": 5}},
)


def test_gap_for_a_number_takes_what_is_near_enough_in_either_notation():
    content = cloze.parse_content(COUNTED)
    assert cloze.parse_content(content.to_dict()) == content
    fee, days = (content.gaps[name].id for name in ("fee", "days"))
    assert [part.get("numeric") for part in cloze.player_view(content, "vi", 1)["parts"] if "gap" in part] == [True] * 2
    assert earned(content, {"gaps": {fee: "1.262,9", days: "5"}}) == 2
    assert earned(content, {"gaps": {fee: "1,238.1", days: "5,0"}}) == 2
    assert earned(content, {"gaps": {fee: "1237.9", days: "5.1"}}) == 0
    assert refusal_of(content, {"gaps": {fee: "1.250"}}) == (f"gaps.{fee}", "ambiguous_number")
    assert earned(content, {"gaps": {fee: "1.250"}, "notation": "vi"}) == 1
    assert earned(content, {"gaps": {fee: "1.250"}, "notation": "en"}) == 0
    assert refusal_of(content, {"gaps": {fee: "nhiều"}}) == (f"gaps.{fee}", "not_a_number")
    assert refusal_of(content, {"gaps": {fee: "1"}, "notation": "fr"}) == ("notation", "unknown_notation")


def test_review_of_a_gap_for_a_number_says_how_far_off_is_right():
    content = cloze.parse_content(COUNTED)
    review = cloze.review_view(content, "vi", {content.gaps["fee"].id: "12000.5"})
    assert [(part["right"], part["given"]) for part in review["parts"] if "gap" in part] == [
        (["1250,5 ± 12,505"], "12\u00a0000,5"),
        (["5"], None),
    ]


@pytest.mark.parametrize(
    ("path", "value", "problems"),
    [
        (["gaps", "fee", "answer"], "vài", [("gaps.fee.answer", "not_a_number")]),
        (["gaps", "fee", "tolerance"], {}, [("gaps.fee.tolerance", "one_of")]),
        (["gaps", "days", "tolerance"], {"absolute": -1}, [("gaps.days.tolerance.absolute", "too_small")]),
        (["gaps", "days", "accepted"], {}, [("gaps.days.accepted", "unknown_key")]),
    ],
)
def test_gap_for_a_number_names_problems(path, value, problems):
    assert problems_of(changed(COUNTED, path, value), "cloze") == problems


FEES = frame(
    "numeric",
    answer="1250000",
    tolerance={"absolute": 500},
    units=[
        {"vi": "đồng", "en": "dong", "aliases": ["đ", "VND"]},
        {"vi": "triệu đồng", "en": "million dong", "factor": 1000000},
        {"vi": "hồ sơ", "en": "files", "factor": None},
    ],
)


@pytest.mark.parametrize(
    ("written", "unit", "score"),
    [
        ("1250000", 0, 1),
        ("1.250.000", 0, 1),
        ("1,250,000 VND", None, 1),
        ("1 250 000đ", None, 1),
        ("1 250 000 \u20ab", None, 1),
        ("1 250 000 \u00d0ồng", None, 1),
        ("1250500", 0, 1),
        ("1250501", 0, 0),
        ("1249499", 0, 0),
        ("1,25", 1, 1),
        ("1.25 triệu đồng", None, 1),
        ("1,25 TRIỆU ĐỒNG", None, 1),
        ("1.25 million dong", 1, 1),
        ("1.25", 0, 0),
        ("1250000", 2, 0),
        ("1250000 hồ sơ", None, 0),
    ],
)
def test_quantity_counts_in_any_unit_of_its_kind(written, unit, score):
    content = numeric.parse_content(FEES)
    chosen = {} if unit is None else {"unit": content.units[unit].option.id}
    assert earned(content, {"value": written, **chosen}) == score


@pytest.mark.parametrize(
    ("answer", "refusal"),
    [
        ({"value": "1250000"}, ("unit", "missing")),
        ({"value": "1250000", "unit": ""}, ("unit", "missing")),
        ({"value": "1.250 triệu đồng"}, ("value", "ambiguous_number")),
        ({"value": "1250000 km"}, ("value", "unknown_unit")),
        ({"value": "1250000 đồng", "unit": "2"}, ("unit", "two_units")),
        ({"value": "một triệu"}, ("value", "not_a_number")),
        ({"value": 1250000}, ("value", "not_a_text")),
        ({"value": "1250000", "unit": "x"}, ("unit", "unknown_unit")),
        ({"value": "1.250 đồng", "notation": "fr"}, ("notation", "unknown_notation")),
        ({"unit": "1"}, ("value", "missing")),
    ],
)
def test_quantity_names_what_is_wrong(answer, refusal):
    content = numeric.parse_content(FEES)
    ids = {str(place): unit.option.id for place, unit in enumerate(content.units, start=1)}
    assert refusal_of(content, {key: ids.get(value, value) for key, value in answer.items()}) == refusal


def test_notation_settles_what_could_be_read_two_ways():
    content = numeric.parse_content(frame("numeric", answer="1.25"))
    assert refusal_of(content, {"value": "1.250"}) == ("value", "ambiguous_number")
    assert earned(content, {"value": "1.250", "notation": "en"}) == 1
    assert earned(content, {"value": "1.250", "notation": "vi"}) == 0
    assert earned(content, {"value": "1,250", "notation": "vi"}) == 1


def test_whole_numbers_need_no_notation_and_take_no_decimals():
    content = numeric.parse_content(frame("numeric", answer=1250, whole=True))
    assert [earned(content, {"value": value}) for value in ("1.250", "1,250", "1 250", "1250,0", "125")] == [
        1,
        1,
        1,
        1,
        0,
    ]
    assert refusal_of(content, {"value": "1250,5"}) == ("value", "not_whole")


@pytest.mark.parametrize(("value", "score"), [("-102", 1), ("-98", 1), ("-102,1", 0), ("100", 0), ("\u2212100", 1)])
def test_percent_tolerance_is_of_the_answer(value, score):
    content = numeric.parse_content(frame("numeric", answer=-100, tolerance={"percent": 2}))
    assert earned(content, {"value": value}) == score


def test_only_unit_goes_without_saying():
    raw = frame("numeric", answer=5, units=[{"vi": "ngày", "en": "days"}])
    content = numeric.parse_content(raw)
    assert [earned(content, {"value": value}) for value in ("5", "5 ngày", "5days")] == [1, 1, 1]


def test_units_that_differ_by_case_alone_are_two():
    raw = frame("numeric", answer=8, units=[{"vi": "Mb", "en": "Mb"}, {"vi": "MB", "en": "MB", "factor": 8}])
    content = numeric.parse_content(raw)
    assert [earned(content, {"value": value}) for value in ("8 Mb", "1 MB", "8 MB")] == [1, 1, 0]
    assert refusal_of(content, {"value": "8 mb"}) == ("value", "unknown_unit")


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        ({"answer": "1,5"}, [("answer", "not_a_number")]),
        ({"answer": True}, [("answer", "not_a_number")]),
        ({"answer": float("inf")}, [("answer", "not_a_number")]),
        ({"answer": "9" * 16}, [("answer", "not_a_number")]),
        ({"answer": 0.5, "whole": True}, [("answer", "not_whole")]),
        ({"tolerance": {"absolute": -1}}, [("tolerance.absolute", "too_small")]),
        ({"tolerance": {"absolute": 1, "percent": 1}}, [("tolerance", "one_of")]),
        ({"tolerance": {}}, [("tolerance", "one_of")]),
        ({"units": [{"vi": "km", "en": "km", "factor": 2}]}, [("units[0].factor", "first_is_one")]),
        (
            {"units": [{"vi": "km", "en": "km"}, {"vi": "m", "en": "m", "factor": 0}]},
            [("units[1].factor", "not_above_zero")],
        ),
        ({"units": [{"vi": "km", "en": "km"}, {"vi": "m", "en": "m", "aliases": ["km"]}]}, [("units[1]", "repeated")]),
        ({"units": [{"vi": "2 km", "en": "km"}]}, [("units[0].vi", "begins_with_a_digit")]),
    ],
)
def test_numeric_names_problems(fields, problems):
    assert problems_of(frame("numeric", **({"answer": 5} | fields)), "numeric") == problems


def test_review_of_a_quantity_shows_how_it_was_read():
    content = numeric.parse_content(FEES)
    value = numeric.parse_response(content, {"value": "1.25 triệu đồng"})
    review = numeric.review_view(content, "vi", value)
    assert review["given"] == {"written": "1.25 triệu đồng", "number": "1,25", "unit": "triệu đồng"}
    assert (review["answer"], review["unit"], review["allowed"]) == ("1\u00a0250\u00a0000", "đồng", "500")
    assert value.number == Decimal("1.25")


@pytest.mark.parametrize(
    ("answer", "score"),
    [
        ("Nghị định 13/2023/NĐ-CP", 1),
        ("Nghị địnhh 13/2023/NĐ-CP", 1),
        ("Nghị định 12/2023/NĐ-CP", 0),
        ("Nghị định 13/2013/NĐ-CP", 0),
        ("Nghị định 31/2023/NĐ-CP", 0),
        ("Nghị định 1/2023/NĐ-CP", 0),
    ],
)
def test_no_slip_in_a_number_is_forgiven(answer, score):
    words = {"accepted": {"vi": ["Nghị định 13/2023/NĐ-CP"], "en": ["Decree 13/2023/NĐ-CP"]}, "edits": 2}
    assert earned(short_text.parse_content(WORDS | words), {"text": answer}) == score
