"""What clients were told about their answers, held against what the database has."""

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Verdict:
    """acknowledged_lost: answers acknowledged that are nowhere. duplicates: rows beyond one for each answer.

    false_acknowledgements: answers that were told another outcome than the one that stands, or two different ones.
    """

    acknowledged_lost: int
    duplicates: int
    false_acknowledgements: int

    @property
    def is_clean(self) -> bool:
        return self.acknowledged_lost == self.duplicates == self.false_acknowledgements == 0

    def __add__(self, other: "Verdict") -> "Verdict":
        return Verdict(
            self.acknowledged_lost + other.acknowledged_lost,
            self.duplicates + other.duplicates,
            self.false_acknowledgements + other.false_acknowledgements,
        )


@dataclass
class Ledger:
    """answer_of: the answer, as its person means it, by the key that it was sent under. told: outcomes by key."""

    answer_of: dict[str, str] = field(default_factory=dict)
    told: dict[str, set[str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note_sent(self, key: str, answer: str | None = None) -> None:
        """An answer is about to be sent; a key of its own is the answer's name unless it has another."""
        with self._lock:
            self.answer_of[key] = answer or key

    def note_told(self, key: str, status: str) -> None:
        """The client was told that the answer is saved with this status."""
        with self._lock:
            self.told.setdefault(key, set()).add(status)

    def judge(self, rows: Iterable[tuple[str, str]]) -> Verdict:
        """rows: key and status of every answer in the database."""
        found = list(rows)
        standing = dict(found)
        copies = Counter(self.answer_of[key] for key, _status in found)
        return Verdict(
            acknowledged_lost=sum(1 for key in self.told if key not in standing),
            duplicates=sum(count - 1 for count in copies.values()),
            false_acknowledgements=sum(
                1 for key, statuses in self.told.items() if key in standing and statuses != {standing[key]}
            ),
        )
