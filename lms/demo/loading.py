"""Load the province: units, people and postings in bulk, by the organisation's own record makers."""

from django.db import transaction
from psycopg.types.range import DateRange

from lms.demo.province import FOUNDED, POSTED, PersonRow, UnitRow
from organisation.api import announce_postings, create_unit, person_record
from organisation.models import Person, Position, Posting, Unit


@transaction.atomic
def load_province(units: list[UnitRow], people: list[PersonRow]) -> None:
    """Write the units, people and postings of the demo in one transaction."""
    made: dict[str, Unit] = {}
    for row in units:
        made[row.code] = create_unit(
            row.code,
            name_vi=row.name_vi,
            name_en=row.name_en,
            kind=row.kind,
            parent=made[row.parent] if row.parent else None,
            valid_from=FOUNDED,
        )
    persons = Person.objects.bulk_create(
        person_record(row.employee_code, row.full_name, gender=row.gender, birth_date=row.birth_date) for row in people
    )
    positions = {position.code: position for position in Position.objects.all()}
    Posting.objects.bulk_create(
        Posting(
            person=person,
            unit=made[row.unit_code],
            position=positions[row.position_code],
            valid=DateRange(POSTED, None),
        )
        for person, row in zip(persons, people, strict=True)
    )
    announce_postings([person.pk for person in persons])
