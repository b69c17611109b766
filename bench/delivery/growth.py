"""What an answer costs on an empty table and beside millions of others: two servers are asked in turn."""

import itertools
import json
import os
import sys
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256
from statistics import median

import psycopg

from bench.delivery import installation, load
from bench.delivery.installation import Sitter
from bench.report import Record

EMPTY, GROWN = f"{installation.DATABASE}_empty", f"{installation.DATABASE}_grown"
SITTERS = 320
"""Open sittings that are answered in, so that no page of an index is met all the time."""
CLIENTS = 16
TURNS, SECONDS = 24, 1.5
STATEMENTS = 6_000
ANSWERS = 20
"""Of each stored sitting."""
QUARTERS = 8
"""So many before now, the current one being the last, hold the stored answers; 5 GB of rows, 6 GB of indexes."""

_SITTINGS = """
    INSERT INTO assessments_attempt
        (id, person_id, assessment_id, status, started_at, deadline, submitted_at, seed, form, scoring_version)
    SELECT uuidv7(at - clock_timestamp()), person.id, quiz.id, 'submitted',
        at, at + interval '1 hour', at + interval '1 hour', number, '{}', 1
    FROM generate_series(1, %(sittings)s) AS number
    CROSS JOIN LATERAL (SELECT %(start)s::timestamptz + number * (%(end)s::timestamptz - %(start)s)
                        / (%(sittings)s + 1) AS at) AS moment
    CROSS JOIN (SELECT min(id) AS id FROM assessments_assessment) AS quiz
    JOIN (SELECT id, row_number() OVER () - 1 AS place, count(*) OVER () AS people FROM organisation_person) AS person
        ON person.place = number %% person.people
"""
_ANSWERS = """
    INSERT INTO {table} (id, attempt_id, key, sequence, version_id, value, status, score, received_at)
    SELECT nextval(%(ids)s), sitting.id, gen_random_uuid(), place,
        versions[1 + (sitting.seed + place) %% cardinality(versions)], %(value)s, 'accepted', 1,
        sitting.started_at + place * interval '1 minute'
    FROM assessments_attempt AS sitting
    CROSS JOIN generate_series(1, %(answers)s) AS place
    CROSS JOIN (SELECT array_agg(id) AS versions FROM assessments_itemversion) AS bank
    WHERE sitting.status = 'submitted' AND sitting.started_at >= %(start)s AND sitting.started_at < %(end)s
"""


