"""What the profile page says of a person: posts, roles, tokens."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from organisation.api import hr_scope, posting_of, roles_of, today
from organisation.models import AccessToken, Person, Posting, Unit, UnitVersion, User


@dataclass(frozen=True, slots=True)
class Profile:
    """The signed-in person: record and posting may be missing, for not every account is a civil servant's."""

    person: Person | None
    posting: Posting | None
    units: list[UnitVersion]
    roles: list[str]
    tokens: list[AccessToken]


def profile_of(user: User) -> Profile:
    """Return what the page shows; `units` runs from the posting's own unit upwards."""
    person: Person | None = getattr(user, "person", None)
    posting = posting_of(person, today()) if person else None
    return Profile(
        person=person,
        posting=posting,
        units=unit_chain(posting.unit, today()) if posting else [],
        roles=role_names(user),
        tokens=list(user.access_tokens.order_by("-created_at", "-pk")),
    )


def unit_chain(unit: Unit, as_of: date) -> list[UnitVersion]:
    """Return the unit and those above it as of a date, nearest first."""
    chain: list[UnitVersion] = []
    unit_pk: int | None = unit.pk
    while unit_pk is not None and unit_pk not in {version.unit_id for version in chain}:
        version = UnitVersion.objects.filter(unit_id=unit_pk, valid__contains=as_of).first()
        if version is None:
            break
        chain.append(version)
        unit_pk = version.parent_id
    return chain


def role_names(user: User) -> list[str]:
    """Return the account's roles in words; an HR role names its units."""
    roles = roles_of(user)
    names = []
    if "learner" in roles:
        names.append(_("Learner"))
    if "trainer" in roles:
        names.append(_("Trainer"))
    if "hr" in roles:
        units = {version.unit_id: version for version in _versions_today(hr_scope(user))}
        named = [units[unit.pk].name if unit.pk in units else unit.code for unit in hr_scope(user)]
        names.append(_("Human resources: %(units)s") % {"units": ", ".join(named)})
    if "admin" in roles:
        names.append(_("Administrator"))
    return names


def _versions_today(units: list[Unit]) -> list[UnitVersion]:
    return list(UnitVersion.objects.filter(unit__in=units, valid__contains=today()))
