"""What HR changes in one person's postings: all of a change or nothing, with its reason, by one officer at a time."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pghistory
from django.core.exceptions import ValidationError
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from organisation.domain.access import record_audit
from organisation.domain.names import normalise_text
from organisation.domain.postings import announce_postings, create_posting, end_posting, leave, move_person
from organisation.models import Person, Position, Posting, Unit, User

REASON_LENGTH = 500
_WAITS = "5s"


class PostingsChanged(Exception):
    """Somebody changed the person's postings since they were read. Nothing was written."""


def postings_version(person: Person) -> str:
    """Return a text that differs whenever any posting of the person does. One query."""
    rows = person.postings.order_by("pk").values_list("pk", "kind", "unit_id", "position_id", "valid")
    return hashlib.sha256(repr(list(rows)).encode()).hexdigest()[:32]


@contextmanager
def changing_postings(
    person: Person, *, seen: str, reason: str, action: str, actor: User, address: str | None = None
) -> Iterator[None]:
    """Let the body change the person's postings, alone, and leave an audit event; on any refusal nothing is written.

    seen: what `postings_version` said when the officer looked. action: a short past participle for the audit trail.
    Raises PostingsChanged when that has changed, or a reorganisation is at the postings; ValidationError for a reason
    that is none and for postings that cannot be beside each other.
    """
    reason = normalise_text(reason)
    if not reason or len(reason) > REASON_LENGTH:
        raise ValidationError(_("Give a reason of at most %(limit)s characters.") % {"limit": REASON_LENGTH})
    with transaction.atomic():
        take_turn(person.pk)
        if seen != postings_version(person):
            raise PostingsChanged
        try:
            with transaction.atomic(), pghistory.context(reason=reason, actor=actor.pk):
                yield
        except IntegrityError as error:
            raise ValidationError(refusal_of(error)) from error
        record_audit(
            actor=actor, action=action, target=f"person {person.pk}", address=address, detail={"reason": reason}
        )
        announce_postings([person.pk])


def take_turn(person_pk: int | None = None) -> None:
    """Wait for a reorganisation that is at all postings, and for others at the person: what was read before is old.

    In this order, and with the person's key left free: a reorganisation that has the postings refers to the person at
    its commit. Without a person, one who is not known yet. Raises PostingsChanged when it takes too long.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{_WAITS}'")
            cursor.execute("LOCK TABLE organisation_posting IN ROW EXCLUSIVE MODE")
            if person_pk is not None:
                Person.objects.select_for_update(of=("self",), no_key=True).get(pk=person_pk)
            cursor.execute("SET LOCAL lock_timeout = DEFAULT")
    except OperationalError as error:
        raise PostingsChanged from error


def move_home(person: Person, unit: Unit, position: Position, *, day: date) -> Posting:
    """Move the primary posting from a day on. A secondment to the unit, which is their own now, ends there."""
    seconded = person.postings.filter(kind=Posting.Kind.SECONDMENT, unit=unit, valid__overlap=DateRange(day, None))
    for each in seconded:
        stop_posting(each, day)
    return move_person(person, unit, position, day=day)


def add_posting(person: Person, unit: Unit, position: Position, *, kind: str, first: date, end: date | None) -> Posting:
    """Give the person a further posting on `[first, end)`. Raises ValidationError where it does not fit the others."""
    posting = Posting(person=person, unit=unit, position=position, kind=kind)
    _check_fits(posting, first, end)
    return create_posting(person, unit, position, valid_from=first, valid_to=end, kind=kind)


def stop_posting(posting: Posting, day: date) -> None:
    """End a posting: `day` is the first without it. One that begins no earlier never held and is removed.

    Whoever leaves their primary posting leaves all others, and those that were to follow. Raises ValidationError for a
    posting that has ended by then.
    """
    if posting.valid.upper is not None and posting.valid.upper <= day:
        raise ValidationError(_("This posting has already ended."))
    if posting.kind == Posting.Kind.PRIMARY and posting.valid.lower < day:
        leave(posting.person, day=day)
    elif posting.valid.lower >= day:
        posting.delete()
    else:
        end_posting(posting, day)


def correct_posting(posting: Posting, unit: Unit, position: Position, *, first: date, end: date | None) -> None:
    """Put right what was recorded wrongly: the posting was so from the beginning, also on days that are over."""
    _check_fits(posting, first, end, unit=unit, position=position)
    posting.unit, posting.position, posting.valid = unit, position, DateRange(first, end)
    posting.save(update_fields=["unit", "position", "valid"])
    if posting.kind == Posting.Kind.PRIMARY:
        for each in posting.person.postings.exclude(kind=Posting.Kind.PRIMARY):
            _check_home(posting.person, each.valid.lower)


def _check_fits(
    posting: Posting, first: date, end: date | None, *, unit: Unit | None = None, position: Position | None = None
) -> None:
    """Raise ValidationError where the posting, with these days and place, does not fit the person's others.

    What the database refuses by itself is left to it.
    """
    if end is not None and end <= first:
        raise ValidationError(_("The last day lies before the first."))
    if posting.kind == Posting.Kind.PRIMARY:
        return
    unit, position = unit or posting.unit, position or posting.position
    others = posting.person.postings.exclude(pk=posting.pk).filter(valid__overlap=DateRange(first, end), unit=unit)
    _check_home(posting.person, first)
    if posting.kind == Posting.Kind.SECONDMENT:
        if end is None:
            raise ValidationError(_("A secondment ends: give its last day."))
        if others.filter(kind=Posting.Kind.PRIMARY).exists():
            raise ValidationError(_("Unit %(code)s is the person's own on some of these days.") % {"code": unit.code})
        return
    held = others.filter(kind=Posting.Kind.SECONDARY, position=position).first()
    if held is not None:
        since = held.valid.lower.strftime("%d/%m/%Y")
        raise ValidationError(_("The person already holds this secondary post since %(since)s.") % {"since": since})


def _check_home(person: Person, day: date) -> None:
    if not person.postings.filter(kind=Posting.Kind.PRIMARY, valid__contains=day).exists():
        raise ValidationError(_("On its first day the person has no primary posting: a further posting needs one."))


def refusal_of(error: IntegrityError) -> str:
    """Return what the database's refusal of a posting means to a person."""
    name = str(error)
    if "one_primary_posting_at_a_time" in name:
        return _("The person has another primary posting on some of these days.")
    if "one_secondment_at_a_time" in name:
        return _("The person is seconded elsewhere on some of these days.")
    return _("The unit is not in force on all of these days.")
