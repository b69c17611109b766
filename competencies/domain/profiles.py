"""What positions require, version by version: a new version from a day, one that is to come withdrawn."""

from collections.abc import Mapping
from datetime import date
from functools import partial

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from competencies.models import LEVELS, Requirement, RoleProfile
from competencies.signals import requirement_changed
from organisation.api import normalise_text, record_audit, today
from organisation.models import Position, User

REASON_LENGTH = 500


class LaterProfile(ValueError):
    """A profile that begins later stands in the way; the message is its first day."""


class ProfilesChanged(Exception):
    """Somebody changed the position's profiles since they were read. Nothing was written."""


def newest_profile(position: Position) -> RoleProfile | None:
    """Return the version that begins last, whether it has begun or not."""
    return RoleProfile.objects.filter(position=position).order_by("-valid__startswith").first()


def write_profile(
    position: Position,
    levels: Mapping[int, int],
    valid_from: date,
    *,
    rationale_vi: str | None = None,
    rationale_en: str | None = None,
) -> bool:
    """Let the position require these levels (by competency's key) from a day on; say whether anything changed.

    A version that begins on that very day is replaced, the one that holds then ends there. A rationale that is not
    given stays as it was. Raises LaterProfile. Tells nobody: see `tell_profiles`. Needs a transaction.
    """
    newest = RoleProfile.objects.select_for_update().filter(position=position).order_by("-valid__startswith").first()
    if newest is not None:
        rationale_vi = newest.rationale_vi if rationale_vi is None else rationale_vi
        rationale_en = newest.rationale_en if rationale_en is None else rationale_en
        same_texts = (newest.rationale_vi, newest.rationale_en) == (rationale_vi, rationale_en)
        begun = newest.valid.lower is None or newest.valid.lower <= valid_from
        if begun and same_texts and newest.valid.upper is None and levels_of(newest) == dict(levels):
            return False
        if newest.valid.lower is not None and newest.valid.lower > valid_from:
            raise LaterProfile(newest.valid.lower.isoformat())
        if newest.valid.lower == valid_from:
            newest.delete()
        elif newest.valid.upper is None or newest.valid.upper > valid_from:
            newest.valid = DateRange(newest.valid.lower, valid_from)
            newest.save(update_fields=["valid"])
    profile = RoleProfile.objects.create(
        position=position,
        valid=DateRange(valid_from, None),
        rationale_vi=rationale_vi or "",
        rationale_en=rationale_en or "",
    )
    Requirement.objects.bulk_create(
        Requirement(role_profile=profile, competency_id=pk, level=level) for pk, level in levels.items()
    )
    return True


def levels_of(profile: RoleProfile) -> dict[int, int]:
    """Return the required level by competency's key."""
    return dict(profile.requirements.values_list("competency_id", "level"))


def tell_profiles(position_pks: list[int]) -> None:
    """Send `requirement_changed` once the transaction has committed."""
    if position_pks:
        transaction.on_commit(partial(requirement_changed.send, sender=RoleProfile, position_ids=sorted(position_pks)))


@transaction.atomic
def set_profile(
    position: Position,
    levels: Mapping[int, int],
    *,
    valid_from: date,
    seen: int | None,
    reason: str,
    actor: User,
    address: str | None = None,
) -> bool:
    """Write a version as `write_profile` does, with its reason in the audit trail; say whether anything changed.

    seen: the key of the `newest_profile` that the account looked at, None for none. Whoever holds the post is told of
    when the version has begun; one that is to come is told of on its day. Raises ProfilesChanged, and ValidationError
    for a reason that is none, levels that cannot be and a version that begins later.
    """
    reason = normalise_text(reason)
    if not reason or len(reason) > REASON_LENGTH:
        raise ValidationError(_("Give a reason of at most %(limit)s characters.") % {"limit": REASON_LENGTH})
    if not all(1 <= level <= LEVELS for level in levels.values()):
        raise ValidationError(_("A level lies between 1 and %(limit)s.") % {"limit": LEVELS})
    _take_turn(position, seen)
    try:
        if not write_profile(position, levels, valid_from):
            return False
    except LaterProfile as later:
        raise ValidationError(
            _("A version from %(day)s on exists already: withdraw it first, or begin this one no earlier.")
            % {"day": date.fromisoformat(str(later)).strftime("%d/%m/%Y")}
        ) from later
    asked = {str(pk): level for pk, level in levels.items()}
    detail = {"from": valid_from.isoformat(), "reason": reason, "levels": asked}
    record_audit(actor=actor, action="role_profile_set", target=position.code, address=address, detail=detail)
    if valid_from <= today():
        tell_profiles([position.pk])
    return True


@transaction.atomic
def withdraw_profile(profile: RoleProfile, *, actor: User, address: str | None = None) -> None:
    """Remove a version that has not begun; the one before it goes on.

    Raises ValidationError for one that has begun, ProfilesChanged for one that is gone.
    """
    Position.objects.select_for_update().get(pk=profile.position_id)
    held = RoleProfile.objects.select_for_update().filter(pk=profile.pk).first()
    if held is None:
        raise ProfilesChanged
    profile, first, end = held, held.valid.lower, held.valid.upper
    if first is None or first <= today():
        raise ValidationError(_("This version has begun. Make a new one instead."))
    profile.delete()
    before = RoleProfile.objects.filter(position_id=profile.position_id, valid__endswith=first).first()
    if before is not None:
        before.valid = DateRange(before.valid.lower, end)
        before.save(update_fields=["valid"])
    code, detail = profile.position.code, {"from": first.isoformat()}
    record_audit(actor=actor, action="role_profile_withdrawn", target=code, address=address, detail=detail)


def _take_turn(position: Position, seen: int | None) -> None:
    Position.objects.select_for_update().get(pk=position.pk)
    newest = newest_profile(position)
    if seen != (newest.pk if newest else None):
        raise ProfilesChanged
