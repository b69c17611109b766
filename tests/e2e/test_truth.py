"""The demo's people have hidden true abilities; HR's figures are held against them."""

from collections import defaultdict
from typing import Any

import numpy as np

from assessments.measurement import PROVISIONAL_CUTS
from lms.demo.province import person_rows, read_content, seats, unit_rows
from lms.demo.truth import Seat, true_ability
from tests.e2e.stack import Stack, connect

ASSESSED = """
    SELECT p.employee_code, c.code, r.level
    FROM competencies_estimate e
    JOIN organisation_person p ON p.id = e.person_id
    JOIN competencies_competency c ON c.id = e.competency_id
    JOIN organisation_posting o ON o.person_id = p.id AND o.kind = 'primary' AND o.valid @> current_date
    JOIN competencies_roleprofile f ON f.position_id = o.position_id AND f.valid @> current_date
    JOIN competencies_requirement r ON r.role_profile_id = f.id AND r.competency_id = c.id
    WHERE e.evidence_count >= 3
"""


def seat_by_code() -> dict[str, Seat]:
    content = read_content()
    units = unit_rows(content)
    people = person_rows(content, units)
    with connect() as database:
        groups = dict(
            database.execute(
                "SELECT p.code, g.code FROM organisation_position p"
                " JOIN organisation_positiongroup g ON g.id = p.group_id"
            ).fetchall()
        )
    return {seat.employee_code: seat for seat in seats(people, units, groups)}


def true_shares(shift: float = 0.0) -> dict[tuple[str, str], float]:
    """Return, by unit and competency, the true share below requirement among the assessed people of the subtree."""
    places = seat_by_code()
    below: dict[tuple[str, str], list[bool]] = defaultdict(list)
    with connect() as database:
        rows = database.execute(ASSESSED).fetchall()
    for employee_code, competency, level in rows:
        seat = places[employee_code]
        cut = PROVISIONAL_CUTS[level - 2] if level > 1 else -np.inf
        is_below = true_ability(seat, competency) + shift < cut
        for unit in {"AB", seat.top_unit_code, seat.unit_code}:
            below[unit, competency].append(bool(is_below))
    return {cell: float(np.mean(values)) for cell, values in below.items()}


def intervals(stack: Stack) -> dict[tuple[str, str], tuple[float, float]]:
    """Return the interval of every unsuppressed cell with at least one person assessed."""
    found: dict[tuple[str, str], tuple[float, float]] = {}

    def collect(unit: str, cells: list[dict[str, Any]]) -> None:
        for cell in cells:
            if not cell["suppressed"] and cell["assessed"]:
                found[unit, cell["code"]] = (cell["below"]["low"], cell["below"]["high"])

    queue = ["AB"]
    for unit in queue:
        report = stack.get_json(f"/api/v1/reports/gaps/?unit={unit}", "hr")
        collect(unit, report["competencies"])
        queue += [child["unit"]["code"] for child in report["children"]]
    return found


def coverage(found: dict[tuple[str, str], tuple[float, float]], truth: dict[tuple[str, str], float]) -> float:
    hits = [low - 1e-9 <= truth[cell] <= high + 1e-9 for cell, (low, high) in found.items()]
    return float(np.mean(hits))


def test_intervals_cover_the_truth(stack: Stack) -> None:
    found, truth = intervals(stack), true_shares()
    share = coverage(found, truth)
    print(f"{share:.3f} of {len(found)} unsuppressed cells cover the true share below requirement")
    assert len(found) > 200
    assert share >= 0.90
    # The control: against people who are all one level worse, the same intervals must fail.
    assert coverage(found, true_shares(shift=-0.75)) < 0.6


def test_intervals_say_something(stack: Stack) -> None:
    widths = [high - low for low, high in intervals(stack).values()]
    assert float(np.median(widths)) < 0.45
