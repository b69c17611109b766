"""Units: a lasting identity, and versions that hold over date ranges."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex, GistIndex
from django.db import models
from django.db.models import F, Q

from organisation.models.naming import BilingualName


class Unit(models.Model):
    """The lasting identity of a unit: postings, cells and grants point here, whatever the unit is called today."""

    code = models.CharField(max_length=40, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.code


class UnitVersion(BilingualName):
    """What a unit is called, what kind it is and whom it belongs to, over one range of dates `[from, to)`."""

    class Kind(models.TextChoices):
        NATION = "nation"
        MINISTRY = "ministry"
        PROVINCE = "province"
        DEPARTMENT = "department"
        DISTRICT = "district"
        COMMUNE = "commune"
        OFFICE = "office"

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="versions")
    parent = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="child_versions", null=True, blank=True)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    valid = DateRangeField()
    sort_key = models.CharField(max_length=400, db_collation="C", help_text="orders names the Vietnamese way")
    search_key = models.CharField(max_length=600, help_text="lower case, without diacritics")

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="unit_version_no_overlap",
                expressions=[("unit", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(name="unit_not_its_own_parent", condition=~Q(parent=F("unit"))),
            models.CheckConstraint(name="unit_version_not_empty", condition=Q(valid__isempty=False)),
        ]
        indexes = [
            models.Index(fields=["parent", "sort_key"]),
            GistIndex(fields=["valid"]),
            GinIndex(name="unit_search_trigram", fields=["search_key"], opclasses=["gin_trgm_ops"]),
        ]
