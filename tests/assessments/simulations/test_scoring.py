"""Scores: rules summed by competency, highest level that holds, the same from a state and from its log."""

import pytest

from assessments.simulations import (
    IllegalAction,
    ObservableScore,
    Remark,
    SimulationFault,
    debrief,
    replay,
    score,
    start,
)

from .samples import changed_simulation, small

EXPERT = [
    {"action": "open_letter", "params": {"letter": "m1"}},
    {"action": "write_amount", "params": {"amount": "8.000 đồng"}},
    {"action": "change_letter", "params": {"edit": {"segment": "s1", "change": "r1"}}},
    {"action": "finish", "params": {}},
]


def scores(log: list[dict]) -> list[tuple[str, int]]:
    return [(found.competency, found.score) for found in score(small(), log)]


def test_rules_of_one_competency_become_one_score() -> None:
    assert score(small(), EXPERT) == [ObservableScore("1.1", 3, 3), ObservableScore("2.2", 1, 1)]


def test_score_of_a_log_is_the_score_of_its_state() -> None:
    simulation = small()
    for length in range(len(EXPERT) + 1):
        assert score(simulation, EXPERT[:length]) == score(simulation, replay(simulation, 0, EXPERT[:length]))


def test_doing_nothing_scores_nothing() -> None:
    assert scores([]) == [("1.1", 0), ("2.2", 0)]


def test_order_of_actions_matters() -> None:
    assert scores([EXPERT[1], EXPERT[2], EXPERT[0], EXPERT[3]]) == [("1.1", 2), ("2.2", 1)]


def test_level_is_the_highest_that_holds() -> None:
    assert scores([EXPERT[1]]) == [("1.1", 2), ("2.2", 0)]
    assert scores([EXPERT[1], EXPERT[1]]) == [("1.1", 1), ("2.2", 0)]


def test_forged_log_is_not_scored() -> None:
    with pytest.raises(IllegalAction):
        score(small(), [*EXPERT, EXPERT[0]])


def test_failing_rule_is_a_fault_with_its_path() -> None:
    simulation = changed_simulation(("evidence/1/levels/1", "stamp_count == 0 || 1 / (stamp_count - 1) > 0"))
    with pytest.raises(SimulationFault) as caught:
        score(simulation, EXPERT)
    assert caught.value.path == "evidence[1].levels[1]"


def test_debrief_gives_one_remark_for_each_rule_and_only_after_the_end() -> None:
    simulation = small()
    with pytest.raises(ValueError, match=r"^there is no debrief before the end$"):
        debrief(simulation, start(simulation, 1), "en")
    state = replay(simulation, 1, [EXPERT[1], EXPERT[3]])
    assert debrief(simulation, state, "en") == [
        Remark("1.1", 0, 1, "Did not read."),
        Remark("1.1", 2, 2, "Noted."),
        Remark("2.2", 0, 1, "Fee still wrong."),
    ]
    assert [remark.text for remark in debrief(simulation, state, "vi")] == ["Chưa đọc.", "Đã ghi.", "Phí còn sai."]
