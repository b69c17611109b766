"""Making, approving and applying reorganisations in tests."""

from datetime import date

from organisation.api import add_steps, apply_reorganisation, approve_reorganisation, draft_reorganisation
from organisation.models import Reorganisation, Unit
from organisation.reorganising.steps import NewUnit, Step
from tests.factories.organisation import UserFactory

DAY = date(2025, 7, 1)


def new(code: str, parent: str, *, kind: str = "commune", name_vi: str = "") -> NewUnit:
    return NewUnit(code, name_vi or f"Xã {code}", kind, parent)


def draft(*steps: Step, day: date = DAY, scope: Unit | None = None) -> Reorganisation:
    made = draft_reorganisation(number="01/NQ", title="Sắp xếp xã", in_force=day, scope=scope, author=UserFactory())
    add_steps(made, list(steps))
    return made


def approved(*steps: Step, day: date = DAY) -> Reorganisation:
    made = draft(*steps, day=day)
    approve_reorganisation(made, UserFactory())
    return made


def applied(*steps: Step, day: date = DAY) -> Reorganisation:
    made = approved(*steps, day=day)
    assert apply_reorganisation(made.pk)
    made.refresh_from_db()
    return made
