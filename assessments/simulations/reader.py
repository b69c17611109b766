"""Reads typed values out of a parsed document and collects every problem with its path and line.

A reading method never raises: on a fault it notes a problem and returns an empty value of its type, so that
one pass over a document finds all that is wrong with it. Whoever started the pass raises at the end.
"""

import difflib
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from .document import Document, Path, path_text
from .expressions import LOG_HELPERS, Expression, ExpressionError, compile_expression
from .problems import Problem
from .wording import LOCALES, LocaleText

MAX_PROBLEMS = 50
MAX_TEXT = 6_000
MAX_ENTRIES = 200

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_KINDS = {
    dict: "a mapping",
    list: "a list",
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
}


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression may mention: names, and whether it may ask about the log of actions."""

    names: frozenset[str]
    log: bool = False


@dataclass(slots=True)
class Reading:
    """One pass over a document: the problems so far and the expressions met, to be checked once all is read."""

    document: Document
    problems: list[Problem] = field(default_factory=list)
    conditions: list[tuple["Cursor", Expression]] = field(default_factory=list)
    expressions: list[tuple["Cursor", Expression]] = field(default_factory=list)

    def root(self) -> "Cursor":
        return Cursor(self.document.data, (), self)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A value in the document together with its path."""

    value: Any
    path: Path
    reading: Reading

    @property
    def where(self) -> str:
        return path_text(self.path)

    def problem(self, message: str) -> None:
        """Note a problem at this place."""
        path = self.path
        while path and path not in self.reading.document.lines:
            path = path[:-1]
        if len(self.reading.problems) < MAX_PROBLEMS:
            self.reading.problems.append(Problem(self.where, message, self.reading.document.lines.get(path)))

    def at(self, key: str | int) -> "Cursor":
        return Cursor(self.value[key], (*self.path, key), self.reading)

    def _is(self, kind: type) -> bool:
        right = isinstance(self.value, kind) and not (kind in (int, float) and isinstance(self.value, bool))
        if not right:
            self.problem(f"expected {_KINDS[kind]}, found {_KINDS.get(type(self.value), 'nothing')}")
        return right

    def fields(self, required: Collection[str], optional: Collection[str] = ()) -> dict[str, "Cursor"]:
        """The entries of a mapping with known keys; missing and unknown keys are problems."""
        if not self._is(dict):
            return {}
        known = [*required, *optional]
        for key in self.value:
            if key not in known:
                close = difflib.get_close_matches(key, known, n=1)
                hint = f"did you mean {close[0]!r}?" if close else f"known here: {', '.join(sorted(known))}"
                self.at(key).problem(f"unknown key; {hint}")
        for key in required:
            if key not in self.value:
                self.problem(f"{key!r} is missing")
        return {key: self.at(key) for key in known if key in self.value}

    def entries(self) -> Iterator[tuple[str, "Cursor"]]:
        """Named definitions of a mapping; a name is a lower-case identifier of up to 40 characters."""
        if not self._is(dict) or not self._few():
            return
        for key in self.value:
            if _NAME.fullmatch(key):
                yield key, self.at(key)
            else:
                self.at(key).problem("a name is lower-case letters, digits and _, beginning with a letter")

    def items(self) -> list["Cursor"]:
        """The items of a list."""
        return [self.at(index) for index in range(len(self.value))] if self._is(list) and self._few() else []

    def _few(self) -> bool:
        if len(self.value) > MAX_ENTRIES:
            self.problem(f"{len(self.value)} entries; at most {MAX_ENTRIES} are allowed")
        return len(self.value) <= MAX_ENTRIES

    def string(self, limit: int = 200) -> str:
        """Plain text of one language-neutral kind: an identifier, a time, a code."""
        if not self._is(str):
            return ""
        if not self.value.strip() or len(self.value) > limit:
            self.problem(f"must have 1 to {limit} characters")
        return str(self.value)

    def name(self) -> str:
        """An identifier."""
        text = self.string()
        if text and not _NAME.fullmatch(text):
            self.problem("a name is lower-case letters, digits and _, beginning with a letter")
        return text

    def one_of(self, known: Collection[str], what: str = "value") -> str:
        """Text that must be one of `known`."""
        if not self._is(str):
            return ""
        if self.value not in known:
            close = difflib.get_close_matches(self.value, list(known), n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(sorted(known)) or 'none'}"
            self.problem(f"unknown {what} {self.value!r}; {hint}")
            return ""
        return str(self.value)

    def boolean(self) -> bool:
        return self._is(bool) and bool(self.value)

    def integer(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`."""
        if not self._is(int):
            return low
        if not low <= self.value <= high:
            self.problem(f"must be from {low} to {high}")
            return low
        return int(self.value)

    def number(self, low: float, high: float) -> float:
        """A number, whole or not, from `low` to `high`."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            self.problem(f"expected a number, found {_KINDS.get(type(self.value), 'nothing')}")
            return low
        if not low <= self.value <= high:
            self.problem(f"must be from {low} to {high}")
            return low
        return float(self.value)

    def text(self) -> LocaleText:
        """A text in both languages: `{vi: ..., en: ...}`, neither empty."""
        fields = self.fields(LOCALES)
        found = {locale: fields[locale].string(MAX_TEXT) for locale in LOCALES if locale in fields}
        return LocaleText(found.get("vi", ""), found.get("en", ""))

    def condition(self, scope: Scope) -> Expression | None:
        """A CEL expression that must give true or false; it is tried on the initial state after loading."""
        expression = self.expression(scope)
        if expression is not None:
            self.reading.conditions.append((self, expression))
        return expression

    def expression(self, scope: Scope) -> Expression | None:
        """A CEL expression that mentions only what `scope` offers; `true` and numbers may stand unquoted."""
        source = self.value
        if isinstance(source, bool):
            source = str(source).lower()
        elif isinstance(source, int | float):
            source = str(source)
        if not isinstance(source, str):
            self.problem("expected a CEL expression")
            return None
        try:
            expression = compile_expression(source)
        except ExpressionError as error:
            self.problem(str(error))
            return None
        unknown = sorted(expression.names - scope.names)
        if unknown:
            close = difflib.get_close_matches(unknown[0], list(scope.names), n=1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            self.problem(f"unknown variable {', '.join(map(repr, unknown))}{hint}")
            return None
        if expression.functions & set(LOG_HELPERS) and not scope.log:
            self.problem(f"{', '.join(LOG_HELPERS)} may be used in evidence only")
            return None
        self.reading.expressions.append((self, expression))
        return expression


def no_repeats(cursor: Cursor, names: Sequence[str], what: str) -> None:
    """Note a problem for every name given twice."""
    for name in sorted({name for name in names if names.count(name) > 1}):
        cursor.problem(f"{what} {name!r} is given twice")
