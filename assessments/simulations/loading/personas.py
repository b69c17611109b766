"""Reads `personas`, the author's own tests."""

from collections.abc import Mapping

from ..model import Action, Persona, Screen
from ..reader import Cursor
from ..selectors import Entry

KINDS = ("scripted", "random")
MAX_PERSONAS = 30


def read_personas(
    cursor: Cursor, competencies: Mapping[str, int], actions: Mapping[str, Action], screens: Mapping[str, Screen]
) -> dict[str, Persona]:
    if isinstance(cursor.value, dict) and len(cursor.value) > MAX_PERSONAS:
        cursor.problem(f"at most {MAX_PERSONAS} personas")
    return {name: _read(name, item, competencies, actions, screens) for name, item in cursor.entries()}


def _read(
    name: str,
    cursor: Cursor,
    competencies: Mapping[str, int],
    actions: Mapping[str, Action],
    screens: Mapping[str, Screen],
) -> Persona:
    scripted = isinstance(cursor.value, dict) and cursor.value.get("kind") == "scripted"
    fields = cursor.fields(("kind", "seed", "expect", *(("trace",) if scripted else ())), ("outcome",))
    finals = [screen.name for screen in screens.values() if screen.final]
    return Persona(
        name=name,
        kind=fields["kind"].one_of(KINDS, "kind of persona") if "kind" in fields else "",
        seed=fields["seed"].integer(0, 2**31 - 1) if "seed" in fields else 0,
        trace=tuple(_read_entry(item, actions) for item in fields["trace"].items()) if "trace" in fields else (),
        expect=_read_expect(fields["expect"], competencies) if "expect" in fields else {},
        outcome=fields["outcome"].one_of(finals, "final screen") if "outcome" in fields else None,
    )


def _read_entry(cursor: Cursor, actions: Mapping[str, Action]) -> Entry:
    fields = cursor.fields(("action",), ("params",))
    action = fields["action"].one_of(list(actions), "action") if "action" in fields else ""
    params = fields["params"].value if "params" in fields else {}
    if not isinstance(params, dict):
        fields["params"].problem("expected a mapping")
        params = {}
    return Entry(action, params)


def _read_expect(cursor: Cursor, competencies: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """A score, or a range `[low, high]`, for every competency."""
    expected = {}
    for code, item in cursor.fields(tuple(competencies)).items():
        if isinstance(item.value, list):
            bounds = [bound.integer(0, competencies[code]) for bound in item.items()]
            if len(bounds) != 2 or bounds[0] > bounds[1]:
                item.problem("a range is [low, high]")
            else:
                expected[code] = (bounds[0], bounds[1])
        else:
            score = item.integer(0, competencies[code])
            expected[code] = (score, score)
    return expected
