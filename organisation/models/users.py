"""The account a person signs in with."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """An account. What it may do comes from its person and its role grants, never from flags on the account."""

    language = models.CharField(max_length=2, choices=[("vi", "Tiếng Việt"), ("en", "English")], default="vi")

    known_roles: set[str] | None = None
    """Roles that were read once, for the many questions of one request; see `roles_of`."""

    @property
    def shown_name(self) -> str:
        """The name of the person behind the account, or the account's own: family name first, else its username."""
        person = getattr(self, "person", None)
        return person.full_name if person else f"{self.last_name} {self.first_name}".strip() or self.username
