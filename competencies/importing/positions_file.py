"""Positions and what they require, as one YAML file."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from competencies.importing.problems import ImportProblem

MAX_BYTES = 2 * 1024 * 1024
LEVELS = 8
_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True)
class PositionEntry:
    """A position, its group, and requirements: competency code -> lowest level that is enough."""

    code: str
    name_vi: str
    name_en: str
    group_code: str
    group_vi: str
    group_en: str
    requirements: dict[str, int]
    rationale_vi: str
    rationale_en: str


@dataclass(slots=True)
class _Reading:
    file: str
    row: int = 0
    problems: list[ImportProblem] = field(default_factory=list)

    def problem(self, column: str, reason: str, value: object = "") -> None:
        self.problems.append(ImportProblem(self.file, reason, self.row or None, column, str(value)[:80]))

    def text(self, source: dict[str, Any], key: str, column: str, longest: int) -> str:
        text = source.get(key)
        if not isinstance(text, str) or not text.strip():
            self.problem(column, "empty")
            return ""
        if len(text) > longest:
            self.problem(column, "too_long", longest)
        return text.strip()

    def code(self, source: dict[str, Any], column: str) -> str:
        code = self.text(source, "code", column, 40)
        if code and not _CODE.fullmatch(code):
            self.problem(column, "bad_code", code)
        return code

    def mapping(self, source: dict[str, Any], key: str) -> dict[str, Any]:
        value = source.get(key)
        if not isinstance(value, dict):
            self.problem(key, "not_a_mapping")
            return {}
        return value


def read_positions(path: Path, competency_codes: set[str]) -> tuple[list[PositionEntry], list[ImportProblem]]:
    """Read the file; requirements may name only the given competencies. Whole only when there are no problems."""
    reading = _Reading(path.name)
    entries: dict[str, PositionEntry] = {}
    groups: dict[str, tuple[str, str]] = {}
    for number, raw in enumerate(_load(path, reading), start=1):
        reading.row = number
        if not isinstance(raw, dict):
            reading.problem("", "not_a_mapping")
            continue
        entry = _entry(raw, reading, competency_codes)
        if entry.code in entries:
            reading.problem("code", "repeated", entry.code)
        names = (entry.group_vi, entry.group_en)
        if groups.setdefault(entry.group_code, names) != names:
            reading.problem("group", "inconsistent", entry.group_code)
        entries[entry.code] = entry
    return list(entries.values()), reading.problems


def _load(path: Path, reading: _Reading) -> list[Any]:
    if not path.is_file():
        reading.problem("", "missing_file")
        return []
    if path.stat().st_size > MAX_BYTES:
        reading.problem("", "too_large", MAX_BYTES // 1024 // 1024)
        return []
    try:
        data = yaml.safe_load(path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError:
        reading.problem("", "not_utf8")
        return []
    except yaml.YAMLError:
        reading.problem("", "not_yaml")
        return []
    if not isinstance(data, list) or not data:
        reading.problem("", "no_rows")
        return []
    return data


def _entry(raw: dict[str, Any], reading: _Reading, competency_codes: set[str]) -> PositionEntry:
    for key in raw.keys() - {"code", "group", "vi", "en", "requirements", "rationale"}:
        reading.problem(str(key), "unknown_column", key)
    group, rationale = reading.mapping(raw, "group"), reading.mapping(raw, "rationale")
    requirements: dict[str, int] = {}
    for code, level in reading.mapping(raw, "requirements").items():
        column = f"requirements.{code}"
        if code not in competency_codes:
            reading.problem(column, "unknown_competency", code)
        elif isinstance(level, bool) or not isinstance(level, int) or not 1 <= level <= LEVELS:
            reading.problem(column, "not_in_range", f"1..{LEVELS}")
        else:
            requirements[code] = level
    return PositionEntry(
        code=reading.code(raw, "code"),
        name_vi=reading.text(raw, "vi", "vi", 300),
        name_en=reading.text(raw, "en", "en", 300),
        group_code=reading.code(group, "group.code"),
        group_vi=reading.text(group, "vi", "group.vi", 300),
        group_en=reading.text(group, "en", "group.en", 300),
        requirements=requirements,
        rationale_vi=reading.text(rationale, "vi", "rationale.vi", 2000),
        rationale_en=reading.text(rationale, "en", "rationale.en", 2000),
    )
