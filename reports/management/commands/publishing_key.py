"""`manage.py publishing_key make | show`: the key that this instance signs its publications with."""

from argparse import ArgumentParser
from base64 import b64encode
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from reports.domain.publication_format import fingerprint
from reports.domain.signing_keys import NoKey, new_key, publishing_key


class Command(BaseCommand):
    help = "Make a key pair for signed publications, or show the public key of the one in PUBLISHING_KEY."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["make", "show"])

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "make":
            self.stderr.write("Keep this line secret, in the environment of this instance alone; it is not kept here:")
            self.stdout.write(f"PUBLISHING_KEY={new_key()}")
            self.stderr.write("With it in place, `manage.py publishing_key show` says what to hand to the ministry.")
            return
        try:
            public = publishing_key().public_key().public_bytes_raw()
        except NoKey as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{b64encode(public).decode()}\nfingerprint {fingerprint(public)}")
