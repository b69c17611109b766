"""`manage.py catalogue compile|check`: message catalogues without system gettext."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from lms.catalogues import check_catalogues, compile_catalogues


class Command(BaseCommand):
    help = "Compile message catalogues, or check that every message is translated."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["compile", "check"])

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "compile":
            count = compile_catalogues(settings.BASE_DIR)
            if count:
                self.stdout.write(f"Compiled {count} message catalogues.")
            return
        problems = check_catalogues(settings.BASE_DIR)
        for problem in problems:
            self.stderr.write(problem)
        if problems:
            raise CommandError(f"{len(problems)} messages are not right.")
