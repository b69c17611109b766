"""`manage.py services start|stop|status`: the embedded PostgreSQL and Valkey."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lms.runner import stop_noted
from lms.services import start_services, status_of_services, stop_services
from lms.services.processes import ServiceError
from lms.settings.service_urls import STATE_DIR


class Command(BaseCommand):
    help = "Start, stop or show the embedded PostgreSQL and Valkey; stopping ends the site first when it runs."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["start", "stop", "status"])

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["action"] == "start":
                start_services(STATE_DIR)
            elif options["action"] == "stop":
                if stop_noted(STATE_DIR):
                    self.stdout.write("The site is stopped")
                stop_services(STATE_DIR)
        except (ServiceError, TimeoutError) as error:
            raise CommandError(str(error)) from error
        for status in status_of_services(STATE_DIR):
            where = f"runs on port {status.port} (pid {status.pid})" if status.pid else "does not run"
            self.stdout.write(f"{status.name} {where}")
