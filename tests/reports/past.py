"""A random organisation that lives through reorganisations, and where each of its people would have to be counted.

What a reorganisation does to people is taken from their postings on the day before and on the day itself. Meanwhile
people are hired, moved, seconded, promoted and measured, posts and people come to require other things, and panels
set other cut scores.
"""

import contextlib
import itertools
import random
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange

from assessments.measurement import MIN_EVIDENCE
from competencies.api import PROVISIONAL_CUTS, set_override
from competencies.models import Competency, Estimate, EstimateRevision, Requirement, RequirementOverride, Standard
from organisation.api import create_posting, end_posting, move_person, unit_tree
from organisation.models import Person, Position, Posting, Unit
from organisation.reorganising.steps import Create, Dissolve, Merge, Move, Rename, Split, Step
from reports.domain.distribution import REFERENCE, Distribution
from reports.domain.values import MILLION, CellKey
from tests.factories.organisation import PersonFactory, PositionFactory, UnitFactory
from tests.factories.reports import make_competencies, noon, require, revise, set_estimate, set_standard
from tests.organisation.reorganising import applied, new
from tests.reports import oracle

BEGIN = date(2024, 1, 1)
STEP = timedelta(days=30)
LONG_AGO = BEGIN - timedelta(days=900)
EVENTS = ["hire", "transfer", "leave", "promote", "second", "demand", "except_", "judge", *["measure"] * 4]


@dataclass
class Change:
    """What a reorganisation did: where each person went, where those went who were gone, and what it made."""

    day: date
    went: dict[tuple[int, int], int] = field(default_factory=dict)
    heirs: dict[int, int] = field(default_factory=dict)
    origins: dict[int, set[int]] = field(default_factory=dict)


