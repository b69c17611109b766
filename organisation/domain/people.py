"""People and the kinds of post they can hold."""

from datetime import date
from typing import Any

from organisation.domain.names import normalise_text, person_keys
from organisation.models import Person, Position, PositionGroup, User


def person_record(
    employee_code: str,
    full_name: str,
    *,
    email: str = "",
    gender: str = "",
    birth_date: date | None = None,
    user: User | None = None,
) -> Person:
    """Return an unsaved person with the name in normal form and its keys filled."""
    full_name = normalise_text(full_name)
    sort_key, search_key = person_keys(full_name)
    return Person(
        employee_code=normalise_text(employee_code),
        full_name=full_name,
        sort_key=sort_key,
        search_key=search_key,
        email=email,
        gender=gender,
        birth_date=birth_date,
        user=user,
    )


def code_in_use(code: str, *, besides: Person | None = None) -> bool:
    """Say whether anybody has this employee code in whatever case. What is not committed yet the database refuses."""
    known = Person.objects.filter(employee_code__iexact=code)
    return (known.exclude(pk=besides.pk) if besides else known).exists()


def create_person(employee_code: str, full_name: str, **details: Any) -> Person:
    """Make a person. `details` are those of `person_record`: email, gender, birth_date, user."""
    person = person_record(employee_code, full_name, **details)
    person.save()
    return person


def rename_person(person: Person, full_name: str) -> None:
    """Give the person another name, keys and all, and save it."""
    person.full_name = normalise_text(full_name)
    person.sort_key, person.search_key = person_keys(person.full_name)
    person.save(update_fields=["full_name", "sort_key", "search_key"])


def create_position_group(code: str, *, name_vi: str, name_en: str, order: int = 0) -> PositionGroup:
    """Make a family of positions that reports compare."""
    return PositionGroup.objects.create(
        code=code, name_vi=normalise_text(name_vi), name_en=normalise_text(name_en), order=order
    )


def create_position(code: str, *, name_vi: str, name_en: str, group: PositionGroup) -> Position:
    """Make a kind of post."""
    return Position.objects.create(
        code=code, name_vi=normalise_text(name_vi), name_en=normalise_text(name_en), group=group
    )
