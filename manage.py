#!/usr/bin/env python
"""Entry point of every management command."""

import os
import sys
from importlib import import_module

WITHOUT_APPLICATIONS = {"catalogue", "services"}
"""Commands that need none of the applications, whose loading takes seconds."""


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.dev")
    if WITHOUT_APPLICATIONS.intersection(sys.argv[1:2]):
        import_module(f"lms.management.commands.{sys.argv[1]}").Command().run_from_argv(sys.argv)
        return
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
