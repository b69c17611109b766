"""Bringing a course from its files into the catalogue."""

import logging
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from django.contrib.staticfiles import finders
from django.db import transaction

from assessments.models import Assessment
from competencies.api import current_framework
from competencies.models import Competency, Framework
from courses.blocks import block_type
from courses.document import BlockDocument, CourseDocument, LessonDocument, ModuleDocument, read_course
from courses.models import Block, Course, CourseAssessment, CourseEffect, Lesson, Module, ModuleOutcome
from courses.reader import CourseImportError, Problem

logger = logging.getLogger(__name__)


def import_course(directory: Path, *, replace_edited: bool = False) -> Course:
    """Read a course directory and make the catalogue's course what its files say; return it.

    CourseImportError lists every problem by file and path, and then nothing is written. Importing the same files again
    changes nothing. A changed course keeps its lessons by code and its blocks by identity, and so everyone's progress.
    A new course is open; one that was closed stays closed. Assessments that the course names and that are not there
    yet are left out with a warning: import the course again when they are. The text of a lesson that a trainer has
    edited here since stays as it is, with a warning, unless `replace_edited`. A claimed effect that is there stays.
    """
    document = read_course(directory, _static_file)
    competencies = _competencies(document)
    with transaction.atomic():
        course, _created = Course.objects.get_or_create(code=document.code, defaults={"is_open": True})
        course = Course.objects.select_for_update().get(pk=course.pk)
        _name(course, document)
        course.save()
        _write_modules(course, document, competencies, replace_edited=replace_edited)
        _write_claims(course, document, competencies)
        _link_assessments(course, document.assessments)
    return course


def _static_file(name: str) -> Path | None:
    found = finders.find(name)
    return Path(found) if found else None


def _competencies(document: CourseDocument) -> dict[str, Competency]:
    try:
        framework = current_framework()
    except Framework.DoesNotExist:
        raise CourseImportError([Problem("course.yaml", "", "there is no published framework yet")]) from None
    known = {each.code: each for each in Competency.objects.filter(domain__framework=framework)}
    problems = [
        Problem("course.yaml", f"{module.path}.teaches", f"the framework has no competency {code!r}")
        for module in document.modules
        for code in module.teaches
        if code not in known
    ]
    if problems:
        raise CourseImportError(problems)
    return known


def _name(row: Course | Module, document: CourseDocument | ModuleDocument) -> None:
    row.name_vi, row.name_en = document.title["vi"], document.title["en"]
    row.summary_vi, row.summary_en = document.summary["vi"], document.summary["en"]


def _write_modules(
    course: Course, document: CourseDocument, competencies: dict[str, Competency], *, replace_edited: bool
) -> None:
    lessons = {lesson.code: lesson for lesson in Lesson.objects.filter(module__course=course)}
    modules = {module.code: module for module in course.modules.all()}
    kept_lessons = []
    for order, module_document in enumerate(document.modules, start=1):
        module = modules.get(module_document.code) or Module(course=course, code=module_document.code)
        module.order = order
        _name(module, module_document)
        module.save()
        _write_outcomes(module, module_document, competencies)
        for lesson_order, lesson_document in enumerate(module_document.lessons, start=1):
            lesson = lessons.get(lesson_document.code) or Lesson(code=lesson_document.code)
            lesson.module, lesson.order, lesson.minutes = module, lesson_order, lesson_document.minutes
            lesson.name_vi, lesson.name_en = lesson_document.title["vi"], lesson_document.title["en"]
            edited = lesson.edited_at is not None and not replace_edited
            if edited:
                logger.warning("lesson %s/%s was edited here: its text is not replaced", course.code, lesson.code)
            else:
                lesson.edited_at = None
            lesson.save()
            if not edited:
                _write_blocks(lesson, lesson_document)
            kept_lessons.append(lesson.pk)
    Lesson.objects.filter(module__course=course).exclude(pk__in=kept_lessons).delete()
    course.modules.exclude(code__in=[module.code for module in document.modules]).delete()


def _write_outcomes(module: Module, document: ModuleDocument, competencies: dict[str, Competency]) -> None:
    for code, level in document.teaches.items():
        ModuleOutcome.objects.update_or_create(module=module, competency=competencies[code], defaults={"level": level})
    module.outcomes.exclude(competency__in=[competencies[code].pk for code in document.teaches]).delete()


def _write_claims(course: Course, document: CourseDocument, competencies: dict[str, Competency]) -> None:
    """Keep what its modules together are claimed to do, where nothing has been said here yet."""
    claims: dict[str, float] = defaultdict(float)
    for module in document.modules:
        for code, gain in module.gains.items():
            claims[code] += gain
    for code, gain in claims.items():
        CourseEffect.objects.get_or_create(course=course, competency=competencies[code], defaults={"claimed": gain})


def _write_blocks(lesson: Lesson, document: LessonDocument) -> None:
    """Keep a block when its identity is the same, else the next one of its kind unless it holds answers."""
    old = list(lesson.blocks.all())
    matched = _match(old, document.blocks)
    kept = []
    for order, (block_document, block) in enumerate(zip(document.blocks, matched, strict=True), start=1):
        row = block or Block(lesson=lesson)
        row.order, row.kind, row.content = order, block_document.kind, block_document.content
        row.save()
        kept.append(row.pk)
    lesson.blocks.exclude(pk__in=kept).delete()


def _match(old: Iterable[Block], new: tuple[BlockDocument, ...]) -> list[Block | None]:
    by_identity: dict[tuple[str, str], list[Block]] = defaultdict(list)
    for block in old:
        by_identity[block.kind, block_type(block.kind).identity(block.content)].append(block)
    matched: list[Block | None] = []
    for document in new:
        same = by_identity[document.kind, block_type(document.kind).identity(document.content)]
        matched.append(same.pop(0) if same else None)
    taken = {block.pk for block in matched if block}
    spare = defaultdict(list)
    for block in old:
        if block.pk not in taken and block.kind != "check":
            spare[block.kind].append(block)
    return [
        block or (spare[document.kind].pop(0) if spare[document.kind] else None)
        for block, document in zip(matched, new, strict=True)
    ]


def _link_assessments(course: Course, codes: tuple[str, ...]) -> None:
    known = {assessment.code: assessment for assessment in Assessment.objects.filter(code__in=codes)}
    for order, code in enumerate(codes, start=1):
        if code not in known:
            logger.warning("course %s names the assessment %s, which is not there yet", course.code, code)
            continue
        CourseAssessment.objects.update_or_create(course=course, assessment=known[code], defaults={"order": order})
    CourseAssessment.objects.filter(course=course).exclude(assessment__code__in=codes).delete()
