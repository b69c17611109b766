"""`manage.py import_units FILE`: the country as it was before the reform of 1 July 2025, into an empty organisation."""

import sys
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from organisation.domain.imports.apply import ImportRefused
from organisation.domain.imports.before_reform import UnitsRefused, import_units
from organisation.management.progress import ProgressLine


class Command(BaseCommand):
    help = "Import provinces, districts and communes as they were before the reform of 1 July 2025."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--from",
            dest="from_day",
            type=date.fromisoformat,
            default=date(2020, 1, 1),
            help="the first day the units are in force (2020-01-01)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            with path.open("rb") as file, ProgressLine(sys.stderr, "Units written") as line:
                counts = import_units(file, path.name, from_day=options["from_day"], on_progress=line.show)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        except UnitsRefused as refused:
            for problem in refused.problems:
                self.stderr.write(f"row {problem.row}, column {problem.column}: {problem.message}")
            raise CommandError(f"{path.name}: {refused.count:,} problems. Nothing was written.") from refused
        except ImportRefused as refused:
            raise CommandError(str(refused)) from refused
        for kind, count in counts.items():
            self.stdout.write(f"{kind}: {count:,}")
