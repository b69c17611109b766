"""Multiple choice with partial credit, true or false with a reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.items import multiple_choice, true_false_reason
from assessments.items.guessing import chance
from assessments.items.registry import item_type
from tests.assessments.items.content import choice
from tests.assessments.items_more.refusals import earned, problems_of, refusal_of

RIGHT = [True, True, True, False, False, False]
PLUS_MINUS = choice("multiple_choice", RIGHT) | {"scoring": "plus_minus"}


@pytest.mark.parametrize(
    ("hits", "misses", "score"),
    [(3, 0, 3), (2, 0, 2), (1, 0, 1), (3, 1, 2), (3, 2, 1), (3, 3, 0), (1, 1, 0), (1, 3, 0), (0, 1, 0)],
)
def test_plus_minus_takes_a_point_for_each_wrong_choice(hits, misses, score):
    content = multiple_choice.parse_content(PLUS_MINUS)
    right = [option.id for option in content.options if option.correct]
    wrong = [option.id for option in content.options if not option.correct]
    assert earned(content, {"choices": right[:hits] + wrong[:misses]}) == score
    assert multiple_choice.maximum(content) == 3


@given(st.integers(2, 7), st.data())
def test_plus_minus_never_pays_for_choosing_everything(count, data):
    right = data.draw(st.integers(2, max(2, count // 2)))
    raw = choice("multiple_choice", [True] * right + [False] * (8 - right)) | {"scoring": "plus_minus"}
    content = multiple_choice.parse_content(raw)
    every = {"choices": [option.id for option in content.options]}
    assert earned(content, every) == 0
    assert multiple_choice.maximum(content) == min(right, 4)


def test_five_right_options_are_binned_to_four():
    content = multiple_choice.parse_content(choice("multiple_choice", [True] * 5 + [False]) | {"scoring": "plus_minus"})
    right = [option.id for option in content.options if option.correct]
    assert [earned(content, {"choices": right[:count]}) for count in range(1, 6)] == [0, 1, 2, 3, 4]


def test_usual_rule_is_all_or_nothing_and_is_stored_as_before():
    raw = choice("multiple_choice", RIGHT)
    content = multiple_choice.parse_content(raw)
    assert content == multiple_choice.parse_content(raw | {"scoring": "all_or_nothing"})
    assert set(content.to_dict()) == {"kind", "stem", "options", "rationale"}
    assert multiple_choice.maximum(content) == 1
    assert earned(content, {"choices": content.right_ids}) == 1
    assert earned(content, {"choices": content.right_ids[:2]}) == 0
    assert set(multiple_choice.player_view(content, "vi", 1)) == {"kind", "stem", "options"}


def test_rule_that_takes_points_away_is_told_and_stored():
    content = multiple_choice.parse_content(PLUS_MINUS)
    assert content.to_dict()["scoring"] == "plus_minus"
    assert multiple_choice.player_view(content, "vi", 1)["scoring"] == "plus_minus"


@pytest.mark.parametrize("scoring", ["minus", None, 1, [], {}])
def test_unknown_rule_is_a_problem(scoring):
    raw = choice("multiple_choice", RIGHT) | {"scoring": scoring}
    assert problems_of(raw, "multiple_choice") == [("scoring", "not_one_of")]


def test_unknown_rule_is_named_beside_other_problems():
    raw = choice("multiple_choice", [False] * 4) | {"scoring": "minus", "stem": {"vi": "a"}}
    assert problems_of(raw, "multiple_choice") == [("stem.en", "empty"), ("scoring", "not_one_of")]


STATEMENT = choice("true_false_reason", [False, True, False]) | {"answer": False}


def test_reason_counts_only_with_the_right_judgement():
    content = true_false_reason.parse_content(STATEMENT)
    wrong, right, _ = (option.id for option in content.options)
    answers = [(False, right), (False, wrong), (True, right), (True, wrong)]
    assert [earned(content, {"answer": answer, "reason": reason}) for answer, reason in answers] == [2, 1, 0, 0]


@pytest.mark.parametrize(
    ("answer", "refusal"),
    [
        ({"answer": False}, ("reason", "missing")),
        ({"answer": "false", "reason": "x"}, ("answer", "not_true_or_false")),
        ({"answer": 0, "reason": "x"}, ("answer", "not_true_or_false")),
        ({"answer": True, "reason": "x"}, ("reason", "unknown_option")),
        ({"answer": True, "reason": "x", "more": 1}, ("more", "unknown_field")),
    ],
)
def test_judgement_names_what_is_wrong(answer, refusal):
    assert refusal_of(true_false_reason.parse_content(STATEMENT), answer) == refusal


def test_statement_needs_a_verdict_and_one_reason():
    assert problems_of(choice("true_false_reason", [True, False, False]), "true_false_reason") == [
        ("answer", "not_true_or_false")
    ]
    raw = choice("true_false_reason", [True, True, False]) | {"answer": True}
    assert problems_of(raw, "true_false_reason") == [("options", "one_correct_option")]


def test_review_of_a_judgement_shows_both_verdicts():
    content = true_false_reason.parse_content(STATEMENT)
    value = true_false_reason.Judgement(True, content.reason_id)
    review = true_false_reason.review_view(content, "vi", value)
    assert (review["answer"], review["given"]) == (False, True)
    assert [option["chosen"] for option in review["options"]] == [False, True, False]
    assert true_false_reason.review_view(content, "vi", None)["given"] is None


PLAIN = {name: value for name, value in STATEMENT.items() if name != "options"}


def test_plain_judgement_asks_no_reason_and_earns_one_point():
    content = true_false_reason.parse_content(PLAIN)
    assert content.to_dict()["options"] == []
    assert true_false_reason.parse_content(content.to_dict()) == content
    assert true_false_reason.maximum(content) == 1
    assert [earned(content, {"answer": answer}) for answer in (True, False)] == [0, 1]
    assert refusal_of(content, {"answer": False, "reason": "x"}) == ("reason", "unknown_field")
    review = true_false_reason.review_view(content, "vi", true_false_reason.Judgement(True))
    assert (review["answer"], review["given"], review["options"]) == (False, True, [])


@pytest.mark.parametrize(
    ("kind", "right", "share"),
    [
        ("single_choice", [True, False], 0.5),
        ("single_choice", [True, False, False], 0),
        ("multiple_choice", [True, True, False], 0),
        ("true_false_reason", [], 0.5),
        ("true_false_reason", [True, False], 0),
    ],
)
def test_guessing_is_counted_where_it_is_one_in_two(kind, right, share):
    answer = {"answer": True} if kind == "true_false_reason" else {}
    assert chance(item_type(kind).parse_content(choice(kind, right) | answer)) == share
