"""HR systems that keep people and units up to date over SCIM, and what they call them."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from organisation.models.people import Person
from organisation.models.units import Unit


class HrSystem(models.Model):
    """An HR system with a bearer token of its own, of which only the SHA-256 digest is kept.

    It sees and writes what lies in `unit` and below it, or in what became of that unit, and nothing else.
    """

    name = models.CharField(max_length=100, unique=True)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="hr_systems")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True, help_text="to the minute")

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> str:
        """What the token is now: in_force, revoked or ended."""
        if self.revoked_at:
            return "revoked"
        return "in_force" if self.expires_at > timezone.now() else "ended"


class ExternalId(models.Model):
    """What an HR system calls a person or a unit (SCIM's externalId)."""

    system = models.ForeignKey(HrSystem, on_delete=models.CASCADE, related_name="external_ids")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, related_name="external_ids")
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, null=True, related_name="external_ids")
    value = models.CharField(max_length=255)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="external_id_of_one_thing",
                condition=Q(person__isnull=True, unit__isnull=False) | Q(person__isnull=False, unit__isnull=True),
            ),
            models.UniqueConstraint(fields=["system", "person"], name="one_external_id_per_person"),
            models.UniqueConstraint(fields=["system", "unit"], name="one_external_id_per_unit"),
        ]
        indexes = [models.Index(fields=["system", "value"])]

    def __str__(self) -> str:
        return self.value
