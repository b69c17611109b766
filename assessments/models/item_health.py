"""How each item does, as it was last measured."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from assessments.models.bank import ItemVersion
from competencies.models import Competency


class ItemHealth(models.Model):
    """The newest figures of an item version in one competency; measuring again replaces them.

    `figures` is what `assessments.domain.item_health` writes: statistics, curve, options, fairness, drift, time.
    """

    version = models.ForeignKey(ItemVersion, on_delete=models.CASCADE, related_name="health")
    competency = models.ForeignKey(Competency, on_delete=models.CASCADE, related_name="+")
    answers = models.PositiveIntegerField(help_text="people whose first answer was read")
    flags = ArrayField(models.CharField(max_length=40), default=list, help_text="what to look at; empty: nothing")
    figures = models.JSONField(default=dict)
    measured_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["version__item__code", "version__number"]
        constraints = [models.UniqueConstraint(fields=["version", "competency"], name="newest_health_of_a_version")]

    def __str__(self) -> str:
        return f"{self.version_id}/{self.competency_id}"
