"""A file of the item bank: a YAML list of items of one competency."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from assessments.items.content import Content
from assessments.items.media import missing_alternatives
from assessments.items.problems import ContentError, ContentProblem, UnknownItemType
from assessments.items.registry import item_type
from assessments.measurement import ItemParameters

MAX_BYTES = 2 * 1024 * 1024
_CODE = re.compile(r"[0-9A-Za-z.]{1,10}-\d{2,3}")
_FIELDS = {"code", "level", "seconds", "parameters"}


@dataclass(frozen=True, slots=True)
class ItemEntry:
    """An item as its author wrote it. parameters: as measurement reads them, when the author gave any."""

    code: str
    competency_code: str
    kind: str
    level: int
    seconds: int
    content: Content
    parameters: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class FileProblem:
    """A fault in a bank file: the file, the item (its code, or its number from 1), and what is wrong where."""

    file: str
    item: str
    problem: ContentProblem

    def __str__(self) -> str:
        where = ", ".join(part for part in (self.file, self.item, self.problem.path) if part)
        return f"{where}: {self.problem.reason} {self.problem.value}".rstrip()


def read_bank_file(path: Path) -> tuple[list[ItemEntry], list[FileProblem]]:
    """Read the items of one file, whose name is the competency's code. Whole only when there are no problems."""
    raw, reason = _load(path)
    if reason:
        return [], [FileProblem(path.name, "", ContentProblem("", reason))]
    entries: list[ItemEntry] = []
    problems: list[FileProblem] = []
    for number, item in enumerate(raw, start=1):
        label = str(item.get("code", number)) if isinstance(item, dict) else str(number)
        try:
            entry = read_entry(item, path.stem)
            if any(entry.code == other.code for other in entries):
                raise ContentError([ContentProblem("code", "repeated", entry.code)])
            entries.append(entry)
        except ContentError as error:
            problems.extend(FileProblem(path.name, label, problem) for problem in error.problems)
    return entries, problems


def _load(path: Path) -> tuple[list[Any], str]:
    if path.stat().st_size > MAX_BYTES:
        return [], "too_large"
    try:
        raw = yaml.load(path.read_bytes().decode("utf-8-sig"), Loader=yaml.CSafeLoader)
    except UnicodeDecodeError:
        return [], "not_utf8"
    except yaml.YAMLError:
        return [], "not_yaml"
    return (raw, "") if isinstance(raw, list) and raw else ([], "not_a_list")


def read_entry(raw: Any, competency_code: str) -> ItemEntry:
    """Read one item. Raises ContentError with everything found."""
    if not isinstance(raw, dict):
        raise ContentError([ContentProblem("", "not_a_mapping")])
    problems: list[ContentProblem] = []
    code = str(raw.get("code", ""))
    if not _CODE.fullmatch(code) or not code.startswith(f"{competency_code}-"):
        problems.append(ContentProblem("code", "bad_code", code[:40]))
    level = _whole(raw, "level", 1, 8, problems)
    seconds = _whole(raw, "seconds", 5, 1800, problems)
    parameters = _parameters(raw.get("parameters"), code, problems)
    content = _content(raw, problems)
    if problems or content is None:
        raise ContentError(problems)
    return ItemEntry(code, competency_code, content.kind, level, seconds, content, parameters)


def _whole(raw: dict[str, Any], name: str, low: int, high: int, problems: list[ContentProblem]) -> int:
    value = raw.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        problems.append(ContentProblem(name, "not_in_range", f"{low}..{high}"))
        return low
    return value


def _parameters(raw: Any, code: str, problems: list[ContentProblem]) -> dict[str, Any] | None:
    if raw is None:
        return None
    try:
        return ItemParameters.from_dict(raw, code).to_dict()
    except (TypeError, ValueError) as error:
        problems.append(ContentProblem("parameters", "bad_parameters", str(error)))
        return None


def _content(raw: dict[str, Any], problems: list[ContentProblem]) -> Content | None:
    try:
        kind = item_type(raw.get("kind", ""))
        content: Content = kind.parse_content({key: value for key, value in raw.items() if key not in _FIELDS})
        problems.extend(missing_alternatives(content))
        return content
    except UnknownItemType:
        problems.append(ContentProblem("kind", "unknown_kind", str(raw.get("kind"))[:40]))
    except ContentError as error:
        problems.extend(error.problems)
    return None
