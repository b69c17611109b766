"""Under what conditions single people sit an assessment, and what a room must be like."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from assessments.models.blueprints import Assessment
from assessments.models.delivery import Attempt
from organisation.models import Person


class Accommodation(models.Model):
    """What one person is granted in one assessment, and why. Every change leaves an audit row."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="accommodations")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="accommodations")
    extra_percent = models.PositiveSmallIntegerField(default=0, help_text="that every time is longer by")
    larger_text = models.BooleanField(default=False)
    opens_at = models.DateTimeField(null=True, blank=True, help_text="instead of the assessment's")
    closes_at = models.DateTimeField(null=True, blank=True, help_text="instead of the assessment's")
    reason = models.CharField(max_length=500)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["person__sort_key", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "person"], name="one_accommodation_each"),
            models.CheckConstraint(name="accommodation_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(name="extra_time_is_possible", condition=Q(extra_percent__lte=300)),
            models.CheckConstraint(
                name="own_dates_in_order",
                condition=Q(opens_at__isnull=True) | Q(closes_at__isnull=True) | Q(closes_at__gt=F("opens_at")),
            ),
            models.CheckConstraint(
                name="accommodation_grants_something",
                condition=Q(extra_percent__gt=0)
                | Q(larger_text=True)
                | Q(opens_at__isnull=False)
                | Q(closes_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id}/{self.person_id}"


class Invigilation(models.Model):
    """What is asked of whoever sits an invigilated assessment; what is empty is not asked."""

    assessment = models.OneToOneField(Assessment, on_delete=models.CASCADE, related_name="invigilation")
    access_code = models.CharField(max_length=40, blank=True, help_text="read out in the room")
    networks = models.JSONField(default=list, blank=True, help_text="in CIDR notation")
    config_keys = models.JSONField(default=list, blank=True, help_text="of Safe Exam Browser, 64 hexadecimal digits")
    one_device = models.BooleanField(default=True)

    def __str__(self) -> str:
        return str(self.assessment_id)


@pgtrigger.register(pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete))
class DeviceLease(models.Model):
    """That an attempt went on on a device from then on; the newest holds. Append-only."""

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="leases")
    device = models.UUIDField(help_text="named by a session")
    address = models.GenericIPAddressField(null=True, blank=True)
    taken_at = models.DateTimeField()

    class Meta:
        ordering = ["attempt", "id"]
        indexes = [models.Index(fields=["attempt", "-id"])]

    def __str__(self) -> str:
        return f"{self.attempt_id}: {self.device}"
