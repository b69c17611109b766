"""Databases of the bench's own, and steps in processes of their own, whose time and memory are taken."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from bench.databases import drop
from bench.environment import ROOT

_URLS = ("DATABASE_URL", "DATABASE_OWNER_URL")
_PATHS = {"BROKER_URL": "8", "CACHE_URL": "9"}

_FILLED = "filled by a bench"
_NOTE = "SELECT 1 FROM pg_database WHERE shobj_description(oid, 'pg_database') = %s"


@dataclass(frozen=True)
class Database:
    """A database with the schema. environment: what leads a process there. is_reused: an earlier run filled it."""

    environment: dict[str, str]
    is_reused: bool = False

    def run(self, module: str, *arguments: object) -> dict[str, Any]:
        """Run `python -m module arguments` and return the JSON object of its last line of output."""
        command = [sys.executable, "-m", module, *map(str, arguments)]
        done = subprocess.run(
            command, cwd=ROOT, env=os.environ | self.environment, check=True, stdout=subprocess.PIPE, text=True
        )
        print(*command[3:], done.stdout.strip(), flush=True)
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found


@contextmanager
def database(name: str, *, keep: bool = False) -> Iterator[Database]:
    """Make a new database with the schema, beside the installation's; gone afterwards.

    keep: leave it in place. One that `note_filled` was told of is taken again instead.
    """
    urls = json.loads((ROOT / ".thang" / "services.json").read_text(encoding="utf-8"))["urls"]
    paths = dict.fromkeys(_URLS, name) | _PATHS
    environment = {key: urlunsplit(urlsplit(urls[key])._replace(path=f"/{path}")) for key, path in paths.items()}
    environment["DJANGO_SETTINGS_MODULE"] = "lms.settings.dev"
    with psycopg.connect(urls["DATABASE_OWNER_URL"], autocommit=True) as owner:
        is_filled = bool(owner.execute(f"{_NOTE} AND datname = %s", [_FILLED, name]).fetchone())
        if is_filled:
            print(f"{name} is taken again as an earlier run filled it", flush=True)
        else:
            drop(owner, name)
            owner.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        migrate = [sys.executable, "manage.py", "migrate", "--database", "owner", "--verbosity", "0", "--skip-checks"]
        subprocess.run(migrate, cwd=ROOT, env=os.environ | environment, check=True)
        yield Database(environment, is_reused=is_filled)
        if not keep:
            drop(owner, name)


def note_filled(owner: psycopg.Connection[Any]) -> None:
    """Note that the database of a connection is filled: from now on another run takes it again."""
    name = sql.Identifier(owner.info.dbname)
    owner.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(name, sql.Literal(_FILLED)))


def largest_mib() -> float:
    """Return the most memory this process ever held, in MiB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0
