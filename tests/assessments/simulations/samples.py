"""A small whole simulation for tests, and ways to change one place of it."""

import copy
import json
from pathlib import Path
from typing import Any

import yaml

from assessments.simulations import Simulation, load_simulation

SMALL = (Path(__file__).parent / "small_visit.yaml").read_text(encoding="utf-8")
_DATA = yaml.safe_load(SMALL)


def small_data() -> dict[str, Any]:
    """The small simulation as plain data, fresh for each caller."""
    return copy.deepcopy(_DATA)


def changed(*changes: tuple[str, Any]) -> str:
    """The small simulation's text with values put at paths (`actions/finish/guard`, `evidence/0/id`)."""
    data = small_data()
    for path, value in changes:
        *parents, last = path.split("/")
        place: Any = data
        for part in parents:
            place = place[int(part) if isinstance(place, list) else part]
        place[int(last) if isinstance(place, list) else last] = value
    return json.dumps(data, ensure_ascii=False)


def small() -> Simulation:
    return load_simulation(SMALL)


def changed_simulation(*changes: tuple[str, Any]) -> Simulation:
    return load_simulation(changed(*changes))
