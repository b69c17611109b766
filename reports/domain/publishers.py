"""Publishers: whose signed figures are taken, and the taking of a file."""

import hashlib
from base64 import b64decode
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from competencies.api import current_framework
from competencies.models import Competency
from organisation.api import record_audit
from organisation.models import Unit
from reports.domain.gap_report import gap_report
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
from reports.models import Publication, PublishedUnitElsewhere, Publisher

_CLOCKS_DIFFER = timedelta(hours=1)


def add_publisher(name: str, unit: Unit, public_key: bytes) -> Publisher:
    """Take signed figures of the unit from whoever signs with the key; a publisher of that name gets the new key."""
    if len(public_key) != 32:
        raise ValueError("a public key has 32 bytes")
    publisher, _made = Publisher.objects.update_or_create(name=name, defaults={"unit": unit, "public_key": public_key})
    record_audit(actor=None, action="publisher_added", target=name, detail={"unit": unit.code})
    return publisher


@transaction.atomic
def import_publication(content: bytes) -> Publication:
    """Take a publisher's file in place of its older one, whole or not at all. Raises PublicationRefused."""
    header = read_header(content)
    publisher = _signer(header["key"])
    header, units = read_publication(content, bytes(publisher.public_key))
    digest = hashlib.sha256(content).hexdigest()
    issued_at = _check_header(header, publisher, digest)
    _check_competencies(units)
    Publication.objects.filter(publisher=publisher).delete()
    taken = Publication.objects.create(
        publisher=publisher,
        issued_at=issued_at,
        figures_at=_moment(header["figures_at"]) if header["figures_at"] else None,
        digest=digest,
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
        for order, each in enumerate(units)
    )
    record_audit(actor=None, action="publication_imported", target=publisher.name, detail={"digest": digest})
    return taken


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
