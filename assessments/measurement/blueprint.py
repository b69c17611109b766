"""What a sitting must contain, whatever the answers: counts by competency, domain or kind, and time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .bank import ItemBank

Attribute = Literal["competency", "domain", "kind"]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Limit:
    """At least `minimum` and at most `maximum` items whose attribute has this value."""

    attribute: Attribute
    value: str
    minimum: int = 0
    maximum: int | None = None

    def __post_init__(self) -> None:
        if self.minimum < 0 or (self.maximum is not None and self.maximum < self.minimum):
            raise ValueError(f"{self.attribute} {self.value}: needs 0 <= minimum <= maximum")


@dataclass(frozen=True)
class Blueprint:
    """limits: by attribute. max_seconds: expected answering time of the whole sitting, None for no limit."""

    limits: tuple[Limit, ...] = ()
    max_seconds: float | None = None

    def check(self, bank: ItemBank, length: int) -> None:
        """ValueError naming the limit that the bank or a sitting of `length` items cannot meet."""
        for attribute in ("competency", "domain", "kind"):
            needed = sum(limit.minimum for limit in self.limits if limit.attribute == attribute)
            if needed > length:
                raise ValueError(f"the minimums by {attribute} need {needed} items, the sitting has {length}")
        scored = ~bank.closed
        for limit in self.limits:
            have = int((bank.labels[limit.attribute][scored] == limit.value).sum())
            if have < limit.minimum:
                raise ValueError(f"{limit.attribute} {limit.value}: {limit.minimum} items needed, the bank has {have}")

    def unmet(self, bank: ItemBank, given: Sequence[int]) -> list[tuple[Limit, int]]:
        """Limits whose minimum is not reached by the scored items in the slots `given`, and how many are missing."""
        missing = [(limit, limit.minimum - self._count(bank, given, limit)) for limit in self.limits]
        return [(limit, n) for limit, n in missing if n > 0]

    def barred(self, bank: ItemBank, given: Sequence[int]) -> Mask:
        """Slots that would break a maximum or the time, shape (slots,)."""
        barred = np.zeros(len(bank.items), dtype=bool)
        for limit in self.limits:
            if limit.maximum is not None and self._count(bank, given, limit) >= limit.maximum:
                barred |= bank.labels[limit.attribute] == limit.value
        if self.max_seconds is not None:
            barred |= bank.seconds > self.max_seconds - float(bank.seconds[list(given)].sum())
        return barred

    def needed(self, bank: ItemBank, given: Sequence[int], remaining: int) -> Mask | None:
        """Slots that serve an unmet minimum, when every one of the `remaining` items must; else None."""
        unmet = self.unmet(bank, given)
        by_attribute: dict[str, int] = {}
        for limit, missing in unmet:
            by_attribute[limit.attribute] = by_attribute.get(limit.attribute, 0) + missing
        pressing = {attribute for attribute, missing in by_attribute.items() if missing >= remaining}
        if not pressing:
            return None
        needed = np.ones(len(bank.items), dtype=bool)
        for attribute in pressing:
            values = [limit.value for limit, _ in unmet if limit.attribute == attribute]
            needed &= np.isin(bank.labels[attribute], values)
        return needed

    @staticmethod
    def _count(bank: ItemBank, given: Sequence[int], limit: Limit) -> int:
        return sum(
            1 for slot in given if bank.labels[limit.attribute][slot] == limit.value and not bank.item(slot).pretest
        )
