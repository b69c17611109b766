"""An adaptive assessment tried on simulated people."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.models.blueprints import Assessment
from organisation.models import Position


class SimulationStudy(models.Model):
    """One trial run. The settings and the seed give the same report again; no person and no estimate is touched."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("waiting for a worker")
        RUNNING = "running", _("running")
        READY = "ready", _("done")
        FAILED = "failed", _("failed")

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="studies")
    position = models.ForeignKey(
        Position, on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="whose requirements hold"
    )
    people = models.PositiveIntegerField()
    correlation = models.FloatField(help_text="between the true abilities in any two competencies")
    seed = models.BigIntegerField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    done = models.PositiveIntegerField(default=0, help_text="simulated people so far")
    report = models.JSONField(default=dict)
    problem = models.CharField(max_length=30, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    requested_at = models.DateTimeField(default=timezone.now)
    moved_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(name="study_has_people", condition=Q(people__gte=1)),
            models.CheckConstraint(name="study_within_its_people", condition=Q(done__lte=F("people"))),
            models.CheckConstraint(name="study_correlation_is_one", condition=Q(correlation__gte=0, correlation__lt=1)),
        ]

    def __str__(self) -> str:
        return f"study {self.pk} of {self.assessment_id}"
