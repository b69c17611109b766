"""Reads `world`: the clock, what there is to see, and the typed variables."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..panes import PANES
from ..reader import Cursor, Scope
from ..variables import Variable, read_variable

RESERVED = ("clock", "outcome", "params", "log")

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class World:
    """`fixtures` are keyed `kind.name`; `clock_start` is in minutes after midnight."""

    clock_start: int | None
    fixtures: Mapping[str, Any]
    variables: Mapping[str, Variable]
    scope: Scope


def read_world(cursor: Cursor) -> World:
    kinds = {pane_type.FIXTURE: pane_type for pane_type in PANES.values()}
    fields = cursor.fields(("variables",), ("clock", *kinds))
    named = dict(fields["variables"].entries()) if "variables" in fields else {}
    for name in named:
        if name in RESERVED:
            named[name].problem(f"{name!r} is a name of the engine's own")
    scope = Scope(frozenset(named) | {"clock"})
    fixtures = {
        f"{kind}.{name}": pane_type.read_fixture(item, scope)
        for kind, pane_type in kinds.items()
        if kind in fields
        for name, item in fields[kind].entries()
    }
    drafts = {name.removeprefix("drafts."): item for name, item in fixtures.items() if name.startswith("drafts.")}
    variables = {name: read_variable(name, item, drafts) for name, item in named.items()}
    return World(_read_clock(fields["clock"]) if "clock" in fields else None, fixtures, variables, scope)


def _read_clock(cursor: Cursor) -> int:
    fields = cursor.fields(("start",))
    found = _TIME.fullmatch(fields["start"].string()) if "start" in fields else None
    if not found:
        cursor.problem("start is a time of day such as '15:40'")
        return 0
    return int(found[1]) * 60 + int(found[2])
