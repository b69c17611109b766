"""The bank of published questions that a machine scores, compiled for selection and kept in the process.

Questions of an exam whose right answers are secret as yet are left out: a quiz shows its own.
"""

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, LiteralString

from django.db import connection

from assessments.domain.queries.secret import GUARDED_FORMS, GUARDED_ITEMS
from assessments.items.registry import MARKED_TYPES
from assessments.measurement import BankItem, ItemBank, ItemParameters
from assessments.models import BankState
from organisation.api import fetch_prepared

RECHECK_SECONDS = 2.0
"""How long a process may go on with a bank that another process has changed meanwhile."""

Stamp = tuple[Any, ...]

# The place and transaction of each secret form's row change with the form; time or the last sitting take it away.
_STAMP: LiteralString = f"""
    SELECT (SELECT max(id) FROM assessments_itemparameterset), (SELECT max(id) FROM assessments_itemversion),
           (SELECT count(*) FROM assessments_itemversion WHERE status = 'published'),
           (SELECT max(rules_changed_at) FROM assessments_item),
           (SELECT string_agg(concat_ws(' ', f.id, f.xmin, f.ctid), ';' ORDER BY f.id) FROM ({GUARDED_FORMS}) f)
"""  # noqa: S608 - constant text
_ITEMS = f"""
    SELECT i.id, v.id, i.competency_id, d.code, i.kind, v.seconds, p.parameters, i.pretest, i.testlet,
           ARRAY(SELECT e.to_item_id FROM assessments_item_enemies e WHERE e.from_item_id = i.id ORDER BY 1)
    FROM assessments_itemversion v
    JOIN assessments_item i ON i.id = v.item_id
    JOIN competencies_competency c ON c.id = i.competency_id
    JOIN competencies_domain d ON d.id = c.domain_id
    JOIN LATERAL (SELECT s.parameters FROM assessments_itemparameterset s
                  WHERE s.version_id = v.id AND s.competency_id = i.competency_id ORDER BY s.id DESC LIMIT 1) p ON true
    WHERE v.status = 'published' AND i.kind <> ALL(%s) AND i.id NOT IN ({GUARDED_ITEMS})
    ORDER BY i.id
"""  # noqa: S608 - constant text
NOT_ADAPTIVE = ["simulation", *MARKED_TYPES]
"""What an adaptive quiz cannot give: the next question needs the score of the last, and people mark these later."""


STATE_FIELDS = (
    "item",
    "version",
    "competency",
    "domain",
    "kind",
    "seconds",
    "parameters",
    "pretest",
    "testlet",
    "enemies",
)
"""What a row of the bank, and of `BankState.items`, holds; all keys are primary keys."""
_KEEP_STATE = """
    INSERT INTO assessments_bankstate (digest, items, created_at) VALUES (%s, %s::jsonb, now()) ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class BankEntry:
    """A published version and the parameters in force. pretest: it is given to be calibrated and not scored."""

    version_pk: int
    competency_pk: int
    parameters: dict[str, Any]
    pretest: bool = False


@dataclass(frozen=True, slots=True)
class PublishedBank:
    """entries: by the item's primary key, which is also the item's id in `items`; competencies are named by key.

    by_competency: the scored items of each. digest: of all that selection reads, the key of its `BankState`.
    """

    stamp: Stamp
    entries: dict[int, BankEntry]
    by_competency: dict[int, frozenset[int]]
    items: ItemBank
    digest: str = ""
    rows: str = "[]"


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
    with _lock:
        stamp = fetch_prepared(_STAMP, {})
        bank = held[1] if held is not None and held[1].stamp == stamp else _read(stamp)
        _held = (time.monotonic(), bank)
    return bank


def keep_state(bank: PublishedBank) -> None:
    """Keep the bank as it is, so that choices from it can be made again. One query, two the first time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM assessments_bankstate WHERE digest = %s", [bank.digest])
        if cursor.fetchone() is None:
            cursor.execute(_KEEP_STATE, [bank.digest, bank.rows])


def bank_of_state(digest: str) -> PublishedBank:
    """Return the bank as it was. BankState.DoesNotExist when it was not kept."""
    return compile_bank(BankState.objects.get(digest=digest).items, ())


def compile_bank(rows: Sequence[Sequence[Any]], stamp: Stamp) -> PublishedBank:
    """Return the bank of these rows, each in the order of STATE_FIELDS."""
    entries: dict[int, BankEntry] = {}
    items = []
    by_competency: dict[int, set[int]] = {}
    held = {row[0] for row in rows}
    for item, version, competency, domain, kind, seconds, parameters, pretest, testlet, enemies in rows:
        entries[item] = BankEntry(version, competency, parameters, pretest)
        if not pretest:
            by_competency.setdefault(competency, set()).add(item)
        items.append(
            BankItem(
                item,
                str(competency),
                ItemParameters.from_dict(parameters, str(version)),
                domain=domain,
                kind=kind,
                seconds=float(seconds),
                enemies=frozenset(enemies) & held,
                testlet=testlet or None,
                pretest=pretest,
            )
        )
    text = json.dumps(rows, sort_keys=True)
    return PublishedBank(
        stamp=stamp,
        entries=entries,
        by_competency={pk: frozenset(found) for pk, found in by_competency.items()},
        items=ItemBank(items),
        digest=hashlib.sha256(text.encode()).hexdigest(),
        rows=text,
    )


def _read(stamp: Stamp) -> PublishedBank:
    with connection.cursor() as cursor:
        cursor.execute(_ITEMS, [NOT_ADAPTIVE])
        rows = [[*row[:6], json.loads(row[6]), *row[7:]] for row in cursor.fetchall()]
    return compile_bank(rows, stamp)
