"""`python -m tests.faults [name...]`: break things while people answer, print what was lost, write build/faults.json.

Ends with 1 when an acknowledged answer is lost, doubled or was told wrongly, or when a control is not caught.
"""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from tests.faults.cluster import ROOT, Cluster, own_cluster
from tests.faults.ledger import Verdict

RESULTS = ROOT / "build" / "faults.json"
SITTERS = 16
DISK = "disk_full"
SERVER = ("kill_web_worker", "kill_postgres", "two_tabs_two_devices", "submit_at_once")
BROWSER = ("clock_wrong_by_a_day", "ten_minutes_offline", "another_person_signs_in")


def main() -> int:
    wanted = sys.argv[1:] or [*BROWSER, *SERVER, DISK]
    if wanted == [DISK]:
        with own_cluster("disk", "600M") as cluster:
            results = _run(cluster, wanted, ROOT / ".thang" / "faults-disk")
    else:
        with own_cluster("main") as cluster:
            results = _run(cluster, [name for name in wanted if name != DISK])
        if DISK in wanted:
            # A process of its own: Django keeps the database that it met first.
            ended = subprocess.run([sys.executable, "-m", "tests.faults", DISK], check=False, cwd=ROOT)
            results += json.loads(RESULTS.read_text()) if ended.returncode in (0, 1) else []
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    _print(results)
    clean = all(Verdict(*(each[name] for name in _COUNTS)).is_clean and each["control_caught"] for each in results)
    return 0 if clean and {each["name"] for each in results} == set(wanted) else 1


_COUNTS = ("acknowledged_lost", "duplicates", "false_acknowledgements")


def _run(cluster: Cluster, names: list[str], disk: Path | None = None) -> list[dict[str, object]]:
    cluster.enter()
    from bench.delivery.installation import seat_people, serve

    sitters = seat_people(SITTERS)
    from playwright.sync_api import sync_playwright

    from tests.e2e.conftest import ARGUMENTS, CHROMIUM
    from tests.faults import browser_faults, server_faults

    results = []
    with serve() as port:
        for name in names:
            print(f"{name} ...", flush=True)
            if name in BROWSER:
                with sync_playwright() as playwright:
                    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
                    verdict, caught = getattr(browser_faults, name)(cluster, port, sitters, browser)
                    browser.close()
            elif disk is not None:
                verdict, caught = server_faults.disk_full(cluster, port, sitters, disk)
            else:
                verdict, caught = getattr(server_faults, name)(cluster, port, sitters)
            results.append({"name": name, **asdict(verdict), "control_caught": caught})
    return results


def _print(results: list[dict[str, object]]) -> None:
    rows: list[list[object]] = [["fault", "lost", "duplicates", "false", "control caught"]]
    for each in results:
        rows.append([each["name"], *(each[name] for name in _COUNTS), "yes" if each["control_caught"] else "NO"])
    for name, lost, duplicates, false, caught in rows:
        print(f"{name!s:<26}{lost!s:>6}{duplicates!s:>12}{false!s:>7}  {caught}")
    print(f"written to {RESULTS}")


sys.exit(main())
