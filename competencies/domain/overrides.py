"""Requirements of one person in place of their post's: set with a reason and dates, ended, read."""

from datetime import date
from functools import partial

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from competencies.models import LEVELS, Competency, RequirementOverride
from competencies.signals import person_requirement_changed
from organisation.api import normalise_text, record_audit
from organisation.models import Person, User

REASON_LENGTH = 500


@transaction.atomic
def set_override(
    person: Person,
    competency: Competency,
    level: int | None,
    *,
    reason: str,
    valid_from: date,
    valid_to: date | None = None,
    actor: User | None,
    address: str | None = None,
) -> RequirementOverride:
    """Require a level (None: nothing) of the person in the competency on `[valid_from, valid_to)`, whatever their post.

    Fires `person_requirement_changed` after commit and leaves an audit event. Raises ValidationError for an empty or
    overlong reason, dates or a level that cannot be, and for days that another override of theirs already covers.
    """
    reason = normalise_text(reason)
    if not reason or len(reason) > REASON_LENGTH:
        raise ValidationError(_("Give a reason of at most %(limit)s characters.") % {"limit": REASON_LENGTH})
    if level is not None and not 1 <= level <= LEVELS:
        raise ValidationError(_("A level lies between 1 and %(limit)s.") % {"limit": LEVELS})
    if valid_to is not None and valid_to <= valid_from:
        raise ValidationError(_("The last day lies before the first."))
    override = RequirementOverride(
        person=person,
        competency=competency,
        level=level,
        reason=reason,
        valid=DateRange(valid_from, valid_to),
        set_by=actor,
    )
    try:
        with transaction.atomic():
            override.save()
    except IntegrityError as error:
        if "one_override_at_a_time" not in str(error):
            raise
        raise ValidationError(
            _("There is already another requirement for this competency on some of these days.")
        ) from error
    _tell(override, "requirement_overridden", actor, address)
    return override


@transaction.atomic
def end_override(override: RequirementOverride, day: date, *, actor: User | None, address: str | None = None) -> None:
    """End an override: `day` is the first on which the post's own requirement holds again.

    One that begins no earlier never held and is removed. Raises ValidationError when it has already ended.
    """
    override = RequirementOverride.objects.select_for_update().get(pk=override.pk)
    if override.valid.upper is not None and override.valid.upper <= day:
        raise ValidationError(_("This requirement has already ended."))
    if override.valid.lower is not None and override.valid.lower >= day:
        _tell(override, "requirement_override_ended", actor, address)
        override.delete()
        return
    override.valid = DateRange(override.valid.lower, day)
    override.save(update_fields=["valid"])
    _tell(override, "requirement_override_ended", actor, address)


def _tell(override: RequirementOverride, action: str, actor: User | None, address: str | None) -> None:
    record_audit(
        actor=actor,
        action=action,
        target=f"person {override.person_id}",
        address=address,
        detail={
            "competency": override.competency.code,
            "level": override.level,
            "reason": override.reason,
            "from": str(override.valid.lower),
            "to": str(override.valid.upper) if override.valid.upper else None,
        },
    )
    send = partial(person_requirement_changed.send, sender=RequirementOverride, person_ids=[override.person_id])
    transaction.on_commit(send)