class Past:
    """Three provinces of communes under a nation, and so many months in each of which something happens."""

    def __init__(
        self, dice: random.Random, months: int = 8, people: tuple[int, int] = (5, 14), begin: date = BEGIN
    ) -> None:
        self.dice = dice
        self.competencies: list[Competency] = make_competencies(2)
        first, second = self.competencies
        self.positions: list[Position] = [PositionFactory() for _ in range(3)]
        require(self.positions[0], {first: 4, second: 5}, LONG_AGO)
        require(self.positions[1], {first: 6}, LONG_AGO)
        require(self.positions[2], {second: 2}, LONG_AGO)
        # Of each standard, from which day on it is in force, and its cuts.
        Standard.objects.update(in_force_from=noon(LONG_AGO))
        self.cuts: list[tuple[date, tuple[float, ...]]] = [(LONG_AGO, tuple(PROVISIONAL_CUTS))]
        self.codes = (f"N{number}" for number in itertools.count(1))
        UnitFactory(code="VN", kind="nation")
        for province in ("P1", "P2", "P3"):
            UnitFactory(code=province, kind="province", parent=Unit.objects.get(code="VN"))
            for commune in range(dice.randint(1, 3)):
                UnitFactory(code=f"{province}C{commune}", parent=Unit.objects.get(code=province))
        self.day = begin
        self.people: list[Person] = []
        self.changes: list[Change] = []
        for _ in range(dice.randint(*people)):
            self.hire()
        for _ in range(months):
            self.day += STEP
            for _ in range(dice.randint(0, 6)):
                getattr(self, dice.choice(EVENTS))()
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
        for competency in self.competencies:
            if self.dice.random() < 0.7:
                self.measure(person, competency)

    def measure(self, person: Person | None = None, competency: Competency | None = None) -> None:
        chosen = person or self.dice.choice(self.people)
        mean, known = self.dice.uniform(-2, 2), self.dice.choice([MIN_EVIDENCE - 1, MIN_EVIDENCE, 4, 4])
        competency, se = competency or self.dice.choice(self.competencies), self.dice.uniform(0.2, 0.9)
        revise(chosen, competency, mean, noon(self.day), se, known)
        set_estimate(chosen, competency, mean, se, known, tell=False)

    def transfer(self) -> None:
        person = self.dice.choice(self.people)
        if Posting.objects.filter(person=person, kind="primary", valid__contains=self.day).exists():
            unit = Unit.objects.get(code=self.dice.choice(self.units("commune")))
            move_person(person, unit, self.dice.choice(self.positions), day=self.day)

    def leave(self) -> None:
        person = self.dice.choice(self.people)
        posting = Posting.objects.filter(person=person, kind="primary", valid__contains=self.day).first()
        if posting and posting.valid.lower < self.day:
            end_posting(posting, self.day)

    def promote(self) -> None:
        """Another post in the same unit."""
        there = list(Posting.objects.filter(kind="primary", valid__contains=self.day).order_by("pk"))
        if there:
            posting = self.dice.choice(there)
            move_person(posting.person, posting.unit, self.dice.choice(self.positions), day=self.day)

    def second(self) -> None:
        """A post beside the person's own, in which nobody counts them."""
        unit = Unit.objects.get(code=self.dice.choice(self.units("commune")))
        person, position = self.dice.choice(self.people), self.dice.choice(self.positions)
        create_posting(person, unit, position, valid_from=self.day, valid_to=self.day + 5 * STEP, kind="secondary")

    def demand(self) -> None:
        """What a post requires from now on, or nothing at all."""
        position = self.dice.choice(self.positions)
        profile = position.role_profiles.get(valid__upper_inf=True)
        if profile.valid.lower < self.day:
            profile.valid = DateRange(profile.valid.lower, self.day)
            profile.save()
            asked = self.dice.sample(self.competencies, self.dice.randint(0, 2))
            require(position, {each: self.dice.randint(1, 8) for each in asked}, self.day)

    def except_(self) -> None:
        """What is required of one person whatever the post says, for some months or for good."""
        person, competency = self.dice.choice(self.people), self.dice.choice(self.competencies)
        level, until = self.dice.choice([None, 1, 3, 5, 8]), self.dice.choice([None, self.day + 4 * STEP])
        with contextlib.suppress(ValidationError):  # another one holds
            set_override(person, competency, level, reason="Thử", valid_from=self.day, valid_to=until, actor=None)

    def judge(self) -> None:
        """Other cut scores from now on."""
        cuts = tuple(each / 100 for each in sorted(self.dice.sample(range(-250, 251), 7)))
        standard = set_standard(self.competencies[0].domain.framework, cuts)
        Standard.objects.filter(pk=standard.pk).update(in_force_from=noon(self.day))
        self.cuts.append((self.day, cuts))

    def cuts_on(self, day: date) -> tuple[float, ...]:
        return [cuts for since, cuts in self.cuts if since <= day][-1]

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
        return (
            [Rename(unit, f"Xã Mới {code}"), Create(new(code, "P1" if "P1" in self.units("province") else "VN"))],
            {},
            {},
        )

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
        """Everybody of whom something was required on the day, with what was known when it ended."""
        found = []
        for posting in Posting.objects.filter(kind="primary", valid__contains=day).select_related("position"):
            rows = Requirement.objects.filter(
                role_profile__position=posting.position, role_profile__valid__contains=day
            )
            required: dict[int, int | None] = dict(rows.values_list("competency_id", "level"))
            own = RequirementOverride.objects.filter(person=posting.person_id, valid__contains=day)
            required |= dict(own.values_list("competency_id", "level"))
            for competency, level in required.items():
                if level is None:
                    continue
                known = EstimateRevision.objects.filter(
                    person=posting.person_id, competency=competency, at__lte=noon(day)
                )
                last = known.order_by("at", "pk").last()
                estimate = (
                    Estimate(mean=last.mean, se=last.se) if last and last.evidence_count >= MIN_EVIDENCE else None
                )
                group = posting.position.group_id
                found.append(oracle.Member(posting.unit_id, competency, group, level, estimate, posting.person_id))
        return found

    def sets(
        self, members: Collection[oracle.Member], day: date, structure_day: date
    ) -> dict[tuple[int, bool, int | None], list[oracle.Member]]:
        """Whom a figure is about: of a unit with all below or of its own staff (True), of a group or all (None)."""
        tree, found = unit_tree(structure_day), defaultdict(list)
        for each in members:
            place = self.stands(each.person, each.unit, day, structure_day)
            if place in tree.nodes:
                above = [(node.pk, False) for node in tree.ancestors(place)]
                for at, is_own in [(place, False), (place, True), *above]:
                    for group in (None, each.group):
                        found[at, is_own, group].append(each)
        return found

    def cells(
        self, day: date, structure_day: date, priors: Mapping[int, Distribution], *, by_group: bool = False
    ) -> dict[tuple[CellKey, bool], list[float]]:
        """Every subtree cell of the structure, and those of the own staff of units that have others below (True).

        People, and the other sums in millionths, not rounded. priors: what was learned of each competency.
        """
        everybody, tree = self.members(day), unit_tree(structure_day)
        inner = {node.parent_pk for node in tree.nodes.values()}
        sums: dict[tuple[CellKey, bool], list[float]] = {}
        for unit, competency in sorted({(each.unit, each.competency) for each in everybody}):
            colleagues = [each for each in everybody if (each.unit, each.competency) == (unit, competency)]
            # Colleagues share their unit's mean wherever they went: those who meet in a unit are reckoned together.
            for (at, is_own, group), people in self.sets(colleagues, day, structure_day).items():
                if (group and not by_group) or (is_own and at not in inner):
                    continue
                prior = priors.get(competency, REFERENCE)
                values = oracle.cell(people, colleagues, prior, self.cuts_on(day))
                values = [*values[:2], *(value * MILLION for value in values[2:])]
                key = CellKey(at, competency, group), is_own
                sums[key] = [a + b for a, b in zip(sums.get(key, [0.0] * len(values)), values, strict=True)]
        return sums
