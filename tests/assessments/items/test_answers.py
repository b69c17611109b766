"""Answers: what is shown, what is accepted, what it scores."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.items.problems import ResponseError
from assessments.items.registry import item_type
from tests.assessments.items.content import choice, contents, json_values, steps

seeds = st.integers(0, 2**62)
locales = st.sampled_from(["vi", "en"])


@given(contents(), seeds, locales)
def test_player_view_shows_every_option_and_nothing_more(raw, seed, locale):
    kind = item_type(raw["kind"])
    content = kind.parse_content(raw)
    view = kind.player_view(content, locale, seed)
    assert set(view) == {"kind", "stem", "options"}
    assert (view["kind"], view["stem"]) == (raw["kind"], raw["stem"][locale])
    assert [set(option) for option in view["options"]] == [{"id", "text"}] * len(raw["options"])
    assert sorted(option["text"] for option in view["options"]) == sorted(option[locale] for option in raw["options"])
    shown = json.dumps(view)
    assert "why" not in shown
    assert "rationale" not in shown


@given(contents(), seeds)
def test_order_depends_on_the_seed_alone(raw, seed):
    kind = item_type(raw["kind"])
    content = kind.parse_content(raw)
    view = kind.player_view(content, "vi", seed)
    assert kind.player_view(kind.parse_content(content.to_dict()), "vi", seed) == view
    assert [each["id"] for each in kind.player_view(content, "en", seed)["options"]] == [
        each["id"] for each in view["options"]
    ]


def test_every_option_comes_first_for_some_seed():
    kind = item_type("single_choice")
    content = kind.parse_content(choice("single_choice", [True, False, False, False]))
    first = [kind.player_view(content, "vi", seed)["options"][0]["id"] for seed in range(400)]
    assert {option.id for option in content.options} == set(first)
    assert all(60 <= first.count(option.id) <= 140 for option in content.options)


@given(st.integers(3, 8), seeds)
def test_steps_never_stand_in_the_right_order_at_first(count, seed):
    kind = item_type("ordering")
    content = kind.parse_content(steps(count))
    shown = [option["id"] for option in kind.player_view(content, "vi", seed)["options"]]
    assert shown != [option.id for option in content.options]


@given(contents())
def test_key_earns_the_maximum(raw):
    kind = item_type(raw["kind"])
    content = kind.parse_content(raw)
    assert kind.score(content, kind.parse_response(content, kind.key(content))) == kind.maximum(content) == 1


@given(contents(), st.data())
def test_anything_but_the_key_scores_nothing(raw, data):
    kind = item_type(raw["kind"])
    content = kind.parse_content(raw)
    ids = [option.id for option in content.options]
    right = kind.parse_response(content, kind.key(content))
    if raw["kind"] == "single_choice":
        answer = {"choice": data.draw(st.sampled_from(ids))}
    elif raw["kind"] == "multiple_choice":
        answer = {"choices": data.draw(st.lists(st.sampled_from(ids), min_size=1, unique=True))}
    else:
        answer = {"order": data.draw(st.permutations(ids))}
    value = kind.parse_response(content, answer)
    same = set(value) == set(right) if raw["kind"] == "multiple_choice" else value == right
    assert kind.score(content, value) == int(same)


@given(contents(), json_values)
def test_any_json_is_refused_as_an_answer(raw, answer):
    kind = item_type(raw["kind"])
    with pytest.raises(ResponseError):
        kind.parse_response(kind.parse_content(raw), answer)


@pytest.mark.parametrize(
    ("kind", "answer", "expected"),
    [
        ("single_choice", None, ("", "not_a_mapping")),
        ("single_choice", {}, ("choice", "missing")),
        ("single_choice", {"choice": "nowhere"}, ("choice", "unknown_option")),
        ("single_choice", {"choice": ["A"]}, ("choice", "unknown_option")),
        ("single_choice", {"choice": "A", "choices": []}, ("choices", "unknown_field")),
        ("multiple_choice", {"choices": "A"}, ("choices", "not_a_list")),
        ("multiple_choice", {"choices": []}, ("choices", "nothing_chosen")),
        ("multiple_choice", {"choices": ["A", "A"]}, ("choices", "repeated")),
        ("ordering", {"order": ["A", "B"]}, ("order", "incomplete")),
        ("ordering", {"order": ["A", "B", "C", "D"]}, ("order", "unknown_option")),
    ],
)
def test_answer_names_what_is_wrong(kind, answer, expected):
    raws = {
        "single_choice": choice("single_choice", [True, False, False]),
        "multiple_choice": choice("multiple_choice", [True, True, False, False]),
        "ordering": steps(3),
    }
    module = item_type(kind)
    content = module.parse_content(raws[kind])
    names = dict(zip("ABC", (option.id for option in content.options), strict=False))
    text = json.dumps(answer)
    for name, option_id in names.items():
        text = text.replace(f'"{name}"', f'"{option_id}"')
    with pytest.raises(ResponseError) as caught:
        module.parse_response(content, json.loads(text))
    assert (caught.value.field, caught.value.reason) == expected


@given(contents(), locales)
def test_review_shows_key_reasons_and_answer(raw, locale):
    kind = item_type(raw["kind"])
    content = kind.parse_content(raw)
    value = kind.parse_response(content, kind.key(content))
    answered, unanswered = kind.review_view(content, locale, value), kind.review_view(content, locale, None)
    assert answered["rationale"] == raw["rationale"][locale]
    if raw["kind"] == "ordering":
        assert [each["given"] for each in answered["options"]] == list(range(1, len(raw["options"]) + 1))
        assert [each["given"] for each in unanswered["options"]] == [None] * len(raw["options"])
        assert [each["text"] for each in answered["options"]] == [each[locale] for each in raw["options"]]
    else:
        assert [each["correct"] for each in answered["options"]] == [each["correct"] for each in raw["options"]]
        assert [each["chosen"] for each in answered["options"]] == [each["correct"] for each in raw["options"]]
        assert [each["chosen"] for each in unanswered["options"]] == [False] * len(raw["options"])
        assert [each["why"] for each in answered["options"]] == [each["why"][locale] for each in raw["options"]]
