"""Scoring sittings again under a corrected key or corrected parameters; both results are kept."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.models.calibration import CalibrationRun
from assessments.models.delivery import Attempt
from competencies.models import Competency


class Regrade(models.Model):
    """One regrade. What it records as evidence has a scoring version above all that its attempt had before.

    A preview has results, of what a regrade would do, and nothing else; publishing it puts a regrade in its place.

    `corrections`: what is read differently, as `assessments.domain.corrections.Correction` writes it.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("waiting for a worker")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        PREVIEWING = "previewing", _("looking who would change")
        PREVIEWED = "previewed", _("waits for a person to publish it")

    reason = models.CharField(max_length=200)
    corrections = models.JSONField()
    calibration = models.ForeignKey(
        CalibrationRun, on_delete=models.PROTECT, null=True, blank=True, related_name="regrades"
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    total = models.PositiveIntegerField(default=0, help_text="attempts to score again")
    done = models.PositiveIntegerField(default=0)
    requested_at = models.DateTimeField(default=timezone.now)
    moved_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"regrade {self.pk}: {self.reason}"

    @property
    def is_preview(self) -> bool:
        return self.status in PREVIEWS

    @property
    def corrects_keys(self) -> bool:
        """Whether stored answers are scored by the key of another version."""
        return any(each.get("scored_as") not in (None, each["version_pk"]) for each in self.corrections)

    @property
    def is_voiding(self) -> bool:
        """Whether versions count for nobody."""
        return any(each.get("void") for each in self.corrections)


PREVIEWS = (Regrade.Status.PREVIEWING, Regrade.Status.PREVIEWED)


class RegradeResult(models.Model):
    """What an attempt said of one competency when it was submitted, before a regrade and after it.

    The figures are of all evidence up to the submission: own mean and standard error, level and band.
    """

    regrade = models.ForeignKey(Regrade, on_delete=models.PROTECT, related_name="results")
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="regrades")
    competency = models.ForeignKey(Competency, on_delete=models.PROTECT, related_name="+")
    score_before = models.PositiveIntegerField()
    score_after = models.PositiveIntegerField()
    mean_before = models.FloatField(null=True, help_text="empty: nothing counted")
    mean_after = models.FloatField(null=True)
    se_before = models.FloatField(null=True)
    se_after = models.FloatField(null=True)
    level_before = models.PositiveSmallIntegerField(null=True)
    level_after = models.PositiveSmallIntegerField(null=True)
    band_before = models.PositiveSmallIntegerField(null=True)
    band_after = models.PositiveSmallIntegerField(null=True)
    passed_before = models.BooleanField(null=True, help_text="of a corrected key; empty: without a pass rule")
    passed_after = models.BooleanField(null=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["regrade", "attempt", "competency"]
        constraints = [
            models.UniqueConstraint(fields=["regrade", "attempt", "competency"], name="one_result_of_a_regrade")
        ]

    def __str__(self) -> str:
        return f"{self.regrade_id}/{self.attempt_id}/{self.competency_id}"

    @property
    def is_moved(self) -> bool:
        """Whether what may be said of the person changed."""
        return (self.level_before, self.band_before) != (self.level_after, self.band_after)
