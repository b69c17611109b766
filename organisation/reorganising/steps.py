"""The six kinds of step as value objects, and their reading from the JSON that is stored. Pure Python.

Units are named by code, for a step may speak of a unit that an earlier step makes.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

Follow = Literal["main", "list", "position", "evenly"]


class StepInvalid(ValueError):
    """A step does not say what its kind needs. `reason` is a code for messages, `values` go into the message."""

    def __init__(self, reason: str, **values: str) -> None:
        super().__init__(f"{reason} {values}" if values else reason)
        self.reason = reason
        self.values = values


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A unit to be made. An empty English name is derived from the Vietnamese one."""

    code: str
    name_vi: str
    kind: str
    parent: str
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class Create:
    """Make a unit that nobody is moved to."""

    unit: NewUnit


@dataclass(frozen=True, slots=True)
class Rename:
    """Give a unit another name, and another kind unless that is empty."""

    unit: str
    name_vi: str
    name_en: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """Put a unit with everything below it under another one."""

    unit: str
    parent: str


@dataclass(frozen=True, slots=True)
class Merge:
    """All people of the sources, and all units below them, go to `into`: a unit that is there or `new`."""

    sources: tuple[str, ...]
    into: str
    new: NewUnit | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """The people of a unit go to several; the units below it to the main part.

    parts: codes, the unit's own among them when it goes on. new: those of the parts that are to be made. main: the part
    for whom nothing else is said. follow: `main` (all), `list` (assign: employee code -> part), `position` (assign:
    position code -> part) or `evenly` (in the order of employee codes, one to each part in turn).
    """

    unit: str
    parts: tuple[str, ...]
    main: str
    new: tuple[NewUnit, ...] = ()
    follow: Follow = "main"
    assign: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dissolve:
    """End a unit that has no units below it any more; its people go to `people_to`."""

    unit: str
    people_to: str


Step = Create | Rename | Move | Merge | Split | Dissolve
KINDS: dict[str, type] = {
    "create": Create,
    "rename": Rename,
    "move": Move,
    "merge": Merge,
    "split": Split,
    "dissolve": Dissolve,
}


def parse_step(kind: str, content: Mapping[str, Any]) -> Step:
    """Return the step that a kind and its stored content say. Raises StepInvalid."""
    read = _READERS.get(kind)
    if read is None:
        raise StepInvalid("unknown_kind", kind=kind)
    return read(content)


def step_content(step: Step) -> dict[str, Any]:
    """Return what is stored of a step beside its kind."""
    return asdict(step)


def step_kind(step: Step) -> str:
    """Return the name of a step's kind."""
    return next(name for name, kind in KINDS.items() if isinstance(step, kind))


def units_named(step: Step) -> set[str]:
    """Return the codes of all units that a step names, those it makes among them."""
    match step:
        case Create(unit):
            return {unit.code, unit.parent}
        case Rename(unit=code):
            return {code}
        case Move(unit=code, parent=parent):
            return {code, parent}
        case Merge(sources, into, new):
            return {*sources, into, *([new.parent] if new else [])}
        case Split(unit=code, parts=parts, new=made):
            return {code, *parts, *(each.parent for each in made)}
        case Dissolve(unit=code, people_to=people_to):
            return {code, people_to}


def _text(content: Mapping[str, Any], name: str, *, required: bool = True) -> str:
    value = content.get(name, "")
    if not isinstance(value, str) or (required and not value.strip()):
        raise StepInvalid("missing", field=name)
    return value.strip()


def _texts(content: Mapping[str, Any], name: str, least: int) -> tuple[str, ...]:
    value = content.get(name, ())
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) and each.strip() for each in value):
        raise StepInvalid("missing", field=name)
    found = tuple(dict.fromkeys(each.strip() for each in value))
    if len(found) < least:
        raise StepInvalid("too_few", field=name, least=str(least))
    return found


def _new_unit(content: Any) -> NewUnit:
    if not isinstance(content, Mapping):
        raise StepInvalid("missing", field="unit")
    return NewUnit(
        code=_text(content, "code"),
        name_vi=_text(content, "name_vi"),
        kind=_text(content, "kind"),
        parent=_text(content, "parent"),
        name_en=_text(content, "name_en", required=False),
    )


def _create(content: Mapping[str, Any]) -> Create:
    return Create(_new_unit(content.get("unit")))


def _rename(content: Mapping[str, Any]) -> Rename:
    names = _text(content, "name_en", required=False), _text(content, "kind", required=False)
    return Rename(_text(content, "unit"), _text(content, "name_vi"), *names)


def _move(content: Mapping[str, Any]) -> Move:
    return Move(_text(content, "unit"), _text(content, "parent"))


def _merge(content: Mapping[str, Any]) -> Merge:
    new = _new_unit(content["new"]) if content.get("new") else None
    into = _text(content, "into")
    sources = _texts(content, "sources", 1)
    if sources == (into,):
        raise StepInvalid("too_few", field="sources", least="2")
    if new and new.code != into:
        raise StepInvalid("new_is_not_the_target", unit=new.code)
    return Merge(sources, into, new)


def _split(content: Mapping[str, Any]) -> Split:
    parts = _texts(content, "parts", 2)
    main = _text(content, "main")
    made = tuple(_new_unit(each) for each in content.get("new") or ())
    follow = content.get("follow", "main")
    assign = content.get("assign") or {}
    if follow not in get_args(Follow):
        raise StepInvalid("missing", field="follow")
    if not isinstance(assign, Mapping) or not all(isinstance(each, str) for each in (*assign, *assign.values())):
        raise StepInvalid("missing", field="assign")
    for code in (main, *(each.code for each in made), *assign.values()):
        if code not in parts:
            raise StepInvalid("not_a_part", unit=code)
    return Split(_text(content, "unit"), parts, main, made, follow, dict(assign))


def _dissolve(content: Mapping[str, Any]) -> Dissolve:
    return Dissolve(_text(content, "unit"), _text(content, "people_to"))


_READERS: dict[str, Callable[[Mapping[str, Any]], Step]] = {
    "create": _create,
    "rename": _rename,
    "move": _move,
    "merge": _merge,
    "split": _split,
    "dissolve": _dissolve,
}
