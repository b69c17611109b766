"""`manage.py make_snapshots --from DATE`: the month ends since a day, made from what is on record of them."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand

from organisation.api import today
from reports.domain.snapshots import make_snapshot, month_ends


class Command(BaseCommand):
    help = "Keep the cells of every month end since a day that are not kept yet."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="first", type=date.fromisoformat, required=True, help="a day, as 2025-01-31")
        parser.add_argument("--again", action="store_true", help="also those that are kept, from what is on record now")

    def handle(self, *args: Any, **options: Any) -> None:
        made = [day for day in month_ends(options["first"], today()) if make_snapshot(day, again=options["again"])]
        self.stdout.write(f"{len(made)} snapshots made")
