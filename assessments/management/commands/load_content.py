"""`manage.py load_content`: the framework, positions, items, simulations and assessments that ship."""

from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from assessments.domain.blueprints import make_standard_assessments
from assessments.domain.importing import ItemImportError, import_items, import_simulations
from competencies.api import FrameworkImportError, PositionsImportError, import_framework, import_positions

POSITIONS_FROM = date(2025, 1, 1)


class Command(BaseCommand):
    help = "Load the shipped framework, positions, items, simulations and assessments. Loading again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--positions-from", type=date.fromisoformat, default=POSITIONS_FROM, metavar="YYYY-MM-DD")

    def handle(self, *args: Any, **options: Any) -> None:
        base = Path(settings.BASE_DIR)
        standard, bank = base / "competencies" / "content", base / "assessments" / "content"
        try:
            with transaction.atomic():
                framework = import_framework(standard, publish=True)
                positions = import_positions(standard / "positions.yaml", options["positions_from"])
                items = import_items(bank / "items")
                simulations = import_simulations(bank / "simulations")
                assessments = make_standard_assessments()
        except (FrameworkImportError, PositionsImportError, ItemImportError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"framework {framework.code} {framework.version}; {len(positions)} positions")
        for name, counts in (("items", items), ("simulations", simulations)):
            self.stdout.write(f"{name}: {counts.created} new, {counts.changed} changed, {counts.unchanged} unchanged")
        self.stdout.write(f"assessments: {', '.join(assessment.code for assessment in assessments)}")
