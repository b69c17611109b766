"""Publishing the figures of readers who may not see people, so that what moves between two readings tells of nobody.

A person's standing in a competency is published with a set: the own staff of a unit together with that of units below
it in which fewer people than the threshold are required. A set's figures are made anew when at least a threshold of
the people in it have a result that no publication has contained yet, and stand still otherwise; everything shown is a
sum of sets. Take any combination of figures, of whatever days: in the latest of the figures of sets in it, a threshold
of people have a result that stands in no earlier figure and in no other set, so it cannot cancel out. Hence nothing
that follows by linear algebra is about fewer people, whatever became of the units meanwhile.

A result is new when its latest evidence is later than all that was published of the unit's staff (PublishedUnit) and
than the person's last change of units (MovedPerson). Whoever only moves, leaves, is required something else or is
judged by another cut score shows with the set's next step. A set without results yet says how many are required alone.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
from django.db import connection, transaction
from django.db.models import F, Min, Q
from django.utils import timezone

from organisation.api import UnitTree, unit_tree
from organisation.models import UnitVersion
from reports.domain.as_of import snapshot_values
from reports.domain.basis import Basis, read_basis, read_distributions
from reports.domain.distribution import Floats, Integers
from reports.domain.folding import fold_changed_people
from reports.domain.lineage import NOWHERE, lineage
from reports.domain.own_cells import Placements, compute_own_cells
from reports.domain.queries.placements import placements_of_units
from reports.domain.suppression import THRESHOLD
from reports.domain.turns import wait_for_turn
from reports.domain.values import EMPTY, CellKey, CellValues
from reports.models import Cell, PublishedCell, PublishedUnit

_SETS_AT_A_TIME = 100
_NEVER = float("-inf")

Place = tuple[int, int]
"""Primary keys of a unit and a competency."""

# Only people whom the cells count in the unit of their post and nowhere else: for them alone a move is noted.
_COUNTED = """
    SELECT f.person_id, min(f.unit_id), max(m.seen)
    FROM reports_foldedperson f LEFT JOIN reports_movedperson m USING (person_id)
    WHERE f.person_id = ANY(%s) GROUP BY f.person_id HAVING count(*) = 1
"""
# A unit whose parent is not in force on the day is a root, as in the tree of units.
_SUM_SUBTREES = """
    WITH RECURSIVE tree AS (
        SELECT v.unit_id, p.unit_id AS parent_id
        FROM organisation_unitversion v
        LEFT JOIN organisation_unitversion p ON p.unit_id = v.parent_id AND p.valid @> %(day)s::date
        WHERE v.valid @> %(day)s::date
    ), above (unit_id, ancestor_id) AS (
        SELECT DISTINCT unit_id, unit_id FROM reports_publishedcell WHERE scope = 'own'
        UNION
        SELECT above.unit_id, tree.parent_id FROM above JOIN tree ON tree.unit_id = above.ancestor_id
        WHERE tree.parent_id IS NOT NULL
    )
    INSERT INTO reports_publishedcell (unit_id, scope, competency_id, required, assessed, sum_below, sum_spread,
                                       sum_unit_variance, sum_shortfall, level_counts, stepped_at)
    SELECT above.ancestor_id, 'subtree', c.competency_id, sum(c.required), sum(c.assessed), sum(c.sum_below),
           sum(c.sum_spread), sum(c.sum_unit_variance), sum(c.sum_shortfall),
           ARRAY[sum(c.level_counts[1]), sum(c.level_counts[2]), sum(c.level_counts[3]), sum(c.level_counts[4]),
                 sum(c.level_counts[5]), sum(c.level_counts[6]), sum(c.level_counts[7]), sum(c.level_counts[8])]
               ::bigint[], max(c.stepped_at)
    FROM reports_publishedcell c JOIN above USING (unit_id)
    WHERE c.scope = 'own'
    GROUP BY above.ancestor_id, c.competency_id
