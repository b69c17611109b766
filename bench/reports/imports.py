"""How long a staff file of half a million rows takes, and how much memory.

Files are generated (CSV and XLSX), each imported into a database of its own that holds the units and positions only:
brought and checked (the dry run), confirmed (checked once more and written), checked again (nothing is left to do). The
whole import is all that a worker does until everything is written; the slower file's is the figure.
"""

import csv
import json
import random
import sys
import time
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from bench.environment import ROOT
from bench.report import Record
from bench.reports.database import database, largest_mib

ROWS = 500_000
PEOPLE_PER_UNIT = 40
POSITIONS = 40
_CHUNK = 64 * 1024
_COLUMNS = ("unit_code", "employee_code", "full_name", "email", "gender", "birth_date", "position", "from", "to")
_FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô")
_MIDDLE = ("Thị", "Văn", "Hữu", "Đức", "Thanh", "Minh", "Ngọc", "Quốc", "Hồng", "Xuân", "Thu", "Kim", "Bảo", "Gia")
_GIVEN = ("Anh", "Ánh", "Bình", "Cường", "Dũng", "Dương", "Giang", "Hà", "Hải", "Hiếu", "Hoa", "Hùng", "Lan", "Nga")


def measure(rows: int) -> list[Record]:
    """Return the figures of both kinds of file."""
    folder = ROOT / "build" / "bench" / "imports"
    folder.mkdir(parents=True, exist_ok=True)
    records, slowest, largest = list[Record](), 0.0, 0.0
    for kind in ("csv", "xlsx"):
        path = folder / f"staff-{rows}.{kind}"
        if not path.exists():
            _generate(path, rows)
        with database(f"thang_bench_import_{kind}") as made:
            made.run(__name__, "prepare", path, rows)
            found = made.run(__name__, "import", path, rows)
            again = made.run(__name__, "again", path, rows)
        whole = found["check_s"] + found["apply_s"]
        parts = {"check": found["check_s"], "apply": found["apply_s"], "whole": whole, "again": again["check_s"]}
        records += [Record(f"import_{kind}_{part}_s", seconds, "s") for part, seconds in parts.items()]
        largest = max(largest, found["mib"], again["mib"])
        slowest = max(slowest, whole)
    return [*records, Record("import_500k_s", slowest, "s"), Record("import_500k_mib", largest, "MiB")]


def _generate(path: Path, rows: int) -> None:
    chosen = random.Random(7)
    days = [date(1965, 1, 1) + timedelta(days=each) for each in range(14_000)]

    def lines() -> Any:
        for number in range(rows):
            name = f"{chosen.choice(_FAMILY)} {chosen.choice(_MIDDLE)} {chosen.choice(_MIDDLE)} {chosen.choice(_GIVEN)}"
            yield (
                f"U{number // PEOPLE_PER_UNIT:05}",
                f"CB{number:07}",
                name,
                f"cb{number:07}@example.vn",
                chosen.choice(("nam", "nữ")),
                chosen.choice(days),
                f"p{chosen.randrange(POSITIONS)}",
                date(2020 + number % 5, 1 + number % 12, 1),
                None,
            )

    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            out = csv.writer(file)
            out.writerow(_COLUMNS)
            out.writerows(lines())
        return
    from xlsxwriter import Workbook

    with Workbook(path, {"constant_memory": True, "default_date_format": "dd/mm/yyyy"}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, _COLUMNS)
        for at, line in enumerate(lines(), start=1):
            sheet.write_row(at, 0, line)


def _step(step: str, path: Path, rows: int) -> None:
    import django

    django.setup()
    from organisation.domain.imports.jobs import confirm_import, run_import, start_import
    from organisation.models import RoleGrant, User

    if step == "prepare":
        _prepare(rows)
        print("{}")
        return
    user, _ = User.objects.get_or_create(username="bench-hr")
    RoleGrant.objects.get_or_create(user=user, role="admin")
    start = time.perf_counter()
    with path.open("rb") as file:
        job = start_import(user, iter(partial(file.read, _CHUNK), b""), path.name)
    run_import(job.pk)
    found = {"check_s": time.perf_counter() - start}
    job.refresh_from_db()
    assert (job.status, job.report["problem_count"]) == ("ready", 0), job.faults[:3]
    assert job.report["changes_nothing"] == (step == "again"), job.report["counts"]
    if step == "import":
        start = time.perf_counter()
        confirm_import(job, is_partial=False)
        run_import(job.pk)
        found["apply_s"] = time.perf_counter() - start
        job.refresh_from_db()
        assert job.status == "done", job.refusal
    print(json.dumps(found | {"mib": largest_mib()}))


def _prepare(rows: int) -> None:
    from organisation.domain.units import BEGINNING, create_unit, unit_version
    from organisation.models import Position, PositionGroup, Unit, UnitVersion

    top = create_unit("VN", name_vi="Việt Nam", kind="nation")
    units = Unit.objects.bulk_create([Unit(code=f"U{n:05}") for n in range(rows // PEOPLE_PER_UNIT + 1)])
    UnitVersion.objects.bulk_create(
        [unit_version(u, name_vi=f"Xã {u.code}", kind="commune", parent=top, valid_from=BEGINNING) for u in units]
    )
    group = PositionGroup.objects.create(code="g", name_vi="Nhóm", name_en="Group")
    Position.objects.bulk_create(
        [Position(code=f"p{n}", name_vi=f"Vị trí {n}", name_en=f"Position {n}", group=group) for n in range(POSITIONS)]
    )


if __name__ == "__main__":
    _step(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
