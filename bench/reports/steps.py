"""The steps of the bench that run in the nation's database, each in a process of its own."""

import json
import os
import random
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from tempfile import TemporaryFile
from typing import Any

import psycopg

from bench.reports.database import largest_mib
from bench.reports.world import Nation, generate

GROUP_BY = "SELECT competency_id, count(*), avg(mean) FROM competencies_estimate GROUP BY competency_id"
_CHANGE = """
    UPDATE competencies_estimate SET mean = greatest(-3, least(3, mean + random_normal(0, 0.3)))
    WHERE person_id = ANY(%s::bigint[])
"""
_CELLS = (
    "reports_cellblock, reports_foldedperson, reports_movedperson, reports_dirtyperson, reports_cellbasis,"
    " reports_competencydistribution, reports_cellcheck"
)
_OPENED = 40
_MERGED_PEOPLE, _MERGED_UNITS, _MERGES = 20_000, 100, 10
_PRODUCERS = 4
_FOLDS = 5


def prepare(people: int) -> dict[str, float]:
    """Load the framework and generate everybody."""
    from django.core.management import call_command

    call_command("load_content", verbosity=0)
    seconds, _ = _timed(lambda: generate(os.environ["DATABASE_OWNER_URL"], Nation(people)))
    return {"generate_s": seconds}


def clear() -> dict[str, float]:
    """Forget all cells and what they were made from."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as owner:
        owner.execute(f"TRUNCATE {_CELLS}")
    return {}


def rebuild() -> dict[str, float]:
    """Make all cells anew, distributions included."""
    from reports.api import rebuild_cells

    seconds, cells = _timed(rebuild_cells)
    return {"rebuild_s": seconds, "cells": cells}


def size() -> dict[str, float]:
    """Return how large the cells, and what is kept of whom they count, are beside the estimates, with indexes."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_total_relation_size(name::regclass)::float8 FROM unnest(%s::text[]) AS name",
            [["reports_cellblock", "reports_foldedperson", "competencies_estimate"]],
        )
        cells, kept, estimates = (row[0] for row in cursor.fetchall())
    return {
        "cells_share": cells / estimates,
        "kept_staff_share": kept / estimates,
        "cells_mib": cells / 2**20,
        "kept_staff_mib": kept / 2**20,
        "estimates_mib": estimates / 2**20,
    }


def group_by() -> dict[str, float]:
    """Return how long PostgreSQL itself takes for the means of the nation: the fastest of three."""
    from django.db import connection

    def ask() -> None:
        with connection.cursor() as cursor:
            cursor.execute(GROUP_BY)
            cursor.fetchall()

    return {"group_by_s": min(_timed(ask)[0] for _ in range(3))}


def warm() -> dict[str, float]:
    """Read once what cells are made of: a run that has just generated the nation has it in memory, its peer too."""
    from django.db import connection

    with connection.cursor() as cursor:
        seconds, _none = _timed(lambda: cursor.execute("SELECT count(mean) FROM competencies_estimate"))
    return {"read_s": seconds}


