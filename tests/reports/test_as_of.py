"""Competence as of one day under the structure of another, against brute force."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from competencies.api import cuts_at
from organisation.api import today, unit_tree
from organisation.models import Unit
from organisation.reorganising.steps import Merge, Move, Split
from reports.api import rebuild_cells
from reports.domain import distribution
from reports.domain import lineage as lineage_module
from reports.domain.as_of import AsOf, past_cells, stored_sums
from reports.domain.basis import read_distributions
from reports.domain.moments import moment_of
from reports.domain.queries import placements
from reports.domain.queries.cells import part_keys
from reports.domain.queries.structure import surroundings
from reports.domain.snapshots import keep_snapshots, make_snapshot
from reports.domain.values import CellKey, CellValues
from reports.models import Snapshot
from tests.factories.organisation import UnitFactory
from tests.factories.reports import make_competencies, make_position, noon, revise
from tests.factories.reports import place as place_people
from tests.organisation.reorganising import applied, new
from tests.reports import oracle
from tests.reports.past import BEGIN, STEP, Past

pytestmark = pytest.mark.django_db


Found = dict[tuple[CellKey, bool], CellValues]


def compare(found: Found, wanted: dict[tuple[CellKey, bool], list[float]]) -> list[str]:
    wrong = [f"{key}: missing or too many" for key in found.keys() ^ wanted.keys()]
    for key in found.keys() & wanted.keys():
        # Each own cell is rounded once; a dozen units at most come together here.
        if oracle.flat(found[key]) != pytest.approx(wanted[key], abs=15):
            wrong.append(f"{key}: {oracle.flat(found[key])} is not {wanted[key]}")
    return wrong


def differences(past: Past, day: date, structure_day: date) -> list[str]:
    """What of the cells of a pair of days, or of those on the pages, is not what brute force says."""
    snapshot, priors = None, read_distributions()
    if day < today():
        make_snapshot(day)
        snapshot = Snapshot.objects.filter(day=day).first()
        priors = dict(moment_of(snapshot).distributions) if snapshot else {}
        if not snapshot:
            return compare({}, past.cells(day, structure_day, priors))
    tree = unit_tree(structure_day)
    rows = moment_of(snapshot).sums(structure_day, set(tree.nodes))
    cells = {(CellKey(unit, pk, None), own): values for (unit, own), row in rows.items() for pk, values in row.items()}
    wrong = compare(cells, past.cells(day, structure_day, priors))
    for unit in past.dice.sample(sorted(tree.nodes), min(2, len(tree.nodes))):
        around = surroundings(unit, structure_day)
        page, _counts = past_cells(around, AsOf(day, structure_day, snapshot))
        shown = [(unit, False), *part_keys(around)]
        held = {
            (key, pk): sums
            for key, row in zip(shown, page.sums, strict=True)
            for pk, sums in zip(page.competencies, row.tolist(), strict=True)
            if sums[0]
        }
        wanted = {(key, pk): [*values.sums] for key in shown for pk, values in rows.get(key, {}).items()}
        wrong += [f"page of {unit}: {key}" for key in held.keys() | wanted.keys() if held.get(key) != wanted.get(key)]
    return wrong


def any_day(dice: random.Random, past: Past) -> date:
    return BEGIN + timedelta(days=dice.randint(-20, (past.day - BEGIN).days + 20))


@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking a world takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(dice=st.randoms(use_true_random=False))
def test_every_cell_at_random_pairs_of_days_is_what_brute_force_says(monkeypatch, dice):
    monkeypatch.setattr(distribution, "MIN_PEOPLE", dice.choice([5, 30]))  # of some worlds distributions are learned
    with transaction.atomic():
        past = Past(dice)
        for _ in range(5):
            day, structure_day = any_day(dice, past), any_day(dice, past)
            assert differences(past, day, structure_day) == []
        assert differences(past, BEGIN + STEP, today()) == []
        rebuild_cells()
        assert differences(past, today(), today()) == []
        assert differences(past, today(), any_day(dice, past)) == []
        transaction.set_rollback(True)


@settings(
    max_examples=15,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(dice=st.randoms(use_true_random=False))
def test_every_cell_of_today_by_group_is_what_brute_force_says(monkeypatch, dice):
    monkeypatch.setattr(distribution, "MIN_PEOPLE", dice.choice([5, 30]))
    with transaction.atomic():
        past = Past(dice)
        rebuild_cells()
        inner = {node.parent_pk for node in unit_tree().nodes.values()}
        cells = {(key, False): values for key, values in oracle.stored("subtree").items()}
        cells |= {(key, True): values for key, values in oracle.stored("own").items() if key.unit in inner}
        assert compare(cells, past.cells(today(), today(), read_distributions(), by_group=True)) == []
        transaction.set_rollback(True)


def _lose_way(name: str) -> Callable[..., object]:
    def faulty(start: date, end: date) -> object:
        way = lineage_module.lineage(start, end)
        for passage in way.passages:
            getattr(passage, name).clear()
        return way

    return faulty


FAULTS = {
    "the way of units": ("reports.domain.moments.lineage", _lose_way("usual")),
    "the way of single persons": ("reports.domain.moments.lineage", _lose_way("persons")),
    "what parts of a unit share": ("reports.domain.moments._meeting", lambda *_: []),
    "other cut scores": ("reports.domain.snapshots.cuts_at", lambda _: cuts_at(noon(BEGIN - STEP))),
    "who is counted": ("reports.domain.queries.placements._POSTED", "po.valid @> %(day)s::date"),
    "what is required of one person": (
        "reports.domain.queries.placements._OVERRIDDEN",
        placements._OVERRIDDEN.replace("WHERE", "WHERE ov.level > 8 AND"),
    ),
    "what is required from then on": (
        "reports.domain.queries.placements._REQUIRED",
        placements._REQUIRED.replace("@> %(day)s::date", "@> '2023-12-01'::date OR %(day)s::date IS NULL"),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_comparison_sees_a_planted_fault(monkeypatch, fault):
    """The control: with one of these left out, some cell is wrong in some world."""
    monkeypatch.setattr(*FAULTS[fault])
    for seed in range(40):
        with transaction.atomic():
            past = Past(random.Random(seed))
            pairs = [(BEGIN + STEP, today()), (past.day, BEGIN + STEP), (past.day, today())]
            is_seen = any(differences(past, *pair) for pair in pairs)
            transaction.set_rollback(True)
        if is_seen:
            return
    pytest.fail(f"nobody missed {fault}")


def test_stored_sums_are_those_of_todays_structure_and_follow_it():
    past = Past(random.Random(3))
    days = [BEGIN + STEP, BEGIN + 3 * STEP]
    for day in days:
        make_snapshot(day)
    for turn in range(2):
        for snapshot in Snapshot.objects.all():
            units = set(unit_tree().nodes)
            assert stored_sums(snapshot, units) == moment_of(snapshot).sums(today(), units)
        if turn:
            break
        past.day = today() - STEP - timedelta(days=1)
        for _ in range(4):
            past.day -= timedelta(days=29)
            past.reorganise()
        keep_snapshots()


def test_history_of_a_new_province_is_the_sum_of_its_parts():
    past = Past(random.Random(1), months=2)
    day, structure_day = past.day, past.day + timedelta(days=90)
    make_snapshot(day)
    moment = moment_of(Snapshot.objects.get(day=day))
    parts = {node.code: node.pk for node in unit_tree(day).nodes.values() if node.kind == "province"}
    before = [row for (_unit, is_own), row in moment.sums(day, set(parts.values())).items() if not is_own]
    applied(Merge(tuple(parts), "NEW", new("NEW", "VN", kind="province")), day=structure_day)
    (made,) = (node.pk for node in unit_tree(structure_day).nodes.values() if node.kind == "province")
    history = moment.sums(structure_day, {made})[made, False]
    sums: dict[int, CellValues] = {}
    for row in before:
        for competency, values in row.items():
            sums[competency] = sums.get(competency, CellValues()) + values
    assert history == sums
    assert sum(values.assessed for values in history.values()) > 0


def test_parts_of_a_commune_share_its_variance_where_they_meet():
    """Together in a province they are the whole commune; apart, each province has what its own parts have."""
    nation = UnitFactory(code="VN", kind="nation")
    for code in ("P1", "P2"):
        UnitFactory(code=code, kind="province", parent=nation)
    (competency,) = make_competencies(1)
    commune = UnitFactory(code="C", parent=Unit.objects.get(code="P1"))
    for place, person in enumerate(place_people(commune, make_position({competency: 4}), 9)):
        revise(person, competency, place / 3 - 1.0, noon(BEGIN))
    make_snapshot(BEGIN)
    moment = moment_of(Snapshot.objects.get())
    split, moved = BEGIN + STEP, BEGIN + 2 * STEP
    parts = ("C1", "C2", "C3")
    applied(Split("C", parts, "C1", tuple(new(code, "P1") for code in parts), "evenly"), day=split)
    applied(Move("C3", "P2"), day=moved)
    keys = dict(Unit.objects.values_list("code", "pk"))

    def values(day: date) -> dict[str, CellValues]:
        sums = moment.sums(day, {*keys.values()})
        return {code: sums[pk, False][competency.pk] for code, pk in keys.items() if (pk, False) in sums}

    before, together, apart = values(BEGIN), values(split), values(moved)
    assert before["C"] == before["P1"] == together["P1"] == together["VN"] == apart["VN"]
    joined = sum((together[code] for code in parts), CellValues())
    assert replace(joined, unit_variance=before["C"].unit_variance) == before["C"]
    assert joined.unit_variance < 0.4 * before["C"].unit_variance  # of three equal parts: a third
    assert [apart[code] for code in parts] == [together[code] for code in parts]
    assert apart["P2"] == apart["C3"]
    roots = [apart[code].unit_variance ** 0.5 for code in ("VN", "P1", "P2")]
    assert roots[0] == pytest.approx(roots[1] + roots[2], abs=1)
