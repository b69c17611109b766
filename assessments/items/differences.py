"""What changed between two contents of one type."""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_WORDS = re.compile(r"\s+|[^\s]+")
_HIDDEN = ("id", "kind")


@dataclass(frozen=True, slots=True)
class Difference:
    """One place whose words differ; None where a side has no such place.

    words: runs of text as (how, text) with how one of `same`, `gone`, `new`.
    """

    path: str
    before: str | None
    after: str | None

    @property
    def words(self) -> list[tuple[str, str]]:
        old, new = _WORDS.findall(self.before or ""), _WORDS.findall(self.after or "")
        runs = []
        for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if tag == "equal":
                runs.append(("same", "".join(old[a:b])))
                continue
            runs += [("gone", "".join(old[a:b]))] if b > a else []
            runs += [("new", "".join(new[c:d]))] if d > c else []
        return runs


def compare_contents(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """The places in which two stored contents differ, in the order of the later one. Opaque ids are not compared."""
    old, new = dict(_leaves(before, "")), dict(_leaves(after, ""))
    paths = [*new, *(path for path in old if path not in new)]
    return [Difference(path, old.get(path), new.get(path)) for path in paths if old.get(path) != new.get(path)]


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, each in value.items():
            if name not in _HIDDEN:
                yield from _leaves(each, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        for place, each in enumerate(value):
            yield from _leaves(each, f"{path}[{place}]")
    elif value is not None:
        yield path, {True: "✓", False: "✗"}[value] if isinstance(value, bool) else str(value)
