"""Who may do what, tokens for the API, and the audit trail."""

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.fields.json import KT
from django.utils.translation import gettext_lazy as _

from organisation.models.units import Unit
from organisation.models.users import User


@pghistory.track()
class RoleGrant(models.Model):
    """A role given to an account: HR over a unit and all below it; trainer and admin everywhere."""

    class Role(models.TextChoices):
        TRAINER = "trainer", _("Trainer")
        HR = "hr", _("HR officer")
        ADMIN = "admin", _("Administrator")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="role_grants")
    role = models.CharField(max_length=10, choices=Role.choices)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="role_grants")
    sees_people = models.BooleanField(default=False, help_text="may open the list of people behind a cell")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="hr_grant_has_a_unit",
                condition=Q(role="hr", unit__isnull=False) | Q(~Q(role="hr"), unit__isnull=True),
            ),
            models.UniqueConstraint(fields=["user", "role", "unit"], name="one_grant_each", nulls_distinct=False),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.role}"


class AccessToken(models.Model):
    """A bearer token; only its SHA-256 digest is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="access_tokens")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


@pgtrigger.register(pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete))
class AuditEvent(models.Model):
    """Something that must be answerable later: a refusal, a publication, an import. Append-only."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    actor = models.ForeignKey(User, on_delete=models.DO_NOTHING, null=True, related_name="+", db_constraint=False)
    action = models.CharField(max_length=60)
    target = models.CharField(max_length=200, blank=True)
    address = models.GenericIPAddressField(null=True, blank=True)
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        indexes = [
            models.Index(
                KT("detail__system"),
                F("id").desc(),
                name="scim_events_of_system",
                condition=Q(action__startswith="scim_"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target}"
