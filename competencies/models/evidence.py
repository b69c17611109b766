"""Evidence is append-only; an estimate is what all evidence of one person in one competency says together."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from competencies.models.framework import Competency
from competencies.models.standards import Standard
from organisation.models import Person


@pgtrigger.register(pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete))
class Evidence(models.Model):
    """An observable with its source, date and the parameters it is read with."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="evidence")
    competency = models.ForeignKey(Competency, on_delete=models.PROTECT, related_name="evidence")
    source_kind = models.CharField(max_length=30, help_text="for instance attempt")
    source_id = models.CharField(max_length=60)
    observable = models.CharField(max_length=80, help_text="which observable of the source: an item's code")
    score = models.PositiveSmallIntegerField()
    maximum = models.PositiveSmallIntegerField()
    parameters = models.JSONField(help_text="item parameters as they were when the attempt was taken")
    scoring_version = models.PositiveSmallIntegerField(default=1)
    observed_at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source_kind", "source_id", "observable", "competency", "scoring_version"],
                name="evidence_once",
            ),
            models.CheckConstraint(name="score_within_maximum", condition=Q(score__lte=models.F("maximum"))),
        ]
        indexes = [models.Index(fields=["person", "competency"])]

    def __str__(self) -> str:
        return f"{self.person_id}/{self.competency_id}: {self.score}/{self.maximum}"


class Estimate(models.Model):
    """The posterior of one person's ability in one competency, under the standard normal prior."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="estimates")
    competency = models.ForeignKey(Competency, on_delete=models.PROTECT, related_name="estimates")
    standard = models.ForeignKey(Standard, on_delete=models.PROTECT, related_name="+")
    mean = models.FloatField()
    se = models.FloatField()
    level_probabilities = ArrayField(models.FloatField(), size=8)
    level = models.PositiveSmallIntegerField(null=True, blank=True, help_text="only when one level earned it")
    band = models.PositiveSmallIntegerField(null=True, blank=True, help_text="only when one band earned it")
    evidence_count = models.PositiveIntegerField()
    measured_at = models.DateTimeField(help_text="date of the latest evidence")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "competency"], name="one_estimate_each"),
            models.CheckConstraint(name="se_positive", condition=Q(se__gt=0)),
            models.CheckConstraint(
                name="reported_level_lies_in_its_band",
                condition=Q(level__isnull=True) | Q(band=(models.F("level") + 1) / 2, level__gte=1, level__lte=8),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}/{self.competency_id}: {self.mean:.2f} ± {self.se:.2f}"


@pgtrigger.register(pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete))
class EstimateRevision(models.Model):
    """What an estimate was after each change, so that any past report can be drawn again. Append-only."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    competency = models.ForeignKey(Competency, on_delete=models.PROTECT, related_name="+")
    standard = models.ForeignKey(Standard, on_delete=models.PROTECT, related_name="+")
    mean = models.FloatField()
    se = models.FloatField()
    evidence_count = models.PositiveIntegerField()
    reason = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "competency", "at"])]

    def __str__(self) -> str:
        return f"{self.person_id}/{self.competency_id} {self.at:%Y-%m-%d}: {self.mean:.2f}"
