"""Faults of the server. Each returns its verdict and whether its control, which does the forbidden, is caught."""

import os
import signal
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from bench.delivery.installation import Sitter
from tests.faults.clients import PATIENCE, Client, all_at_once, answering
from tests.faults.cluster import Cluster
from tests.faults.ledger import Ledger, Verdict

KILLS, SETTLE = 6, 1.0
PARALLEL = 50


def clients_of(port: int, sitters: list[Sitter], ledger: Ledger, *, naive: bool = False) -> list[Client]:
    return [Client(port, sitter, ledger, naive) for sitter in sitters]


def kill_web_worker(cluster: Cluster, port: int, sitters: list[Sitter]) -> tuple[Verdict, bool]:
    """kill -9 a web worker while answers are being saved. Control: what was sent is taken for saved."""
    return _under_load(cluster, port, sitters, _kill_workers), _naive_is_caught(cluster, port, sitters, _kill_workers)


def kill_postgres(cluster: Cluster, port: int, sitters: list[Sitter]) -> tuple[Verdict, bool]:
    """kill -9 PostgreSQL while answers are being saved, and start it again. Control: commits that do not wait."""

    def cut() -> None:
        time.sleep(SETTLE)
        cluster.kill()
        time.sleep(SETTLE)  # a start takes less time than a web server waits for a connection
        cluster.start()
        time.sleep(SETTLE)

    verdict = sum((_under_load(cluster, port, sitters, cut) for _ in range(3)), Verdict(0, 0, 0))
    with _asynchronous_commit(cluster):
        control = _under_load(cluster, port, sitters, cut)
    return verdict, control.acknowledged_lost > 0


def submit_at_once(cluster: Cluster, port: int, sitters: list[Sitter]) -> tuple[Verdict, bool]:
    """Submit one attempt 50 times at once, while the same answer arrives 50 times. Control: 50 keys for one answer."""
    ledger, control = Ledger(), Ledger()
    key, start = str(uuid.uuid4()), _start(cluster)
    bodies: list[tuple[int, bytes]] = []
    sitter = sitters[0]

    def submit() -> None:
        bodies.append(Client(port, sitter, ledger).post("submit/", {}))

    same = [threading.Thread(target=lambda: Client(port, sitter, ledger).answer(start, key)) for _ in range(PARALLEL)]
    all_at_once(same + [threading.Thread(target=submit) for _ in range(PARALLEL)])
    assert {status for status, _body in bodies} == {200}, bodies[:3]
    verdict = ledger.judge(_rows_of(cluster, ledger))
    with cluster.connect() as connection:
        (twice,) = connection.execute(
            "SELECT count(*) - count(DISTINCT (source_kind, source_id, observable, competency_id))"
            " FROM competencies_evidence"
        ).fetchone() or (0,)
    different = len({body for _status, body in bodies}) - 1
    other = sitters[1]
    many = [
        threading.Thread(target=lambda at=at: Client(port, other, control).answer(start + at, answer="one"))
        for at in range(PARALLEL)
    ]
    all_at_once(many)
    found = control.judge(_rows_of(cluster, control))
    return verdict + Verdict(0, int(twice), different), found.duplicates == PARALLEL - 1


def two_tabs_two_devices(cluster: Cluster, port: int, sitters: list[Sitter]) -> tuple[Verdict, bool]:
    """Two tabs on two devices answer over each other. Control: every tab believes that its answer counts."""
    ledger, sitter, start = Ledger(), sitters[0], _start(cluster)
    tabs = [Client(port, sitter, ledger) for _ in range(4)]

    def write(tab: Client, step: int) -> None:
        for sequence in range(start, start + 120, step):
            tab.answer(sequence)

    all_at_once(
        [threading.Thread(target=write, args=[tab, step]) for tab, step in zip(tabs, (1, 1, 2, 3), strict=True)]
    )
    rows = _rows_of(cluster, ledger)
    verdict = ledger.judge(rows)
    with cluster.connect() as connection:
        (standing,) = connection.execute(
            "SELECT max(sequence) FROM assessments_response WHERE attempt_id = %s AND status = 'accepted'",
            [sitter.attempt],
        ).fetchone() or (0,)
    believing = Ledger(dict(ledger.answer_of), {key: {"accepted"} for key in ledger.told})
    newest_stands = int(standing == start + 119)
    return verdict + Verdict(1 - newest_stands, 0, 0), believing.judge(rows).false_acknowledgements > 0


