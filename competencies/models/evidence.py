"""Evidence is append-only; an estimate is what all evidence of one person in one competency says together."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from competencies.models.correlation import CorrelationMatrix
from competencies.models.framework import Competency
from competencies.models.standards import Standard
from organisation.models import Person


@pgtrigger.register(pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete))
class Evidence(models.Model):
    """An observable with its source, date and the parameters it is read with."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="evidence", db_index=False)
    competency = models.ForeignKey(Competency, on_delete=models.PROTECT, related_name="evidence")
    source_kind = models.CharField(max_length=30, help_text="for instance attempt")
    source_id = models.CharField(max_length=60)
    observable = models.CharField(max_length=80, help_text="which observable of the source: an item's code")
    score = models.PositiveSmallIntegerField()
    maximum = models.PositiveSmallIntegerField()
    parameters = models.JSONField(help_text="item parameters as they were when the attempt was taken")
    scoring_version = models.PositiveIntegerField(default=1)
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
    """What all evidence says of one person's ability in one competency, as of a moment.

    `mean`, `se` come from the evidence in this competency alone, under the standard normal prior. `joint_mean`,
    `joint_se`, the level probabilities, level and band come from the evidence in all competencies together, through
    the correlations between them. Whatever sums up people and brings a prior of its own (the figures of units) reads
    `mean` and `se`: what was borrowed from other competencies would count twice there.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="estimates", db_index=False)
    competency = models.ForeignKey(Competency, on_delete=models.PROTECT, related_name="estimates")
    standard = models.ForeignKey(Standard, on_delete=models.PROTECT, related_name="+")
    mean = models.FloatField()
    se = models.FloatField()
    level_probabilities = ArrayField(models.FloatField(), size=8)
    level = models.PositiveSmallIntegerField(null=True, blank=True, help_text="only when one level earned it")
    band = models.PositiveSmallIntegerField(null=True, blank=True, help_text="only when one band earned it")
    evidence_count = models.PositiveIntegerField(help_text="observables of this competency itself")
    joint_mean = models.FloatField(null=True, blank=True, help_text="with what other competencies lend")
    joint_se = models.FloatField(null=True, blank=True)
    borrowed = models.FloatField(default=0.0, help_text="part of what is known that other competencies lend, 0 to 1")
    correlation = models.ForeignKey(
        CorrelationMatrix, on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="empty: default"
    )
    measured_at = models.DateTimeField(help_text="date of the latest evidence")
    as_of = models.DateTimeField(null=True, blank=True, help_text="the moment that the evidence was aged to")
    measure_again_from = models.DateTimeField(
        null=True, blank=True, help_text="from then on too little of the evidence is recent"
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "competency"], name="one_estimate_each"),
            models.CheckConstraint(name="se_positive", condition=Q(se__gt=0)),
            models.CheckConstraint(name="borrowed_is_a_share", condition=Q(borrowed__gte=0, borrowed__lte=1)),
            models.CheckConstraint(
                name="joint_estimate_is_whole",
                condition=Q(joint_mean__isnull=True, joint_se__isnull=True)
                | Q(joint_mean__isnull=False, joint_se__gt=0),
            ),
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

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    competency = models.ForeignKey(Competency, on_delete=models.PROTECT, related_name="+")
    standard = models.ForeignKey(Standard, on_delete=models.PROTECT, related_name="+")
    mean = models.FloatField()
    se = models.FloatField()
    evidence_count = models.PositiveIntegerField()
    joint_mean = models.FloatField(null=True, blank=True)
    joint_se = models.FloatField(null=True, blank=True)
    borrowed = models.FloatField(default=0.0)
    level = models.PositiveSmallIntegerField(null=True, blank=True)
    band = models.PositiveSmallIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "competency", "at"])]

    def __str__(self) -> str:
        return f"{self.person_id}/{self.competency_id} {self.at:%Y-%m-%d}: {self.mean:.2f}"
