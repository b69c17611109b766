"""Competence as of one day under the structure of another, against brute force."""

import random
from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from competencies.api import PROVISIONAL_CUTS
from organisation.api import today, unit_tree
from reports.domain import lineage as lineage_module
from reports.domain.moments import moment_of
from reports.domain.snapshots import keep_snapshots, make_snapshot
from reports.domain.values import CellKey, CellValues
from reports.models import Snapshot
from tests.reports import oracle
from tests.reports.past import BEGIN, STEP, Past

pytestmark = pytest.mark.django_db


def differences(past: Past, day: date, structure_day: date) -> list[str]:
    """What of the cells of a pair of days is not what brute force says."""
    make_snapshot(day)
    tree, snapshot = unit_tree(structure_day), Snapshot.objects.filter(day=day).first()
    found = moment_of(snapshot).sums(structure_day, set(tree.nodes)) if snapshot else {}
    cells = {CellKey(unit, pk, None): values for unit, row in found.items() for pk, values in row.items()}
    wanted = past.cells(day, structure_day, PROVISIONAL_CUTS)
    wrong = [f"{key}: missing or too many" for key in cells.keys() ^ wanted.keys()]
    for key in cells.keys() & wanted.keys():
        # Each own cell is rounded once; a dozen units at most come together here.
        if oracle.flat(cells[key]) != pytest.approx(wanted[key], abs=15):
            wrong.append(f"{key}: {oracle.flat(cells[key])} is not {wanted[key]}")
    return wrong


def any_day(dice: random.Random, past: Past) -> date:
    return BEGIN + timedelta(days=dice.randint(-20, (past.day - BEGIN).days + 20))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(dice=st.randoms(use_true_random=False))
def test_every_cell_at_random_pairs_of_days_is_what_brute_force_says(dice):
    with transaction.atomic():
        past = Past(dice)
        for _ in range(5):
            day, structure_day = any_day(dice, past), any_day(dice, past)
            assert differences(past, day, structure_day) == []
        assert differences(past, BEGIN + STEP, today()) == []
        transaction.set_rollback(True)


@pytest.mark.parametrize("fault", ["usual", "persons"])
def test_the_comparison_sees_a_planted_fault(monkeypatch, fault):
    """The control: with the way of units, or of single persons, left out, some cell is wrong in some world."""
    whole = lineage_module.lineage

    def faulty(start, end):
        way = whole(start, end)
        for passage in way.passages:
            getattr(passage, fault).clear()
        return way

    monkeypatch.setattr("reports.domain.moments.lineage", faulty)
    seen = 0
    for seed in range(6):
        with transaction.atomic():
            past = Past(random.Random(seed))
            pairs = [(BEGIN + STEP, today()), (past.day, BEGIN + STEP)]
            seen += bool([each for pair in pairs for each in differences(past, *pair)])
            transaction.set_rollback(True)
    assert seen >= 3


def test_stored_sums_are_those_of_todays_structure_and_follow_it():
    past = Past(random.Random(3))
    days = [BEGIN + STEP, BEGIN + 3 * STEP]
    for day in days:
        make_snapshot(day)
    for _ in range(2):
        for snapshot in Snapshot.objects.all():
            stored = {
                (row.unit_id, row.competency_id): [row.required, row.assessed, row.sum_below, *row.level_counts]
                for row in snapshot.cells.filter(scope="subtree")
            }
            found = moment_of(snapshot).sums(today(), set(unit_tree().nodes))
            assert stored == {
                (unit, pk): [values.required, values.assessed, values.below, *values.levels]
                for unit, row in found.items()
                for pk, values in row.items()
            }
        past.day = today() - STEP - timedelta(days=1)
        for _ in range(4):
            past.day -= timedelta(days=29)
            past.reorganise()
        keep_snapshots()


def test_history_of_a_new_province_is_the_sum_of_its_parts():
    from organisation.reorganising.steps import Merge
    from tests.organisation.reorganising import applied, new

    past = Past(random.Random(1), months=2)
    day, structure_day = past.day, past.day + timedelta(days=90)
    make_snapshot(day)
    moment = moment_of(Snapshot.objects.get(day=day))
    parts = {node.code: node.pk for node in unit_tree(day).nodes.values() if node.kind == "province"}
    before = moment.sums(day, set(parts.values()))
    applied(Merge(tuple(parts), "NEW", new("NEW", "VN", kind="province")), day=structure_day)
    (made,) = (node.pk for node in unit_tree(structure_day).nodes.values() if node.kind == "province")
    history = moment.sums(structure_day, {made})[made]
    sums: dict[int, CellValues] = {}
    for row in before.values():
        for competency, values in row.items():
            sums[competency] = sums.get(competency, CellValues()) + values
    assert history == sums
    assert sum(values.assessed for values in history.values()) > 0
