"""Who is signed in, with the person and the roles behind the account, in one statement."""

from functools import cache
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from organisation.domain.statements import columns_of, fetch_all_prepared, row_as, statement_of
from organisation.models import Person, User


class AccountBackend(AuthenticationBackend):
    """Reads of an account what nearly every page needs of it."""

    def get_user(self, user_id: Any) -> User | None:
        """Return the account of a session, None when there is none or it is closed."""
        rows = fetch_all_prepared(_account(), {"user": int(user_id)})
        if not rows:
            return None
        (row,) = rows
        width = len(User._meta.concrete_fields)
        user = row_as(User, row[:width])
        person = row_as(Person, row[width:-1]) if row[width] is not None else None
        if person is not None:
            person._state.fields_cache["user"] = user
        user._state.fields_cache["person"] = person
        user.known_roles = {*row[-1], *(["learner"] if person else [])}
        return user if self.user_can_authenticate(user) else None


@cache
def _account() -> bytes:
    return statement_of(
        "SELECT {user}, {person}, ARRAY(SELECT role FROM organisation_rolegrant WHERE user_id = u.id) "
        "FROM organisation_user u LEFT JOIN organisation_person p ON p.user_id = u.id WHERE u.id = %(user)s",
        user=columns_of(User, "u"),
        person=columns_of(Person, "p"),
    )
