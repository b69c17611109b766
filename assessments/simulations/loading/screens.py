"""Reads `screens`; the first one written is where a sitting begins."""

from ..model import Pane, Screen
from ..panes import PANES
from ..reader import Cursor, no_repeats
from ..wording import LocaleText
from .world import World


def read_screens(cursor: Cursor, world: World) -> dict[str, Screen]:
    screens = {name: _read_screen(name, item, world) for name, item in cursor.entries()}
    if screens and not any(screen.final for screen in screens.values()):
        cursor.problem("no screen is final, so the simulation could never end")
    if screens and next(iter(screens.values())).final:
        cursor.problem("the first screen is final, so there is nothing to do")
    return screens


def _read_screen(name: str, cursor: Cursor, world: World) -> Screen:
    fields = cursor.fields(("title", "panes"), ("final",))
    panes = []
    for item in fields["panes"].items() if "panes" in fields else []:
        pane = _read_pane(item, world)
        if pane:
            panes.append(pane)
    if "panes" in fields:
        if not fields["panes"].value:
            fields["panes"].problem("a screen has at least one pane")
        no_repeats(fields["panes"], [pane.id for pane in panes], "pane")
    return Screen(
        name,
        fields["title"].text() if "title" in fields else LocaleText("", ""),
        tuple(panes),
        fields["final"].boolean() if "final" in fields else False,
    )


def _read_pane(cursor: Cursor, world: World) -> Pane | None:
    kind = cursor.value.get("type") if isinstance(cursor.value, dict) else None
    if not isinstance(kind, str) or kind not in PANES:
        if isinstance(kind, str):
            cursor.at("type").one_of(list(PANES), "pane type")
        else:
            cursor.problem("a pane is a mapping with a type")
        return None
    pane_type = PANES[kind]
    fields = cursor.fields(("type", "show", *pane_type.REQUIRED), ("id", "title", "when", *pane_type.OPTIONAL))
    prefix = f"{pane_type.FIXTURE}."
    shown = [name.removeprefix(prefix) for name in world.fixtures if name.startswith(prefix)]
    name = fields["show"].one_of(shown, f"entry of world.{pane_type.FIXTURE}") if "show" in fields else ""
    if not name:
        return None
    return Pane(
        fields["id"].name() if "id" in fields else name,
        kind,
        fields["title"].text() if "title" in fields else None,
        fields["when"].condition(world.scope) if "when" in fields else None,
        pane_type.read(fields, world.fixtures[prefix + name], world.variables),
    )
