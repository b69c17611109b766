"""Cells by brute force: one person at a time, in plain Python, straight from the definitions."""

import math
from collections import defaultdict
from dataclasses import dataclass

from assessments.measurement import MIN_EVIDENCE
from competencies.api import current_standard, cuts_of, requirements_of
from competencies.models import Estimate
from organisation.api import today, unit_tree
from organisation.models import Posting
from reports.domain.basis import read_distributions
from reports.domain.distribution import REFERENCE, Distribution
from reports.domain.values import MILLION, CellKey, CellValues
from reports.models import CellBlock


@dataclass
class Member:
    unit: int
    competency: int
    group: int
    level: int
    estimate: Estimate | None
    person: int = 0


def below(mean: float, sd: float, cut: float) -> float:
    return 0.5 * (1.0 + math.erf((cut - mean) / sd / math.sqrt(2.0)))


def members() -> list[Member]:
    found = []
    postings = Posting.objects.filter(kind="primary", valid__contains=today()).select_related("person", "position")
    for posting in postings:
        known = {row.competency_id: row for row in Estimate.objects.filter(person=posting.person)}
        for each in requirements_of(posting.person, today()):
            estimate = known.get(each.competency.pk)
            if estimate is not None and estimate.evidence_count < MIN_EVIDENCE:
                estimate = None
            group, level = posting.position.group_id, each.level
            found.append(Member(posting.unit_id, each.competency.pk, group, level, estimate, posting.person_id))
    return found


def unit_posterior(people: list[Member], prior: Distribution) -> tuple[float, float]:
    """Mean and variance of the unit's mean, by adding up precisions person by person."""
    precision = 1 / prior.between_sd**2
    total = prior.mu0 * precision
    for person in people:
        assert person.estimate is not None
        lam = max(1 / person.estimate.se**2 - 1, 0.0)
        if lam == 0:
            continue
        y = person.estimate.mean / person.estimate.se**2 / lam
        weight = 1 / (prior.within_sd**2 + 1 / lam)
        precision += weight
        total += weight * (y - prior.group_effects.get(person.group, 0.0))
    return total / precision, 1 / precision


def cell(people: list[Member], everybody: list[Member], prior: Distribution, cuts: tuple[float, ...]) -> list[float]:
    """The sums of a cell of `people` in a unit of `everybody` (assessed and not)."""
    mu, variance = unit_posterior([each for each in everybody if each.estimate], prior)
    sum_p = spread = slope_sum = shortfall = 0.0
    levels = [0.0] * 8
    for person in people:
        if person.estimate is None:
            continue
        lam = max(1 / person.estimate.se**2 - 1, 0.0)
        prior_precision = 1 / prior.within_sd**2
        weight = prior_precision / (lam + prior_precision)
        own = person.estimate.mean / person.estimate.se**2 if lam else 0.0
        mean = own / (lam + prior_precision) + weight * (mu + prior.group_effects.get(person.group, 0.0))
        sd = math.sqrt(1 / (lam + prior_precision) + weight**2 * variance)
        edges = [0.0, *(below(mean, sd, cut) for cut in cuts), 1.0]
        p = edges[person.level - 1]
        slope = 0.0
        if person.level > 1:
            z = (cuts[person.level - 2] - mean) / sd
            slope = -math.exp(-0.5 * z * z) / math.sqrt(2 * math.pi) / sd * weight
        sum_p += p
        slope_sum += slope
        spread += max(p * (1 - p) - slope**2 * variance, 0.0)
        shortfall += sum(edges[k] for k in range(1, person.level))
        levels = [held + edges[k + 1] - edges[k] for k, held in enumerate(levels)]
    assessed = sum(each.estimate is not None for each in people)
    return [len(people), assessed, sum_p, spread, slope_sum**2 * variance, shortfall, *levels]


def own_cells() -> dict[CellKey, list[float]]:
    """Every own cell: required and assessed as people, the rest in millionths, not rounded."""
    by_unit: dict[tuple[int, int], list[Member]] = defaultdict(list)
    for member in members():
        by_unit[member.unit, member.competency].append(member)
    cuts, distributions = cuts_of(current_standard()), read_distributions()
    cells = {}
    for (unit, competency), everybody in by_unit.items():
        prior = distributions.get(competency, REFERENCE)
        for group in {None, *(each.group for each in everybody)}:
            people = [each for each in everybody if group in (None, each.group)]
            values = cell(people, everybody, prior, cuts[competency])
            cells[CellKey(unit, competency, group)] = [*values[:2], *(value * MILLION for value in values[2:])]
    return cells


def own_neighbours() -> dict[CellKey, set[tuple[int, int, int]]]:
    """For every own cell of a group: (other group, required, assessed) people beside the other group's."""
    found: dict[CellKey, set[tuple[int, int, int]]] = defaultdict(set)
    everybody = members()
    for one in everybody:
        key = CellKey(one.unit, one.competency, one.group)
        same = [each for each in everybody if (each.unit, each.competency) == (one.unit, one.competency)]
        mine = [each for each in same if each.group == one.group]
        for other in {each.group for each in same} - {one.group}:
            beside_assessed = any(each.estimate for each in same if each.group == other)
            assessed = sum(each.estimate is not None for each in mine) if beside_assessed else 0
            found[key].add((other, len(mine), assessed))
    return found


def subtree_cells(own: dict[CellKey, CellValues]) -> dict[CellKey, CellValues]:
    """Every subtree cell as the sum of these own cells over the tree of today."""
    tree = unit_tree()
    sums: dict[CellKey, CellValues] = {}
    for key, values in own.items():
        above = [node.pk for node in tree.ancestors(key.unit)] if key.unit in tree.nodes else []
        for unit in [*above, key.unit]:
            at = key._replace(unit=unit)
            sums[at] = sums.get(at, CellValues()) + values
    return sums


def flat(values: CellValues) -> list[int]:
    return [
        values.required,
        values.assessed,
        values.below,
        values.spread,
        values.unit_variance,
        values.shortfall,
        *values.levels,
    ]


def stored(scope: str) -> dict[CellKey, CellValues]:
    """Every stored cell of the scope."""
    from reports.domain.cells import read_axes, read_table

    units = sorted(CellBlock.objects.values_list("unit_id", flat=True).distinct())
    return read_table(read_axes(), units, scope).as_dict()
