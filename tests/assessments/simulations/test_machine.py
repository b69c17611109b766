"""The state machine: start, legality, effects in order, refusals, limits, determinism."""

import json
import random

import pytest

from assessments.simulations import (
    IllegalAction,
    SimulationFault,
    State,
    apply_action,
    legal_actions,
    replay,
    start,
)
from assessments.simulations.personas import any_params

from .samples import changed_simulation, small

NOT_TAKEN = "this segment does not take this change"


def play(*steps: tuple[str, dict]) -> State:
    simulation = small()
    state = start(simulation, 1)
    for action, params in steps:
        state = apply_action(simulation, state, action, params)
    return state


def refusal(state: State, action: object, params: object) -> tuple[str, str]:
    with pytest.raises(IllegalAction) as caught:
        apply_action(small(), state, action, params)  # type: ignore[arg-type]  # hostile input is what is tested
    return caught.value.reason, caught.value.detail


def test_start_is_the_first_screen_with_initial_values() -> None:
    state = start(small(), 7)
    assert (state.seed, state.screen, state.clock, state.log, state.ended) == (7, "desk", 0, (), None)
    assert state.values["letter_edits"] == {"s1": "keep", "s2": "keep"}
    assert state.values["hidden_weight"] == 1.0


def test_legal_actions_follow_screen_and_guard_in_the_authors_order() -> None:
    simulation = small()
    assert legal_actions(simulation, start(simulation, 1)) == (
        "go_chat",
        "open_letter",
        "change_letter",
        "point_out",
        "write_amount",
        "finish",
    )
    edited = play(("change_letter", {"edit": {"segment": "s1", "change": "remove"}}))
    assert "start_over" in legal_actions(simulation, edited)
    assert legal_actions(simulation, play(("go_chat", {}))) == ("go_chat", "go_desk", "put_question")


def test_choice_without_an_open_option_makes_its_action_illegal() -> None:
    simulation = changed_simulation(
        (
            "actions/open_letter/parameters/letter",
            {
                "type": "choice",
                "label": {"vi": "Thư", "en": "Letter"},
                "options": [{"id": "m1", "label": {"vi": "a", "en": "a"}, "when": "stamp_count > 0"}],
            },
        ),
        ("evidence/0/levels/0", "true"),
    )
    state = start(simulation, 1)
    assert "open_letter" not in legal_actions(simulation, state)
    assert "open_letter" in legal_actions(simulation, apply_action(simulation, state, "point_out", {"segment": "s1"}))


def test_effects_run_in_order_and_see_what_came_before() -> None:
    state = play(("write_amount", {"amount": " 8000 "}))
    assert state.values["written_amount"] == "8000"
    assert state.values["stamp_count"] == 1
    assert state.values["hidden_weight"] == 2.0


def test_set_variable_keeps_each_member_once_in_order() -> None:
    state = play(
        ("point_out", {"segment": "s1"}),
        ("open_letter", {"letter": "m2"}),
        ("open_letter", {"letter": "m1"}),
        ("open_letter", {"letter": "m2"}),
    )
    assert state.values["seen_letters"] == ["m1", "m2"]
    assert state.clock == 9


def test_edit_and_reset_change_one_draft() -> None:
    edited = ("change_letter", {"edit": {"segment": "s1", "change": "redact"}})
    assert play(edited).values["letter_edits"] == {"s1": "redact", "s2": "keep"}
    assert play(edited, ("start_over", {})).values["letter_edits"] == {"s1": "keep", "s2": "keep"}


def test_final_screen_ends_the_simulation() -> None:
    state = play(("finish", {}))
    assert (state.ended, state.outcome, state.finished) == ("screen", "gone", True)
    assert legal_actions(small(), state) == ()
    assert refusal(state, "finish", {}) == ("finished", "the simulation has ended")


def test_limit_of_actions_ends_the_simulation_without_an_outcome() -> None:
    state = play(*[("go_chat", {})] * 12)
    assert (state.ended, state.outcome) == ("limit", "")
    assert refusal(state, "go_desk", {})[0] == "finished"


@pytest.mark.parametrize(
    "action", ["go_desk", "start_over", "put_question", "no_such_action", "__init__", "", None, 7, ["finish"]]
)
def test_illegal_and_unknown_actions_are_refused_alike(action: object) -> None:
    assert refusal(start(small(), 1), action, {}) == ("not_legal_now", f"{str(action)[:60]!r} cannot be done now")


