"""What forbids publishing: each fault is put into the small simulation and must be found."""

from types import SimpleNamespace
from typing import Any

import pytest

from assessments.simulations import check_publishable, explore, run_personas
from assessments.simulations.panes import PANES, note
from assessments.simulations.parameters import PARAMETERS, text

from .samples import changed_simulation, small, small_data


def problems(*changes: tuple[str, Any]) -> list[str]:
    return [str(problem) for problem in check_publishable(changed_simulation(*changes))]


def test_small_simulation_is_publishable() -> None:
    assert check_publishable(small()) == []


def test_personas_reach_what_their_author_expects() -> None:
    results = {result.persona: result for result in run_personas(small())}
    assert {name: result.passed for name, result in results.items()} == dict.fromkeys(results, True)
    assert [found.score for found in results["expert"].scores] == [3, 1]
    assert results["expert"].state.log_data()[1] == {"action": "write_amount", "params": {"amount": "8.000 đồng"}}


def test_random_persona_is_the_same_each_time() -> None:
    first, second = ([result.state for result in run_personas(small()) if result.kind == "random"] for _ in range(2))
    assert first == second


def test_persona_with_another_score_is_found() -> None:
    assert problems(("personas/asker/expect/1.1", 3)) == ["personas.asker.expect.1.1: scores 2 of 3; expected 3"]


def test_persona_out_of_its_range_is_found() -> None:
    assert problems(("personas/asker/expect/1.1", [0, 1])) == [
        "personas.asker.expect.1.1: scores 2 of 3; expected 0 to 1"
    ]


def test_persona_with_an_illegal_step_is_found() -> None:
    step = {"action": "put_question", "params": {"question": "q1"}}
    found = problems(("personas/novice/trace/0", step))
    assert found[0] == "personas.novice.trace[0]: not_legal_now: 'put_question' cannot be done now"


def test_persona_that_does_not_end_is_found() -> None:
    assert problems(("personas/novice/trace", []))[0] == "personas.novice.trace: stops before the simulation has ended"


def test_persona_with_another_ending_is_found() -> None:
    step = {"action": "go_chat"}
    found = problems(("personas/novice/trace", [step] * 12), ("personas/novice/outcome", "gone"))
    assert found == ["personas.novice.outcome: ends at the limit; expected gone"]


@pytest.mark.parametrize(
    ("left_out", "missing"),
    [
        ("expert", "a scripted persona that gets full marks is needed"),
        ("novice", "a scripted persona that stays below full marks in every competency is needed"),
        ("random", "a random persona is needed"),
    ],
)
def test_missing_persona_is_found(left_out: str, missing: str) -> None:
    cast = {name: persona for name, persona in small_data()["personas"].items() if name != left_out}
    assert f"personas: {missing}" in problems(("personas", cast))


def test_score_level_that_no_play_reaches_is_found() -> None:
    settled = 'outcome == "gone" && letter_edits.s1 == "r1"'
    found = problems(
        ("evidence/2/levels", ["false", settled]),
        ("measurement/2.2/steps", [0.0, 0.5]),
        ("personas/expert/expect/2.2", 2),
        ("personas/asker/expect/2.2", 2),
    )
    assert found == ["evidence: 2.2: no play reaches 1 of 2; correct the rules or add a persona that does"]


def test_score_for_doing_nothing_is_found() -> None:
    found = problems(("evidence/2/levels/0", 'never("finish") || letter_edits.s1 == "r1"'))
    assert found == ["evidence: doing nothing scores 1 in 2.2"]


def trap(guard: str) -> list[tuple[str, Any]]:
    """A screen that is entered by one action and left only while `guard` holds."""
    label = {"vi": "Hầm", "en": "Cellar"}
    return [
        ("screens/cellar", {"title": label, "panes": [{"type": "note", "show": "hello"}]}),
        ("actions/go_down", {"label": label, "screens": ["desk"], "effects": [{"goto": "cellar"}]}),
        ("actions/go_up", {"label": label, "screens": ["cellar"], "guard": guard, "effects": [{"goto": "desk"}]}),
        ("actions/knock", {"label": label, "screens": ["cellar"], "effects": []}),
        ("actions/go_chat/screens", ["desk", "chat"]),
    ]


