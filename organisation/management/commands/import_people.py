"""`manage.py import_people FILE [--dry-run]`: units, people and postings from one XLSX or CSV file."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from organisation.domain.imports.apply import ImportRefused, apply_import
from organisation.domain.imports.check import plan_import
from organisation.management.progress import ProgressLine


class Command(BaseCommand):
    help = "Import units, people and postings from one XLSX or CSV file: all of it, or nothing when a row is wrong."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="say what would change and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            with path.open("rb") as file, ProgressLine(sys.stderr, "Rows read") as line:
                plan = plan_import(file, path.name, on_progress=line.show)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        for problem in plan.problems:
            self.stderr.write(f"row {problem.row}, column {problem.column}: {problem.message}")
        if plan.problem_count:
            raise CommandError(f"{path.name}: {plan.problem_count:,} problems. Nothing was written.")
        for name, count in plan.counts.items():
            self.stdout.write(f"{name.replace('_', ' ')}: {count:,}")
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was written.")
            return
        try:
            apply_import(plan)
        except ImportRefused as refused:
            raise CommandError(str(refused)) from refused
