"""Run the bench of gap reports, print its table and write build/bench/reports.json.

`python -m bench.reports [--people N] [--keep]`: a smaller nation has as many fewer units. keep: leave the nation's
database in place. One that is there, whole, is taken again, without its cells, instead of being generated anew.
"""

import argparse

from bench.environment import BUILD, versions
from bench.report import Record, write
from bench.reports import imports, reform
from bench.reports.database import Database, database
from bench.reports.world import Nation

PEOPLE, IMPORTED, REFORMED = 2_000_000, 500_000, 200_000
FOLDED, RATE, SECONDS = 1000, 200, 30


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.reports")
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--keep", action="store_true")
    asked = parser.parse_args()
    nation = Nation(asked.people)
    name = f"thang_bench_reports_{asked.people}"
    with database(name, keep=asked.keep) as made:
        records = [Record("people", nation.people, ""), Record("units", nation.units, ""), *_measure(made, nation)]
    share = asked.people / PEOPLE
    records += reform.measure(round(REFORMED * share))
    records += imports.measure(round(IMPORTED * share))
    for record in records:
        record.versions = versions("django", "psycopg")
    write(records, BUILD / "reports.json")


def _measure(made: Database, nation: Nation) -> list[Record]:
    if made.is_reused:
        made.run("bench.reports.steps", "clear")
        made.run("bench.reports.steps", "warm")
    else:
        made.run("bench.reports.steps", "prepare", nation.people)
    found = {
        step: made.run("bench.reports.steps", step, *arguments)
        for step, *arguments in (
            ("rebuild",),
            ("size",),
            ("group_by",),
            ("pages",),
            ("fold", FOLDED),
            ("freshness", RATE, SECONDS),
            ("merge",),
        )
    }
    pages, group_by = found["pages"], found["group_by"]["group_by_s"]
    memory = max(found[step]["mib"] for step in ("rebuild", "fold", "freshness", "merge"))
    return [
        Record("group_by_s", group_by, "s"),
        Record("page_p95_ms", pages["page_p95_ms"], "ms"),
        Record("page_filtered_p95_ms", pages["page_filtered_p95_ms"], "ms"),
        Record("page_narrowed_p95_ms", pages["page_narrowed_p95_ms"], "ms"),
        Record("page_narrowed_largest_ms", pages["page_narrowed_largest_ms"], "ms"),
        Record("page_narrowed_people", pages["page_narrowed_people"], ""),
        Record("page_nation_ms", pages["nation_ms"], "ms"),
        Record("report_p95_ms", pages["report_p95_ms"], "ms"),
        Record("speedup_vs_group_by", 1000 * group_by / pages["page_p95_ms"], "times"),
        Record("rebuild_s", found["rebuild"]["rebuild_s"], "s"),
        Record("fold_1000_s", found["fold"]["fold_s"], "s"),
        Record("fold_1000_first_s", found["fold"]["fold_first_s"], "s"),
        Record("freshness_p95_s", found["freshness"]["freshness_p95_s"], "s"),
        Record("changes_per_s", found["freshness"]["changes_per_s"], "1/s"),
        Record("merge_100_units_s", found["merge"]["merge_s"], "s"),
        Record("check_s", found["merge"]["check_s"], "s"),
        Record("cells_share", found["size"]["cells_share"], ""),
        Record("kept_staff_share", found["size"]["kept_staff_share"], ""),
        Record("worker_mib", memory, "MiB"),
    ]


if __name__ == "__main__":
    main()
