"""Contents: read whole or refused with every problem named."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.items.problems import ContentError, UnknownItemType
from assessments.items.registry import ITEM_TYPES, item_type
from tests.assessments.items.content import choice, contents, json_values, steps

SINGLE = choice("single_choice", [False, True, False])
MULTIPLE = choice("multiple_choice", [True, False, True, False])
FUNCTIONS = {"parse_content", "player_view", "parse_response", "score", "maximum", "key", "review_view"}


def problems_of(raw: Any, kind: str = "single_choice") -> list[tuple[str, str]]:
    with pytest.raises(ContentError) as caught:
        item_type(kind).parse_content(raw)
    return [(each.path, each.reason) for each in caught.value.problems]


def test_registry_lists_modules_with_the_same_functions():
    assert sorted(ITEM_TYPES) == [
        "categorise",
        "cloze",
        "essay",
        "file_upload",
        "highlight",
        "hotspot",
        "matching",
        "multiple_choice",
        "numeric",
        "ordering",
        "prompt",
        "short_text",
        "single_choice",
        "table",
        "true_false_reason",
    ]
    for kind, module in ITEM_TYPES.items():
        assert kind == module.KIND
        assert all(callable(getattr(module, name)) for name in FUNCTIONS)


@pytest.mark.parametrize("kind", ["riddle", "", None, [], "simulation"])
def test_unknown_type_fails_loudly(kind):
    with pytest.raises(UnknownItemType):
        item_type(kind)


@given(contents())
def test_stored_content_reads_back_equal(raw):
    kind = item_type(raw["kind"])
    content = kind.parse_content(raw)
    assert kind.parse_content(content.to_dict()) == content


@given(contents())
def test_option_ids_are_different_and_blind_to_key_and_order(raw):
    kind = item_type(raw["kind"])
    ids = [option.id for option in kind.parse_content(raw).options]
    assert len(set(ids)) == len(ids)
    if raw["kind"] == "ordering":
        turned = {**raw, "options": raw["options"][::-1]}
        assert [option.id for option in kind.parse_content(turned).options] == ids[::-1]
    if raw["kind"] == "single_choice":
        moved = deepcopy(raw)
        for option in moved["options"]:
            option["correct"] = option is moved["options"][0]
        assert [option.id for option in kind.parse_content(moved).options] == ids


@given(st.sampled_from(sorted(ITEM_TYPES)), json_values)
def test_any_json_is_read_or_refused(kind, raw):
    with pytest.raises(ContentError):
        item_type(kind).parse_content(raw)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"stem": {"vi": "Câu hỏi"}}, [("stem.en", "empty")]),
        ({"stem": {"vi": "a", "en": "b", "fr": "c"}}, [("stem.fr", "unknown_key")]),
        ({"stem": {"vi": "a", "en": "b" * 4001}}, [("stem.en", "too_long")]),
        ({"stem": {"vi": "a", "en": "b\0"}}, [("stem.en", "control_character")]),
        ({"hint": 1}, [("hint", "unknown_key")]),
        ({"kind": "ordering"}, [("kind", "wrong_kind")]),
        ({"options": "none"}, [("options", "not_a_list")]),
        ({"options": SINGLE["options"][:1]}, [("options", "wrong_number")]),
        ({"options": choice("single_choice", [True] + [False] * 10)["options"]}, [("options", "wrong_number")]),
        (
            {"options": [SINGLE["options"][0], SINGLE["options"][0], SINGLE["options"][1]]},
            [
                ("options[1].vi", "repeated"),
                ("options[1].en", "repeated"),
            ],
        ),
        ({"options": choice("single_choice", [False, False, False])["options"]}, [("options", "one_correct_option")]),
        ({"options": choice("single_choice", [True, False, True])["options"]}, [("options", "one_correct_option")]),
        (
            {"options": [*SINGLE["options"][:2], 7]},
            [
                ("options[2]", "not_a_mapping"),
                ("options[2].vi", "empty"),
                ("options[2].en", "empty"),
                ("options[2].why.vi", "empty"),
                ("options[2].why.en", "empty"),
            ],
        ),
    ],
)
def test_content_names_every_problem(change, expected):
    assert problems_of(SINGLE | change) == expected


def test_correct_must_be_true_or_false():
    raw = deepcopy(SINGLE)
    raw["options"][1]["correct"] = "yes"
    assert problems_of(raw) == [("options[1].correct", "not_true_or_false")]


@pytest.mark.parametrize("correct", [[True, False, False, False], [True] * 4, [False] * 4])
def test_multiple_choice_needs_several_right_and_one_wrong(correct):
    raw = choice("multiple_choice", correct)
    assert problems_of(raw, "multiple_choice") == [("options", "some_correct_options")]


def test_ordering_takes_no_key():
    raw = steps(4)
    raw["options"][0]["correct"] = True
    assert problems_of(raw, "ordering") == [("options[0].correct", "unknown_key")]
