"""`python -m bench.imports [ROWS]`: how long a staff file of half a million rows takes, and how much memory.

Files are generated (CSV and XLSX), each imported into a database of its own that holds the units and positions only:
checked (the dry run), applied, checked again (nothing is left to do). Every step runs in a process of its own, whose
largest resident memory is taken. Writes build/bench/imports.json.
"""

import csv
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from bench.environment import ROOT
from bench.report import Record, write

_DATABASES = ("DATABASE_URL", "DATABASE_OWNER_URL")
ROWS = 500_000
PEOPLE_PER_UNIT = 40
POSITIONS = 40
_COLUMNS = ("unit_code", "employee_code", "full_name", "email", "gender", "birth_date", "position", "from", "to")
_FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô")
_MIDDLE = ("Thị", "Văn", "Hữu", "Đức", "Thanh", "Minh", "Ngọc", "Quốc", "Hồng", "Xuân", "Thu", "Kim", "Bảo", "Gia")
_GIVEN = ("Anh", "Ánh", "Bình", "Cường", "Dũng", "Dương", "Giang", "Hà", "Hải", "Hiếu", "Hoa", "Hùng", "Lan", "Nga")


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    folder = ROOT / "build" / "bench" / "imports"
    folder.mkdir(parents=True, exist_ok=True)
    records, slowest, largest = [], 0.0, 0.0
    for kind in ("csv", "xlsx"):
        path = folder / f"staff-{rows}.{kind}"
        if not path.exists():
            _generate(path, rows)
        with _database(f"thang_bench_import_{kind}") as environment:
            for step in ("prepare", "check", "apply", "again"):
                found = _run(step, path, rows, environment)
                if step == "prepare":
                    continue
                records.append(Record(f"import_{kind}_{step}_s", found["seconds"], "s"))
                largest = max(largest, found["mib"])
                if step == "apply":  # checks the file once more, then writes it
                    slowest = max(slowest, found["seconds"])
    records.append(Record("import_500k_s", slowest, "s"))
    records.append(Record("import_500k_mib", largest, "MiB"))
    write(records, ROOT / "build" / "bench" / "imports.json")


@contextmanager
def _database(name: str) -> Iterator[dict[str, str]]:
    """A new database with the schema; yields the environment that leads there. Gone afterwards."""
    urls = json.loads((ROOT / ".thang" / "services.json").read_text(encoding="utf-8"))["urls"]
    environment = {key: urlunsplit(urlsplit(urls[key])._replace(path=name)) for key in _DATABASES}
    environment["DJANGO_SETTINGS_MODULE"] = "lms.settings.dev"
    with psycopg.connect(urls["DATABASE_OWNER_URL"], autocommit=True) as owner:
        drop = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name))
        owner.execute(drop)
        owner.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        migrate = [sys.executable, "manage.py", "migrate", "--database", "owner", "--verbosity", "0", "--skip-checks"]
        subprocess.run(migrate, cwd=ROOT, env=os.environ | environment, check=True)
        yield environment
        owner.execute(drop)


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


def _run(step: str, path: Path, rows: int, environment: dict[str, str]) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.imports", f"--{step}", str(path), str(rows)]
    inherited = os.environ | environment
    done = subprocess.run(command, cwd=ROOT, env=inherited, check=True, stdout=subprocess.PIPE, text=True)
    print(step, path.name, done.stdout.strip(), flush=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _step(step: str, path: Path, rows: int) -> None:
    import django

    django.setup()
    from organisation.domain.imports.apply import apply_import
    from organisation.domain.imports.check import plan_import

    start = time.perf_counter()
    if step == "prepare":
        _prepare(rows)
    else:
        with path.open("rb") as file:
            plan = plan_import(file, path.name)
        assert not plan.problem_count, plan.problems[:3]
        assert plan.changes_nothing == (step == "again"), plan.counts
        if step == "apply":
            apply_import(plan)
    print(json.dumps({"seconds": time.perf_counter() - start, "mib": _largest_mib()}))


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


def _largest_mib() -> float:
    """The most memory this process ever held, in MiB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    if len(sys.argv) == 4:
        _step(sys.argv[1].removeprefix("--"), Path(sys.argv[2]), int(sys.argv[3]))
    else:
        main()
