"""Figures that other instances published, as pages read them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from competencies.api import current_framework
from competencies.models import Competency
from organisation.api import fetch_prepared
from organisation.models import UnitVersion
from reports.domain.gaps import SUPPRESSED, GapReport, GapRow, Named, describe_gaps
from reports.domain.publication_format import unpack
from reports.models import CellBlock, Publication, PublishedUnitElsewhere

_IS_PUBLISHED = "SELECT EXISTS (SELECT 1 FROM reports_publishedunitelsewhere)"


@dataclass(frozen=True)
class Elsewhere:
    """Figures of a unit as its publisher signed them. rows: what it is made of; trail: the units above, top first.

    at: when the newest figure was published there, else when the file was made.
    """

    publisher: str
    at: datetime
    unit_code: str
    whole: GapRow
    rows: Sequence[tuple[GapRow, bool]]
    trail: Sequence[Named]
    competencies: Sequence[Named]


def published_beside(report: GapReport) -> list[Elsewhere]:
    """Return what others published of the report's unit and of the units directly below, each as a whole.

    Looked for on pages of the nation, of ministries and of units with nobody here. A unit's only where this instance
    has nobody of its own in it: both figures together could tell of few people. Six queries at most.
    """
    if report.competencies and report.unit.kind not in (UnitVersion.Kind.NATION, UnitVersion.Kind.MINISTRY):
        return []
    units = {report.unit.pk, *(row.of.pk for row in report.children)}
    if not fetch_prepared(_IS_PUBLISHED, {})[0]:
        return []
    tops = PublishedUnitElsewhere.objects.filter(parent_code="", publication__publisher__unit__in=units)
    taken = list(tops.select_related("publication__publisher__unit").order_by("publication__publisher__name"))
    counted = _counted_here(each.publication.publisher.unit_id for each in taken)
    competencies = _competencies()
    return [_describe(each, competencies) for each in taken if each.publication.publisher.unit_id not in counted]


def published_elsewhere(publication: Publication, code: str = "") -> Elsewhere | None:
    """Return the figures of one unit of the publication, its own unit when no code is given.

    None without it, and where this instance has people of its own in the publisher's unit, as `published_beside`.
    """
    if _counted_here([publication.publisher.unit_id]):
        return None
    units = {each.code: each for each in publication.units.select_related("publication__publisher__unit")}
    unit = units.get(code) if code else next(iter(units.values()), None)
    if unit is None:
        return None
    trail: list[Named] = []
    above = unit
    while above.parent_code:
        above = units[above.parent_code]
        trail.insert(0, _named(above))
    parents = {each.parent_code for each in units.values()}
    competencies = _competencies()
    below = [each for each in units.values() if each.parent_code == unit.code]
    rows = [(_row(each, each.cells, competencies), each.code in parents) for each in below]
    if unit.own:
        rows.append((_row(unit, unit.own, competencies), False))
    return _describe(unit, competencies, rows, trail)


def _counted_here(unit_pks: Iterable[int]) -> set[int]:
    """Return those of the units in which this instance counts people."""
    blocks = CellBlock.objects.filter(unit__in=list(unit_pks), scope__in=["subtree", "alone"])
    return set(blocks.values_list("unit_id", flat=True))


def _describe(
    unit: PublishedUnitElsewhere,
    competencies: Sequence[Named],
    rows: Sequence[tuple[GapRow, bool]] = (),
    trail: Sequence[Named] = (),
) -> Elsewhere:
    publication, publisher = unit.publication, unit.publication.publisher
    whole = _row(unit, unit.cells, competencies)
    told = [each for each in competencies if each.pk in whole.gaps]
    at = publication.figures_at or publication.issued_at
    return Elsewhere(publisher.name, at, publisher.unit.code, whole, rows, trail, told)


def _row(unit: PublishedUnitElsewhere, packed: Mapping[str, Any], competencies: Sequence[Named]) -> GapRow:
    cells = unpack({each.code: packed[each.code] for each in competencies if each.code in packed})
    shown = {code: each for code, each in cells.items() if each is not None}
    gaps = dict(zip(shown, describe_gaps(list(shown.values())), strict=True))
    pks = {each.code: each.pk for each in competencies}
    return GapRow(_named(unit), {pks[code]: gaps.get(code, SUPPRESSED) for code in cells})


def _named(unit: PublishedUnitElsewhere) -> Named:
    return Named(0, unit.code, unit.name_vi, unit.name_en)


def _competencies() -> list[Named]:
    rows = Competency.objects.filter(domain__framework=current_framework()).order_by("domain__order", "order", "pk")
    return [Named(each.pk, each.code, each.name_vi, each.name_en) for each in rows]
