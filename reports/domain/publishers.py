"""Publishers: whose signed figures are taken, and the taking of a file."""

import hashlib
from base64 import b64decode
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from competencies.api import current_framework
from competencies.models import Competency
from organisation.api import record_audit
from organisation.models import Unit, User
from reports.domain.gap_report import gap_report
from reports.domain.ladder import count_cells
from reports.domain.publication_format import (
    PublicationRefused,
    UnitCells,
    fingerprint,
    pack,
    read_header,
    read_publication,
)
from reports.domain.queries.structure import UnitNotInForce
from reports.domain.suppression import THRESHOLD
from reports.domain.values import EMPTY
from reports.models import Publication, PublishedUnitElsewhere, Publisher

_CLOCKS_DIFFER = timedelta(hours=1)


@dataclass(frozen=True)
class Checked:
    """A file that may be taken, and what it says. totals_wrong: units and competencies whose parts do not add up.

    held: the publication that it takes the place of, if there is one.
    """

    publisher: Publisher
    header: Mapping[str, Any]
    units: Sequence[UnitCells]
    digest: str
    issued_at: datetime
    figures_at: datetime | None
    held: Publication | None

    @property
    def suppressed(self) -> int:
        return sum(count_cells(each)[1] for each in self.units)

    @property
    def totals_wrong(self) -> int:
        return sum(1 for _ in wrong_totals(self.units))


@transaction.atomic
def add_publisher(
    name: str,
    unit: Unit,
    public_key: bytes,
    *,
    is_new: bool = False,
    actor: User | None = None,
    address: str | None = None,
) -> Publisher:
    """Take signed figures of the unit from whoever signs with the key; a publisher of that name gets the new key.

    Figures that it published of another unit are forgotten. ValueError for what is no key, IntegrityError when another
    publisher has the unit or the key and, for one that is_new, when there is one of that name.
    """
    if len(public_key) != 32:
        raise ValueError("a public key has 32 bytes")
    values = {"unit": unit, "public_key": public_key}
    if is_new:
        publisher = Publisher.objects.create(name=name, **values)
    else:
        Publication.objects.filter(publisher__name=name).exclude(publisher__unit=unit).delete()
        publisher, _made = Publisher.objects.update_or_create(name=name, defaults=values)
    detail = {"unit": unit.code, "fingerprint": fingerprint(public_key)}
    record_audit(actor=actor, action="publisher_added", target=name, address=address, detail=detail)
    return publisher


@transaction.atomic
def check_publication(content: bytes) -> Checked:
    """Return what a file says that may be taken now. Raises PublicationRefused; writes nothing."""
    header = read_header(content)
    publisher = _signer(header["key"])
    header, units = read_publication(content, bytes(publisher.public_key))
    digest = hashlib.sha256(content).hexdigest()
    issued_at = _check_header(header, publisher, digest)
    _check_competencies(units)
    figures_at = _moment(header["figures_at"]) if header["figures_at"] else None
    held = Publication.objects.filter(publisher=publisher).first()
    return Checked(publisher, header, units, digest, issued_at, figures_at, held)


@transaction.atomic
def import_publication(content: bytes, *, actor: User | None = None, address: str | None = None) -> Publication:
    """Take a publisher's file in place of its older one, whole or not at all. Raises PublicationRefused."""
    checked = check_publication(content)
    publisher = checked.publisher
    Publication.objects.filter(publisher=publisher).delete()
    taken = Publication.objects.create(
        publisher=publisher, issued_at=checked.issued_at, figures_at=checked.figures_at, digest=checked.digest
    )
    PublishedUnitElsewhere.objects.bulk_create(
        PublishedUnitElsewhere(
            publication=taken,
            code=each.code,
            parent_code=each.parent,
            name_vi=each.name_vi,
            name_en=each.name_en,
            order=order,
            cells=pack(each.cells),
            own=None if each.own is None else pack(each.own),
        )
        for order, each in enumerate(checked.units)
    )
    detail = {"digest": checked.digest}
    record_audit(actor=actor, action="publication_imported", target=publisher.name, address=address, detail=detail)
    return taken


