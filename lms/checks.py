"""Start-up checks: production refuses a database role that could step round its own rules."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection


@register(Tags.database)
def check_database_role(
    app_configs: Sequence[AppConfig] | None = None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Report an error when the application's role is a superuser or may bypass row security."""
    if not getattr(settings, "REFUSE_SUPERUSER_DATABASE_ROLE", False) or not databases:
        return []
    return role_errors()


def role_errors() -> list[CheckMessage]:
    """Return one error when the current role of the default connection has rights it must not have."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        name, too_strong = cursor.fetchone()
    if not too_strong:
        return []
    return [
        Error(
            f"The database role {name} is a superuser or bypasses row security.",
            hint="Point DATABASE_URL at a role with NOSUPERUSER NOBYPASSRLS.",
            id="lms.E001",
        )
    ]
