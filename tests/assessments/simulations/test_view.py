"""The view is exactly what its reference says and holds nothing of what a person has not reached."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from assessments.simulations import Simulation, State, apply_action, load_simulation, render, shipped_simulations, start
from assessments.simulations.document import parse_document
from assessments.simulations.panes import mailbox

from .samples import SMALL, changed_simulation, small

VIEW = {
    "simulation",
    "digest",
    "locale",
    "title",
    "screen",
    "clock",
    "step",
    "actions_left",
    "ended",
    "notice",
    "panes",
    "actions",
}
PANE = {"id", "type", "title"}
PANES = {
    "note": PANE | {"text"},
    "mailbox": PANE | {"messages"},
    "document": PANE | {"heading", "source", "sections"},
    "case_file": PANE | {"heading", "fields", "history"},
    "assistant": PANE | {"name", "turns"},
    "draft": PANE | {"segments"},
}
ACTION = {"id", "label", "role", "here", "pane", "confirm", "parameters"}
PARAMETER = {"id", "type", "label"}
PARAMETERS = {
    "choice": PARAMETER | {"options"},
    "segment": PARAMETER | {"options"},
    "edit": PARAMETER | {"segments"},
    "text": PARAMETER | {"max_length", "hint", "required"},
}
INSIDE = {
    frozenset(keys.split())
    for keys in (
        "id title",
        "id from subject time opened body",
        "id heading opened text points table",
        "columns rows",
        "label value",
        "time text",
        "from text",
        "id label text state",
        "value label",
        "segment label change options",
        "change kind text",
    )
}
TEXTS = [SMALL, *(path.read_text(encoding="utf-8") for path in shipped_simulations().values())]
CODES = ["small", *shipped_simulations()]


def states(simulation: Simulation) -> Iterator[State]:
    """Every state that a scripted persona passes through."""
    for persona in simulation.personas.values():
        state = start(simulation, persona.seed)
        yield state
        for entry in persona.trace:
            state = apply_action(simulation, state, entry.action, entry.params)
            yield state


def mappings(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from mappings(part)


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from strings(part)


def locale_texts(value: Any, locale: str) -> set[str]:
    """Every text of a raw document in `locale`, long enough to be told from another, as a view would carry it."""
    found = {each[locale] for each in mappings(value) if set(each) == {"vi", "en"}}
    return {" ".join(part.split()) for text in found for part in text.split("\n\n") if len(part) > 12}


@pytest.mark.parametrize("text", TEXTS, ids=CODES)
def test_view_has_exactly_the_documented_keys(text: str) -> None:
    simulation = load_simulation(text)
    for state in states(simulation):
        for locale in ("vi", "en"):
            view = render(simulation, state, locale)
            assert set(view) == VIEW
            known = INSIDE | {frozenset(VIEW), frozenset(ACTION)}
            for pane in view["panes"]:
                assert set(pane) == PANES[pane["type"]]
                known.add(frozenset(pane))
            for action in view["actions"]:
                assert set(action) == ACTION
                for parameter in action["parameters"]:
                    assert set(parameter) == PARAMETERS[parameter["type"]]
                    known.add(frozenset(parameter))
            assert {frozenset(each) for each in mappings(view)} - known == set()
            assert json.loads(json.dumps(view)) == view


@pytest.mark.parametrize("text", TEXTS, ids=CODES)
def test_view_holds_no_expression_evidence_or_persona(text: str) -> None:
    simulation, raw = load_simulation(text), parse_document(text).data
    secrets = set(strings(raw["measurement"])) | {rule.id for rule in simulation.rules}
    for each in mappings(raw):
        secrets |= {each[key] for key in ("guard", "when", "to") if isinstance(each.get(key), str)}
    secrets |= {level for rule in raw["evidence"] for level in rule["levels"]}
    for locale in ("vi", "en"):
        secrets |= locale_texts(raw["evidence"], locale)
    secrets = {secret for secret in secrets if len(secret) > 8}
    assert len(secrets) > 15
    for state in states(simulation):
        for locale in ("vi", "en"):
            drawn = json.dumps(render(simulation, state, locale), ensure_ascii=False)
            assert [secret for secret in secrets if json.dumps(secret, ensure_ascii=False)[1:-1] in drawn] == []


def unreached_texts(raw: dict[str, Any], state: State, locale: str) -> set[str]:
    """Bodies of unopened messages, unopened sections, replies not asked for, other screens' notes and drafts."""
    world = raw["world"]
    shown = {(pane["type"], pane["show"]) for pane in raw["screens"][state.screen]["panes"]}
    opened = {member for value in state.values.values() if isinstance(value, list) for member in value}
    hidden: list[Any] = []
    for name, messages in world.get("mailboxes", {}).items():
        hidden += [each["body"] for each in messages if ("mailbox", name) not in shown or each["id"] not in opened]
    for name, document in world.get("documents", {}).items():
        for section in document["sections"]:
            if ("document", name) not in shown or section["id"] not in opened:
                hidden += [section.get(key) for key in ("text", "points", "table")]
    for name, assistant in world.get("assistants", {}).items():
        for question, reply in assistant["replies"].items():
            if ("assistant", name) not in shown or question not in opened:
                hidden += reply["variants"]
    for name, note in world.get("notes", {}).items():
        if ("note", name) not in shown:
            hidden.append(note)
    for name, draft in world["drafts"].items():
        if ("draft", name) not in shown:
            hidden += [segment["text"] for segment in draft]
    return locale_texts(hidden, locale)


