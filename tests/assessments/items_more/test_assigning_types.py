"""Matching, categorising, highlighting: something is assigned to something."""

from copy import deepcopy
from typing import Any

import pytest

from assessments.items import categorise, highlight, matching
from tests.assessments.items.content import text
from tests.assessments.items_more.refusals import earned, problems_of, refusal_of
from tests.assessments.items_more.twins import frame

PAIRS = frame(
    "matching",
    pairs=[{"prompt": text(f"prompt {place}"), "match": text(f"match {place}")} for place in range(6)],
    spare=[text("spare")],
)


def changed(raw: dict[str, Any], path: list[Any], value: Any) -> dict[str, Any]:
    """A copy with one thing replaced."""
    copy = deepcopy(raw)
    place = copy
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return copy


def test_right_pairs_are_points_binned_to_four():
    content = matching.parse_content(PAIRS)
    right = list(content.right.items())
    spare = content.spare[0].id
    scores = [
        earned(content, {"pairs": {**dict.fromkeys(content.right, spare), **dict(right[:count])}}) for count in range(7)
    ]
    assert scores == [0, 0, 1, 2, 2, 3, 4]
    assert earned(content, {"pairs": dict(right[:3])}) == 2


def test_one_option_may_be_given_twice_and_is_right_once():
    content = matching.parse_content(frame("matching", pairs=PAIRS["pairs"][:2]))
    partner = content.pairs[0][1].id
    assert earned(content, {"pairs": dict.fromkeys(content.right, partner)}) == 1


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        (
            (["pairs", 1, "match"], text("match 0")),
            [("pairs[1].match.vi", "repeated"), ("pairs[1].match.en", "repeated")],
        ),
        ((["pairs", 1, "prompt", "vi"], "prompt 0 (vi)"), [("pairs[1].prompt.vi", "repeated")]),
        ((["spare", 0, "en"], "match 3 (en)"), [("spare[0].en", "repeated")]),
        ((["pairs", 2], {"prompt": text("a")}), [("pairs[2].match.vi", "empty"), ("pairs[2].match.en", "empty")]),
        ((["pairs"], PAIRS["pairs"][:1]), [("pairs", "wrong_number")]),
        ((["spare"], [text(str(place)) for place in range(9)]), [("spare", "wrong_number")]),
    ],
)
def test_matching_names_problems(change, problems):
    assert problems_of(changed(PAIRS, *change), "matching") == problems


@pytest.mark.parametrize(
    ("pairs", "refusal"),
    [
        ([], ("pairs", "not_a_mapping")),
        ({}, ("pairs", "nothing_answered")),
        ({"P": ""}, ("pairs", "nothing_answered")),
        ({"P": None}, ("pairs", "nothing_answered")),
        ({"x": "M"}, ("pairs", "unknown_part")),
        ({"P": "P"}, ("pairs.P", "unknown_option")),
        ({"P": ["M"]}, ("pairs.P", "unknown_option")),
    ],
)
def test_matching_answer_names_what_is_wrong(pairs, refusal):
    content = matching.parse_content(PAIRS)
    names = {"P": content.pairs[0][0].id, "M": content.pairs[0][1].id}
    named = (
        {names.get(key, key): names.get(str(value), value) for key, value in dict(pairs).items()} if pairs else pairs
    )
    field, reason = refusal
    assert refusal_of(content, {"pairs": named}) == (field.replace("P", names["P"]) if "." in field else field, reason)


def test_ids_of_matching_do_not_tell_partners():
    content = matching.parse_content(PAIRS)
    turned = [
        {"prompt": pair["prompt"], "match": PAIRS["pairs"][place - 1]["match"]}
        for place, pair in enumerate(PAIRS["pairs"])
    ]
    other = matching.parse_content(PAIRS | {"pairs": turned})
    assert {option.id for option in other.options} == {option.id for option in content.options}
    assert list(other.right) == list(content.right)
    assert list(other.right.values()) != list(content.right.values())


CARDS = frame(
    "categorise",
    categories=[{"name": name, **text(name)} for name in ("yes", "no", "maybe")],
    cards=[{**text(f"card {place}"), "category": ("yes", "no")[place % 2], "why": text("why")} for place in range(5)],
)


