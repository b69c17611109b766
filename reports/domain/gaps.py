"""What a gap report says: value objects without a database. Shares run from 0 to 1."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from hashlib import blake2b, sha256
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from assessments.measurement import share_interval
from reports.domain.suppression import THRESHOLD, Mask
from reports.domain.values import MILLION, SUMS, CellValues

if TYPE_CHECKING:
    from reports.domain.queries.structure import Surroundings

CONFIDENCE = 0.95
SURE_WIDTH = 0.3
"""A share is known surely enough to be a headline when its interval is at most this wide."""
NOTABLE_SHARE = 0.1
"""A gap is worth a headline when at least this share is surely below: less is the heat map's lowest step."""


@dataclass(frozen=True, slots=True)
class Named:
    """A unit, competency or position group by code and names. kind, order: of a unit, its key in Vietnamese order."""

    pk: int
    code: str
    name_vi: str
    name_en: str
    kind: str = ""
    order: str = ""

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return name_reader()(self)


def name_reader() -> Callable[[Named], str]:
    """Return what gives names in the language of now: it is asked for once, not for each of hundreds."""
    return attrgetter("name_en" if get_language() == "en" else "name_vi")


class Share(NamedTuple):
    """A share of people with its 95% interval."""

    estimate: float
    low: float
    high: float

    @property
    def is_sure(self) -> bool:
        """Whether the interval is narrow enough to be relied on."""
        return self.high - self.low <= SURE_WIDTH


class Gap(NamedTuple):
    """The gap in one competency of one set of people.

    required: people whose post requires it. assessed: those of them with enough evidence to be counted. below: the
    share of the assessed under their requirement. shortfall: levels missing on average per assessed person. levels:
    expected number of assessed people at each of 8 levels. All are None when the figures are suppressed; the last
    three also when nobody was assessed.
    """

    required: int | None
    assessed: int | None
    below: Share | None
    shortfall: float | None
    levels: tuple[float, ...] | None
    suppressed: bool = False

    @property
    def coverage(self) -> float | None:
        """The share of those required who were assessed; None when that cannot be said."""
        return self.assessed / self.required if self.required and self.assessed is not None else None

    @property
    def unassessed(self) -> int:
        """People whose post requires it and who were not assessed; 0 when that cannot be said."""
        return (self.required or 0) - (self.assessed or 0)

    @property
    def entry(self) -> "Entry":
        """The gap as a heat map tells it."""
        return (*(self.below or (None, None, None)), self.assessed, self.required, self.suppressed)

    @property
    def bands(self) -> tuple[float, ...] | None:
        """Expected number of assessed people in each of 4 bands."""
        if self.levels is None:
            return None
        return tuple(self.levels[2 * band] + self.levels[2 * band + 1] for band in range(4))


Entry: TypeAlias = tuple[float | None, float | None, float | None, int | None, int | None, bool]
"""What a heat map says of a gap: the share below with its interval, people assessed and required, and whether it is
suppressed. Where nobody was assessed or all is suppressed the share means nothing."""

SUPPRESSED = Gap(None, None, None, None, None, suppressed=True)
NOBODY = Gap(0, 0, None, None, None)


def describe_gaps(values: Sequence[CellValues]) -> list[Gap]:
    """Return what the sums of each cell say."""
    return describe_sums(np.array([each.sums for each in values], np.int64).reshape(-1, SUMS))


def describe_sums(sums: NDArray[np.int64]) -> list[Gap]:
    """Return what the sums of each cell say, shape (n, SUMS)."""
    if not sums.size:
        return []
    millions = sums / MILLION
    people = np.maximum(sums[:, 1], 1)
    estimate, low, high = share_interval(sums[:, 1], millions[:, 2], millions[:, 3], millions[:, 4], CONFIDENCE)
    shares = map(Share, np.clip(estimate, 0.0, 1.0).tolist(), low.tolist(), high.tolist())
    counts, shortfalls, levels = sums[:, :2].tolist(), (millions[:, 5] / people).tolist(), millions[:, 6:].tolist()
    return [
        Gap(required, assessed, share, shortfall, tuple(each)) if assessed else Gap(required, 0, None, None, None)
        for (required, assessed), share, shortfall, each in zip(counts, shares, shortfalls, levels, strict=True)
    ]


