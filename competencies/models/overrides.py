"""What one person must reach instead of what their post asks for."""

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from competencies.models.framework import LEVELS, Competency
from organisation.models import Person, User


@pghistory.track()
class RequirementOverride(models.Model):
    """A level of one competency for one person over a range of dates, with the reason. `level` empty: not required."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="requirement_overrides")
    competency = models.ForeignKey(Competency, on_delete=models.PROTECT, related_name="overrides")
    level = models.PositiveSmallIntegerField(null=True)
    reason = models.CharField(max_length=500)
    valid = DateRangeField()
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_override_at_a_time",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("competency", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(name="override_not_empty", condition=Q(valid__isempty=False)),
            models.CheckConstraint(
                name="override_level_1_to_8", condition=Q(level__isnull=True) | Q(level__gte=1, level__lte=LEVELS)
            ),
            models.CheckConstraint(name="override_has_a_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.competency_id} >= {self.level}"
