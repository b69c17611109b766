"""Reports by e-mail: a link at each due day, never a figure nor a name, and only while the reader is in scope."""

import logging
from collections.abc import Collection, Sequence
from datetime import date
from smtplib import SMTPException
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from organisation.api import (
    accounts_answering_for,
    can_see_unit,
    find_unit,
    origins_of_undone,
    record_audit,
    roles_of,
    today,
)
from organisation.models import Unit, UnitVersion, User
from reports.domain.saved_views import places_of
from reports.models import ReportMail

logger = logging.getLogger(__name__)


def subscribe(user: User, unit: Unit, every: str) -> ReportMail:
    """Have a link to the unit's report sent to the account each week or month, from the next such day on."""
    next_on = ReportMail(every=every).day_after(today())
    wished = {"every": every, "next_on": next_on, "asked_by": None, "ended_at": None, "lost_at": None}
    kept, _made = ReportMail.objects.update_or_create(user=user, unit=unit, defaults=wished)
    return kept


def colleagues_of(user: User, unit: Unit) -> Sequence[User]:
    """Return the other accounts that answer for the unit in HR and have an address, in the order of their names."""
    return [each for each in accounts_answering_for(unit) if each.pk != user.pk and each.email]


@transaction.atomic
def subscribe_colleagues(user: User, unit: Unit, every: str, colleagues: Collection[User]) -> int:
    """Have a link to the unit's report sent to colleagues of the account; return to how many it was not sent yet.

    Whoever is sent one by their own wish or another's goes on as it is, and whoever ended theirs is not sent it again.
    Raises PermissionError for who is no colleague.
    """
    if not set(colleagues) <= set(colleagues_of(user, unit)):
        raise PermissionError("links are sent to accounts that answer for the unit alone")
    wished = {"every": every, "next_on": ReportMail(every=every).day_after(today())}
    _lost().filter(user__in=colleagues, unit=unit).delete()
    made = 0
    for each in colleagues:
        mail, is_new = ReportMail.objects.get_or_create(user=each, unit=unit, defaults={**wished, "asked_by": user})
        if is_new:
            record_audit(actor=user, action="report_mail_asked", target=unit.code, detail={"for": each.pk})
        elif mail.asked_by_id == user.pk:
            ReportMail.objects.filter(pk=mail.pk, ended_at=None).update(**wished)
        made += is_new
    return made


def mails_of(user: User) -> Sequence[ReportMail]:
    """Return what the account is sent of units in its scope, oldest wish first."""
    return mails_and_lost_of(user)[0]


def mails_and_lost_of(user: User) -> tuple[Sequence[ReportMail], Sequence[ReportMail]]:
    """Return what `mails_of` does, and what ended because the account may not read it, until it takes note."""
    kept = list(ReportMail.objects.filter(user=user, ended_at=None).select_related("unit", "user", "asked_by__person"))
    lost = [each for each in kept if each.lost_at]
    return [each for each in kept if not each.lost_at and may_read(each)], lost


def mails_asked_by(user: User) -> Sequence[ReportMail]:
    """Return what the account asked to have sent to colleagues, of units in its scope, while they answer for them."""
    kept = list(_going_on().filter(asked_by=user).select_related("unit", "user__person").order_by("unit", "pk"))
    units = {each.unit for each in kept if find_unit(each.unit.code) is not None and can_see_unit(user, each.unit)}
    colleagues = {unit.pk: {each.pk for each in colleagues_of(user, unit)} for unit in units}
    return [each for each in kept if each.user_id in colleagues.get(each.unit_id, ())]


def unsubscribe(key: UUID, by: User | None = None) -> None:
    """End the mail with this key, if there is one: whoever has the key may, for no more can be done with it.

    The colleague who asked for it takes the wish back; ended by anybody else it is the reader's word, and stays.
    """
    if by is not None:
        ReportMail.objects.filter(key=key, asked_by=by, ended_at=None).delete()
    ReportMail.objects.filter(key=key, ended_at=None).update(ended_at=timezone.now())


