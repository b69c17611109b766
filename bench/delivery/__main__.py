"""Run the delivery bench, print its table and write build/bench/delivery.json."""

import argparse
import os
import platform
from pathlib import Path
from statistics import median

import psutil

from bench.delivery import bare, browser, growth, installation, load
from bench.delivery.room import sit_together
from bench.report import Record, write

CLIENTS = 16
SECONDS = 6.0
ROUNDS = 3
SITTINGS = 60
"""Whole attempts of a round, each by a person who has not sat the form before."""
WARM = 192
"""Attempts before the first round: a connection plans a statement anew five times; each order of options is drawn."""
ROOM, ROOM_SECONDS = 500, 180.0
PAGES = {"home_per_s": "/", "course_per_s": "/learn/courses/ai_safe_use/"}
FRESH = {f"{name}_made_anew": f"{path}?made=anew" for name, path in PAGES.items()}
"""The same pages where nothing was kept: a query in the address has them made anew."""
MOODLE = {"html_attempts_per_s": 3.32, "home_per_s": 21.0, "course_per_s": 25.0, "rest_answers_per_s": 52.0}
"""Moodle 4.5.5 on a machine of 2 cores, PostgreSQL with fsync on: measured apart, so no peer of the same run."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000_000, help="stored answers beside which one is timed")
    rows = parser.parse_args().rows
    installation.enter_database()
    seated = installation.seat_people(growth.SITTERS)
    copies = [installation.copy_database(name) for name in (growth.EMPTY, growth.GROWN)]
    sitters = seated[:CLIENTS]
    examinees = installation.invite_people(SITTINGS * ROUNDS + WARM + ROOM)
    owner_url = os.environ["DATABASE_OWNER_URL"]
    answers, rates, percentiles, bares = [load.answers(each) for each in sitters], [], [], []
    attempts: list[float] = []
    pages: dict[str, list[float]] = {name: [] for name in (*PAGES, *FRESH)}
    with installation.serve() as port:
        load.drive(port, answers, b"201", 1.0)
        browser.take_all(port, [examinees.pop() for _ in range(WARM)], browser.take_page, CLIENTS)
        for _ in range(ROUNDS):
            outcome = load.drive(port, answers, b"201", SECONDS)
            assert not outcome.wrong, outcome.wrong[:3]
            rates.append(outcome.per_second)
            percentiles.append(outcome.percentile(0.95))
            bares.append(bare.insert_per_second(owner_url, CLIENTS, SECONDS / 2))
            sittings, requests = browser.take_all(
                port, [examinees.pop() for _ in range(SITTINGS)], browser.take_page, CLIENTS
            )
            assert not requests.wrong, requests.wrong[:3]
            attempts.append(sittings.per_second)
            for name, path in (PAGES | FRESH).items():
                opened = load.drive(port, [load.page(path, each) for each in sitters], b"200", SECONDS / 2)
                assert not opened.wrong, opened.wrong[:3]
                pages[name].append(opened.per_second)
        room = sit_together(port, examinees, ROOM_SECONDS)
        memory = _largest_worker_mib()
    versions = {"python": platform.python_version(), "cores": str(os.cpu_count())}
    records = [
        Record("rest_answers_per_s", median(rates), "1/s", {"bare insert": median(bares)}, versions=versions),
        Record("rest_p95_ms", median(percentiles), "ms", versions=versions),
        Record("bare_insert_per_s", median(bares), "1/s", versions=versions),
        Record("html_attempts_per_s", median(attempts), "1/s", versions=versions),
        *(Record(name, median(found), "1/s", versions=versions) for name, found in pages.items()),
        Record("room_500_p95_ms", room.percentile(0.95), "ms", versions=versions),
        Record("room_500_errors", len(room.wrong), "", versions=versions),
        Record("worker_rss_mib", memory, "MiB", versions=versions),
    ]
    records[0].ratio = median(rates) / median(bares)
    for record in records:
        if record.name in MOODLE:
            record.peers["Moodle 4.5.5, another run"] = MOODLE[record.name]
    write(records, Path("build/bench/delivery.json"))
    # The longest step, which stores millions of answers, comes when all else is written.
    write([*records, growth.cost_growth(copies, seated, rows)], Path("build/bench/delivery.json"))


def _largest_worker_mib() -> float:
    """Resident memory of the largest web process below this one, in MiB."""
    sizes = [each.memory_info().rss for each in psutil.Process().children(recursive=True) if "granian" in each.name()]
    return max(sizes, default=0) / 2**20


if __name__ == "__main__":
    main()
