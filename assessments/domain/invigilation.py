"""Sittings under supervision: an access code, the room's network, Safe Exam Browser, one device at a time."""

import hashlib
import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from assessments.domain.delivery_rules import RulesRefused
from assessments.domain.refusals import AttemptRefused
from assessments.domain.throttle import forget_tries, within_rate
from assessments.models import Assessment, Attempt, DeviceLease, Invigilation
from organisation.api import record_audit
from organisation.models import Person, User

CODE_TRIES, CODE_SECONDS = 5, 300
"""So many wrong codes of one person in so many seconds; then even the right one is refused until they are over."""

_KEY = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Visit:
    """Where a request of a browser comes from.

    device: named by its session. address: None when the server was not told. url: the whole address asked for.
    config_hash: what Safe Exam Browser sent with it (X-SafeExamBrowser-ConfigKeyHash), else empty.
    """

    device: UUID
    address: str | None
    url: str
    config_hash: str


def invigilation_of(assessment: Assessment) -> Invigilation | None:
    """Return what is asked in the room, None where nothing is. At most one query."""
    return getattr(assessment, "invigilation", None)


def set_invigilation(
    assessment: Assessment,
    actor: User,
    *,
    access_code: str = "",
    networks: Sequence[str] = (),
    config_keys: Sequence[str] = (),
    one_device: bool = True,
) -> Invigilation:
    """Say what is asked of whoever sits the assessment, from the next request on.

    networks: in CIDR notation, or single addresses. config_keys: 64 hexadecimal digits each. Raises RulesRefused:
    networks or config_keys, with what cannot be read as its reason.
    """
    checked_networks = [str(parse_network(text)) for text in networks]
    checked_keys = [parse_config_key(key) for key in config_keys]
    with transaction.atomic():
        kept, _created = Invigilation.objects.update_or_create(
            assessment=assessment,
            defaults={
                "access_code": access_code.strip(),
                "networks": checked_networks,
                "config_keys": checked_keys,
                "one_device": one_device,
            },
        )
        detail = {
            "networks": kept.networks,
            "config_keys": len(kept.config_keys),
            "code": bool(kept.access_code),
            "one_device": one_device,
        }
        record_audit(
            actor=actor, action="changed", target=f"invigilation of assessment {assessment.code}", detail=detail
        )
    return kept


@transaction.atomic
def end_invigilation(assessment: Assessment, actor: User) -> None:
    """Ask nothing of the room any more."""
    Invigilation.objects.filter(assessment=assessment).delete()
    record_audit(actor=actor, action="ended", target=f"invigilation of assessment {assessment.code}")


def parse_network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """Return a network of CIDR notation, or of one address. Raises RulesRefused: networks."""
    try:
        return ipaddress.ip_network(text.strip())
    except ValueError:
        raise RulesRefused("networks", text) from None


def parse_config_key(text: str) -> str:
    """Return a configuration key in small letters. Raises RulesRefused: config_keys."""
    key = text.strip().lower()
    if not _KEY.fullmatch(key):
        raise RulesRefused("config_keys", text)
    return key


def enter_room(person: Person, assessment: Assessment, visit: Visit | None, code: str) -> None:
    """Check what is asked at the door, the code too.

    Raises AttemptRefused: invigilated (no browser), network, browser, too_many_codes, code.
    """
    room = invigilation_of(assessment)
    if room is None:
        return
    _check_place(room, visit)
    if room.access_code:
        key = f"room:{assessment.pk}:{person.pk}"
        if not within_rate(key, CODE_TRIES, CODE_SECONDS):
            raise AttemptRefused("too_many_codes")
        if not compare_digest(room.access_code.casefold().encode(), code.strip().casefold().encode()):
            raise AttemptRefused("code")
        forget_tries(key)


def refusal_at_the_door(assessment: Assessment, visit: Visit | None) -> AttemptRefused | None:
    """Return why nobody is let in from here, whatever the code; None when the place is right."""
    room = invigilation_of(assessment)
    try:
        if room is not None:
            _check_place(room, visit)
    except AttemptRefused as refusal:
        return refusal
    return None


def check_room(attempt: Attempt, visit: Visit | None) -> None:
    """Check a request in a sitting under way: it must come from the room and from the device that was let in.

    Nothing is asked of an attempt that is submitted. Raises AttemptRefused: invigilated, network, browser, device.
    """
    room = invigilation_of(attempt.assessment)
    if room is None or attempt.status != Attempt.Status.OPEN:
        return
    _check_place(room, visit)
    assert visit is not None
    devices = list(DeviceLease.objects.filter(attempt=attempt).order_by("-pk").values_list("device", flat=True))
    if visit.device not in (devices[:1] if room.one_device else devices):
        raise AttemptRefused("device")


def holds_device(attempt: Attempt, visit: Visit) -> bool:
    """Whether the attempt goes on on this device."""
    newest = DeviceLease.objects.filter(attempt=attempt).order_by("-pk").values_list("device", flat=True).first()
    return newest == visit.device


def take_device(attempt: Attempt, visit: Visit, now: datetime | None = None) -> bool:
    """Let the attempt go on on this device alone; return whether it was taken over from another. Recorded."""
    with transaction.atomic():
        Attempt.objects.select_for_update(no_key=True).get(pk=attempt.pk)
        if holds_device(attempt, visit):
            return False
        before = DeviceLease.objects.filter(attempt=attempt).order_by("-pk").first()
        DeviceLease.objects.create(
            attempt=attempt, device=visit.device, address=visit.address, taken_at=now or timezone.now()
        )
        if before is not None:
            record_audit(
                actor=attempt.person.user,
                action="taken over",
                target=f"attempt {attempt.pk} on another device",
                address=visit.address,
                detail={"from": before.address},
            )
    return before is not None


def _check_place(room: Invigilation, visit: Visit | None) -> None:
    if visit is None:
        raise AttemptRefused("invigilated")
    if room.networks and not _is_within(visit.address, room.networks):
        raise AttemptRefused("network")
    if room.config_keys:
        url = visit.url.partition("#")[0]
        wanted = [hashlib.sha256(f"{url}{key}".encode()).hexdigest() for key in room.config_keys]
        sent = visit.config_hash.lower().encode()
        if sum(compare_digest(each.encode(), sent) for each in wanted) == 0:
            raise AttemptRefused("browser")


def _is_within(address: str | None, networks: Sequence[str]) -> bool:
    if address is None:
        return False
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return any(found in ipaddress.ip_network(each) for each in networks)
