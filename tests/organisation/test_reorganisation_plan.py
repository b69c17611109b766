"""What steps do to a tree of units, and what is refused, without a database."""

import pytest

from organisation.reorganising.plan import Plan, UnitState, plan_steps
from organisation.reorganising.steps import (
    Create,
    Dissolve,
    Merge,
    Move,
    NewUnit,
    Rename,
    Split,
    Step,
    StepInvalid,
    parse_step,
    step_content,
    step_kind,
)

KINDS = ("nation", "province", "district", "commune")


def state(code: str, parent: str = "", kind: str = "commune") -> UnitState:
    return UnitState(code, f"Tên {code}", f"Name {code}", kind, parent)


BEFORE = [
    state("VN", kind="nation"),
    state("P", "VN", "province"),
    state("Q", "VN", "province"),
    state("D", "P", "district"),
    state("A", "D"),
    state("B", "D"),
    state("C", "Q"),
]


def new(code: str, parent: str, kind: str = "commune") -> NewUnit:
    return NewUnit(code, f"Tên {code}", kind, parent, f"Name {code}")


def plan(*steps: Step) -> Plan:
    return plan_steps(BEFORE, steps, KINDS)


def parents(plan: Plan) -> dict[str, str]:
    return {code: unit.parent for code, unit in sorted(plan.after.items())}


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([Create(new("X", "P"))], {"X": "P"}),
        ([Move("A", "Q")], {"A": "Q"}),
        ([Merge(("A", "B"), "X", new("X", "D"))], {"A": None, "B": None, "X": "D"}),
        ([Merge(("A", "B"), "A")], {"B": None}),
        ([Merge(("P",), "Q")], {"P": None, "D": "Q"}),
        ([Merge(("P", "Q"), "R", new("R", "VN", "province"))], {"P": None, "Q": None, "R": "VN", "D": "R", "C": "R"}),
        ([Merge(("P", "D"), "D")], {"P": None, "D": "VN"}),
        ([Split("P", ("P", "R"), "P", (new("R", "VN", "province"),))], {"R": "VN"}),
        ([Split("P", ("Q", "R"), "R", (new("R", "VN", "province"),))], {"P": None, "R": "VN", "D": "R"}),
        ([Move("A", "P"), Move("B", "P"), Dissolve("D", "P")], {"A": "P", "B": "P", "D": None}),
    ],
)
def test_steps_change_the_tree(steps, expected):
    wanted = {unit.code: unit.parent for unit in BEFORE} | expected
    found = plan(*steps)
    assert found.problems == []
    assert parents(found) == {code: parent for code, parent in sorted(wanted.items()) if parent is not None}


def test_plan_says_what_was_made_changed_and_ended():
    found = plan(Merge(("A", "B"), "X", new("X", "D")), Move("X", "P"), Rename("C", "Xã Mới"), Dissolve("D", "P"))
    assert found.created == {"X": UnitState("X", "Tên X", "Name X", "commune", "P")}
    assert found.changed == {"C": UnitState("C", "Xã Mới", "", "commune", "Q")}
    assert found.ended == ["A", "B", "D"]
    assert found.heirs == {"A": "X", "B": "X", "D": "P"}
    assert found.dissolved == {"D"}
    assert found.touched == {"A", "B", "C", "D", "X", "P"}


@pytest.mark.parametrize(
    ("steps", "place", "reason"),
    [
        ([Move("Z", "P")], 1, "no_such_unit"),
        ([Move("P", "A")], 1, "under_itself"),
        ([Move("P", "P")], 1, "under_itself"),
        ([Create(new("A", "P"))], 1, "code_is_taken"),
        ([Merge(("A",), "B"), Create(new("A", "P"))], 2, "code_is_taken"),
        ([Create(new("X", "P", "planet"))], 1, "unknown_unit_kind"),
        ([Create(new("X", "P")), Merge(("X",), "A")], 2, "made_here"),
        ([Merge(("A",), "B"), Merge(("A",), "C")], 2, "ended_already"),
        ([Merge(("A",), "B"), Merge(("B",), "C")], 2, "receives_people"),
        ([Split("A", ("A", "B"), "A"), Split("A", ("A", "C"), "A")], 2, "given_away_already"),
        ([Split("A", ("A", "B"), "A"), Merge(("C",), "A")], 2, "cannot_receive"),
        ([Dissolve("D", "P")], 1, "has_units_below"),
        ([Dissolve("A", "A")], 1, "cannot_receive"),
        ([Dissolve("A", "B"), Rename("A", "Xã")], 2, "ended_already"),
    ],
)
def test_wrong_step_is_told_by_its_place(steps, place, reason):
    assert [(each.place, each.reason) for each in plan(*steps).problems] == [(place, reason)]


@pytest.mark.parametrize(
    "step",
    [
        Create(new("X", "P")),
        Rename("A", "Xã Mới", "New", "commune"),
        Move("A", "P"),
        Merge(("A", "B"), "X", new("X", "P")),
        Split("A", ("A", "X"), "A", (new("X", "P"),), "list", {"NV1": "X"}),
        Dissolve("A", "P"),
    ],
)
def test_step_survives_being_stored(step):
    assert parse_step(step_kind(step), step_content(step)) == step


@pytest.mark.parametrize(
    ("kind", "content", "reason"),
    [
        ("explode", {}, "unknown_kind"),
        ("move", {"unit": "A"}, "missing"),
        ("move", {"unit": "A", "parent": 7}, "missing"),
        ("create", {"unit": None}, "missing"),
        ("merge", {"sources": ["A"], "into": "A"}, "too_few"),
        ("merge", {"sources": [], "into": "A"}, "too_few"),
        ("merge", {"sources": "AB", "into": "A"}, "missing"),
        ("split", {"unit": "A", "parts": ["A"], "main": "A"}, "too_few"),
        ("split", {"unit": "A", "parts": ["A", "B"], "main": "C"}, "not_a_part"),
        ("split", {"unit": "A", "parts": ["A", "B"], "main": "A", "follow": "wind"}, "missing"),
        ("split", {"unit": "A", "parts": ["A", "B"], "main": "A", "assign": {"1": "C"}}, "not_a_part"),
    ],
)
def test_content_that_says_too_little_is_refused(kind, content, reason):
    with pytest.raises(StepInvalid) as refused:
        parse_step(kind, content)
    assert refused.value.reason == reason
