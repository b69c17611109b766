"""Gap cells, and the list of people whose cells must be folded again."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from competencies.models import Competency
from organisation.models import Person, PositionGroup, Unit


class Cell(models.Model):
    """Additive sums of one unit, competency and position group. `own` covers the unit's direct postings only;
    a `subtree` cell is the sum of the own cells of the unit and of everything below it.

    Sums are whole numbers of millionths, so that adding and taking away is exact in any order.
    """

    class Scope(models.TextChoices):
        OWN = "own"
        SUBTREE = "subtree"

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="cells")
    scope = models.CharField(max_length=7, choices=Scope.choices)
    competency = models.ForeignKey(Competency, on_delete=models.CASCADE, related_name="+")
    position_group = models.ForeignKey(
        PositionGroup, on_delete=models.CASCADE, null=True, related_name="+", help_text="empty: all groups together"
    )
    required = models.PositiveIntegerField(help_text="people whose post requires the competency")
    assessed = models.PositiveIntegerField(help_text="of these, people with enough evidence")
    sum_below = models.BigIntegerField(help_text="millionths: sum of P(below the requirement) over the assessed")
    sum_spread = models.BigIntegerField(help_text="millionths: sum of p(1-p)")
    sum_unit_variance = models.BigIntegerField(help_text="millionths: variance of sum_below from the unit's mean")
    sum_shortfall = models.BigIntegerField(help_text="millionths of levels: sum of expected shortfall")
    level_counts = ArrayField(models.BigIntegerField(), size=8, help_text="millionths: expected people at each level")
    folded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "scope", "competency", "position_group"], name="one_cell_each", nulls_distinct=False),
            models.CheckConstraint(name="assessed_within_required", condition=models.Q(assessed__lte=models.F("required"))),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id}/{self.competency_id}/{self.position_group_id} {self.scope}"


class DirtyPerson(models.Model):
    """A person whose estimate, posting or requirement changed and whose cells are not folded yet."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    marked_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.person_id)