@transaction.atomic
def withdraw_publication(publisher: Publisher, actor: User, address: str | None = None) -> bool:
    """Show a publisher's figures no longer, and never take that file or an older one again; say whether there were any.

    A newer file is taken as before.
    """
    held = Publication.objects.filter(publisher=publisher, withdrawn_at=None)
    withdrawn = held.update(withdrawn_at=timezone.now())
    if withdrawn:
        PublishedUnitElsewhere.objects.filter(publication__publisher=publisher).delete()
        record_audit(actor=actor, action="publication_withdrawn", target=publisher.name, address=address)
    return bool(withdrawn)


def wrong_totals(units: Sequence[UnitCells]) -> Iterator[tuple[str, str]]:
    """Yield unit and competency of each whole that is not the sum of its parts, where nothing of it is suppressed."""
    below: dict[str, list[UnitCells]] = defaultdict(list)
    for each in units:
        below[each.parent].append(each)
    for each in units:
        if not below[each.code]:
            continue
        for code, whole in each.cells.items():
            parts = [part.cells.get(code, EMPTY) for part in below[each.code]]
            own = (each.own or {}).get(code, EMPTY)
            if whole is not None and None not in parts and own is not None:
                found = sum((part for part in parts if part is not None), own)
                if (found.required, found.assessed) != (whole.required, whole.assessed):
                    yield each.code, code


def _signer(key: str) -> Publisher:
    """Return the publisher with this public key, in base64, and let nobody else take a file of theirs meanwhile."""
    try:
        public = b64decode(key, validate=True)
    except ValueError:
        public = b""
    found = Publisher.objects.select_for_update(of=("self",)).select_related("unit").filter(public_key=public).first()
    if found is None:
        raise PublicationRefused("unknown_key", 1, fingerprint=fingerprint(public))
    return found


def _check_header(header: Mapping[str, Any], publisher: Publisher, digest: str) -> datetime:
    """Return when the file was made, if it may take the place of the one before."""
    framework = current_framework()
    known = f"{framework.code} {framework.version}"
    issued_at = _moment(header["issued_at"])
    before = Publication.objects.filter(publisher=publisher).first()
    if before and before.digest == digest:
        raise PublicationRefused("taken_already", None, when=before.imported_at)
    if before and issued_at <= before.issued_at:
        raise PublicationRefused("older", 1, issued=issued_at, held=before.issued_at)
    if issued_at > timezone.now() + _CLOCKS_DIFFER:
        raise PublicationRefused("in_the_future", 1, issued=issued_at)
    if header["unit"] != publisher.unit.code:
        raise PublicationRefused("other_unit", 1, found=header["unit"], known=publisher.unit.code)
    if header["framework"] != known:
        raise PublicationRefused("other_framework", 1, found=header["framework"], known=known)
    if header["threshold"] < THRESHOLD:
        raise PublicationRefused("lower_threshold", 1, found=header["threshold"], known=THRESHOLD)
    try:
        own = gap_report(publisher.unit, children=False)
    except UnitNotInForce:
        raise PublicationRefused("not_in_force", None, unit=publisher.unit.code) from None
    if own.competencies:
        raise PublicationRefused("counted_here", None, unit=publisher.unit.code)
    return issued_at


def _check_competencies(units: Sequence[UnitCells]) -> None:
    framework = current_framework()
    known = set(Competency.objects.filter(domain__framework=framework).values_list("code", flat=True))
    for number, each in enumerate(units, start=2):
        for code in (*each.cells, *(each.own or ())):
            if code not in known:
                raise PublicationRefused("unknown_competency", number, unit=each.code, competency=code)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise PublicationRefused("bad_moment", 1, found=text) from None
    if moment.tzinfo is None:
        raise PublicationRefused("bad_moment", 1, found=text)
    return moment