class GapTable:
    """Rows of gaps as arrays; a row's intervals, what costs most, are computed where it is read.

    competencies: primary keys of the columns. sums: shape (rows, competencies, SUMS), zeros where nobody is required.
    suppressed: shape (rows, competencies); nothing of these cells is kept.
    """

    def __init__(self, competencies: Sequence[int], sums: NDArray[np.int64], suppressed: Mask) -> None:
        self.competencies = competencies
        self.suppressed = suppressed
        self.sums = np.where(suppressed[..., None], 0, sums)
        self._rows: dict[int, dict[int, Gap]] = {}

    def rows(self, named: Sequence[Named]) -> list["GapRow"]:
        """Return the rows under these names."""
        required, assessed = self.sums[..., 0], self.sums[..., 1]
        below = np.clip(self.sums[..., 2] / MILLION, 0.0, assessed).sum(axis=1)
        people = assessed.sum(axis=1)
        needs = np.where(people, below / np.maximum(people, 1), -1.0)
        figures = zip(needs.tolist(), required.sum(axis=1).tolist(), people.tolist(), strict=True)
        return [GapRow(of, Gaps(self, row), *each) for row, (of, each) in enumerate(zip(named, figures, strict=True))]

    def row(self, row: int) -> dict[int, Gap]:
        """Return the gaps of a row by competency; none of what is required of nobody."""
        if row not in self._rows:
            hidden, asked = np.flatnonzero(self.suppressed[row]), np.flatnonzero(self.sums[row, :, 0] > 0)
            gaps = dict.fromkeys((self.competencies[at] for at in hidden.tolist()), SUPPRESSED)
            described = describe_sums(self.sums[row, asked])
            gaps |= {self.competencies[at]: gap for at, gap in zip(asked.tolist(), described, strict=True)}
            self._rows[row] = gaps
        return self._rows[row]

    def entries(self, rows: Sequence[int], competencies: Sequence[int]) -> list[list[Entry]]:
        """Return what a heat map says of these rows, all at once."""
        at = {competency: place for place, competency in enumerate(self.competencies)}
        columns = np.array([at.get(each, -1) for each in competencies], np.intp)
        chosen = np.ix_(np.asarray(rows, np.intp), columns)
        sums, hidden = self.sums[chosen], self.suppressed[chosen]
        sums[:, columns < 0], hidden[:, columns < 0] = 0, False
        told = sums[..., 1] > 0
        people, (below, spread, unit_variance) = sums[told][:, 1], sums[told][:, 2:5].T / MILLION
        estimate, low, high = share_interval(people, below, spread, unit_variance, CONFIDENCE)
        shares = np.zeros((3, *told.shape))
        shares[:, told] = np.clip(estimate, 0.0, 1.0), low, high
        arrays = (*shares, sums[..., 1], sums[..., 0], hidden)
        return [list(zip(*row, strict=True)) for row in zip(*(each.tolist() for each in arrays), strict=True)]


class Gaps(Mapping[int, Gap]):
    """The gaps of a row of a table by competency."""

    __slots__ = ("row", "table")

    def __init__(self, table: GapTable, row: int) -> None:
        self.table, self.row = table, row

    def __getitem__(self, competency: int) -> Gap:
        return self.table.row(self.row)[competency]

    def __iter__(self) -> Iterator[int]:
        return iter(self.table.row(self.row))

    def __len__(self) -> int:
        return len(self.table.row(self.row))

    def __repr__(self) -> str:
        """Differ where anything in the row does."""
        said = self.table.sums[self.row].tobytes() + self.table.suppressed[self.row].tobytes()
        return f"Gaps({blake2b(said, digest_size=16).hexdigest()})"


def heat_entries(rows: Sequence["GapRow"], competencies: Sequence[int]) -> list[list[Entry]]:
    """Return what a heat map says of rows in these competencies. Rows of one table are reckoned together."""
    found = [[] if isinstance(row.gaps, Gaps) else [row.gap(each).entry for each in competencies] for row in rows]
    for table, (chosen, places) in _by_table(rows).items():
        for place, entries in zip(places, table.entries(chosen, competencies), strict=True):
            found[place] = entries
    return found


@dataclass(frozen=True)
class GapRow:
    """The gaps of a unit below, of the unit's own staff (`of` is the unit itself) or of a position group.

    Over all competencies that may be shown: need, the share below requirement, -1 when none may; required and assessed,
    people counted once for each.
    """

    of: Named
    gaps: Mapping[int, Gap]
    need: float = -1.0
    required: int = 0
    assessed: int = 0

    def gap(self, competency_pk: int) -> Gap:
        return self.gaps.get(competency_pk, NOBODY)

    @property
    def coverage(self) -> float:
        """The share assessed over all competencies that are shown; 0 when none is."""
        return self.assessed / self.required if self.required else 0.0