def disk_full(cluster: Cluster, port: int, sitters: list[Sitter], disk: Path) -> tuple[Verdict, bool]:
    """Fill the disk while answers are being saved, and empty it again. Control: what was sent is taken for saved."""

    def fill() -> None:
        filler = disk / "filler"
        time.sleep(SETTLE)
        try:
            with filler.open("wb") as file:
                while file.write(bytes(1 << 20)):
                    file.flush()
        except OSError:
            time.sleep(2 * SETTLE)
        filler.unlink()
        if not cluster.is_up():
            cluster.start()
        time.sleep(SETTLE)

    return _under_load(cluster, port, sitters, fill), _naive_is_caught(cluster, port, sitters, fill)


def _under_load(cluster: Cluster, port: int, sitters: list[Sitter], fault: Callable[[], None]) -> Verdict:
    ledger = Ledger()
    clients = clients_of(port, sitters, ledger)
    with answering(clients, _start(cluster)):
        _wait_for_answers(ledger)
        fault()
    assert sum(client.refused for client in clients) > 0, "nobody noticed the fault"
    assert len(ledger.told) > 100, "hardly anybody answered"
    return ledger.judge(_rows_of(cluster, ledger))


def _naive_is_caught(cluster: Cluster, port: int, sitters: list[Sitter], fault: Callable[[], None]) -> bool:
    """Whether answers are missing when clients take what they have sent for saved; a few tries, for luck is in it."""
    for _ in range(5):
        ledger = Ledger()
        with answering(clients_of(port, sitters, ledger, naive=True), _start(cluster)):
            _wait_for_answers(ledger)
            fault()
        if ledger.judge(_rows_of(cluster, ledger)).acknowledged_lost:
            return True
    return False


def _wait_for_answers(ledger: Ledger) -> None:
    """Wait until the web server takes answers: while its workers start anew, clients queue and notice no fault."""
    until = time.monotonic() + PATIENCE
    while not ledger.told:
        assert time.monotonic() < until, "nobody could answer"
        time.sleep(SETTLE / 20)


def _start(cluster: Cluster) -> int:
    """A sequence above those of all answers so far."""
    with cluster.connect() as connection:
        (highest,) = connection.execute("SELECT max(sequence) FROM assessments_response").fetchone() or (0,)
    return 1 + (highest or 0)


def _rows_of(cluster: Cluster, ledger: Ledger) -> list[tuple[str, str]]:
    return [(key, status) for key, status in cluster.rows() if key in ledger.answer_of]


def _kill_workers() -> None:
    for _ in range(KILLS):
        time.sleep(SETTLE / 2)
        os.kill(_web_workers()[0], signal.SIGKILL)
        time.sleep(SETTLE)


def _web_workers() -> list[int]:
    """Process numbers of the web server's workers: children of the one that we started."""
    masters = [each for each in psutil.Process().children() if "granian" in " ".join(each.cmdline())]
    until = time.monotonic() + 30
    while time.monotonic() < until:
        workers = [
            each.pid
            for master in masters
            for each in master.children()
            if "resource_tracker" not in str(each.cmdline())
        ]
        if workers:
            return workers
        time.sleep(0.1)
    raise RuntimeError("the web server has no workers")


@contextmanager
def _asynchronous_commit(cluster: Cluster) -> Iterator[None]:
    def set_to(value: str) -> None:
        with cluster.connect() as connection:
            connection.execute(f"ALTER SYSTEM SET synchronous_commit = {value}")
            connection.execute("SELECT pg_reload_conf()")

    set_to("off")
    try:
        yield
    finally:
        set_to("on")