def fill(owner_url: str, rows: int) -> None:
    """Store about so many answers of past sittings, in a partition for each quarter, with all indexes."""
    now = datetime.now(UTC)
    quarter = 4 * now.year + (now.month - 1) // 3
    starts = [
        datetime(each // 4, 1 + each % 4 * 3, 1, tzinfo=UTC) for each in range(quarter - QUARTERS + 1, quarter + 2)
    ]
    pairs = list(itertools.pairwise(starts))
    with psycopg.connect(owner_url, autocommit=True) as owner, ThreadPoolExecutor(os.cpu_count()) as pool:
        owner.execute(f"DROP TABLE {_table(pairs[-1][0])}")  # the current one, where nothing is yet
        owner.execute("SET maintenance_work_mem = '512MB'")
        owner.execute("ALTER TABLE assessments_attempt DISABLE TRIGGER USER")
        for table, low, high in pool.map(lambda pair: _store(owner_url, pair, now, rows // QUARTERS), pairs):
            owner.execute(
                f"ALTER TABLE assessments_response ATTACH PARTITION {table} FOR VALUES FROM ('{low}') TO ('{high}')"
            )
        owner.execute("ALTER TABLE assessments_attempt ENABLE TRIGGER USER")
        owner.execute("ANALYZE assessments_attempt, assessments_response")


def _table(start: datetime) -> str:
    return f"assessments_response_{start:%Y}q{(start.month + 2) // 3}"


def _store(
    owner_url: str, quarter: tuple[datetime, datetime], now: datetime, rows: int
) -> tuple[str, uuid.UUID, uuid.UUID]:
    """Make a table of a quarter's answers; return its name and between which attempts it is a partition."""
    start, end = quarter
    table = _table(start)
    values = {"start": start, "end": min(end, now), "sittings": rows // ANSWERS, "answers": ANSWERS}
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(_SITTINGS, values)
        owner.execute(
            f"CREATE TABLE {table} (LIKE assessments_response INCLUDING CONSTRAINTS) WITH (autovacuum_enabled = off)"
        )
        ids = owner.execute("SELECT pg_get_serial_sequence('assessments_response', 'id')").fetchone()[0]
        owner.execute(_ANSWERS.format(table=table), values | {"ids": ids, "value": '{"choice": "a1b2c3d4"}'})
    low, high = (uuid.UUID(int=int(1000 * each.timestamp()) << 80) for each in quarter)
    return table, low, high


def cost_growth(urls: Sequence[str], sitters: Sequence[Sitter], rows: int) -> Record:
    """Return by what part an answer costs more beside so many stored ones than on an empty table.

    urls: the owner's, of the databases EMPTY and GROWN, which are still alike; they are gone afterwards. A cost is the
    time of an answer through the web from 16 clients at once; beside it stands that of the statement alone.
    """
    begin = time.perf_counter()
    fill(urls[1], rows)
    print(f"{rows} answers stored in {time.perf_counter() - begin:.0f} s", flush=True)
    with installation.serve(database=EMPTY) as empty, installation.serve(database=GROWN) as grown:
        asked = [(port, _clients(sitters)) for port in (empty, grown)]
        costs: list[list[float]] = [[], []]
        for turn in range(TURNS + 1):
            for place in (0, 1) if turn % 2 else (1, 0):
                outcome = load.drive(*asked[place], b"201", SECONDS)
                assert not outcome.wrong, outcome.wrong[:3]
                costs[place].append(1 / outcome.per_second)
    statement = _statement_growth(urls, sitters)
    for name in (EMPTY, GROWN):
        installation.drop_database(name)
    return Record(
        f"cost_growth_{rows // 1_000_000}m",
        _growth(*(each[1:] for each in costs)),
        "",
        {"the statement alone": statement},
    )


def _growth(empty: list[float], grown: list[float]) -> float:
    return median(after / before for before, after in zip(empty, grown, strict=True)) - 1


def _clients(sitters: Sequence[Sitter]) -> list[load.Maker]:
    """Share the sittings among the clients; each answers in its own in turn."""
    shares = [itertools.cycle([load.answers(each) for each in sitters[place::CLIENTS]]) for place in range(CLIENTS)]
    return [lambda share=share: next(share)() for share in shares]


def _statement_growth(urls: Sequence[str], sitters: Sequence[Sitter]) -> float:
    """Growth of the median time of the lane's statement, prepared, one client, the disk waited for."""
    from assessments.domain.responses import SAVE_BY_TOKEN, SEQUENCES_AT_ONCE

    costs: list[list[float]] = [[], []]
    connections = [psycopg.connect(url, autocommit=True, prepare_threshold=0) for url in urls]
    for number in range(STATEMENTS):
        sitter = sitters[number % len(sitters)]
        values = {
            "attempt": uuid.UUID(sitter.attempt),
            "digest": sha256(sitter.token.encode()).hexdigest(),
            "version": sitter.version,
            "key": uuid.uuid4(),
            "sequence": SEQUENCES_AT_ONCE + number,
            "value": json.dumps(sitter.value),
            "score": 1,
            "now": datetime.now(UTC),
        }
        for cost, connection in zip(costs, connections, strict=True):
            begin = time.perf_counter()
            row = connection.execute(SAVE_BY_TOKEN, values).fetchone()
            cost.append(time.perf_counter() - begin)
            assert row[3] == "accepted", row
    for connection in connections:
        connection.close()
    return median(costs[1][STATEMENTS // 4 :]) / median(costs[0][STATEMENTS // 4 :]) - 1


def main() -> None:
    """Measure this alone: `python -m bench.delivery.growth 2000000`."""
    installation.enter_database()
    sitters = installation.seat_people(SITTERS)
    urls = [installation.copy_database(name) for name in (EMPTY, GROWN)]
    print(cost_growth(urls, sitters, int(sys.argv[1])))


if __name__ == "__main__":
    main()
