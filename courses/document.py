"""A course as its files say it is: read, validated, and free of any database."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .blocks import parse_block
from .reader import Bilingual, CourseImportError, Reader, StaticFile, join

LEVELS = 8

_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")


@dataclass(frozen=True, slots=True)
class BlockDocument:
    kind: str
    content: dict[str, Any]


@dataclass(frozen=True, slots=True)
class LessonDocument:
    code: str
    title: Bilingual
    minutes: int
    blocks: tuple[BlockDocument, ...]


@dataclass(frozen=True, slots=True)
class ModuleDocument:
    """`teaches` maps a competency's code to the level that the module leads to; `path` says where it stands.

    `gains`: the levels that the author claims it lifts people by on average, by code, where anything is claimed.
    """

    code: str
    title: Bilingual
    summary: Bilingual
    teaches: dict[str, int]
    lessons: tuple[LessonDocument, ...]
    path: str
    gains: dict[str, float]


@dataclass(frozen=True, slots=True)
class CourseDocument:
    code: str
    title: Bilingual
    summary: Bilingual
    assessments: tuple[str, ...]
    modules: tuple[ModuleDocument, ...]


def read_course(directory: Path, static_file: StaticFile) -> CourseDocument:
    """Read `course.yaml` and the files it names; CourseImportError with every problem when something is wrong."""
    reader = Reader(directory, static_file)
    raw = reader.document()
    course = None if reader.problems else _course(raw, reader)
    if reader.problems or course is None:
        raise CourseImportError(reader.problems)
    return course


def _course(raw: Any, reader: Reader) -> CourseDocument | None:
    required = ("code", "title", "summary", "modules")
    fields = reader.fields(raw, "", required, ("assessments",))
    if not set(required) <= set(fields):
        return None
    modules = tuple(_module(item, path, reader) for item, path in reader.items(fields["modules"], "modules"))
    _unique([(module.code, module.path) for module in modules], "module", reader)
    _unique(
        [
            (lesson.code, f"{module.path}.lessons[{index}]")
            for module in modules
            for index, lesson in enumerate(module.lessons)
        ],
        "lesson",
        reader,
    )
    return CourseDocument(
        _code(fields["code"], "code", reader),
        reader.bilingual(fields["title"], "title", 300),
        reader.bilingual(fields["summary"], "summary"),
        tuple(
            _code(item, path, reader) for item, path in reader.items(fields.get("assessments", []), "assessments", 0)
        ),
        modules,
    )


def _module(raw: Any, path: str, reader: Reader) -> ModuleDocument:
    required = ("code", "title", "summary", "teaches", "lessons")
    fields = reader.fields(raw, path, required, ("minutes",))
    empty = {"vi": "", "en": ""}
    if not set(required) <= set(fields):
        return ModuleDocument("", empty, empty, {}, (), path, {})
    teaches, gains = {}, {}
    for item, where in reader.items(fields["teaches"], join(path, "teaches")):
        outcome = reader.fields(item, where, ("competency", "level"), ("gain",))
        if {"competency", "level"} <= set(outcome):
            competency = reader.text(outcome["competency"], join(where, "competency"), 10)
            if competency in teaches:
                reader.problem(where, f"competency {competency} stands twice")
            teaches[competency] = reader.integer(outcome["level"], join(where, "level"), 1, LEVELS)
            if "gain" in outcome:
                gains[competency] = reader.number(outcome["gain"], join(where, "gain"), 0, LEVELS)
    lessons = tuple(_lesson(item, where, reader) for item, where in reader.items(fields["lessons"], f"{path}.lessons"))
    total = sum(lesson.minutes for lesson in lessons)
    if fields.get("minutes", total) != total:
        reader.problem(join(path, "minutes"), f"the lessons take {total} minutes together")
    return ModuleDocument(
        _code(fields["code"], join(path, "code"), reader),
        reader.bilingual(fields["title"], join(path, "title"), 300),
        reader.bilingual(fields["summary"], join(path, "summary")),
        teaches,
        lessons,
        path,
        gains,
    )


def _lesson(raw: Any, path: str, reader: Reader) -> LessonDocument:
    required = ("code", "title", "minutes", "blocks")
    fields = reader.fields(raw, path, required)
    if not set(required) <= set(fields):
        return LessonDocument("", {"vi": "", "en": ""}, 0, ())
    blocks = (parse_block(item, where, reader) for item, where in reader.items(fields["blocks"], f"{path}.blocks"))
    return LessonDocument(
        _code(fields["code"], join(path, "code"), reader),
        reader.bilingual(fields["title"], join(path, "title"), 300),
        reader.integer(fields["minutes"], join(path, "minutes"), 1, 240),
        tuple(BlockDocument(kind, content) for kind, content in blocks),
    )


def _code(raw: Any, path: str, reader: Reader) -> str:
    if not isinstance(raw, str) or not _CODE.fullmatch(raw):
        reader.problem(path, "a code is lower-case letters, digits, _ and -, at most 60 of them")
        return ""
    return raw


def _unique(codes: list[tuple[str, str]], what: str, reader: Reader) -> None:
    seen: set[str] = set()
    for code, path in codes:
        if code and code in seen:
            reader.problem(path, f"{what} code {code!r} stands twice in the course")
        seen.add(code)
