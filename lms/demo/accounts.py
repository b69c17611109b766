"""The demo's accounts: a learner, a trainer, two of HR of the province, and an administrator."""

import secrets
from dataclasses import dataclass

from django.db import transaction

from organisation.api import issue_token
from organisation.models import AccessToken, Person, RoleGrant, Unit, User

LEARNER_UNIT = "AB-X01"
LEARNER_POSITION = "one_stop_officer"
_WORDS = ("sen", "lua", "tre", "bien", "nui", "song", "gio", "mua", "nang", "trang", "sao", "may")


@dataclass(frozen=True)
class Account:
    """How to sign in."""

    username: str
    password: str
    token: str


def learner_person() -> Person:
    """Return the person behind the learner's account: a one-stop-desk officer of the first ward."""
    people = Person.objects.filter(postings__unit__code=LEARNER_UNIT, postings__position__code=LEARNER_POSITION)
    return people.order_by("employee_code")[0]


def _password() -> str:
    return "-".join(secrets.choice(_WORDS) for _ in range(3)) + f"-{secrets.randbelow(9000) + 1000}"


@transaction.atomic
def make_accounts() -> dict[str, Account]:
    """Make the accounts, or give them new passwords and tokens, and return how to sign in."""
    accounts = {}
    for role, full_name in (
        ("learner", ""),
        ("trainer", "Giảng viên An Bình"),
        ("hr", "Phòng Tổ chức An Bình"),
        ("hr2", "Trưởng phòng Tổ chức An Bình"),
        ("admin", "Quản trị An Bình"),
    ):
        user, _made = User.objects.get_or_create(username=role, defaults={"email": f"{role}@anbinh.example"})
        password = _password()
        user.set_password(password)
        user.first_name = full_name
        user.save()
        AccessToken.objects.filter(user=user).delete()
        accounts[role] = Account(role, password, issue_token(user, "demo"))
        _give_role(role, user)
    return accounts


def _give_role(role: str, user: User) -> None:
    if role == "learner":
        person = learner_person()
        person.user = user
        person.save(update_fields=["user"])
    elif role in ("hr", "hr2"):  # what one of them asks for the other approves
        RoleGrant.objects.get_or_create(
            user=user, role=RoleGrant.Role.HR, unit=Unit.objects.get(code="AB"), defaults={"sees_people": True}
        )
    else:
        RoleGrant.objects.get_or_create(user=user, role=role, unit=None)