def test_cards_in_their_category_are_points_binned_to_four():
    content = categorise.parse_content(CARDS)
    maybe = content.categories["maybe"].id
    right = list(content.right.items())
    scores = [
        earned(content, {"cards": {**dict.fromkeys(content.right, maybe), **dict(right[:count])}}) for count in range(6)
    ]
    assert scores == [0, 0, 1, 2, 3, 4]


def test_categories_stand_in_the_authors_order_and_their_names_stay_behind():
    view = categorise.player_view(categorise.parse_content(CARDS), "en", 4)
    assert [option["text"] for option in view["options"]] == ["yes (en)", "no (en)", "maybe (en)"]
    assert {key for option in view["options"] + view["cards"] for key in option} == {"id", "text"}


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        ((["cards", 0, "category"], "perhaps"), [("cards[0].category", "not_one_of")]),
        (
            (["categories", 1, "name"], "yes"),
            [("categories[1].name", "repeated"), *[(f"cards[{n}].category", "not_one_of") for n in (1, 3)]],
        ),
        ((["categories", 2, "name"], "May be"), [("categories[2].name", "bad_name")]),
        ((["cards", 1, "vi"], "card 0 (vi)"), [("cards[1].vi", "repeated")]),
        ((["cards", 1, "why"], {"vi": "a"}), [("cards[1].why.en", "empty")]),
        ((["cards"], CARDS["cards"][:2]), [("cards", "wrong_number")]),
    ],
)
def test_categorise_names_problems(change, problems):
    assert problems_of(changed(CARDS, *change), "categorise") == problems


TEXT = frame(
    "highlight",
    offered=["hallucination", "personal_data"],
    segments=[
        text("sound 0"),
        {**text("invented"), "problem": "hallucination", "why": text("why")},
        text("sound 1"),
        {**text("a name"), "problem": "personal_data", "why": text("why")},
        text("sound 2"),
    ],
)


@pytest.mark.parametrize(
    ("marks", "score"),
    [
        ({1: "hallucination", 3: "personal_data"}, 2),
        ({1: "hallucination"}, 1),
        ({1: "personal_data"}, 0),
        ({1: "personal_data", 3: "personal_data"}, 1),
        ({1: "hallucination", 3: "personal_data", 0: "hallucination"}, 1),
        ({0: "hallucination", 2: "hallucination"}, 0),
        (dict.fromkeys(range(5), "hallucination"), 0),
    ],
)
def test_marks_on_sound_text_take_points_away(marks, score):
    content = highlight.parse_content(TEXT)
    ids = [segment.option.id for segment in content.segments]
    assert earned(content, {"marks": {ids[place]: problem for place, problem in marks.items()}}) == score


def test_segments_keep_the_order_of_the_text_and_equal_ones_their_own_ids():
    raw = changed(TEXT, ["segments", 2], text("sound 0"))
    view = highlight.player_view(highlight.parse_content(raw), "vi", 99)
    assert [segment["text"] for segment in view["segments"]] == [segment["vi"] for segment in raw["segments"]]
    assert len({segment["id"] for segment in view["segments"]}) == 5
    assert [option["id"] for option in view["options"]] == ["hallucination", "personal_data"]


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        (
            (["offered"], []),
            [("offered", "wrong_number"), ("segments[1].problem", "not_one_of"), ("segments[3].problem", "not_one_of")],
        ),
        (
            (["offered"], ["hallucination", "typo"]),
            [("offered[1]", "not_one_of"), ("offered[1]", "repeated"), ("segments[3].problem", "not_one_of")],
        ),
        ((["segments", 1, "problem"], "biased_phrase"), [("segments[1].problem", "not_one_of")]),
        ((["segments", 1], {**text("invented"), "problem": "hallucination"}), [("segments[1].why", "missing")]),
        ((["segments"], [text(str(place)) for place in range(4)]), [("segments", "no_problem")]),
        (
            (
                ["segments"],
                [{**text(str(n)), "problem": "hallucination", "why": text("why")} for n in range(3)] + [text("b")],
            ),
            [("segments", "too_few_sound")],
        ),
    ],
)
def test_highlight_names_problems(change, problems):
    assert problems_of(changed(TEXT, *change), "highlight") == problems


def test_problem_names_are_in_both_languages():
    assert [
        name for name, words in highlight.PROBLEMS.items() if not words.vi or not words.en or words.vi == words.en
    ] == []
