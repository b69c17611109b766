"""Reads a course's files as typed values and collects every problem with its file and path.

A reading method never raises: on a fault it notes a problem and returns an empty value of its type, so that one pass
finds all that is wrong. Whoever started the pass asks for `problems` at the end.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

MAX_FILE = 256 * 1024
MAX_TEXT = 2_000
LOCALES = ("vi", "en")

Bilingual = dict[str, str]
StaticFile = Callable[[str], Path | None]
"""Finds a static file by its name under the static root; None when there is none."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in a course: which file, where in it, and what is wrong, in words for its author."""

    file: str
    path: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.path, self.message) if part)


class CourseImportError(ValueError):
    """A directory that is not a course; `problems` lists everything found."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in problems))


class _StrictLoader(yaml.SafeLoader):
    """Refuses a key that stands twice in one mapping, where plain YAML silently drops the first."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _value in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.MarkedYAMLError(problem=f"{key!r} stands twice", problem_mark=key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


@dataclass(slots=True)
class Reader:
    """One pass over a course directory. Paths are like `modules[0].lessons[2].title.vi`."""

    directory: Path
    static_file: StaticFile
    file: str = "course.yaml"
    problems: list[Problem] = field(default_factory=list)

    def problem(self, path: str, message: str, file: str = "") -> None:
        self.problems.append(Problem(file or self.file, path, message))

    def document(self) -> Any:
        """The main file's content; None, with a problem, when it cannot be read as YAML."""
        text = self.read_text(self.file, "")
        try:
            return yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a SafeLoader
        except yaml.MarkedYAMLError as error:
            line = f"line {error.problem_mark.line + 1}" if error.problem_mark else ""
            self.problem(line, error.problem or "not YAML")
        except yaml.YAMLError as error:
            self.problem("", f"not YAML: {error}")
        return None

    def read_text(self, name: str, path: str) -> str:
        """The text of a file of the course, named relative to its directory."""
        target = (self.directory / name).resolve()
        if not target.is_relative_to(self.directory.resolve()):
            self.problem(path, f"{name!r} lies outside the course's directory")
            return ""
        try:
            if target.stat().st_size > MAX_FILE:
                self.problem(path, f"{name!r} is larger than {MAX_FILE // 1024} KB")
                return ""
            return target.read_text(encoding="utf-8")
        except OSError:
            self.problem(path, f"there is no file {name!r}")
        except UnicodeDecodeError:
            self.problem("", "not UTF-8", file=name)
        return ""

    def fields(self, raw: Any, path: str, required: Collection[str], optional: Collection[str] = ()) -> dict[str, Any]:
        """The entries of a mapping with known keys; missing and unknown keys are problems."""
        if not isinstance(raw, dict):
            self.problem(path, "expected a mapping")
            return {}
        for key in raw:
            if key not in required and key not in optional:
                self.problem(join(path, str(key)), f"unknown key; known here: {', '.join([*required, *optional])}")
        for key in required:
            if key not in raw:
                self.problem(path, f"{key!r} is missing")
        return raw

    def items(self, raw: Any, path: str, least: int = 1) -> list[tuple[Any, str]]:
        """The items of a list with the path of each."""
        if not isinstance(raw, list):
            self.problem(path, "expected a list")
            return []
        if len(raw) < least:
            self.problem(path, f"at least {least} needed, found {len(raw)}")
        return [(item, f"{path}[{index}]") for index, item in enumerate(raw)]

    def text(self, raw: Any, path: str, limit: int = MAX_TEXT) -> str:
        """Text that says something, with runs of white space at its ends removed."""
        if not isinstance(raw, str) or not raw.strip():
            self.problem(path, "expected text")
            return ""
        if len(raw) > limit:
            self.problem(path, f"{len(raw)} characters; at most {limit}")
        return raw.strip()

    def bilingual(self, raw: Any, path: str, limit: int = MAX_TEXT) -> Bilingual:
        """A text in both languages; neither may be missing."""
        found = self.fields(raw, path, LOCALES)
        return {
            locale: self.text(found[locale], join(path, locale), limit) if locale in found else "" for locale in LOCALES
        }

    def integer(self, raw: Any, path: str, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        if isinstance(raw, bool) or not isinstance(raw, int) or not low <= raw <= high:
            self.problem(path, f"expected a whole number from {low} to {high}")
            return low
        return raw

    def number(self, raw: Any, path: str, low: float, high: float) -> float:
        """A number between `low` and `high`, neither included."""
        if isinstance(raw, bool) or not isinstance(raw, int | float) or not low < raw < high:
            self.problem(path, f"expected a number between {low} and {high}")
            return high
        return float(raw)


def join(path: str, key: str) -> str:
    """The path of an entry of the mapping at `path`."""
    return f"{path}.{key}" if path else key