"""


def publish_figures() -> int:
    """Publish what may be, and return how many sets' figures of one competency moved by a step.

    Safe to run at any time, as often as one likes. Readers see the last publication until this one is complete.
    """
    fold_changed_people()
    with transaction.atomic():
        wait_for_turn()
        return _publish(read_basis(), timezone.now())


def choose_homes(
    tree: UnitTree, required: Mapping[Place, int], published: Mapping[Place, int], threshold: int = THRESHOLD
) -> dict[Place, int]:
    """Return the unit with whose set each unit's own staff is published, by unit and competency.

    required: people of the own staff. published: the home that a unit was published with before; it stays while that
    is the unit itself or above it. Staff that no unit above is large enough for has no home.
    """
    homes = {
        at: home
        for at, home in published.items()
        if at in required and at[0] in tree.nodes and home in {at[0], *(node.pk for node in tree.ancestors(at[0]))}
    }
    taken = {(home, competency) for (_unit, competency), home in homes.items()}
    pools: dict[Place, list[int]] = defaultdict(list)
    competencies = sorted({competency for _unit, competency in required})
    for unit in [pk for root in tree.roots() for pk in tree.subtree(root.pk)][::-1]:  # those below come first
        for competency in competencies:
            at = (unit, competency)
            pool = pools.pop(at, []) + ([unit] if at in required and at not in homes else [])
            if at in taken or sum(required[each, competency] for each in pool) >= threshold:
                homes |= {(each, competency): unit for each in pool}
            elif pool and (parent := tree.nodes[unit].parent_pk):
                pools[parent, competency] += pool
    return homes


def units_counted_apart(staff: Mapping[str, int], day: date) -> set[str]:
    """Return the codes of the units whose people may be counted for a reader of published figures.

    staff: people by the code of their unit on the day. Too small a unit is not counted, and neither is one that is
    published together with others: that says how many they are in all, so the large one would tell of the small ones.
    """
    tree = unit_tree(day)
    codes = {node.pk: node.code for node in tree.nodes.values() if staff.get(node.code)}
    homes = choose_homes(tree, {(pk, 0): staff[code] for pk, code in codes.items()}, {})
    pairs = {(unit, home) for (unit, _all), home in homes.items()}
    published = PublishedUnit.objects.exclude(unit=F("home")).values_list("unit", "home").distinct()
    # As in `choose_homes`: of what stands below its home no more nothing is published there.
    above = {unit: {node.pk for node in tree.ancestors(unit)} for unit, _home in published if unit in tree.nodes}
    pairs |= {(unit, home) for unit, home in published if home in above.get(unit, ())}
    joined = {codes.get(pk) for pair in pairs if len({*pair}) > 1 for pk in pair}
    return {code for code in codes.values() if staff[code] >= THRESHOLD} - joined


def _publish(basis: Basis, now: datetime) -> int:
    tree, own = unit_tree(basis.day), Cell.objects.filter(scope=Cell.Scope.OWN, position_group=None)
    # Sums are made anew, and so are sets without results.
    PublishedCell.objects.filter(Q(scope="subtree") | Q(assessed=0)).delete()
    _follow_reorganisations(tree, basis)
    known = {(row.unit_id, row.competency_id): row for row in PublishedUnit.objects.all()}
    homes = choose_homes(
        tree,
        {(unit, competency): count for unit, competency, count in own.values_list("unit", "competency", "required")},
        {at: row.home_id for at, row in known.items()},
    )
    sets: dict[Place, set[int]] = defaultdict(set)
    for (unit, competency), home in homes.items():
        sets[home, competency].add(unit)
    stand = {(row.unit_id, row.competency_id): row.pk for row in PublishedCell.objects.all()}
    held = {place: pk for place, pk in stand.items() if place in sets}
    PublishedCell.objects.filter(pk__in=[pk for place, pk in stand.items() if place not in sets]).delete()
    order, distributions, steps = sorted({home for home, _competency in sets}), read_distributions(), 0
    seen = {at: row.seen for at, row in known.items()}
    for start in range(0, len(order), _SETS_AT_A_TIME):
        chosen = {*order[start : start + _SETS_AT_A_TIME]}
        here = {place: units for place, units in sets.items() if place[0] in chosen}
        rows, since = _read_sets(set().union(*here.values()), basis.day, homes, seen)
        cells = compute_own_cells(rows, distributions, basis.cuts)
        made, newest = _publish_sets(here, rows, since, cells, held)
        _store(made, newest, homes, held, now)
        steps += sum(values.assessed > 0 for values in made.values())
    with connection.cursor() as cursor:
        cursor.execute(_SUM_SUBTREES, {"day": basis.day})
    return steps


def _follow_reorganisations(tree: UnitTree, basis: Basis) -> None:
    """Let the figures of units that are no more stand where their main successors do, as they are."""
    gone = list(PublishedCell.objects.exclude(unit__in=tree.nodes))
    if not gone:
        return
    versions = UnitVersion.objects.filter(unit__in={row.unit_id for row in gone})
    first_end: date = versions.aggregate(first=Min("valid__endswith"))["first"] or basis.day
    way = lineage(min(first_end, basis.day) - timedelta(days=1), basis.day)
    moved: dict[Place, CellValues] = defaultdict(lambda: EMPTY)
    moments: dict[Place, datetime | None] = {}
    heirs = {row.unit_id: way.unit_of(row.unit_id) for row in gone}
    there = PublishedCell.objects.filter(unit__in={*heirs.values()} & tree.nodes.keys())
    for row in [*gone, *there]:
        at = (heirs.get(row.unit_id, row.unit_id), row.competency_id)
        if at[0] in tree.nodes:
            moved[at] += snapshot_values(row)
            moments[at] = max(filter(None, (row.stepped_at, moments.get(at))), default=None)
    PublishedCell.objects.filter(pk__in=[row.pk for row in [*gone, *there]]).delete()
    PublishedCell.objects.bulk_create([_cell(at, values, moments[at]) for at, values in moved.items()], batch_size=2000)


def _read_sets(
    units: Collection[int], day: date, homes: Mapping[Place, int], seen: Mapping[Place, float]
) -> tuple[Placements, Floats]:
    """Return the rows of the units, counted into their homes, and up to which moment a result of each is no new one."""
    rows = placements_of_units(units, day, moments=True)
    people, at_person = np.unique(rows.person, return_inverse=True)
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, [people.tolist()])
        counted = {person: (unit, _NEVER if moved is None else moved) for person, unit, moved in cursor.fetchall()}
    stands = [counted.get(person, (NOWHERE, _NEVER)) for person in people.tolist()]
    places, at_place = _places(rows.unit, rows.competency)
    into = np.array([homes.get(place, NOWHERE) for place in places], dtype=np.int64)[at_place]
    since = np.maximum(
        np.array([seen.get(place, _NEVER) for place in places], dtype=np.float64)[at_place],
        np.array([moved for _unit, moved in stands], dtype=np.float64)[at_person],
    )
    kept = np.array([unit for unit, _moved in stands], dtype=np.int64)[at_person] == rows.unit
    return replace(rows, into=into).select(kept), since[kept]


def _places(unit: Integers, competency: Integers) -> tuple[list[Place], Integers]:
    """Return the pairs that there are, and which of them each row is."""
    most = int(competency.max(initial=0)) + 1
    codes, at = np.unique(unit * most + competency, return_inverse=True)
    return [divmod(code, most) for code in codes.tolist()], at


def _publish_sets(
    sets: Mapping[Place, Collection[int]],
    rows: Placements,
    since: Floats,
    cells: Mapping[CellKey, CellValues],
    held: Collection[Place],
) -> tuple[dict[Place, CellValues], dict[Place, float]]:
    """Return the figures that stand from now on, and up to which moment they hold each unit's results.

    sets: the units of each, of those to be decided. rows: of all their people, with others'. since: shape (n,). held:
    sets that have figures with results already.
    """
    assert rows.into is not None and rows.at is not None
    places, at_set = _places(rows.into, rows.competency)
    fresh = np.bincount(at_set, rows.at > since, len(places))
    newest = np.full(len(places), _NEVER)
    np.fmax.at(newest, at_set, rows.at)
    made: dict[Place, CellValues] = {}
    seen: dict[Place, float] = {}
    for place, new, latest in zip(places, fresh.tolist(), newest.tolist(), strict=True):
        if place not in sets:
            continue
        home, competency = place
        values = cells[CellKey(home, competency, None)]
        if min(new, values.assessed) >= THRESHOLD:
            made[place] = values
            seen |= {(unit, competency): latest for unit in sets[place]}
        elif place not in held and values.required >= THRESHOLD:
            made[place] = CellValues(required=values.required)
    return made, seen


def _store(
    made: Mapping[Place, CellValues],
    seen: Mapping[Place, float],
    homes: Mapping[Place, int],
    held: Mapping[Place, int],
    now: datetime,
) -> None:
    PublishedCell.objects.filter(pk__in=[held[place] for place in made if place in held]).delete()
    PublishedCell.objects.bulk_create(
        [_cell(at, values, now if values.assessed else None) for at, values in made.items()], batch_size=2000
    )
    PublishedUnit.objects.bulk_create(
        [
            PublishedUnit(unit_id=at[0], competency_id=at[1], home_id=homes[at], seen=latest)
            for at, latest in seen.items()
        ],
        batch_size=2000,
        update_conflicts=True,
        unique_fields=["unit", "competency"],
        update_fields=["home", "seen"],
    )


def _cell(at: Place, values: CellValues, moment: datetime | None) -> PublishedCell:
    return PublishedCell(
        unit_id=at[0],
        scope="own",
        competency_id=at[1],
        required=values.required,
        assessed=values.assessed,
        sum_below=values.below,
        sum_spread=values.spread,
        sum_unit_variance=values.unit_variance,
        sum_shortfall=values.shortfall,
        level_counts=list(values.levels),
        stepped_at=moment,
    )
