"""Reads a YAML document into plain values with the line of each, and refuses anything a simulation has no need of.

The parser's event stream is folded here instead of PyYAML's constructor, so that limits hold while
reading, no object is ever built from a tag, every value keeps its line, and plain scalars follow YAML 1.2
(`no`, `on` and `15:40` stay text). libyaml parses, always: PyYAML's own parser is slower and differs from it in
what it takes for text inside braces, and a document must not be valid on one machine only.
"""

import math
import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from .problems import Problem, SimulationError

MAX_BYTES = 256 * 1024
MAX_DEPTH = 16
MAX_VALUES = 20_000

Path = tuple[str | int, ...]

_INTEGER = re.compile(r"-?(0|[1-9]\d{0,15})")
_NUMBER = re.compile(r"-?\d{1,15}\.\d{1,15}([eE][+-]?\d{1,3})?")
_WORDS: dict[str, Any] = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed document: plain dicts, lists and scalars, and the 1-based line where each path begins."""

    data: Any
    lines: dict[Path, int]


@dataclass(slots=True)
class _Open:
    """A mapping or sequence whose end has not been met yet."""

    path: Path
    value: Any
    key: str | None = None
    seen: set[str] = field(default_factory=set)

    def next_path(self) -> Path:
        return (*self.path, len(self.value) if isinstance(self.value, list) else str(self.key))

    def put(self, value: Any) -> None:
        if isinstance(self.value, list):
            self.value.append(value)
        else:
            self.value[self.key] = value
            self.key = None


def path_text(path: Path) -> str:
    """Spell a path as authors read it: `personas.expert.trace[3].params`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def parse_document(text: str) -> Document:
    """Parse YAML `text` (at most 256 KiB, 16 levels, 20,000 values; no alias, tag or duplicate key).

    Raises SimulationError with a single problem at the first violation.
    """
    if not isinstance(text, str):
        raise _refuse((), f"expected text, found {type(text).__name__}")
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise _refuse((), "the text is not valid Unicode") from None
    if size > MAX_BYTES:
        raise _refuse((), f"the document has {size:,} bytes; at most {MAX_BYTES:,} are read")
    try:
        return _fold(yaml.parse(text, Loader=yaml.CSafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _refuse((), f"not valid YAML: {error.problem or error}", mark.line + 1 if mark else None) from None
    except yaml.YAMLError as error:
        raise _refuse((), f"not valid YAML: {error}") from None


def _refuse(path: Path, message: str, line: int | None = None) -> SimulationError:
    return SimulationError([Problem(path_text(path), message, line)])


def _fold(events: Any) -> Document:
    stack: list[_Open] = []
    lines: dict[Path, int] = {}
    data: Any = None
    documents = values = 0
    for event in events:
        line = event.start_mark.line + 1
        top = stack[-1] if stack else None
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _refuse((), "a simulation is one YAML document; a second one begins here", line)
        elif isinstance(event, yaml.AliasEvent):
            raise _refuse(
                top.path if top else (), f"aliases (*{event.anchor}) are not allowed; write the value out", line
            )
        elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
            stack.pop()
        elif isinstance(event, yaml.NodeEvent):
            values += 1
            if values > MAX_VALUES:
                raise _refuse((), f"more than {MAX_VALUES:,} values", line)
            _check_plain(event, top, line)
            if top and isinstance(top.value, dict) and top.key is None:
                _take_key(event, top, line)
                continue
            path = top.next_path() if top else ()
            lines[path] = line
            value = _value(event, path, line)
            if top:
                top.put(value)
            else:
                data = value
            if not isinstance(event, yaml.ScalarEvent):
                if len(stack) >= MAX_DEPTH:
                    raise _refuse(path, f"nested more than {MAX_DEPTH} levels deep", line)
                stack.append(_Open(path, value))
    if not documents or data is None:
        raise _refuse((), "the document is empty")
    return Document(data, lines)


def _check_plain(event: Any, top: _Open | None, line: int) -> None:
    path = top.path if top else ()
    if event.anchor is not None:
        raise _refuse(path, f"anchors (&{event.anchor}) are not allowed; write the value out", line)
    if event.tag is not None:
        raise _refuse(path, f"tags ({event.tag}) are not allowed", line)


def _take_key(event: Any, top: _Open, line: int) -> None:
    if not isinstance(event, yaml.ScalarEvent):
        raise _refuse(top.path, "a key must be a plain word", line)
    if event.value in top.seen:
        raise _refuse((*top.path, event.value), "this key is given twice", line)
    top.seen.add(event.value)
    top.key = event.value


def _value(event: Any, path: Path, line: int) -> Any:
    if isinstance(event, yaml.SequenceStartEvent):
        return []
    if isinstance(event, yaml.MappingStartEvent):
        return {}
    text: str = event.value
    if event.style:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text):
        number = float(text)
        if not math.isfinite(number):
            raise _refuse(path, "the number is too large", line)
        return number
    return text
