"""Secondary postings and secondments as SCIM shows and writes them, as far as one system's scope goes."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta
from itertools import zip_longest
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from scim2_models import InvalidValueException

from organisation.domain.hr_systems import scope_of
from organisation.domain.imports.messages import message_of
from organisation.domain.posting_changes import add_posting, refusal_of, stop_posting
from organisation.domain.postings import end_posting
from organisation.domain.queries.units import today
from organisation.domain.queries.visible_units import units_below
from organisation.importing.cells import parse_date
from organisation.importing.faults import CellRefused, Fault
from organisation.models import HrSystem, Person, Position, Posting, Unit
from organisation.scim.resources import FurtherPosting, FurtherPostings

_Key = tuple[str, int, int, date]


def further_postings(system: HrSystem, person_pks: Collection[int]) -> dict[int, list[Posting]]:
    """Return each person's further postings in the scope that hold today or are to come, by first day. One query."""
    day = today()
    found: dict[int, list[Posting]] = defaultdict(list)
    rows = Posting.objects.filter(
        person__in=person_pks, valid__overlap=DateRange(day, None), unit__in=units_below(scope_of(system), day)
    ).exclude(kind=Posting.Kind.PRIMARY)
    for row in rows.select_related("unit", "position").order_by("valid", "pk"):
        found[row.person_id].append(row)
    return found


def describe_postings(postings: Collection[Posting]) -> FurtherPostings | None:
    """Return the extension for these postings, None for none."""
    if not postings:
        return None
    return FurtherPostings(
        postings=[
            FurtherPosting(
                kind=FurtherPosting.Kind(each.kind),
                unit=each.unit.code,
                position=each.position.code,
                from_=each.valid.lower.isoformat() if each.valid.lower else None,
                until=(each.valid.upper - timedelta(days=1)).isoformat() if each.valid.upper else None,
            )
            for each in postings
        ]
    )


class PostingsToWrite:
    """What a resource says of a person's further postings, against what the scope shows of them.

    Two steps, for where they belong may change between them: what is no longer said ends, what is new begins.
    """

    def __init__(self, system: HrSystem, person: Person, said: Any, positions: dict[str, int]) -> None:
        """said: the extension. Without it nothing changes: most systems do not know it.

        Raises InvalidValueException for values that cannot be.
        """
        self._person = person
        # After a merger a person may hold the same post twice: which is which does not matter, but for their ends.
        self._held: dict[_Key, list[Posting]] = defaultdict(list)
        self._wanted: dict[_Key, list[date | None]] = defaultdict(list)
        self._units: dict[int, Unit] = {}
        if said is None:
            return
        for posting in further_postings(system, [person.pk])[person.pk] if person.pk else []:
            first = posting.valid.lower or date.min
            self._held[posting.kind, posting.unit_id, posting.position_id, first].append(posting)
        day = today()
        units = Unit.objects.filter(pk__in=units_below(scope_of(system), day))
        by_code = {unit.code: unit for unit in units.filter(code__in=[each.unit or "" for each in said.postings or []])}
        for each in said.postings or []:
            unit, position = by_code.get(each.unit or ""), positions.get((each.position or "").strip().lower())
            if each.kind not in (Posting.Kind.SECONDARY, Posting.Kind.SECONDMENT):
                raise InvalidValueException(detail="postings.kind is secondary or secondment")
            if unit is None:
                raise InvalidValueException(detail=f"postings.unit: there is no unit {each.unit!r} in your scope")
            if position is None:
                raise InvalidValueException(detail=f"postings.position: there is no position {each.position!r}")
            first, last = _day("from", each.from_) or day, _day("until", each.until)
            key = (str(each.kind), unit.pk, position, first)
            if len(self._wanted[key]) >= max(len(self._held[key]), 1):
                raise InvalidValueException(detail="postings: the same posting is given twice")
            self._wanted[key].append(last + timedelta(days=1) if last else None)
            self._units[unit.pk] = unit
        for ends in self._wanted.values():
            ends.sort(key=_by_end)
        for postings in self._held.values():
            postings.sort(key=lambda posting: _by_end(posting.valid.upper))

    def end_what_is_over(self) -> None:
        """End today what is no longer said; what had not begun is removed."""
        for key, postings in self._held.items():
            for posting in postings[len(self._wanted.get(key, ())) :]:
                stop_posting(posting, today())

    def begin_what_is_new(self) -> None:
        """Write new postings and changed ends. Raises InvalidValueException where they do not fit the others."""
        positions = Position.objects.in_bulk({position for _kind, _unit, position, _first in self._wanted})
        try:
            with transaction.atomic():
                for key, ends in self._wanted.items():
                    kind, unit, position, first = key
                    for end, held in zip_longest(ends, self._held[key][: len(ends)]):
                        if held is None:
                            place = self._units[unit], positions[position]
                            add_posting(self._person, *place, kind=kind, first=first, end=end)
                        elif held.valid.upper != end:
                            _change_end(held, end)
        except ValidationError as refused:
            raise InvalidValueException(detail=f"postings: {' '.join(refused.messages)}") from None
        except IntegrityError as error:
            raise InvalidValueException(detail=f"postings: {refusal_of(error)}") from None


def _by_end(end: date | None) -> date:
    return end or date.max


def _change_end(posting: Posting, end: date | None) -> None:
    if end is not None:
        end_posting(posting, end)
        return
    posting.valid = DateRange(posting.valid.lower, None)
    posting.save(update_fields=["valid"])


def _day(name: str, text: str | None) -> date | None:
    try:
        return parse_date(text or "")
    except CellRefused as refused:
        reason = message_of(Fault(0, name, refused.reason, refused.values))
        raise InvalidValueException(detail=f"postings.{name}: {reason}") from None
