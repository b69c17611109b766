"""What holds for every type of the registry."""

import hashlib
import json
from typing import Any

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from assessments.items.problems import ContentError, ResponseError
from assessments.items.registry import ITEM_TYPES, MARKED_TYPES, item_type, marked_type, needs_marking
from tests.assessments.items.content import json_values
from tests.assessments.items_more.player import answers
from tests.assessments.items_more.twins import TWINS

KINDS = sorted(ITEM_TYPES)
seeds = st.integers(0, 2**62)
locales = st.sampled_from(["vi", "en"])
few = settings(max_examples=25, deadline=None)
every_kind = pytest.mark.parametrize("kind", KINDS)
every_twin = pytest.mark.parametrize("kind", sorted(TWINS))
SECRETS = {"correct", "why", "rationale", "accepted", "rejected", "answer", "problem", "category", "match", "tolerance"}
SECRETS |= {
    "formula",
    "value",
    "factor",
    "aliases",
    "levels",
    "anchor",
    "example",
    "include",
    "exclude",
    "score",
    "key",
}


def fields_of(value: Any) -> set[str]:
    """The names of all fields of a view, however deep."""
    if isinstance(value, dict):
        return set(value).union(*(fields_of(each) for each in value.values()))
    return set().union(*(fields_of(each) for each in value)) if isinstance(value, list) else set()


def texts_of(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.values() for text in texts_of(each)]
    if isinstance(value, list):
        return [text for each in value for text in texts_of(each)]
    return [value] if isinstance(value, str) else []


def test_there_is_a_strategy_for_every_type_but_ordering():
    assert {*TWINS, "ordering"} == set(ITEM_TYPES)


@every_kind
def test_sample_is_whole_in_both_languages(kind):
    module = item_type(kind)
    content = module.parse_content(module.SAMPLE)
    assert content.kind == kind == module.KIND
    assert module.parse_content(content.to_dict()) == content
    for locale in ("vi", "en"):
        assert module.player_view(content, locale, 1)["stem"] == module.SAMPLE["stem"][locale]


