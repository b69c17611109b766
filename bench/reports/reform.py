"""The reform of 1 July 2025 from the real table, with people in every unit: imported, approved and applied."""

import json
import os
import sys
import time
from datetime import date
from io import StringIO
from pathlib import Path

from bench.environment import ROOT
from bench.report import Record
from bench.reports.database import database, largest_mib

TABLE = Path(os.environ.get("THANG_DATA_DIR", ROOT.parent / "shared" / "data")) / "vietnam_reorganisation_2025.csv"


def measure(people: int) -> list[Record]:
    """Return the figure, nothing where the table is not at hand."""
    if not TABLE.exists():
        print(f"{TABLE} is not there: the reform is left out")
        return []
    with database("thang_bench_reform") as made:
        found = made.run(__name__, people)
    return [Record("reform_2025_s", found["seconds"], "s"), Record("reform_2025_mib", found["mib"], "MiB")]


def _apply(people: int) -> dict[str, float]:
    from django.core.management import call_command

    from organisation.models import Position, PositionGroup, Posting, User
    from tests.organisation.test_import_reorganisation import fill

    call_command("import_units", str(TABLE), stdout=StringIO())
    group = PositionGroup.objects.create(code="g", name_vi="Nhóm", name_en="Group")
    fill(people, Position.objects.create(code="p", name_vi="Vị trí", name_en="Position", group=group).pk)
    User.objects.bulk_create([User(username="one"), User(username="two")])
    start = time.perf_counter()
    options = ["--author", "one", "--approve", "two", "--apply"]
    call_command("import_reorganisation", str(TABLE), *options, stdout=StringIO())
    seconds = time.perf_counter() - start
    assert Posting.objects.filter(valid__contains=date(2025, 7, 1)).count() == people
    return {"seconds": seconds, "mib": largest_mib()}


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(_apply(int(sys.argv[1]))))
