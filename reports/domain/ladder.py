"""Up the ladder: the published figures of a subtree, suppressed as on pages, as one signed file."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.cache import cache
from django.db.models import Max
from django.utils import timezone

from competencies.api import current_framework
from competencies.models import Competency
from organisation.api import UnitNode, content_read, record_audit, today, unit_tree
from organisation.models import Unit, User
from reports.domain.gap_report import hide_in
from reports.domain.publication_format import Cells, UnitCells, write_publication
from reports.domain.published import published_cells
from reports.domain.queries.structure import surroundings
from reports.domain.suppression import THRESHOLD
from reports.domain.values import values_of_sums
from reports.models import PublishedCell

_KEPT_SECONDS = 86400


@dataclass(frozen=True)
class CountedUnit:
    """A unit of a publication with how many of its cells are shown, and how many are suppressed."""

    code: str
    name_vi: str
    name_en: str
    shown: int
    suppressed: int


@dataclass(frozen=True)
class Published:
    """What a publication of a unit says on a day: its units, cells shown and cells suppressed.

    figures_at: when the newest of its figures was published, None without any.
    """

    day: date
    units: Sequence[CountedUnit]
    figures_at: datetime | None

    @property
    def shown(self) -> int:
        return sum(each.shown for each in self.units)

    @property
    def suppressed(self) -> int:
        return sum(each.suppressed for each in self.units)


def count_cells(unit: UnitCells) -> tuple[int, int]:
    """Return how many cells of a unit are shown, and how many are suppressed."""
    cells = [*unit.cells.values(), *(unit.own or {}).values()]
    hidden = sum(each is None for each in cells)
    return len(cells) - hidden, hidden


def describe_publication(unit: Unit) -> Published:
    """Return what publishing the unit now would say. Raises UnitNotInForce.

    It reads every unit that has others below. Where content is read, what was found is kept for as long as neither
    published figures nor units change.
    """
    day, content = today(), content_read()
    key = f"publication-of-{unit.pk}-{day}-{_newest_cell()}-{content}"
    found: Published | None = cache.get(key) if content else None
    if found is None:
        units, figures_at = _units_of(unit)
        counted = [CountedUnit(each.code, each.name_vi, each.name_en, *count_cells(each)) for each in units]
        found = Published(day, counted, figures_at)
        if content:
            cache.set(key, found, timeout=_KEPT_SECONDS)
    return found


def publish_subtree(
    unit: Unit,
    key: Ed25519PrivateKey,
    *,
    actor: User | None = None,
    on_unit: Callable[[int, int], None] = lambda done, total: None,
) -> Iterator[bytes]:
    """Return the lines of the signed file: the published figures of the unit and all below, suppressed as on pages.

    on_unit hears (units read, units in all). The figures are of one publication: when the next one comes meanwhile they
    are read again. Raises UnitNotInForce.
    """
    read = _newest_cell()
    units, figures_at = _units_of(unit, on_unit)
    while read != (read := _newest_cell()):
        units, figures_at = _units_of(unit, on_unit)
    framework = current_framework()
    header = {
        "unit": unit.code,
        "framework": f"{framework.code} {framework.version}",
        "issued_at": timezone.now().astimezone(UTC).isoformat(),
        "figures_at": figures_at.astimezone(UTC).isoformat() if figures_at else "",
        "threshold": THRESHOLD,
    }
    record_audit(actor=actor, action="figures_exported", target=unit.code, detail={"units": len(units)})
    return write_publication(header, units, key)


def _newest_cell() -> int | None:
    """Return what tells one publication of figures from the next: each makes its sums of subtrees anew."""
    return PublishedCell.objects.aggregate(newest=Max("pk"))["newest"]


def _units_of(
    unit: Unit, on_unit: Callable[[int, int], None] = lambda done, total: None
) -> tuple[list[UnitCells], datetime | None]:
    """Return the unit and all below it with what their pages show, parents first, and when that was published."""
    tree = unit_tree()
    codes = dict(Competency.objects.values_list("pk", "code"))
    found: dict[int, UnitCells] = {}
    figures_at = None
    order = list(tree.subtree(unit.pk))
    for done, pk in enumerate(order, start=1):
        on_unit(done, len(order))
        if pk != unit.pk and not tree.children(pk):
            continue
        around = surroundings(pk, today())
        cells, counts = published_cells(around)
        hidden = hide_in(around, counts)
        parts = [node.pk for node in around.below[pk]]
        own: dict[str, Any] = {}
        below: dict[int, dict[str, Any]] = {part: {} for part in parts}
        whole: dict[str, Any] = {}
        for at, competency in enumerate(cells.competencies):
            code = codes[competency]
            whole[code] = None if hidden.whole[at] else values_of_sums(cells.sums[0, at].tolist())
            if parts and cells.sums[-1, at, 0]:
                own[code] = None if hidden.parts[-1, at] else values_of_sums(cells.sums[-1, at].tolist())
            for place, row in enumerate(below.values()):
                sums = cells.sums[1 + place, at].tolist()
                row[code] = None if hidden.parts[place, at] or not sums[0] else values_of_sums(sums)
        if pk == unit.pk:
            figures_at = cells.folded_at
            found[pk] = _unit_cells(around.unit, "", whole)
        for node in around.below[pk]:
            found[node.pk] = _unit_cells(node, around.unit.code, below[node.pk])
        if own:
            held = found[pk]
            found[pk] = UnitCells(held.code, held.parent, held.name_vi, held.name_en, held.cells, own)
    return list(found.values()), figures_at


def _unit_cells(node: UnitNode, parent: str, cells: Cells) -> UnitCells:
    return UnitCells(node.code, parent, node.name_vi, node.name_en, cells, None)
