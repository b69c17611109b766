"""`manage.py publication export UNIT FILE | import FILE | publisher NAME --unit CODE --key KEY | list`."""

from argparse import ArgumentParser
from base64 import b64decode
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError

from organisation.api import find_unit
from organisation.models import Unit
from reports.domain.ladder import publish_subtree
from reports.domain.publication_format import MAX_BYTES, PublicationRefused, fingerprint
from reports.domain.publishers import add_publisher, import_publication
from reports.domain.signing_keys import NoKey, publishing_key
from reports.models import Publisher


class Command(BaseCommand):
    help = "Publish the suppressed figures of a unit and all below as one signed file, or take such a file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        export = actions.add_parser("export", help="write the signed file; needs PUBLISHING_KEY")
        export.add_argument("unit", help="code of the unit")
        export.add_argument("file", type=Path)
        actions.add_parser("import", help="take a publisher's file").add_argument("file", type=Path)
        publisher = actions.add_parser("publisher", help="take files signed with this key from now on")
        publisher.add_argument("name")
        publisher.add_argument("--unit", required=True, help="code of the unit that the publisher speaks for")
        publisher.add_argument("--key", required=True, help="public key as `publishing_key show` says it")
        actions.add_parser("list", help="every publisher: name, unit, fingerprint, newest file")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['action']}")(options)
        except (NoKey, PublicationRefused, OSError) as error:
            raise CommandError(str(error)) from error

    def _export(self, options: dict[str, Any]) -> None:
        lines = publish_subtree(self._unit(options["unit"]), publishing_key())
        with options["file"].open("wb") as file:
            file.writelines(lines)
        self.stdout.write(f"Wrote {options['file']}.")

    def _import(self, options: dict[str, Any]) -> None:
        with options["file"].open("rb") as file:
            taken = import_publication(file.read(MAX_BYTES + 1))
        units = taken.units.count()
        self.stdout.write(f"Took {units} units of {taken.publisher}, made at {taken.issued_at:%Y-%m-%d %H:%M %Z}.")

    def _publisher(self, options: dict[str, Any]) -> None:
        try:
            public = b64decode(options["key"], validate=True)
            added = add_publisher(options["name"], self._unit(options["unit"]), public)
        except ValueError:
            raise CommandError("The key is not 32 bytes in base64.") from None
        except IntegrityError:
            raise CommandError("Another publisher has this unit or this key.") from None
        self.stdout.write(
            f"{added}: {added.unit.code}, fingerprint {fingerprint(public)}. Compare it with the publisher."
        )

    def _list(self, options: dict[str, Any]) -> None:
        for each in Publisher.objects.select_related("unit", "publication").order_by("name"):
            taken = getattr(each, "publication", None)
            newest = f"made at {taken.issued_at:%Y-%m-%d %H:%M}" if taken else "no file"
            self.stdout.write(f"{each}\t{each.unit.code}\t{fingerprint(bytes(each.public_key))}\t{newest}")

    def _unit(self, code: str) -> Unit:
        unit = find_unit(code)
        if unit is None:
            raise CommandError(f"There is no unit {code} in force today.")
        return unit
