"""`manage.py import_reorganisation FILE`: the reform of 1 July 2025 as one reorganisation."""

from argparse import ArgumentParser
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from organisation.domain.imports.apply import ImportRefused
from organisation.domain.imports.before_reform import UnitsRefused
from organisation.domain.queries.units import unit_tree
from organisation.domain.reorganisations.applying import ReorganisationRefused, apply_reorganisation
from organisation.domain.reorganisations.drafts import approve_reorganisation
from organisation.domain.reorganisations.reform import REFORM_DAY, REFORM_DECISION, REFORM_TITLE, import_reform
from organisation.models import Reorganisation, User


class Command(BaseCommand):
    help = "Import the table of the reform of 1 July 2025 as a draft reorganisation; approve and apply it if asked to."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--number", default=REFORM_DECISION, help=f"of the decision ({REFORM_DECISION})")
        parser.add_argument("--title", default=REFORM_TITLE)
        parser.add_argument("--date", type=date.fromisoformat, default=REFORM_DAY, help=f"in force ({REFORM_DAY})")
        parser.add_argument("--author", metavar="USER", help="account that drafts it")
        parser.add_argument("--approve", metavar="USER", help="second account, which approves it at once")
        parser.add_argument("--apply", action="store_true", help="apply it at once; needs --approve")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["apply"] and not options["approve"]:
            raise CommandError("--apply needs --approve USER")
        author, approver = (self._account(options[name]) for name in ("author", "approve"))
        path: Path = options["file"]
        try:
            with path.open("rb") as file:
                made = import_reform(
                    file,
                    number=options["number"],
                    title=options["title"],
                    in_force=options["date"],
                    author=author,
                )
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        except UnitsRefused as refused:
            for problem in refused.problems:
                self.stderr.write(f"row {problem.row}, column {problem.column}: {problem.message}")
            raise CommandError(f"{path.name}: {refused.count:,} problems. Nothing was written.") from refused
        except ImportRefused as refused:
            raise CommandError(str(refused)) from refused
        for kind, count in sorted(Counter(made.steps.values_list("kind", flat=True)).items()):
            self.stdout.write(f"{kind}: {count:,}")
        self._go_on(made, approver, apply=options["apply"])

    def _go_on(self, made: Reorganisation, approver: User | None, *, apply: bool) -> None:
        try:
            if approver:
                approve_reorganisation(made, approver)
                self.stdout.write("approved")
            if apply:
                apply_reorganisation(made.pk, actor=approver)
                self.stdout.write("applied")
        except ReorganisationRefused as refused:
            raise CommandError(str(refused)) from refused
        if apply:
            kinds = Counter(node.kind for node in unit_tree(made.in_force).nodes.values())
            for kind, count in sorted(kinds.items()):
                self.stdout.write(f"{kind} in force: {count:,}")

    def _account(self, username: str | None) -> User | None:
        if not username:
            return None
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise CommandError(f"no account {username}")
        return user
