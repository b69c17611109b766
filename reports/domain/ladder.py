"""Up the ladder: the published figures of a subtree, suppressed as on pages, as one signed file."""

from base64 import b64decode, b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.utils import timezone

from competencies.api import current_framework
from competencies.models import Competency
from organisation.api import UnitNode, record_audit, today, unit_tree
from organisation.models import Unit
from reports.domain.gap_report import hide_in
from reports.domain.publication_format import Cells, UnitCells, write_publication
from reports.domain.published import published_cells
from reports.domain.queries.structure import surroundings
from reports.domain.suppression import THRESHOLD
from reports.domain.values import values_of_sums


class NoKey(LookupError):
    """PUBLISHING_KEY is not set, or is no key."""


def new_key() -> str:
    """Return a new private key for PUBLISHING_KEY."""
    return b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode()


def publishing_key() -> Ed25519PrivateKey:
    """Return the instance's own private key. Raises NoKey."""
    try:
        return Ed25519PrivateKey.from_private_bytes(b64decode(settings.PUBLISHING_KEY, validate=True))
    except ValueError:
        raise NoKey("PUBLISHING_KEY is not set, or is no key") from None


def publish_subtree(unit: Unit, key: Ed25519PrivateKey) -> Iterator[bytes]:
    """Return the lines of the signed file: the published figures of the unit and all below, suppressed as on pages.

    Raises UnitNotInForce.
    """
    units, figures_at = _units_of(unit)
    framework = current_framework()
    header = {
        "unit": unit.code,
        "framework": f"{framework.code} {framework.version}",
        "issued_at": timezone.now().astimezone(UTC).isoformat(),
        "figures_at": figures_at.astimezone(UTC).isoformat() if figures_at else "",
        "threshold": THRESHOLD,
    }
    record_audit(actor=None, action="figures_exported", target=unit.code, detail={"units": len(units)})
    return write_publication(header, units, key)


def _units_of(unit: Unit) -> tuple[list[UnitCells], datetime | None]:
    """Return the unit and all below it with what their pages show, parents first, and when that was published."""
    tree = unit_tree()
    codes = dict(Competency.objects.values_list("pk", "code"))
    found: dict[int, UnitCells] = {}
    figures_at = None
    for pk in tree.subtree(unit.pk):
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
