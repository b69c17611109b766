"""`manage.py hr_system admit NAME --unit CODE | revoke NAME | list`: who may provision people and units over SCIM."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from organisation.domain.hr_systems import TOKEN_DAYS, admit_hr_system, revoke_hr_system
from organisation.domain.units import find_unit
from organisation.models import HrSystem


class Command(BaseCommand):
    help = "Give an HR system a token for a unit and all below it, take it back, or list the systems."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        admit = actions.add_parser("admit", help="give a (new) token and print it once")
        admit.add_argument("name")
        admit.add_argument("--unit", required=True, help="code of the unit; everything below it belongs to the scope")
        admit.add_argument("--days", type=int, default=TOKEN_DAYS, help=f"how long the token holds ({TOKEN_DAYS})")
        actions.add_parser("revoke", help="take the token back at once").add_argument("name")
        actions.add_parser("list", help="name, unit, term and state of every system")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "admit":
            unit = find_unit(options["unit"])
            if unit is None:
                raise CommandError(f"There is no unit {options['unit']} in force today.")
            self.stdout.write(admit_hr_system(options["name"], unit, days=options["days"]))
        elif options["action"] == "revoke":
            if not revoke_hr_system(options["name"]):
                raise CommandError(f"There is no HR system {options['name']} with a token.")
        else:
            for system in HrSystem.objects.select_related("unit").order_by("name"):
                state = "revoked" if system.revoked_at else f"until {system.expires_at:%Y-%m-%d}"
                self.stdout.write(f"{system.name}\t{system.unit.code}\t{state}")
