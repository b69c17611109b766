"""Accounts, units, people and postings, made by the room's own operations so that their keys are filled."""

from datetime import date
from typing import Any

from organisation.domain.people import create_person
from organisation.domain.postings import create_posting
from organisation.domain.units import create_unit
from organisation.models import Person, Position, PositionGroup, Posting, RoleGrant, Unit, User
from tests.factories.base import ModelFactory, factory

PASSWORD = "mat-khau-thu-nghiem"


class UserFactory(ModelFactory):
    """An account whose password is PASSWORD."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    password = factory.django.Password(PASSWORD)
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.vn")


class UnitFactory(ModelFactory):
    """A unit with one version; give `parent`, `kind`, `valid_from`, `valid_to` as `create_unit` takes them."""

    class Meta:
        model = Unit

    code = factory.Sequence(lambda n: f"U{n:04d}")
    name_vi = factory.Sequence(lambda n: f"Xã Số {n}")
    kind = "commune"
    parent = None

    @classmethod
    def _create(cls, model_class: type[Unit], *args: Any, **kwargs: Any) -> Unit:
        return create_unit(kwargs.pop("code"), **kwargs)


class PersonFactory(ModelFactory):
    """A person without an account; give `user=UserFactory()` for one who signs in."""

    class Meta:
        model = Person

    employee_code = factory.Sequence(lambda n: f"NV{n:06d}")
    full_name = factory.Iterator(["Nguyễn Thị Hồng Ánh", "Trần Văn Đức", "Lê Quốc Bảo", "Phạm Thuỳ Dương"])

    @classmethod
    def _create(cls, model_class: type[Person], *args: Any, **kwargs: Any) -> Person:
        return create_person(kwargs.pop("employee_code"), kwargs.pop("full_name"), **kwargs)


class PositionGroupFactory(ModelFactory):
    class Meta:
        model = PositionGroup

    code = factory.Sequence(lambda n: f"group-{n}")
    name_vi = factory.Sequence(lambda n: f"Nhóm vị trí {n}")
    name_en = factory.Sequence(lambda n: f"Position group {n}")


class PositionFactory(ModelFactory):
    class Meta:
        model = Position

    code = factory.Sequence(lambda n: f"position-{n}")
    name_vi = factory.Sequence(lambda n: f"Vị trí {n}")
    name_en = factory.Sequence(lambda n: f"Position {n}")
    group = factory.SubFactory(PositionGroupFactory)


class PostingFactory(ModelFactory):
    """A primary posting since 2020-01-01; give `valid_from`, `valid_to` (exclusive) and `kind` to differ."""

    class Meta:
        model = Posting

    person = factory.SubFactory(PersonFactory)
    unit = factory.SubFactory(UnitFactory)
    position = factory.SubFactory(PositionFactory)
    valid_from = date(2020, 1, 1)

    @classmethod
    def _create(cls, model_class: type[Posting], *args: Any, **kwargs: Any) -> Posting:
        return create_posting(kwargs.pop("person"), kwargs.pop("unit"), kwargs.pop("position"), **kwargs)


class RoleGrantFactory(ModelFactory):
    """A trainer's grant; for HR give `role="hr", unit=...` and `sees_people=True` where people may be listed."""

    class Meta:
        model = RoleGrant

    user = factory.SubFactory(UserFactory)
    role = "trainer"
    unit = None
