"""How people's abilities in different competencies go together."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone


@pgtrigger.register(pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete))
class CorrelationMatrix(models.Model):
    """Correlations between competencies, learned from people measured in several. The newest in force is used.

    `values`: the matrix row by row, in the order of `competencies`. Where there is none yet, or for a competency that
    it lacks, the documented default of `competencies.domain.correlation` stands in.
    """

    competencies = ArrayField(models.BigIntegerField(), help_text="primary keys, rising")
    values = ArrayField(models.FloatField())
    people = models.PositiveIntegerField(help_text="people measured in two competencies or more")
    average = models.FloatField(help_text="what single correlations were shrunk towards")
    kept = models.FloatField(help_text="mean part of a departure from the average that was kept")
    in_force_from = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["in_force_from", "pk"]
        constraints = [
            models.CheckConstraint(
                name="correlation_matrix_is_square",
                condition=models.Q(values__len=models.F("competencies__len") * models.F("competencies__len")),
            )
        ]

    def __str__(self) -> str:
        return f"correlations {self.pk}"
