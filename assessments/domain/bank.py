"""The bank of published questions, compiled for selection and kept in the process."""

import json
import time
from dataclasses import dataclass
from threading import Lock
from typing import Any

from django.db import connection

from assessments.measurement import BankItem, ItemBank, ItemParameters

RECHECK_SECONDS = 2.0
"""How long a process may go on with a bank that another process has changed meanwhile."""

Stamp = tuple[int | None, int | None, int]

_STAMP = """
    SELECT (SELECT max(id) FROM assessments_itemparameterset), (SELECT max(id) FROM assessments_itemversion),
           (SELECT count(*) FROM assessments_itemversion WHERE status = 'published')
"""
_ITEMS = """
    SELECT i.id, v.id, i.competency_id, i.kind, v.seconds, p.parameters
    FROM assessments_itemversion v
    JOIN assessments_item i ON i.id = v.item_id
    JOIN LATERAL (SELECT s.parameters FROM assessments_itemparameterset s
                  WHERE s.version_id = v.id AND s.competency_id = i.competency_id ORDER BY s.id DESC LIMIT 1) p ON true
    WHERE v.status = 'published' AND i.kind <> 'simulation'
    ORDER BY i.id
"""


@dataclass(frozen=True, slots=True)
class BankEntry:
    """A published version and the parameters in force."""

    version_pk: int
    competency_pk: int
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class PublishedBank:
    """entries: by the item's primary key, which is also the item's id in `items`; competencies are named by key."""

    stamp: Stamp
    entries: dict[int, BankEntry]
    by_competency: dict[int, frozenset[int]]
    items: ItemBank


_lock = Lock()
_held: tuple[float, PublishedBank] | None = None


def published_bank(*, recheck: bool = False) -> PublishedBank:
    """Return the bank. A process looks for changes every two seconds at most, or at once with `recheck`.

    A check is one small query; only after a change is the bank read anew.
    """
    global _held
    held = _held
    if held is not None and not recheck and time.monotonic() - held[0] < RECHECK_SECONDS:
        return held[1]
    with _lock, connection.cursor() as cursor:
        cursor.execute(_STAMP)
        stamp = cursor.fetchone()
        bank = held[1] if held is not None and held[1].stamp == stamp else _read(stamp)
        _held = (time.monotonic(), bank)
    return bank


def _read(stamp: Stamp) -> PublishedBank:
    entries: dict[int, BankEntry] = {}
    items = []
    by_competency: dict[int, set[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_ITEMS)
        for item_pk, version_pk, competency_pk, kind, seconds, raw in cursor.fetchall():
            parameters = json.loads(raw)
            entries[item_pk] = BankEntry(version_pk, competency_pk, parameters)
            by_competency.setdefault(competency_pk, set()).add(item_pk)
            read = ItemParameters.from_dict(parameters)
            items.append(BankItem(item_pk, str(competency_pk), read, kind=kind, seconds=float(seconds)))
    return PublishedBank(stamp, entries, {pk: frozenset(found) for pk, found in by_competency.items()}, ItemBank(items))
