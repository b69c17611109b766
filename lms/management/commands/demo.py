"""`manage.py demo`: load the demo province where it is missing, serve it, and say how to sign in."""

import json
import os
import time
import urllib.request
from argparse import ArgumentParser
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from lms.demo.accounts import learner_person, make_accounts
from lms.demo.loading import load_province
from lms.demo.province import person_rows, read_content, seats, unit_rows
from lms.demo.sittings import SINCE_DAYS, sit_all, takes_the_quiz
from lms.management.commands.run import USUAL_PORT, collect_static, serve
from lms.services.processes import free_port
from organisation.api import today
from organisation.models import Position, Unit
from reports.api import make_snapshot, month_ends, publish_figures, rebuild_cells

QUIZ = "digital-ai-quiz"


class Command(BaseCommand):
    help = "Load the demo province where it is missing and serve it. The services must run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=None, help="the usual one is 8000; a free one when it is taken")
        parser.add_argument("--no-serve", action="store_true", help="load only")

    def handle(self, *args: Any, **options: Any) -> None:
        self.console = Console()
        call_command("migrate", interactive=False, verbosity=0)
        if not Unit.objects.filter(code="AB").exists() or not self._note.exists():
            self._load()
        if options["no_serve"]:
            return
        collect_static(Path(settings.STATIC_ROOT))
        port = options["port"] or free_port(USUAL_PORT)
        serve("127.0.0.1", port, 2, lambda: self._announce(f"http://127.0.0.1:{port}/"), self.console.print)

    @property
    def _note(self) -> Path:
        return Path(settings.STATE_DIR) / "demo-accounts.json"

    def _load(self) -> None:
        self.console.print("Loading the framework, the item bank, simulations and the course")
        call_command("load_content", verbosity=0)
        call_command("load_courses", verbosity=0)
        content = read_content()
        units = unit_rows(content)
        people = person_rows(content, units)
        if not Unit.objects.filter(code="AB").exists():
            self.console.print(f"Loading the province An Bình: {len(units)} units, {len(people)} people")
            load_province(units, people)
        accounts = make_accounts()
        learner = learner_person().employee_code
        groups = dict(Position.objects.values_list("code", "group__code"))
        sitting = [
            seat for seat in seats(people, units, groups) if seat.employee_code != learner and takes_the_quiz(seat)
        ]
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=self.console,
        ) as progress:
            task = progress.add_task("People take the quiz", total=len(sitting))
            told = 0
            for done in sit_all(sitting, QUIZ, timezone.now(), workers=os.cpu_count() or 1):
                progress.advance(task, done)
                reached = int(progress.tasks[0].percentage) // 10
                if reached > told and not self.console.is_terminal:
                    told = reached
                    self.console.print(f"People take the quiz: {told * 10} %")
        self.console.print("Folding the cells")
        rebuild_cells()
        publish_figures()
        for day in month_ends(today() - timedelta(days=SINCE_DAYS), today()):
            make_snapshot(day)
        self._note.touch(mode=0o600)
        self._note.write_text(
            json.dumps({role: asdict(account) for role, account in accounts.items()}), encoding="utf-8"
        )

    def _announce(self, url: str) -> None:
        """Wait until the site answers, write `demo.json`, and print the address and the sign-ins."""
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"{url}health/live", timeout=5):  # noqa: S310 - our own address
                    break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        accounts = json.loads(self._note.read_text(encoding="utf-8"))
        path = Path(settings.STATE_DIR) / "demo.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps({"url": url, "accounts": accounts}, indent=2), encoding="utf-8")
        self.console.print(f"\nThang is at {url}   (Ctrl-C stops it)\n")
        for role, account in accounts.items():
            self.console.print(f"  {role:<8} {account['username']:<8} {account['password']}")
        self.console.print(f"\nThe same, with API tokens, is in {path}", soft_wrap=True)
