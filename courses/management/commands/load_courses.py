"""Load the courses that ship with the project, or those of another directory."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from courses.api import CourseImportError, import_course
from courses.models import Lesson

CONTENT = Path(__file__).resolve().parents[2] / "content"


class Command(BaseCommand):
    help = "Import every course (a directory with course.yaml) of a directory. Safe to run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("directory", nargs="?", type=Path, default=CONTENT)
        parser.add_argument("--replace-edited", action="store_true", help="also the text of lessons edited by trainers")

    def handle(self, *args: Any, **options: Any) -> None:
        directory: Path = options["directory"]
        found = sorted(file.parent for file in directory.glob("*/course.yaml"))
        if not found:
            raise CommandError(f"{directory} holds no directory with a course.yaml")
        for each in found:
            try:
                course = import_course(each, replace_edited=options["replace_edited"])
            except CourseImportError as error:
                problems = "\n".join(f"  {problem}" for problem in error.problems)
                raise CommandError(f"{each.name} was not imported:\n{problems}") from None
            lessons = Lesson.objects.filter(module__course=course).count()
            assessments = ", ".join(course.assessments.values_list("code", flat=True)) or "none"
            self.stdout.write(f"{course.code}: {lessons} lessons; assessments: {assessments}")