def has_ended(user: User, unit: Unit) -> bool:
    """Say whether the account ended the mails of the unit, so that only it can ask for them again."""
    return ReportMail.objects.filter(user=user, unit=unit).exclude(ended_at=None).exists()


def find_mail(key: UUID, user: User) -> ReportMail | None:
    """Return the account's own mail with this key, unless it has ended."""
    return _going_on().filter(key=key, user=user).select_related("unit", "user").first()


def _going_on() -> QuerySet[ReportMail]:
    return ReportMail.objects.filter(ended_at=None, lost_at=None)


def _lost() -> QuerySet[ReportMail]:
    return ReportMail.objects.filter(ended_at=None).exclude(lost_at=None)


def may_read(mail: ReportMail) -> bool:
    """Say whether the account may open the unit's report today; nobody may of a unit that is not in force."""
    user: User = mail.user
    is_hr = bool(roles_of(user) & {"hr", "admin"})
    return is_hr and find_unit(mail.unit.code) is not None and can_see_unit(user, mail.unit)


def send_due_mails(day: date | None = None) -> int:
    """Send every mail whose day has come, once each, and return how many were sent.

    Mails of units that ended go on with what took their place; what the account may not read any more is ended instead,
    and its page says so. Safe to run at any time, in any number. A mail that the mail server does not take stays due
    for the next run.
    """
    day = day or today()
    sent = 0
    here = Exists(UnitVersion.objects.filter(unit=OuterRef("unit"), valid__contains=today()))
    for pk in list(_going_on().filter(~here).values_list("pk", flat=True)):
        _follow(pk)
    for pk in list(_going_on().filter(next_on__lte=day).values_list("pk", flat=True)):
        try:
            sent += _send_in_turn(pk, day)
        except (OSError, SMTPException):
            logger.exception("report mail %s could not be sent", pk)
    return sent


@transaction.atomic
def _follow(pk: int) -> None:
    """Let a mail go on with what took the place of its unit, where the account may read that; once for each place.

    With what the unit was made of, where that was undone.
    """
    held = _going_on().select_for_update(skip_locked=True, of=("self",)).select_related("user", "unit")
    mail = held.filter(pk=pk).first()
    if mail is None:
        return
    place = places_of([mail.unit_id])[mail.unit_id]
    for unit in Unit.objects.filter(pk__in=[place] if place else origins_of_undone(mail.unit_id)).order_by("pk"):
        mail.unit = unit
        if may_read(mail):
            break
    else:
        return
    _lost().filter(user=mail.user, unit=mail.unit).delete()
    if ReportMail.objects.filter(
        user=mail.user, unit=mail.unit
    ).exists():  # the place's own, or one that its reader ended
        mail.delete()
    else:
        mail.save(update_fields=["unit"])


@transaction.atomic
def _send_in_turn(pk: int, day: date) -> bool:
    due = _going_on().select_for_update(skip_locked=True, of=("self",)).select_related("user", "unit")
    mail = due.filter(pk=pk, next_on__lte=day).first()
    if mail is None:
        return False
    if not may_read(mail):
        mail.lost_at = timezone.now()
        mail.save(update_fields=["lost_at"])
        return False
    mail.next_on = mail.day_after(day)
    mail.save(update_fields=["next_on"])
    if not mail.user.email:
        return False
    with translation.override(mail.user.language):
        message = _message(mail)
    record_audit(actor=mail.user, action="report_mailed", target=mail.unit.code)
    message.send()
    return True


def _message(mail: ReportMail) -> EmailMessage:
    address = settings.REPORT_MAIL_ADDRESS.format(key=mail.key)
    end = f"{address}stop/"
    lines = [
        _("Hello,"),
        _("a colleague asks you to read a report. It is here, after you have signed in:")
        if mail.asked_by_id
        else _("a report that you asked to be told of can be read here, after you have signed in:"),
        address,
        _("To protect people, this e-mail has no figures and no names in it."),
        _("You do not want these e-mails any more? End them here:"),
        end,
    ]
    return EmailMessage(
        _("Your report on competency gaps"),
        "\n\n".join(lines) + "\n",
        to=[mail.user.email],
        headers={"List-Unsubscribe": f"<{end}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
    )
