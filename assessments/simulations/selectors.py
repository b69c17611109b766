"""Questions evidence rules put to the ordered log of actions: `before`, `count` and `never`.

A selector names an action and, in brackets, the parameters it was done with:
`open_section`, `open_section[section=fee]`, `edit_reply[edit.segment=s4][edit.change=r1]`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

_SELECTOR = re.compile(r"([a-z][a-z0-9_]*)((?:\[[a-z][\w.]*=[^\[\]=]*\])*)")
_FILTER = re.compile(r"\[([\w.]+)=([^\]]*)\]")


class SelectorError(ValueError):
    """Text that is not a selector."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One applied action with the parameters it was given, in order of the log."""

    action: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Selector:
    """An action and the values some of its parameters must have; a dotted name reaches into a parameter."""

    action: str
    filters: tuple[tuple[str, str], ...]

    def matches(self, entry: Entry) -> bool:
        return entry.action == self.action and all(_inside(entry.params, name) == value for name, value in self.filters)


@lru_cache(maxsize=4096)
def parse_selector(text: str) -> Selector:
    """Read a selector; SelectorError when it is not one."""
    found = _SELECTOR.fullmatch(text)
    if not found:
        raise SelectorError(f"{text!r} does not name an action (write name or name[parameter=value])")
    return Selector(found[1], tuple(_FILTER.findall(found[2])))


def before(log: Sequence[Entry], first: str, second: str) -> bool:
    """Whether both were done and the first `first` came before the first `second`."""
    earlier, later = _position(log, first), _position(log, second)
    return earlier is not None and later is not None and earlier < later


def count(log: Sequence[Entry], selector: str) -> int:
    """How many times it was done."""
    wanted = parse_selector(selector)
    return sum(wanted.matches(entry) for entry in log)


def never(log: Sequence[Entry], selector: str) -> bool:
    """Whether it was not done at all."""
    return _position(log, selector) is None


def _position(log: Sequence[Entry], selector: str) -> int | None:
    wanted = parse_selector(selector)
    return next((index for index, entry in enumerate(log) if wanted.matches(entry)), None)


def _inside(params: Mapping[str, Any], dotted: str) -> Any:
    value: Any = params
    for part in dotted.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