def test_what_is_stored_of_the_samples_is_what_always_was():
    """Digests of items that exist must not change: whoever changes this number makes every item look edited."""
    stored = {kind: item_type(kind).parse_content(item_type(kind).SAMPLE).to_dict() for kind in KINDS}
    digest = hashlib.sha256(json.dumps(stored, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    assert digest == "330037f3f94743e2b9f515fcf384a470f58951ec4678bbf2bd04770a0a71de85"


@every_kind
def test_key_of_the_sample_earns_the_maximum(kind):
    module = item_type(kind)
    content = module.parse_content(module.SAMPLE)
    earned = module.score(content, module.parse_response(content, module.key(content)))
    assert 1 <= module.maximum(content) <= 4
    assert earned == (None if needs_marking(kind) else module.maximum(content))


@every_kind
def test_view_of_the_sample_names_no_secret(kind):
    module = item_type(kind)
    view = module.player_view(module.parse_content(module.SAMPLE), "vi", 5)
    assert fields_of(view) & SECRETS == set()
    rationale = module.SAMPLE["rationale"]
    assert [text for text in texts_of(view) if text in rationale.values()] == []


@every_twin
@few
@given(st.data(), seeds, locales)
def test_view_does_not_depend_on_the_key(kind, data, seed, locale):
    module = item_type(kind)
    raw, twin = data.draw(TWINS[kind])
    seen, other = (module.player_view(module.parse_content(each), locale, seed) for each in (raw, twin))
    assert seen == other
    assert json.loads(json.dumps(seen)) == seen


@every_twin
def test_twins_differ_in_what_is_hidden(kind):
    """Control: what the view must not depend on does vary, and reading the key would show it."""
    module = item_type(kind)

    def secret(raw: dict[str, Any]) -> Any:
        content = module.parse_content(raw)
        if needs_marking(kind):
            return marked_type(kind).marking_view(content, "vi", module.parse_response(content, module.key(content)))
        return module.key(content)

    raw, twin = find(
        TWINS[kind],
        lambda twins: secret(twins[0]) != secret(twins[1]),
        settings=settings(deadline=None, phases=[Phase.generate]),
    )
    assert secret(raw) != secret(twin)


@every_twin
@few
@given(st.data(), seeds)
def test_stored_content_reads_back_equal(kind, data, seed):
    module = item_type(kind)
    content = module.parse_content(data.draw(TWINS[kind])[0])
    stored = json.loads(json.dumps(content.to_dict()))
    assert module.parse_content(stored) == content
    assert module.player_view(module.parse_content(stored), "vi", seed) == module.player_view(content, "vi", seed)


@every_twin
@few
@given(st.data(), seeds, locales)
def test_anyone_can_answer_from_the_view_alone(kind, data, seed, locale):
    module = item_type(kind)
    content = module.parse_content(data.draw(TWINS[kind])[0])
    raw = data.draw(answers(module.player_view(content, locale, seed)))
    try:
        value = module.parse_response(content, raw)
    except ResponseError as error:
        assert (kind, error.reason) in {("table", "circular")}
        return
    earned = module.score(content, value)
    assert earned is None if needs_marking(kind) else earned in range(module.maximum(content) + 1)
    review = module.review_view(content, locale, value)
    assert json.loads(json.dumps(review)) == review
    assert review["rationale"] == content.rationale.at(locale)


@every_twin
@few
@given(st.data(), locales)
def test_key_earns_the_maximum(kind, data, locale):
    module = item_type(kind)
    content = module.parse_content(data.draw(TWINS[kind])[0])
    value = module.parse_response(content, json.loads(json.dumps(module.key(content))))
    assert 1 <= module.maximum(content) <= 4
    assert module.score(content, value) == (None if needs_marking(kind) else module.maximum(content))
    assert module.review_view(content, locale, None)["kind"] == kind


@every_twin
@few
@given(st.data(), json_values)
def test_any_json_is_read_or_refused_as_an_answer(kind, data, raw):
    module = item_type(kind)
    content = module.parse_content(data.draw(TWINS[kind])[0])
    with pytest.raises(ResponseError):
        module.parse_response(content, raw)


@every_twin
@few
@given(st.data(), json_values)
def test_any_json_in_a_field_of_an_answer_is_read_or_refused(kind, data, junk):
    module = item_type(kind)
    content = module.parse_content(data.draw(TWINS[kind])[0])
    answer = module.key(content)
    field = data.draw(st.sampled_from(sorted(answer)))
    inner = answer[field]
    if isinstance(inner, dict) and data.draw(st.booleans()):
        raw = {**answer, field: {**inner, data.draw(st.sampled_from(sorted(inner))): junk}}
    else:
        raw = {**answer, field: junk}
    try:
        value = module.parse_response(content, raw)
    except ResponseError:
        return
    assert module.score(content, value) in {None, *range(module.maximum(content) + 1)}


@every_kind
@few
@given(st.data(), json_values)
def test_any_json_in_a_content_is_refused_by_path(kind, data, junk):
    module = item_type(kind)
    raw = json.loads(json.dumps(module.SAMPLE))
    place = raw
    while True:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not place[key] or not isinstance(place[key], (dict, list)) or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = junk
    try:
        module.parse_content(raw)
    except ContentError as error:
        assert error.problems
        assert all(each.reason for each in error.problems)


@every_kind
def test_unknown_fields_of_a_content_are_refused(kind):
    with pytest.raises(ContentError) as caught:
        item_type(kind).parse_content(item_type(kind).SAMPLE | {"hint": 1})
    assert [(each.path, each.reason) for each in caught.value.problems] == [("hint", "unknown_key")]


def test_types_marked_by_people_are_these():
    assert set(MARKED_TYPES) == {"essay", "file_upload", "prompt"}
    assert [kind for kind in KINDS if needs_marking(kind)] == ["essay", "file_upload", "prompt"]
    with pytest.raises(LookupError):
        marked_type("numeric")


@pytest.mark.parametrize("kind", ["essay", "prompt", "short_text"])
@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800", "\x1b[0m"])
def test_characters_that_cannot_be_stored_are_refused(kind, text):
    module = item_type(kind)
    with pytest.raises(ResponseError) as caught:
        module.parse_response(module.parse_content(module.SAMPLE), {"text": text})
    assert (caught.value.field, caught.value.reason) == ("text", "control_character")
