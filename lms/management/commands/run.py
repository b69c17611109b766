"""`manage.py run`: web, worker and beat on one machine."""

import os
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from lms.runner import Runner, noted, programs
from lms.services.processes import free_port

USUAL_PORT = 8000


class Command(BaseCommand):
    help = "Serve the site with a Celery worker and beat beside it; Ctrl-C stops all three."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=None, help="the usual one is 8000; a free one when it is taken")
        parser.add_argument("--web-workers", type=int, default=2)

    def handle(self, *args: Any, **options: Any) -> None:
        collect_static(Path(settings.STATIC_ROOT))
        port = options["port"] or free_port(USUAL_PORT)
        url = f"http://{options['host']}:{port}/"
        say = self.stdout.write
        serve(options["host"], port, options["web_workers"], lambda: say(f"Thang is at {url}"), say)


def collect_static(root: Path) -> None:
    """Collect and compress static files where a source is newer than what was collected last."""
    stamp = root / ".collected"
    sources = [
        path for folder in ("frontend/dist", "frontend/static") for path in (settings.BASE_DIR / folder).rglob("*")
    ]
    newest = max((path.stat().st_mtime for path in sources), default=0.0)
    if not stamp.exists() or stamp.stat().st_mtime < newest:
        call_command("collectstatic", interactive=False, verbosity=0, clear=True)
        stamp.touch()


def serve(host: str, port: int, web_workers: int, ready: Callable[[], None], say: Callable[[str], object]) -> None:
    """Run the three programs until a signal. Raises CommandError when one ends by itself."""
    os.environ.setdefault("SITE_URL", f"http://{host}:{port}")
    runner = Runner(settings.STATE_DIR / "log")
    with noted(settings.STATE_DIR):
        runner.start(programs(host, port, web_workers, settings.STATE_DIR))
        try:
            ended = runner.wait(ready)
            say("Stopping the site ...")
        finally:
            runner.stop()
    say("Stopped. The data is kept; `make stop` ends PostgreSQL and Valkey.")
    if ended:
        raise CommandError(f"{ended} ended by itself; see {settings.STATE_DIR / 'log' / ended}.log")