def pages() -> dict[str, float]:
    """Open pages of the nation, of every kind of unit and of the units with most below, each with and without a filter.

    Server time of whole pages, from the request to the last byte, as an HR officer who may see everybody.
    """
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client

    from organisation.api import today
    from organisation.models import PositionGroup, RoleGrant, Unit, UnitVersion, User
    from reports.api import gap_report
    from reports.domain.moments import PARTED_MOST

    call_command("collectstatic", interactive=False, verbosity=0)
    settings.DEBUG, settings.ALLOWED_HOSTS = False, ["localhost"]
    user, _ = User.objects.get_or_create(username="bench-hr")
    top = Unit.objects.get(code="U1")
    RoleGrant.objects.get_or_create(user=user, role="hr", unit=top, sees_people=True)
    client = Client(HTTP_HOST="localhost")
    client.force_login(user)
    units = UnitVersion.objects.filter(valid__contains=today()).order_by("unit_id")
    codes = ["U1", *units.filter(kind="province").values_list("unit__code", flat=True)]
    codes += random.Random(1).sample(list(units.values_list("unit__code", flat=True)), _OPENED)
    groups = list(PositionGroup.objects.all())

    def p95(ask: Callable[[str], Any]) -> float:
        ask("U1")
        seconds = sorted(_timed(lambda code=code: ask(code))[0] for code in codes)
        return 1000 * seconds[int(0.95 * len(seconds))]

    def page(code: str, query: str = "") -> None:
        assert client.get(f"/hr/units/{code}/{query}").status_code == 200

    def narrowed(code: str) -> None:
        page(code, f"people/gap/?group={groups[len(code) % len(groups)].code}")

    sizes = {code: _people_of(code) for code in codes}
    largest = max((code for code in codes if sizes[code] <= PARTED_MOST), key=lambda code: sizes[code])
    return {
        "page_p95_ms": p95(page),
        "page_filtered_p95_ms": p95(lambda code: page(code, f"?group={groups[len(code) % len(groups)].code}")),
        "page_narrowed_p95_ms": p95(narrowed),
        "page_narrowed_largest_ms": 1000 * min(_timed(lambda: narrowed(largest))[0] for _ in range(3)),
        "page_narrowed_people": sizes[largest],
        "nation_ms": 1000 * min(_timed(lambda: page("U1"))[0] for _ in range(5)),
        "report_p95_ms": p95(lambda code: gap_report(Unit.objects.get(code=code))),
    }


def _people_of(code: str) -> int:
    from organisation.api import find_unit, today
    from reports.domain.queries.placements import count_people_of_units
    from reports.domain.queries.structure import units_below

    unit = find_unit(code)
    assert unit
    return count_people_of_units(units_below(unit.pk, today()), today())


def fold(people: int) -> dict[str, float]:
    """Fold so many people, drawn from the whole nation, all of whose estimates have changed; others each time.

    A worker's first fold also fetches its memory from the system and pages from the disk: it is a figure of its own.
    """
    from reports.api import fold_changed_people, mark_people

    taken = []
    for _time in range(1 + _FOLDS):
        drawn = _draw(people)
        _change(drawn)
        mark_people(drawn)
        seconds, folded = _timed(lambda: fold_changed_people(limit=people))
        assert folded == people, folded
        taken.append(seconds)
    first, *later = taken
    return {"fold_s": statistics.median(later), "fold_first_s": first}


