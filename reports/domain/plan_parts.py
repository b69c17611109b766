"""The parts of a unit that a plan chooses between, and their needs: figures of the reader's own page, nothing else."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Count

from competencies.models import Requirement
from courses.models import Enrolment
from organisation.api import today, unit_tree
from organisation.models import PositionGroup, Posting, Unit
from reports.domain.gap_report import gap_report
from reports.domain.gaps import Gap, GapReport, GapRow, Named
from reports.planning import Need


@dataclass(frozen=True, eq=False)
class PlanPart:
    """People that places can be given to: a unit below with everything below it, or a unit's own staff (`own`).

    group: narrowed to a position group. needs, gaps: by competency; only what may be shown.
    """

    unit: Named
    own: bool
    group: Named | None
    weight: float
    needs: Mapping[int, Need]
    gaps: Mapping[int, Gap]


@dataclass(frozen=True, eq=False)
class Staff:
    """What posts ask of the people of a part, and who is in a course already.

    people: in all. levels: by competency, people by the level that their post requires. enrolled: by course.
    """

    people: int = 0
    levels: Mapping[int, Counter[int]] = field(default_factory=dict)
    enrolled: Counter[int] = field(default_factory=Counter)

    def free(self, course: int) -> float:
        """The share of people who are not in the course."""
        return 1.0 - self.enrolled[course] / self.people if self.people else 0.0


def plan_parts(unit: Unit, weights: Mapping[str, float]) -> tuple[list[PlanPart], list[Named]]:
    """Return the parts of a unit, and those of which no figure may be shown or nobody was assessed.

    weights: of position groups by code. While they are all alike a part is counted as a whole. Otherwise it is counted
    by position group; where its figures by group may not be shown, as a whole with the smallest weight. A part, or
    group, of weight 0 is left out.
    """
    report = gap_report(unit)
    rows = _rows(report)
    left_out = [row.of for row in rows if row.gaps and not any(gap.below for gap in row.gaps.values())]
    of_group = {group.code: float(weights.get(group.code, 1.0)) for group in report.groups}
    least = min(of_group.values(), default=1.0)
    if len(set(of_group.values())) <= 1:
        return _parts([(row, None, 1.0, row.gaps) for row in rows], unit.pk, bool(report.children)), left_out
    shown: dict[tuple[int, bool], set[int]] = defaultdict(set)
    found = []
    for group in PositionGroup.objects.filter(code__in=of_group):
        narrowed = gap_report(unit, position_group=group)
        for row in _rows(narrowed):
            gaps = {competency: gap for competency, gap in row.gaps.items() if gap.below}
            shown[_key(row, report)] |= gaps.keys()
            found.append((row, narrowed.group, of_group[group.code], gaps))
    for row in rows:
        rest = {pk: gap for pk, gap in row.gaps.items() if pk not in shown[_key(row, report)]}
        found.append((row, None, least, rest))
    return _parts(found, unit.pk, bool(report.children)), left_out


def _rows(report: GapReport) -> list[GapRow]:
    """Return what the unit is made of: units below and own staff, or the unit itself where nothing is below."""
    if report.children:
        return [*report.children, *([report.own] if report.own else [])]
    return [GapRow(report.unit, {each.competency.pk: each.gap for each in report.competencies})]


def _key(row: GapRow, report: GapReport) -> tuple[int, bool]:
    return row.of.pk, row.of.pk == report.unit.pk


def _parts(
    rows: Sequence[tuple[GapRow, Named | None, float, Mapping[int, Gap]]], unit: int, has_below: bool
) -> list[PlanPart]:
    found = []
    for row, group, weight, gaps in rows:
        needs = {pk: need for pk, gap in gaps.items() if (need := _need(gap))}
        if needs and weight > 0:
            found.append(PlanPart(row.of, has_below and row.of.pk == unit, group, weight, needs, gaps))
    return found


def _need(gap: Gap) -> Need | None:
    """Return what a shown gap says; None where nobody was assessed or nobody is below."""
    if not gap.below or not gap.assessed or gap.below.estimate <= 0 or gap.shortfall is None:
        return None
    below = gap.below
    missing = max(1.0, gap.shortfall / below.estimate)
    return Need(gap.assessed, below.estimate, below.low, below.high, missing)


def count_staff(parts: Sequence[PlanPart], courses: Collection[int]) -> list[Staff]:
    """Return the posts behind each part, by today's primary postings. Four queries.

    What is required of single persons alone, apart from their post, is not looked at.
    """
    day, tree = today(), unit_tree()
    units = [[part.unit.pk] if part.own else tree.subtree(part.unit.pk) for part in parts]
    every = {unit for each in units for unit in each}
    primary = {"kind": Posting.Kind.PRIMARY, "valid__contains": day}
    postings = Posting.objects.filter(unit__in=every, **primary)
    people: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for unit, group, position, count in postings.values_list("unit", "position__group", "position").annotate(
        count=Count("pk")
    ):
        people[unit].append((group, position, count))
    required: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for position, competency, level in Requirement.objects.filter(role_profile__valid__contains=day).values_list(
        "role_profile__position", "competency", "level"
    ):
        required[position].append((competency, level))
    enrolled: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    placed = {f"person__postings__{name}": value for name, value in primary.items()}
    taking = Enrolment.objects.filter(course__in=courses, person__postings__unit__in=every, **placed)
    for unit, group, course, count in taking.values_list(
        "person__postings__unit", "person__postings__position__group", "course"
    ).annotate(count=Count("pk")):
        enrolled[unit].append((group, course, count))
    return [_staff(part, of, people, required, enrolled) for part, of in zip(parts, units, strict=True)]


def _staff(
    part: PlanPart,
    units: Sequence[int],
    people: Mapping[int, Sequence[tuple[int, int, int]]],
    required: Mapping[int, Sequence[tuple[int, int]]],
    enrolled: Mapping[int, Sequence[tuple[int, int, int]]],
) -> Staff:
    total, levels, taking = 0, defaultdict[int, Counter[int]](Counter), Counter[int]()
    for unit in units:
        for group, position, count in people.get(unit, ()):
            if part.group is None or part.group.pk == group:
                total += count
                for competency, level in required.get(position, ()):
                    levels[competency][level] += count
        for group, course, count in enrolled.get(unit, ()):
            if part.group is None or part.group.pk == group:
                taking[course] += count
    return Staff(total, levels, taking)
