"""What the database knows of the units, people and postings that a file names. A few queries, whatever the file."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from organisation.domain.names import normalise_text
from organisation.domain.queries.units import UnitTree, unit_tree
from organisation.models import Person, Position, Posting, Succession, Unit, UnitVersion

_BATCH = 20_000


@dataclass(frozen=True, slots=True)
class KnownUnit:
    code: str
    name_vi: str
    name_en: str
    kind: str
    parent_code: str
    begins: date | None


@dataclass(frozen=True, slots=True)
class KnownPosting:
    pk: int
    unit_code: str
    position_pk: int
    valid_from: date
    valid_to: date | None
    kind: str

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True, slots=True)
class KnownPerson:
    pk: int
    full_name: str
    email: str
    gender: str
    birth_date: date | None
    changed_at: datetime
    postings: list[KnownPosting]

    def home_on(self, day: date) -> KnownPosting | None:
        """Return the primary posting of that day; without one, that which begins last, as `last_home_of`."""
        homes = [posting for posting in self.postings if posting.kind == Posting.Kind.PRIMARY]
        return max(homes, key=lambda home: (home.holds_on(day), home.valid_from), default=None)


@dataclass(slots=True)
class KnownUnits:
    """`in_force` today by code, every code ever used, and the codes the importer may write to (None: all).

    Those are units in force, and ended ones whose successors, as scopes go, are all among them or whose last place
    was in one of them.
    `ends`: the day from which a unit is no longer there, of those that have one; date.min of one that never was.
    """

    in_force: dict[str, KnownUnit]
    codes: set[str]
    scope: set[str] | None
    ends: dict[str, date]


def load_units(scope: Iterable[Unit] | None, on: date) -> KnownUnits:
    """Return the units in force on a date; `scope` are the tops of the subtrees that may be written to."""
    tree = unit_tree(on)
    begins: dict[int, date | None] = {}
    last: dict[int, date | None] = {}
    above: dict[int, int | None] = {}
    versions = UnitVersion.objects.order_by("unit_id", "-valid").values_list("unit_id", "valid", "parent_id")
    for pk, valid, parent in versions.iterator():
        begins[pk] = valid.lower
        last.setdefault(pk, valid.upper)
        above.setdefault(pk, parent)
    codes = dict(Unit.objects.values_list("pk", "code"))
    ends = {code: last.get(pk, date.min) for pk, code in codes.items()}
    known = {
        node.code: KnownUnit(
            node.code, node.name_vi, node.name_en, node.kind, _code_of(tree, node.parent_pk), begins[node.pk]
        )
        for node in tree.nodes.values()
    }
    allowed = None
    if scope is not None:
        below = {pk for top in scope if top.pk in tree.nodes for pk in tree.subtree(top.pk)}
        ended = {pk: above[pk] for pk, end in last.items() if pk not in tree.nodes and end is not None and end <= on}
        allowed = {codes[pk] for pk in below | _ended_within(below, ended)}
    return KnownUnits(known, set(codes.values()), allowed, {code: day for code, day in ends.items() if day})


def _ended_within(below: set[int], ended: dict[int, int | None]) -> set[int]:
    """Return those of the ended units, given with their last parents, that belong to the units `below`."""
    heirs: dict[int, set[int]] = defaultdict(set)
    lineage = Succession.objects.filter(carries_scope=True, predecessor__in=ended)
    for unit, heir in lineage.values_list("predecessor_id", "successor_id"):
        heirs[unit].add(heir)
    found: set[int] = set()
    while new := {
        pk
        for pk, parent in ended.items()
        if pk not in found and (parent in below | found or (heirs[pk] and heirs[pk] <= below | found))
    }:
        found |= new
    return found


def _code_of(tree: UnitTree, pk: int | None) -> str:
    return tree.nodes[pk].code if pk in tree.nodes else ""


def load_people(employee_codes: Iterable[str]) -> dict[str, KnownPerson]:
    """Return the people of these codes with all their postings, by employee code."""
    people: dict[str, KnownPerson] = {}
    for batch in _batches(employee_codes):
        rows = Person.objects.filter(employee_code__in=batch).values_list(
            "employee_code", "pk", "full_name", "email", "gender", "birth_date", "changed_at"
        )
        found = {
            code: KnownPerson(pk, name, email, gender, born, changed_at, [])
            for code, pk, name, email, gender, born, changed_at in rows
        }
        postings: dict[int, list[KnownPosting]] = defaultdict(list)
        held = Posting.objects.filter(person_id__in=[person.pk for person in found.values()]).values_list(
            "person_id", "pk", "unit__code", "position_id", "valid", "kind"
        )
        for person_pk, pk, unit_code, position_pk, valid, kind in held.iterator():
            postings[person_pk].append(
                KnownPosting(pk, unit_code, position_pk, valid.lower or date.min, valid.upper, kind)
            )
        for person in found.values():
            person.postings.extend(postings[person.pk])
        people.update(found)
    return people


def load_positions() -> dict[str, int]:
    """Return the positions' keys by code and by either name, in lower case; codes win over names."""
    rows = list(Position.objects.values_list("pk", "code", "name_vi", "name_en"))
    by_name = {normalise_text(name).lower(): pk for pk, _code, *names in rows for name in names}
    return by_name | {code.lower(): pk for pk, code, *_names in rows}


def _batches(values: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(values)
    while batch := list(islice(rest, _BATCH)):
        yield batch
