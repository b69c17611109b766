"""Dated placements of people. Every change tells the rooms above, once the transaction has committed."""

from collections.abc import Collection, Iterable
from datetime import date
from functools import partial

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from organisation.models import Person, Position, Posting, Unit
from organisation.signals import posting_changed


def announce_postings(person_ids: Iterable[int]) -> None:
    """Send `posting_changed` for these people after the current transaction commits (at once when there is none)."""
    ids = sorted(set(person_ids))
    if ids:
        transaction.on_commit(partial(posting_changed.send, sender=Posting, person_ids=ids))


@transaction.atomic
def create_posting(
    person: Person,
    unit: Unit,
    position: Position,
    *,
    valid_from: date,
    valid_to: date | None = None,
    kind: str = Posting.Kind.PRIMARY,
) -> Posting:
    """Place a person on `[valid_from, valid_to)`. The database refuses a second primary posting on the same day."""
    posting = Posting.objects.create(
        person=person, unit=unit, position=position, kind=kind, valid=DateRange(valid_from, valid_to)
    )
    announce_postings([person.pk])
    return posting


@transaction.atomic
def end_posting(posting: Posting, day: date) -> None:
    """End a posting: `day` is the first on which it no longer holds. Raises ValidationError where it had not begun."""
    if posting.valid.lower is not None and day <= posting.valid.lower:
        raise ValidationError(_("A posting cannot end before it begins."))
    posting.valid = DateRange(posting.valid.lower, day)
    posting.save(update_fields=["valid"])
    announce_postings([posting.person_id])


@transaction.atomic
def move_person(person: Person, unit: Unit, position: Position, *, day: date) -> Posting:
    """Give the person a new primary posting from a day on; the one that holds on that day ends there.

    A posting that begins on that very day is replaced: it never held. The new one lasts as long as the one it follows,
    or until the next begins.
    """
    primary = Posting.objects.select_for_update().filter(person=person, kind=Posting.Kind.PRIMARY)
    current = primary.filter(valid__contains=day).first()
    if current is None:
        later = primary.filter(valid__startswith__gt=day).order_by("valid__startswith").first()
        end = later.valid.lower if later else None
    else:
        end = current.valid.upper
        if current.valid.lower == day:
            current.delete()
        else:
            end_posting(current, day)
    return create_posting(person, unit, position, valid_from=day, valid_to=end)


@transaction.atomic
def leave(person: Person, *, day: date, units: Collection[int] | None = None) -> None:
    """Take the person out of the postings that hold on the day, and out of those that were to follow.

    units: primary keys; primary postings that were to follow in other units stay, None for none, and so do further
    postings behind them. A posting that begins on that very day never held.
    """
    postings = person.postings.select_for_update()
    primary = postings.filter(kind=Posting.Kind.PRIMARY, valid__startswith__gte=day)
    (primary if units is None else primary.filter(unit_id__in=units)).delete()
    following = primary.order_by("valid__startswith").first()
    further = postings.exclude(kind=Posting.Kind.PRIMARY).filter(valid__startswith__gte=day)
    (further.filter(valid__startswith__lt=following.valid.lower) if following else further).delete()
    for posting in postings.filter(valid__contains=day):
        end_posting(posting, day)
    announce_postings([person.pk])


def posting_of(person: Person, as_of: date) -> Posting | None:
    """Return the person's primary posting as of a date with its unit and position, or None."""
    return (
        Posting.objects.filter(person=person, kind=Posting.Kind.PRIMARY, valid__contains=as_of)
        .select_related("unit", "position")
        .first()
    )


def last_home_of(person: Person, as_of: date) -> Posting | None:
    """Return the primary posting as of a date with its unit and position; without one, that which begins last."""
    homes = person.postings.filter(kind=Posting.Kind.PRIMARY).select_related("unit", "position").order_by("-valid")
    return posting_of(person, as_of) or homes.first()
