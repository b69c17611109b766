"""Checks that need the whole document: names inside quoted text that CEL itself would never question.

`count("send_repyl")` and `channel == "portl"` are valid CEL and silently never true, which is the worst kind of
mistake in a scoring rule. So quoted actions, enum members, segments, changes and outcomes are checked here.
"""

import re
from collections.abc import Mapping

from ..model import Action, Screen
from ..parameters import PARAMETERS
from ..reader import Cursor, Reading
from ..selectors import Selector
from ..variables import Variable

_COMPARISON = re.compile(r"\b([a-z]\w*)(?:\.(\w+))?\s*(?:==|!=|in)\s*(\"[^\"]*\"|'[^']*'|\[[^\]]*\])")
_MEMBER = re.compile(r"(\"[^\"]*\"|'[^']*')\s*in\s+([a-z]\w*)\b")
_PART = re.compile(r"\b([a-z]\w*)\.(\w+)")
_QUOTED = re.compile(r"\"([^\"]*)\"|'([^']*)'")


def check_log_uses(reading: Reading, actions: Mapping[str, Action]) -> None:
    """Every selector must name an action, its parameters and values those can have."""
    for cursor, expression in reading.expressions:
        for selector in expression.selectors:
            fault = _selector_fault(selector, actions)
            if fault:
                cursor.problem(fault)


def _selector_fault(selector: Selector, actions: Mapping[str, Action]) -> str | None:
    action = actions.get(selector.action)
    if action is None:
        return f"there is no action {selector.action!r}"
    for dotted, value in selector.filters:
        name, _, inside = dotted.partition(".")
        parameter = next((found for found in action.parameters if found.name == name), None)
        if parameter is None:
            return f"action {action.name!r} has no parameter {name!r}"
        known = PARAMETERS[parameter.type].known(parameter.content, inside)
        if known is not None and value not in known:
            return f"{dotted} of {action.name!r} is never {value!r}; known: {', '.join(sorted(known)) or 'none'}"
    return None


def check_comparisons(reading: Reading, variables: Mapping[str, Variable], screens: Mapping[str, Screen]) -> None:
    """Every quoted value that an enum, a draft, a closed set or the outcome is compared with must exist."""
    for cursor, expression in reading.expressions:
        for name, part, quoted in _COMPARISON.findall(expression.source):
            _check_values(cursor, name, part, quoted, variables, screens)
        for quoted, name in _MEMBER.findall(expression.source):
            variable = variables.get(name)
            if variable and variable.type in ("set", "list") and variable.members:
                _check_known(cursor, name, quoted, set(variable.members))
        for name, part in _PART.findall(expression.source):
            draft = variables[name].draft if name in variables else None
            if draft and draft.segment(part) is None:
                cursor.problem(f"{name!r} has no segment {part!r}")


def _check_values(
    cursor: Cursor,
    name: str,
    part: str,
    quoted: str,
    variables: Mapping[str, Variable],
    screens: Mapping[str, Screen],
) -> None:
    variable = variables.get(name)
    if name == "outcome":
        _check_known(cursor, name, quoted, {screen.name for screen in screens.values() if screen.final} | {""})
    elif variable and variable.type == "enum":
        _check_known(cursor, name, quoted, set(variable.members))
    elif variable and variable.draft and (segment := variable.draft.segment(part)):
        _check_known(cursor, f"{name}.{part}", quoted, set(segment.changes))


def _check_known(cursor: Cursor, name: str, quoted: str, known: set[str]) -> None:
    for double, single in _QUOTED.findall(quoted):
        if (double or single) not in known:
            cursor.problem(f"{name} is never {double or single!r}; known: {', '.join(sorted(known))}")
