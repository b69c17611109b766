"""Reads `evidence` and the suggested `measurement` parameters of each competency's score."""

from collections.abc import Mapping

from ..expressions import compile_expression
from ..model import Measurement, Rule
from ..reader import Cursor, Scope, no_repeats

MAX_LEVELS = 6
NEVER = "false"  # stands for a faulty level, so that one fault is not told as several


def read_rules(cursor: Cursor, scope: Scope) -> tuple[Rule, ...]:
    """Each rule has an id, one competency, one condition for each level from 1 up, and a remark either way."""
    keys = ("id", "competency", "levels", "met", "missed")
    rules = []
    for item in cursor.items():
        fields = item.fields(keys)
        if len(fields) < len(keys):
            continue
        levels = [level.condition(scope) for level in fields["levels"].items()]
        if not 1 <= len(levels) <= MAX_LEVELS:
            fields["levels"].problem(f"a rule has 1 to {MAX_LEVELS} levels")
        rules.append(
            Rule(
                fields["id"].name(),
                fields["competency"].string(31),
                tuple(level or compile_expression(NEVER) for level in levels),
                fields["met"].text(),
                fields["missed"].text(),
            )
        )
    no_repeats(cursor, [rule.id for rule in rules], "rule")
    if not cursor.value:
        cursor.problem("a simulation gives evidence about at least one competency")
    return tuple(rules)


def read_measurement(cursor: Cursor, competencies: Mapping[str, int]) -> dict[str, Measurement]:
    """One entry for each competency: slope `a` and as many steps as its summed score has levels."""
    parameters = {}
    for code, item in cursor.fields(tuple(competencies)).items():
        fields = item.fields(("a", "steps", "provisional"))
        if len(fields) < 3:
            continue
        steps = tuple(step.number(-6, 6) for step in fields["steps"].items())
        if len(steps) != competencies[code]:
            fields["steps"].problem(f"{len(steps)} steps for a score of 0 to {competencies[code]}")
        parameters[code] = Measurement(fields["a"].number(0.1, 4), steps, fields["provisional"].boolean())
    return parameters