def freshness(rate: int, duration: int) -> dict[str, float]:
    """Change so many people a second, in a process of its own, while a folder is at work; when is each in the cells?"""
    from django.db import connection
    from django.db.models import Min

    from reports.api import fold_changed_people
    from reports.models import DirtyPerson

    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            if not fold_changed_people():
                time.sleep(0.1)
        connection.close()

    folder = threading.Thread(target=work)
    folder.start()
    command = [sys.executable, "-m", "bench.reports.steps", "produce", str(rate), str(duration)]
    seen: list[tuple[float, int]] = []
    with TemporaryFile("w+") as told:
        producer = subprocess.Popen(command, stdout=told)
        while producer.poll() is None or DirtyPerson.objects.exists():
            first = DirtyPerson.objects.aggregate(first=Min("pk"))["first"]
            seen.append((time.time(), first or sys.maxsize))
            time.sleep(0.05)
        told.seek(0)
        changed = json.loads(told.read())["changed"]
    seen.append((time.time(), sys.maxsize))
    stop.set()
    folder.join()
    waits = sorted(
        next(moment for moment, first in seen if moment > committed and first > mark) - committed
        for mark, committed in changed
    )
    times = sorted(committed for _mark, committed in changed)
    return {
        "freshness_p95_s": waits[int(0.95 * len(waits))],
        "freshness_median_s": waits[len(waits) // 2],
        "changes_per_s": (len(times) - 1) / (times[-1] - times[0]),
    }


def produce(rate: int, duration: int) -> dict[str, Any]:
    """Change so many people a second, one to a transaction; return the mark of each and when it was committed."""
    from django.db import connection, transaction
    from django.db.models import Max

    from reports.api import mark_people
    from reports.models import DirtyPerson

    changed: list[tuple[int, float]] = []
    start = time.perf_counter()

    def change(number: int) -> None:
        for place, person in enumerate(_draw(rate * duration // _PRODUCERS)):
            time.sleep(max(0.0, start + (place * _PRODUCERS + number) / rate - time.perf_counter()))
            with transaction.atomic():
                _change([person])
                mark_people([person])
                mark = DirtyPerson.objects.filter(person=person).aggregate(mark=Max("pk"))["mark"]
            changed.append((mark, time.time()))
        connection.close()

    with ThreadPoolExecutor(_PRODUCERS) as producers:
        list(producers.map(change, range(_PRODUCERS)))
    return {"changed": changed}


def merge() -> dict[str, float]:
    """Merge a hundred units, more where it takes them for 20,000 people, at once; until reports are right.

    They are when nothing waits to be folded, and a full recomputation then finds no cell to put right.
    """
    from organisation.api import add_steps, apply_reorganisation, approve_reorganisation, draft_reorganisation, today
    from organisation.models import Posting, Unit, UnitVersion, User
    from organisation.reorganising.steps import Merge, NewUnit
    from reports.api import fold_changed_people, gap_report

    offices = UnitVersion.objects.filter(kind="office", valid__contains=today()).order_by("unit_id")
    codes: list[str] = []
    people = 0
    for code, unit in offices.values_list("unit__code", "unit_id"):
        if len(codes) >= _MERGED_UNITS and people >= _MERGED_PEOPLE:
            break
        codes.append(code)
        people += Posting.objects.filter(unit=unit, valid__contains=today()).count()
    author, approver = (User.objects.get_or_create(username=name)[0] for name in ("bench-author", "bench-approver"))
    made = draft_reorganisation(number="01", title="Sắp xếp", in_force=today(), scope=None, author=author)
    parts = {f"N{made.pk}-{at}": tuple(codes[at::_MERGES]) for at in range(_MERGES)}
    add_steps(made, [Merge(part, new, NewUnit(new, f"Xã {new}", "office", "U2")) for new, part in parts.items()])
    approve_reorganisation(made, approver)
    applied, _ = _timed(lambda: apply_reorganisation(made.pk, actor=approver))
    folded, _ = _timed(fold_changed_people)
    merged = list(Unit.objects.filter(code__in=parts))
    told = [gap_report(unit).competencies for unit in merged]
    counted = sum(max(each.gap.required or 0 for each in gaps) for gaps in told)
    assert counted == people, (counted, people)
    checked = check()
    assert told == [gap_report(unit).competencies for unit in merged]
    return checked | {
        "merge_s": applied + folded,
        "applied_s": applied,
        "folded_s": folded,
        "units": len(codes),
        "people": people,
    }


def check() -> dict[str, float]:
    """Compare every cell with a full recomputation: none is wrong."""
    from reports.api import check_cells

    seconds, found = _timed(check_cells)
    assert not found.wrong, found.examples
    return {"check_s": seconds}


def _draw(count: int) -> list[int]:
    from django.db.models import Max, Min

    from organisation.models import Person

    first, last = Person.objects.aggregate(first=Min("pk"), last=Max("pk")).values()
    return random.sample(range(first, last + 1), count)


def _change(people: list[int]) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(_CHANGE, [people])


def _timed(run: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    result = run()
    return time.perf_counter() - start, result


STEPS: dict[str, Callable[..., dict[str, float]]] = {
    each.__name__: each
    for each in (prepare, clear, warm, rebuild, size, group_by, pages, fold, freshness, produce, merge, check)
}

if __name__ == "__main__":
    import django

    django.setup()
    found = STEPS[sys.argv[1]](*map(int, sys.argv[2:]))
    print(json.dumps(found | {"mib": largest_mib()}))