def test_state_with_no_way_out_is_found() -> None:
    found = problems(*trap("stamp_count > 0"))
    assert found[0] == "screens.cellar: no way out after go_down"


def test_state_with_a_way_out_is_not_taken_for_a_trap() -> None:
    assert problems(*trap("true")) == []


def test_growing_list_does_not_hide_a_trap() -> None:
    asking = {"set": "questions_put", "to": 'questions_put + ["q1"]'}
    found = problems(*trap("stamp_count > 0"), ("actions/knock/effects", [asking]))
    assert found[0] == "screens.cellar: no way out after go_down"


def test_screen_and_action_that_no_play_meets_are_found() -> None:
    label = {"vi": "Hầm", "en": "Cellar"}
    found = problems(
        ("screens/cellar", {"title": label, "panes": [{"type": "note", "show": "hello"}]}),
        ("actions/knock", {"label": label, "screens": ["cellar"], "effects": []}),
        ("actions/go_chat/screens", ["desk", "chat"]),
    )
    assert found == ["screens.cellar: no play reaches this screen", "actions.knock: no play can do this"]


def test_fault_that_shows_only_on_the_way_is_found() -> None:
    found = problems(("actions/start_over/effects/0", {"set": "stamp_count", "to": "1 / stamp_count"}))
    assert found == ["actions.start_over.effects[0]: division by zero in CEL expression"]


def test_fault_in_drawing_is_found() -> None:
    found = problems(
        ("screens/gone/panes/1/when", "outcome_is_cross"),
        ("world/variables/outcome_is_cross", {"type": "bool", "initial": False}),
    )
    assert found == []
    found = problems(("screens/gone/panes/1/when", "size(questions_put) == 0 || questions_put[5] == 'q1'"))
    assert found == ["screens.gone.panes: index out of bounds: 5"]


@pytest.mark.parametrize(
    ("registry", "name", "module", "problem"),
    [
        (PANES, "note", note, "screens.desk.panes[0]: pane type 'note' has no keyboard form"),
        (
            PARAMETERS,
            "text",
            text,
            "actions.write_amount.parameters.amount: parameter type 'text' has no keyboard form",
        ),
    ],
)
def test_part_without_a_keyboard_form_is_found(
    registry: dict[str, Any], name: str, module: Any, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mouse_only = SimpleNamespace(**{**vars(module), "keyboard": lambda: ""})
    monkeypatch.setitem(registry, name, mouse_only)
    assert str(check_publishable(small())[0]) == problem


def test_every_registered_type_has_a_keyboard_form() -> None:
    assert [
        name for registry in (PANES, PARAMETERS) for name, module in registry.items() if not module.keyboard()
    ] == []


def test_identifier_that_tells_the_answer_is_found() -> None:
    data = small_data()
    data["world"]["drafts"]["letter"][0]["replace"][0]["id"] = "right_fee"
    for persona in ("expert", "asker"):
        data["personas"][persona]["trace"][-2]["params"]["edit"]["change"] = "right_fee"
    found = problems(
        ("world", data["world"]),
        ("personas", data["personas"]),
        ("evidence/2/levels/0", 'outcome == "gone" && letter_edits.s1 == "right_fee"'),
    )
    assert found == [
        "actions.change_letter.parameters.edit: right_fee: the identifier 'right_fee' is sent to the page and tells the"
        " answer; use a neutral one"
    ]


def test_search_takes_fewer_steps_the_larger_the_world_is(monkeypatch: pytest.MonkeyPatch) -> None:
    members = [f"m{number}" for number in range(100)]
    many = {f"crowd_{number}": {"type": "set", "initial": members} for number in range(6)}
    huge = changed_simulation(("world/variables", small_data()["world"]["variables"] | many))

    def steps_left(facts: int) -> tuple[int, int]:
        monkeypatch.setattr(explore, "MAX_FACTS", facts)
        return explore.explore(small()).steps, explore.explore(huge).steps

    assert steps_left(200_000)[1] <= 0 < steps_left(200_000)[0]
    # The control: with a limit that large enough the huge world is searched to its end too.
    assert min(steps_left(5_000_000)) > 0