@dataclass(frozen=True)
class CompetencyGap:
    """The gap of the unit with everything below it, in one competency."""

    competency: Named
    gap: Gap


class Days(NamedTuple):
    """Competence as of one day, under the structure of another."""

    competence: date
    structure: date


@dataclass(frozen=True)
class GapReport:
    """A unit's gaps by competency, greatest need first, and those of what it is made of.

    trail: the units above, root first. group: the position group it is narrowed to, None for all. groups: every group
    with people in the unit. children: the units below, greatest need first. own: the unit's own staff where there are
    units below, else None. by_group: the position groups of a unit with nothing below it, greatest need first, unless
    narrowed to one. days: the two days it was asked for, None for today. published: figures that move in steps, for
    readers who may not see people; own staff then includes the small units below. kind: of the units that are listed,
    empty for those directly below. around: the unit's place in the tree.
    """

    unit: Named
    trail: Sequence[Named]
    folded_at: datetime | None
    group: Named | None
    groups: Sequence[Named]
    competencies: Sequence[CompetencyGap]
    children: Sequence[GapRow]
    own: GapRow | None
    by_group: Sequence[GapRow]
    threshold: int = THRESHOLD
    days: Days | None = None
    published: bool = False
    kind: str = ""
    around: "Surroundings | None" = field(default=None, repr=False)

    def top_gaps(self, count: int = 3) -> list[CompetencyGap]:
        """Return the gaps to tell in words, of those that may be shown: the ones we are sure of come first.

        A gap is sure when its interval is at most SURE_WIDTH wide and its lower bound at least NOTABLE_SHARE, so a wide
        guess from few people never stands before a well-measured gap. The sure ones, and after them the others, come
        by the lower bound of the share below requirement, and by the share itself where bounds are equal.
        """

        def rank(shown: tuple[Share, CompetencyGap]) -> tuple[bool, float, float]:
            below, _each = shown
            return (not (below.is_sure and below.low >= NOTABLE_SHARE), -below.low, -below.estimate)

        known = [(below, each) for each in self.competencies if (below := each.gap.below) and below.estimate > 0]
        return [each for _below, each in sorted(known, key=rank)[:count]]


_OF_NAMED = attrgetter("pk", "code", "name_vi", "name_en", "kind", "order")


def digest_of(report: GapReport) -> str:
    """Return what differs where anything in a report does: in figures, in names, in order."""
    rows = [*report.children, *([report.own] if report.own else []), *report.by_group]
    said = sha256()  # which processors have instructions for: the sums of a province are a megabyte
    said.update(repr(replace(report, children=(), own=None, by_group=())).encode())
    said.update(repr((len(report.children), report.own is None, [_OF_NAMED(row.of) for row in rows])).encode())
    for table, (chosen, places) in _by_table(rows).items():
        said.update(repr(places).encode() + table.sums[chosen].tobytes() + table.suppressed[chosen].tobytes())
    said.update(repr([row.gaps for row in rows if not isinstance(row.gaps, Gaps)]).encode())
    return said.hexdigest()[:32]


def _by_table(rows: Sequence[GapRow]) -> dict[GapTable, tuple[list[int], list[int]]]:
    """Return the tables that rows are of, each with which of its rows stand at which places."""
    tables: dict[GapTable, tuple[list[int], list[int]]] = {}
    for place, row in enumerate(rows):
        if isinstance(row.gaps, Gaps):
            chosen, places = tables.setdefault(row.gaps.table, ([], []))
            chosen.append(row.gaps.row)
            places.append(place)
    return tables


def by_need(gaps: Iterable[CompetencyGap]) -> list[CompetencyGap]:
    """Return the gaps with the greatest share below first; those without a figure last, in the given order."""

    def need(each: CompetencyGap) -> tuple[bool, float, float]:
        below = each.gap.below
        return (below is None, -below.estimate if below else 0.0, -(each.gap.shortfall or 0.0))

    return sorted(gaps, key=need)


def named_rows(report: GapReport, *, by_name: bool = False) -> list[tuple[str, GapRow]]:
    """Return what the unit is made of with the words for it: units below, then own staff, or else position groups.

    by_name: units below in the order of their names instead of need.
    """
    below = sorted(report.children, key=lambda row: row.of.order) if by_name else report.children
    name = name_reader()
    rows = [(name(row.of), row) for row in below or report.by_group]
    if report.own and report.own.gaps:
        label = _("%(unit)s: own staff and small units") if report.published else _("%(unit)s: own staff")
        rows.append((label % {"unit": report.unit.name}, report.own))
    return rows
