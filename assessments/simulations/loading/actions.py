"""Reads `actions`: where each is available, what it asks for and what it does."""

import re
from collections.abc import Mapping

from ..model import ROLES, Action, Effect, Parameter, Screen
from ..parameters import PARAMETERS
from ..reader import Cursor, Scope
from ..wording import LocaleText
from .world import World

OPTIONAL = ("screens", "pane", "role", "guard", "parameters", "takes", "notice", "confirm")
MAX_TAKES = 600


def read_actions(cursor: Cursor, world: World, screens: Mapping[str, Screen]) -> dict[str, Action]:
    return {name: _read_action(name, item, world, screens) for name, item in cursor.entries()}


def _read_action(name: str, cursor: Cursor, world: World, screens: Mapping[str, Screen]) -> Action:
    fields = cursor.fields(("label", "effects"), OPTIONAL)
    parameters = [
        parameter
        for key, item in (fields["parameters"].entries() if "parameters" in fields else [])
        if (parameter := _read_parameter(key, item, world))
    ]
    where = _read_where(fields.get("screens"), screens)
    pane = fields["pane"].name() if "pane" in fields else None
    if pane and not any(pane == shown.id for screen in where if screen in screens for shown in screens[screen].panes):
        fields["pane"].problem(f"none of its screens has a pane {pane!r}")
    scope = Scope(world.scope.names | ({"params"} if parameters else set()))
    effects = [
        effect
        for item in (fields["effects"].items() if "effects" in fields else [])
        if (
            effect := _read_effect(item, world, screens, scope, {parameter.name: parameter for parameter in parameters})
        )
    ]
    return Action(
        name=name,
        label=fields["label"].text() if "label" in fields else LocaleText("", ""),
        screens=where,
        pane=pane,
        role=fields["role"].one_of(ROLES, "role") if "role" in fields else "act",
        guard=fields["guard"].condition(world.scope) if "guard" in fields else None,
        parameters=tuple(parameters),
        effects=tuple(effects),
        takes=fields["takes"].integer(0, MAX_TAKES) if "takes" in fields else 0,
        notice=fields["notice"].text() if "notice" in fields else None,
        confirm=fields["confirm"].text() if "confirm" in fields else None,
    )


def _read_where(cursor: Cursor | None, screens: Mapping[str, Screen]) -> frozenset[str]:
    """The screens an action is on; all that are not final when none are named."""
    if cursor is None:
        return frozenset(name for name, screen in screens.items() if not screen.final)
    names = {item.one_of(list(screens), "screen") for item in cursor.items()} - {""}
    for name in sorted(names):
        if screens[name].final:
            cursor.problem(f"screen {name!r} is final; nothing can be done there")
    return frozenset(names)


def _read_parameter(name: str, cursor: Cursor, world: World) -> Parameter | None:
    kind = cursor.value.get("type") if isinstance(cursor.value, dict) else None
    if not isinstance(kind, str) or kind not in PARAMETERS:
        if isinstance(kind, str):
            cursor.at("type").one_of(list(PARAMETERS), "parameter type")
        else:
            cursor.problem("a parameter is a mapping with a type")
        return None
    parameter_type = PARAMETERS[kind]
    fields = cursor.fields(("type", "label", *parameter_type.REQUIRED), parameter_type.OPTIONAL)
    content = parameter_type.read(cursor, fields, world.fixtures, world.variables, world.scope)
    return Parameter(name, kind, fields["label"].text() if "label" in fields else LocaleText("", ""), content)


def _read_effect(
    cursor: Cursor, world: World, screens: Mapping[str, Screen], scope: Scope, parameters: Mapping[str, Parameter]
) -> Effect | None:
    kinds = [
        kind for kind in ("set", "edit", "reset", "goto") if isinstance(cursor.value, dict) and kind in cursor.value
    ]
    if len(kinds) != 1:
        cursor.problem("an effect is one of set (with to), edit (with from), reset or goto")
        return None
    kind = kinds[0]
    extra = {"set": ("to",), "edit": ("from",)}.get(kind, ())
    fields = cursor.fields((kind, *extra), ("when",))
    when = fields["when"].condition(scope) if "when" in fields else None
    _check_params(fields.get("when"), parameters)
    if kind == "goto":
        return Effect(kind, fields[kind].one_of(list(screens), "screen"), cursor.where, when=when)
    names = [
        name
        for name, found in world.variables.items()
        if kind == "reset" or (found.type == "edits") == (kind == "edit")
    ]
    target = fields[kind].one_of(names, "edits variable" if kind == "edit" else "variable")
    if kind == "set" and "to" in fields:
        _check_params(fields["to"], parameters)
        return Effect(kind, target, cursor.where, value=fields["to"].expression(scope), when=when)
    if kind == "edit" and "from" in fields:
        source = fields["from"].one_of(
            [name for name, found in parameters.items() if found.type == "edit"], "edit parameter"
        )
        if source and target and parameters[source].content.variable != target:
            fields["from"].problem(f"parameter {source!r} edits another variable than {target!r}")
        return Effect(kind, target, cursor.where, parameter=source, when=when)
    return Effect(kind, target, cursor.where, when=when)


def _check_params(cursor: Cursor | None, parameters: Mapping[str, Parameter]) -> None:
    if cursor is not None and isinstance(cursor.value, str):
        for name in sorted(set(re.findall(r"\bparams\.(\w+)", cursor.value)) - set(parameters)):
            cursor.problem(f"this action has no parameter {name!r}")