@pytest.mark.parametrize(
    ("action", "params", "detail"),
    [
        ("finish", {"extra": 1}, "finish takes no parameters"),
        ("finish", None, "finish takes no parameters"),
        ("open_letter", {}, "open_letter takes letter"),
        ("open_letter", {"letter": "m2"}, "open_letter.letter: 'm2' cannot be chosen now"),
        ("open_letter", {"letter": 1}, "open_letter.letter: expected text, found int"),
        ("open_letter", {"letter": ["m1"]}, "open_letter.letter: expected text, found list"),
        ("change_letter", {"edit": "s1:r1"}, "change_letter.edit: expected segment and change"),
        ("change_letter", {"edit": {"segment": "s1"}}, "change_letter.edit: expected segment and change"),
        ("change_letter", {"edit": {"segment": "s9", "change": "keep"}}, f"change_letter.edit: {NOT_TAKEN}"),
        ("change_letter", {"edit": {"segment": "s2", "change": "remove"}}, f"change_letter.edit: {NOT_TAKEN}"),
        ("point_out", {"segment": "s9"}, "point_out.segment: there is no segment 's9'"),
        ("write_amount", {"amount": "x" * 21}, "write_amount.amount: 21 characters; at most 20"),
        ("write_amount", {"amount": "   "}, "write_amount.amount: a text is needed"),
        ("write_amount", {"amount": "a\x00b"}, "write_amount.amount: the text has control characters"),
        ("write_amount", {"amount": 8000}, "write_amount.amount: expected text, found int"),
    ],
)  # fmt: skip
def test_unfit_parameters_are_refused(action: str, params: object, detail: str) -> None:
    assert refusal(start(small(), 1), action, params) == ("parameter", detail)


def test_refused_action_leaves_the_state_as_it_was() -> None:
    state = play(("open_letter", {"letter": "m1"}))
    before = (state.screen, dict(state.values), state.clock, state.log)
    refusal(state, "put_question", {"question": "q1"})
    assert (state.screen, dict(state.values), state.clock, state.log) == before


def test_applying_never_changes_the_state_it_came_from() -> None:
    simulation = small()
    first = start(simulation, 1)
    frozen = json.dumps(dict(first.values), sort_keys=True)
    apply_action(simulation, first, "change_letter", {"edit": {"segment": "s1", "change": "r1"}})
    apply_action(simulation, first, "open_letter", {"letter": "m1"})
    assert json.dumps(dict(first.values), sort_keys=True) == frozen
    assert start(simulation, 1) == first


def test_failing_effect_is_a_fault_with_its_path() -> None:
    simulation = changed_simulation(("actions/finish/effects/0", {"set": "stamp_count", "to": "1 / stamp_count"}))
    with pytest.raises(SimulationFault) as caught:
        apply_action(simulation, start(simulation, 1), "finish", {})
    assert caught.value.path == "actions.finish.effects[0]"
    assert caught.value.message == "division by zero in CEL expression"


def test_effect_of_the_wrong_type_is_a_fault() -> None:
    simulation = changed_simulation(("actions/finish/effects/0", {"set": "stamp_count", "to": "'many'"}))
    with pytest.raises(SimulationFault, match="stamp_count is a whole number, not 'many'"):
        apply_action(simulation, start(simulation, 1), "finish", {})


def test_string_cannot_grow_without_end() -> None:
    simulation = changed_simulation(
        ("limits/max_actions", 60),
        ("world/variables/written_amount/initial", "ab"),
        ("actions/point_out/effects/0", {"set": "written_amount", "to": "written_amount + written_amount"}),
    )
    state = start(simulation, 1)
    with pytest.raises(SimulationFault, match="written_amount is a text of at most 2000 characters"):
        for _ in range(20):
            state = apply_action(simulation, state, "point_out", {"segment": "s1"})


@pytest.mark.parametrize("seed", range(20))
def test_random_play_replays_to_the_same_state(seed: int) -> None:
    simulation, dice = small(), random.Random(seed)
    state = start(simulation, seed)
    while not state.finished:
        action = dice.choice(legal_actions(simulation, state))
        state = apply_action(simulation, state, action, any_params(simulation, state, action, dice))
    stored = json.loads(json.dumps(state.log_data(), ensure_ascii=False))
    assert replay(small(), seed, stored) == state


def test_replay_refuses_a_forged_log() -> None:
    with pytest.raises(IllegalAction) as caught:
        replay(small(), 1, [{"action": "open_letter", "params": {"letter": "m1"}}, {"action": "start_over"}])
    assert caught.value.reason == "not_legal_now"
    with pytest.raises(IllegalAction):
        replay(small(), 1, ["finish"])  # type: ignore[list-item]  # hostile input is what is tested


def test_stored_log_is_a_copy() -> None:
    state = play(("change_letter", {"edit": {"segment": "s1", "change": "r1"}}))
    state.log_data()[0]["params"]["edit"]["change"] = "keep"
    assert state.log_data() == [{"action": "change_letter", "params": {"edit": {"segment": "s1", "change": "r1"}}}]
