"""A random organisation that lives through reorganisations, and where each of its people would have to be counted.

What a reorganisation does to people is taken from their postings on the day before and on the day itself.
"""

import itertools
import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from competencies.models import Competency, Estimate, EstimateRevision, Requirement
from organisation.api import create_posting, end_posting, move_person, unit_tree
from organisation.models import Person, Position, Posting, Unit
from organisation.reorganising.steps import Create, Dissolve, Merge, Move, Rename, Split, Step
from reports.domain.distribution import REFERENCE
from reports.domain.values import MILLION, CellKey
from tests.factories.organisation import PersonFactory, PositionFactory, UnitFactory
from tests.factories.reports import make_competencies, noon, require, revise
from tests.organisation.reorganising import applied, new
from tests.reports import oracle

BEGIN = date(2024, 1, 1)
STEP = timedelta(days=30)


@dataclass
class Change:
    """What a reorganisation did: where each person went, where those went who were gone, and what it made."""

    day: date
    went: dict[tuple[int, int], int] = field(default_factory=dict)
    heirs: dict[int, int] = field(default_factory=dict)
    origins: dict[int, set[int]] = field(default_factory=dict)


class Past:
    """Three provinces of communes under a nation, and so many months in each of which something happens."""

    def __init__(self, dice: random.Random, months: int = 8) -> None:
        self.dice = dice
        self.competencies: list[Competency] = make_competencies(2)
        first, second = self.competencies
        self.positions: list[Position] = [PositionFactory() for _ in range(2)]
        require(self.positions[0], {first: 4, second: 5}, BEGIN - timedelta(days=900))
        require(self.positions[1], {first: 6}, BEGIN - timedelta(days=900))
        self.codes = (f"N{number}" for number in itertools.count(1))
        UnitFactory(code="VN", kind="nation")
        for province in ("P1", "P2", "P3"):
            UnitFactory(code=province, kind="province", parent=Unit.objects.get(code="VN"))
            for commune in range(dice.randint(1, 3)):
                UnitFactory(code=f"{province}C{commune}", parent=Unit.objects.get(code=province))
        self.day = BEGIN
        self.people: list[Person] = []
        self.changes: list[Change] = []
        for _ in range(dice.randint(5, 14)):
            self.hire()
        for _ in range(months):
            self.day += STEP
            for _ in range(dice.randint(0, 4)):
                dice.choice([self.hire, self.transfer, self.leave, self.measure, self.measure, self.measure])()
            if dice.random() < 0.6:
                self.reorganise()

    def units(self, kind: str) -> list[str]:
        """Codes of the units in force of a kind."""
        return sorted(node.code for node in unit_tree(self.day).nodes.values() if node.kind == kind)

    def hire(self) -> None:
        person: Person = PersonFactory()
        unit = Unit.objects.get(code=self.dice.choice(self.units("commune") * 3 + self.units("province")))
        create_posting(person, unit, self.dice.choice(self.positions), valid_from=self.day)
        self.people.append(person)
        if self.dice.random() < 0.7:
            self.measure(person)

    def measure(self, person: Person | None = None) -> None:
        chosen = person or self.dice.choice(self.people)
        mean, known = self.dice.uniform(-2, 2), self.dice.choice([0, 4, 4, 4])
        revise(chosen, self.dice.choice(self.competencies), mean, noon(self.day), self.dice.uniform(0.2, 0.9), known)

    def transfer(self) -> None:
        person = self.dice.choice(self.people)
        if Posting.objects.filter(person=person, valid__contains=self.day).exists():
            unit = Unit.objects.get(code=self.dice.choice(self.units("commune")))
            move_person(person, unit, self.dice.choice(self.positions), day=self.day)

    def leave(self) -> None:
        posting = Posting.objects.filter(person=self.dice.choice(self.people), valid__contains=self.day).first()
        if posting and posting.valid.lower < self.day:
            end_posting(posting, self.day)

    def reorganise(self) -> None:
        self.day += STEP
        steps, heirs, made = self.dice.choice(
            [self._merge, self._merge, self._absorb, self._split, self._split, self._move, self._dissolve, self._rename]
        )()
        if not steps:
            return
        before = self._posted()
        applied(*steps, day=self.day)
        keys = dict(Unit.objects.values_list("code", "pk"))
        change = Change(self.day, heirs={keys[code]: keys[heir] for code, heir in heirs.items()})
        change.went = {(person, unit): self._posted()[person] for person, unit in before.items()}
        change.origins = {keys[code]: {keys[each] for each in origins} for code, origins in made.items()}
        self.changes.append(change)

    def _posted(self) -> dict[int, int]:
        rows = Posting.objects.filter(kind="primary", valid__contains=self.day)
        return dict(rows.values_list("person_id", "unit_id"))

    def _merge(self) -> tuple[list[Step], dict[str, str], dict[str, list[str]]]:
        kind = self.dice.choice(["commune", "commune", "province"])
        sources = self.dice.sample(self.units(kind), min(2, len(self.units(kind))))
        parent = "VN" if kind == "province" else self.dice.choice(self.units("province"))
        code = next(self.codes)
        return (
            [Merge(tuple(sources), code, new(code, parent, kind=kind))],
            dict.fromkeys(sources, code),
            {code: sources},
        )

    def _absorb(self) -> tuple[list[Step], dict[str, str], dict[str, list[str]]]:
        if len(self.units("commune")) < 2:
            return [], {}, {}
        source, into = self.dice.sample(self.units("commune"), 2)
        return [Merge((source,), into)], {source: into}, {}

    def _split(self) -> tuple[list[Step], dict[str, str], dict[str, list[str]]]:
        unit, parent = self.dice.choice(self.units("commune")), self.dice.choice(self.units("province"))
        one, other = next(self.codes), next(self.codes)
        keeps = self.dice.random() < 0.5
        parts = (unit, other) if keeps else (one, other)
        made = [each for each in parts if each != unit]
        main = self.dice.choice(parts)
        step = Split(unit, parts, main, tuple(new(each, parent) for each in made), "evenly")
        return [step], {unit: main}, {each: [unit] for each in made}

    def _move(self) -> tuple[list[Step], dict[str, str], dict[str, list[str]]]:
        unit, parent = self.dice.choice(self.units("commune")), self.dice.choice(self.units("province"))
        return [Move(unit, parent)], {}, {}

    def _dissolve(self) -> tuple[list[Step], dict[str, str], dict[str, list[str]]]:
        if len(self.units("commune")) < 2:
            return [], {}, {}
        unit = self.dice.choice(self.units("commune"))
        into = self.dice.choice(self.units("province"))
        return [Dissolve(unit, into)], {unit: into}, {}

    def _rename(self) -> tuple[list[Step], dict[str, str], dict[str, list[str]]]:
        code = next(self.codes)
        unit = self.dice.choice(self.units("commune"))
        return [Rename(unit, "Xã Mới"), Create(new(code, "P1" if "P1" in self.units("province") else "VN"))], {}, {}

    def stands(self, person: int, unit: int, start: date, end: date) -> int | None:
        """Where the person, posted in the unit on one day, is counted in the structure of another."""
        if start <= end:
            for change in self.changes:
                if start < change.day <= end:
                    unit = change.went.get((person, unit), change.heirs.get(unit, unit))
            return unit
        for change in reversed(self.changes):
            if end < change.day <= start:
                came = [origin for (one, origin), now in change.went.items() if (one, now) == (person, unit)]
                if came:
                    unit = came[0]
                elif unit in change.origins:
                    if len(change.origins[unit]) > 1:
                        return None
                    (unit,) = change.origins[unit]
        return unit

    def members(self, day: date) -> list[oracle.Member]:
        """Everybody whose post required something on the day, with what was known when it ended."""
        found = []
        for posting in Posting.objects.filter(kind="primary", valid__contains=day).select_related("position"):
            required = Requirement.objects.filter(
                role_profile__position=posting.position, role_profile__valid__contains=day
            )
            for each in required:
                known = EstimateRevision.objects.filter(
                    person=posting.person_id, competency=each.competency_id, at__lte=noon(day)
                )
                last = known.order_by("at", "pk").last()
                estimate = Estimate(mean=last.mean, se=last.se) if last and last.evidence_count else None
                group, at = posting.position.group_id, (posting.unit_id, each.competency_id)
                found.append(oracle.Member(*at, group, each.level, estimate, posting.person_id))
        return found

    def cells(self, day: date, structure_day: date, cuts: tuple[float, ...]) -> dict[tuple[CellKey, bool], list[float]]:
        """Every subtree cell of the structure, and those of the own staff of units that have others below (True).

        People, and the other sums in millionths, not rounded.
        """
        everybody, tree = self.members(day), unit_tree(structure_day)
        inner = {node.parent_pk for node in tree.nodes.values()}
        sums: dict[tuple[CellKey, bool], list[float]] = {}
        for unit, competency in sorted({(each.unit, each.competency) for each in everybody}):
            colleagues = [each for each in everybody if (each.unit, each.competency) == (unit, competency)]
            places = {each.person: self.stands(each.person, unit, day, structure_day) for each in colleagues}
            sets: dict[tuple[int, bool], list[oracle.Member]] = defaultdict(list)
            for each in colleagues:
                place = places[each.person]
                if place in tree.nodes:
                    for at in [place, *(node.pk for node in tree.ancestors(place))]:
                        sets[at, False].append(each)
                    if place in inner:
                        sets[place, True].append(each)
            # Colleagues share their unit's mean wherever they went: those who meet in a unit are reckoned together.
            for (at, is_own), people in sets.items():
                values = oracle.cell(people, colleagues, REFERENCE, cuts)
                values = [*values[:2], *(value * MILLION for value in values[2:])]
                key = CellKey(at, competency, None), is_own
                sums[key] = [a + b for a, b in zip(sums.get(key, [0.0] * len(values)), values, strict=True)]
        return sums
