"""What a position must reach."""

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from competencies.models.framework import LEVELS, Competency
from organisation.models import Position


class RoleProfile(models.Model):
    """The requirements of one position over a range of dates."""

    position = models.ForeignKey(Position, on_delete=models.PROTECT, related_name="role_profiles")
    valid = DateRangeField()
    rationale_vi = models.TextField(blank=True)
    rationale_en = models.TextField(blank=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_role_profile_at_a_time",
                expressions=[("position", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(name="role_profile_not_empty", condition=Q(valid__isempty=False)),
        ]

    def __str__(self) -> str:
        return f"{self.position_id} {self.valid}"


@pghistory.track()
class Requirement(models.Model):
    """A competency and the lowest level that is enough."""

    role_profile = models.ForeignKey(RoleProfile, on_delete=models.CASCADE, related_name="requirements")
    competency = models.ForeignKey(Competency, on_delete=models.PROTECT, related_name="requirements")
    level = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["role_profile", "competency"], name="one_requirement_each"),
            models.CheckConstraint(name="requirement_level_1_to_8", condition=Q(level__gte=1, level__lte=LEVELS)),
        ]

    def __str__(self) -> str:
        return f"{self.competency_id} >= {self.level}"
