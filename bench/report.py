"""Bench results as a JSON file and a table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass
class Record:
    """One figure. peers: the same figure of other libraries, None where one cannot do it. ratio: best peer / value."""

    name: str
    value: float
    unit: str
    peers: dict[str, float | None] = field(default_factory=dict)
    ratio: float | None = None
    versions: dict[str, str] = field(default_factory=dict)

    def with_ratio(self) -> Record:
        """The record with the ratio of the best peer's figure to ours, where less is better."""
        known = [value for value in self.peers.values() if value is not None]
        self.ratio = min(known) / self.value if known and self.value else None
        return self


def write(records: Sequence[Record], path: Path) -> None:
    """Write the JSON and print the table."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(record) for record in records], indent=1) + "\n")
    rows = [("figure", "ours", "unit", "ratio", "peers")]
    for record in records:
        peers = ", ".join(f"{k} {'-' if v is None else f'{v:.4g}'}" for k, v in record.peers.items())
        ratio = "" if record.ratio is None else f"{record.ratio:.1f}"
        rows.append((record.name, f"{record.value:.4g}", record.unit, ratio, peers))
    widths = [max(len(row[k]) for row in rows) for k in range(4)]
    for row in rows:
        print("  ".join([*(cell.ljust(width) for cell, width in zip(row[:4], widths, strict=True)), row[4]]))
    print(f"written to {path}")
