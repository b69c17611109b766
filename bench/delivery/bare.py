"""What PostgreSQL itself does: one row inserted and committed at a time by as many clients, through psycopg."""

import asyncio
import json
import time
import uuid

import psycopg

_TABLE = """
    CREATE TABLE IF NOT EXISTS bench_bare (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, attempt uuid NOT NULL, key uuid NOT NULL,
        sequence integer NOT NULL, value jsonb NOT NULL, received_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (attempt, key)
    )
"""
_INSERT = "INSERT INTO bench_bare (attempt, key, sequence, value) VALUES (%s, %s, %s, %s)"


def insert_per_second(owner_url: str, clients: int, seconds: float) -> float:
    """Return rows per second; every row is its own transaction, and the disk is waited for."""
    return asyncio.run(_insert(owner_url, clients, seconds))


async def _insert(owner_url: str, clients: int, seconds: float) -> float:
    async with await psycopg.AsyncConnection.connect(owner_url, autocommit=True) as owner:
        await owner.execute(_TABLE)
    until = time.perf_counter() + seconds
    start = time.perf_counter()
    counts = await asyncio.gather(*(_client(owner_url, until) for _ in range(clients)))
    return sum(counts) / (time.perf_counter() - start)


async def _client(owner_url: str, until: float) -> int:
    attempt, count = uuid.uuid4(), 0
    value = json.dumps({"choice": "a1b2c3d4"})
    async with await psycopg.AsyncConnection.connect(owner_url, autocommit=True) as connection:
        while time.perf_counter() < until:
            count += 1
            await connection.execute(_INSERT, [attempt, uuid.uuid4(), count, value], prepare=True)
    return count
