"""Every scenario that ships loads, is publishable, is complete in both languages and is played to the end."""

import re
from pathlib import Path

import pytest

from assessments.simulations import (
    Simulation,
    check_publishable,
    debrief,
    load_simulation,
    render,
    replay,
    run_personas,
    score,
    shipped_simulations,
)
from assessments.simulations.document import parse_document

from .test_view import mappings, states

PATHS = list(shipped_simulations().values())


def scenario() -> Simulation:
    return load_simulation(shipped_simulations()["one_stop_reply"].read_text(encoding="utf-8"))


def test_something_ships() -> None:
    assert "one_stop_reply" in shipped_simulations()


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_shipped_scenario_is_publishable(path: Path) -> None:
    simulation = load_simulation(path.read_text(encoding="utf-8"))
    assert simulation.code == path.stem
    assert [str(problem) for problem in check_publishable(simulation)] == []


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_shipped_scenario_is_drawn_and_debriefed_in_both_languages(path: Path) -> None:
    simulation = load_simulation(path.read_text(encoding="utf-8"))
    for state in states(simulation):
        vietnamese, english = render(simulation, state, "vi"), render(simulation, state, "en")
        assert [action["id"] for action in vietnamese["actions"]] == [action["id"] for action in english["actions"]]
    for result in run_personas(simulation):
        for locale in ("vi", "en"):
            assert len(debrief(simulation, result.state, locale)) == len(simulation.rules)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_shipped_english_has_no_vietnamese_letters_and_vietnamese_is_not_english(path: Path) -> None:
    marked = re.compile(r"[ăâđêôơưĂÂĐÊÔƠƯ]|[\u0300-\u036f\u1ea0-\u1ef9]")
    texts = [
        each for each in mappings(parse_document(path.read_text(encoding="utf-8")).data) if set(each) == {"vi", "en"}
    ]
    assert len(texts) > 100
    assert [each["en"] for each in texts if marked.search(each["en"])] == []
    assert [each["vi"] for each in texts if len(each["vi"]) > 30 and not marked.search(each["vi"])] == []


def test_one_stop_reply_gives_evidence_on_its_three_competencies() -> None:
    simulation = scenario()
    assert simulation.competencies == {"6.3": 3, "7.1": 3, "7.5": 3}
    assert [(code, entry.provisional, len(entry.steps)) for code, entry in simulation.measurement.items()] == [
        ("6.3", True, 3),
        ("7.1", True, 3),
        ("7.5", True, 3),
    ]


def test_one_stop_reply_personas() -> None:
    results = {result.persona: result for result in run_personas(scenario())}
    assert {name: [found.score for found in result.scores] for name, result in results.items() if name != "random"} == {
        "expert": [3, 3, 3],
        "novice": [0, 0, 0],
        "hasty": [0, 1, 0],
        "trusting": [1, 1, 1],
        "late": [3, 2, 2],
        "cautious": [0, 0, 1],
    }


def expert_without(*left_out: int, instead: dict[int, dict] | None = None) -> list[int]:
    """The scores of the expert's play with steps left out or replaced."""
    simulation = scenario()
    log = [{"action": entry.action, "params": dict(entry.params)} for entry in simulation.personas["expert"].trace]
    for place, entry in (instead or {}).items():
        log[place] = entry
    kept = [entry for place, entry in enumerate(log) if place not in left_out]
    return [found.score for found in score(simulation, replay(simulation, 1, kept))]


def edit(segment: str, change: str) -> dict:
    return {"action": "edit_reply", "params": {"edit": {"segment": segment, "change": change}}}


def record(fee: str, result: str = "r1") -> dict:
    return {"action": "record_case", "params": {"result": result, "fee": fee}}


@pytest.mark.parametrize(
    ("left_out", "instead", "expected"),
    [
        ((), {}, [3, 3, 3]),
        ((2,), {}, [2, 3, 3]),
        ((), {9: edit("s4", "r1")}, [2, 3, 3]),
        ((), {9: edit("s4", "remove")}, [2, 2, 3]),
        ((9, 13), {}, [1, 3, 3]),
        ((8,), {}, [2, 3, 3]),
        ((), {8: edit("s3", "r1")}, [2, 3, 3]),
        ((10,), {}, [3, 2, 3]),
        ((11,), {}, [3, 3, 1]),
        ((), {11: edit("s6", "redact")}, [3, 3, 3]),
        ((), {11: edit("s6", "r1")}, [3, 3, 1]),
        ((12,), {}, [3, 3, 2]),
        ((), {6: {"action": "ask_assistant", "params": {"question": "q5"}}}, [3, 3, 2]),
        ((15,), {}, [3, 2, 3]),
        ((), {15: record("15.000 đồng")}, [3, 2, 3]),
        ((), {15: record("8 nghìn một bản")}, [3, 3, 3]),
        ((), {15: record("16.000", "r3")}, [3, 2, 3]),
        ((), {17: {"action": "send_reply", "params": {"channel": "c2"}}}, [3, 1, 3]),
        ((), {17: {"action": "escalate", "params": {"to": "e1"}}}, [1, 0, 1]),
    ],
)
def test_one_stop_reply_takes_exactly_what_each_fault_costs(
    left_out: tuple[int, ...], instead: dict[int, dict], expected: list[int]
) -> None:
    assert expert_without(*left_out, instead=instead) == expected


def test_one_stop_reply_rewrite_undoes_the_corrections() -> None:
    simulation = scenario()
    log = [
        {"action": "go_draft"},
        edit("s4", "r2"),
        {"action": "go_chat"},
        {"action": "ask_assistant", "params": {"question": "q4"}},
        {"action": "use_rewrite"},
    ]
    state = replay(simulation, 1, log)
    assert set(state.values["reply"].values()) == {"keep"}
    assert (
        render(simulation, state, "en")["notice"] == "The assistant's rewrite has replaced the reply you were editing."
    )