@pytest.mark.parametrize("text", TEXTS, ids=CODES)
def test_view_holds_no_text_that_has_not_been_reached(text: str) -> None:
    simulation, raw, checked = load_simulation(text), parse_document(text).data, 0
    for state in states(simulation):
        for locale in ("vi", "en"):
            unreached = unreached_texts(raw, state, locale)
            assert unreached & set(strings(render(simulation, state, locale))) == set()
            checked += len(unreached)
    assert checked > 50


def test_search_for_unreached_texts_finds_a_leak(monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: a mailbox that sends the bodies of unopened messages is caught."""
    simulation = small()
    body = simulation.screens["desk"].panes[1].content.mailbox.messages[0].body
    honest = mailbox.render
    monkeypatch.setattr(mailbox, "render", lambda pane, scene: {**honest(pane, scene), "bodies": [scene.say(body)]})
    state = start(simulation, 1)
    drawn = set(strings(render(simulation, state, "en")))
    assert unreached_texts(parse_document(SMALL).data, state, "en") & drawn == {"Body of letter one"}


def test_hidden_variables_are_in_no_view() -> None:
    simulation = small()
    names = set(simulation.variables)
    for state in states(simulation):
        drawn = json.dumps(render(simulation, state, "en"))
        assert [name for name in names if name in drawn] == []
        assert '"cross"' not in drawn and '"calm"' not in drawn


def test_guarded_action_is_absent_until_its_guard_holds() -> None:
    simulation = small()
    state = start(simulation, 1)
    assert "start_over" not in json.dumps(render(simulation, state, "en"))
    state = apply_action(simulation, state, "change_letter", {"edit": {"segment": "s1", "change": "r1"}})
    assert "start_over" in [action["id"] for action in render(simulation, state, "en")["actions"]]


def test_view_of_the_start() -> None:
    simulation = small()
    view = render(simulation, start(simulation, 1), "en")
    assert {key: view[key] for key in sorted(VIEW - {"digest", "panes", "actions"})} == {
        "simulation": "small_visit",
        "locale": "en",
        "title": "A visitor",
        "screen": {"id": "desk", "title": "Desk"},
        "clock": "08:58",
        "step": 0,
        "actions_left": 12,
        "ended": None,
        "notice": None,
    }
    assert view["panes"] == [
        {"id": "hello", "type": "note", "title": None, "text": ["Good morning."]},
        {
            "id": "post",
            "type": "mailbox",
            "title": None,
            "messages": [
                {"id": "m1", "from": "An", "subject": "Letter one", "time": "08:00", "opened": False, "body": None}
            ],
        },
        {
            "id": "letter",
            "type": "draft",
            "title": None,
            "segments": [
                {"id": "s1", "label": "Fee", "text": "Fee nine dong", "state": "kept"},
                {"id": "s2", "label": "Closing", "text": "Sincerely", "state": "kept"},
            ],
        },
    ]
    assert view["actions"][2] == {
        "id": "change_letter",
        "label": "Change",
        "role": "act",
        "here": False,
        "pane": None,
        "confirm": None,
        "parameters": [
            {
                "id": "edit",
                "type": "edit",
                "label": "Segment",
                "segments": [
                    {
                        "segment": "s1",
                        "label": "Fee",
                        "change": "keep",
                        "options": [
                            {"change": "keep", "kind": "keep", "text": "Fee nine dong"},
                            {"change": "r1", "kind": "replace", "text": "Fee eight dong"},
                            {"change": "redact", "kind": "redact", "text": "Fee ███"},
                            {"change": "remove", "kind": "remove", "text": ""},
                        ],
                    },
                    {
                        "segment": "s2",
                        "label": "Closing",
                        "change": "keep",
                        "options": [{"change": "keep", "kind": "keep", "text": "Sincerely"}],
                    },
                ],
            }
        ],
    }


def test_view_follows_what_was_done() -> None:
    simulation = small()
    state = start(simulation, 1)
    for action, params in (
        ("open_letter", {"letter": "m1"}),
        ("change_letter", {"edit": {"segment": "s1", "change": "remove"}}),
    ):
        state = apply_action(simulation, state, action, params)
    view = render(simulation, state, "vi")
    assert (view["clock"], view["step"], view["actions_left"], view["notice"]) == ("09:01", 2, 10, "Đã lưu.")
    assert view["panes"][1]["messages"][0]["body"] == ["Thân thư một"]
    assert view["panes"][2]["segments"][0] == {"id": "s1", "label": "Phí", "text": "", "state": "removed"}


def test_view_of_the_end_has_no_actions() -> None:
    simulation = small()
    view = render(simulation, apply_action(simulation, start(simulation, 1), "finish", {}), "en")
    assert (view["ended"], view["actions"], view["actions_left"]) == ("screen", [], 0)
    assert [pane["id"] for pane in view["panes"]] == ["goodbye", "scolding"]


def test_navigation_tells_where_one_is() -> None:
    simulation = small()
    state = apply_action(simulation, start(simulation, 1), "go_chat", {})
    here = {action["id"]: action["here"] for action in render(simulation, state, "en")["actions"]}
    assert here == {"go_chat": True, "go_desk": False, "put_question": False}


def test_assistant_words_its_reply_by_the_seed_and_the_same_on_every_replay() -> None:
    simulation = small()

    def reply(seed: int) -> str:
        state = start(simulation, seed)
        state = apply_action(simulation, state, "go_chat", {})
        state = apply_action(simulation, state, "put_question", {"question": "q1"})
        turns = render(simulation, state, "en")["panes"][0]["turns"]
        assert [turn["from"] for turn in turns] == ["assistant", "officer", "assistant"]
        return str(turns[-1]["text"][0])

    assert [reply(seed) for seed in range(8)] == [reply(seed) for seed in range(8)]
    assert {reply(seed) for seed in range(8)} == {"The fee is nine dong", "Nine dong it is"}


def test_clock_is_absent_when_the_world_has_none() -> None:
    raw = parse_document(SMALL).data["world"]
    simulation = changed_simulation(("world", {key: part for key, part in raw.items() if key != "clock"}))
    assert render(simulation, start(simulation, 1), "en")["clock"] is None


def test_unknown_locale_is_an_error() -> None:
    with pytest.raises(ValueError, match="locale is 'fr'"):
        render(small(), start(small(), 1), "fr")
