"""People, positions and dated postings."""

import pghistory
import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now, Upper
from django.utils.translation import gettext_lazy as _

from organisation.models.naming import BilingualName
from organisation.models.units import REFUSE_POSTING_AFTER_THE_END, Unit
from organisation.models.users import User


class PositionGroup(BilingualName):
    """A family of positions that reports compare, such as front desk or leadership."""

    code = models.SlugField(max_length=40, unique=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "code"]


class Position(BilingualName):
    """A kind of post, such as one-stop-desk officer."""

    code = models.SlugField(max_length=60, unique=True)
    group = models.ForeignKey(PositionGroup, on_delete=models.PROTECT, related_name="positions")

    class Meta:
        ordering = ["code"]


class Person(models.Model):
    """A civil servant."""

    class Gender(models.TextChoices):
        UNKNOWN = "", _("Unknown")
        FEMALE = "f", _("Female")
        MALE = "m", _("Male")

    user = models.OneToOneField(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="person")
    employee_code = models.CharField(max_length=40, unique=True)
    full_name = models.CharField(max_length=200)
    sort_key = models.CharField(max_length=400, db_collation="C", help_text="given name first, the Vietnamese way")
    search_key = models.CharField(max_length=300, help_text="lower case, without diacritics")
    email = models.EmailField(blank=True)
    gender = models.CharField(max_length=1, choices=Gender.choices, blank=True, default="")
    birth_date = models.DateField(null=True, blank=True)
    manager = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="direct_reports")
    created_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now(), help_text="kept by the database")
    code_twin = models.PositiveSmallIntegerField(
        db_default=0, help_text="above 0 where codes differed only in case before the database refused that"
    )

    class Meta:
        ordering = ["sort_key", "pk"]
        constraints = [
            models.UniqueConstraint(Upper("employee_code"), "code_twin", name="employee_code_in_any_case"),
        ]
        indexes = [
            models.Index(fields=["sort_key"]),
            GinIndex(name="person_search_trigram", fields=["search_key"], opclasses=["gin_trgm_ops"]),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="note_the_change",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="NEW.changed_at = statement_timestamp(); RETURN NEW;",
            ),
            pgtrigger.Trigger(
                name="a_new_code_is_no_twin",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("employee_code"),
                condition=pgtrigger.Q(old__employee_code__df=pgtrigger.F("new__employee_code")),
                func="NEW.code_twin = 0; RETURN NEW;",
            ),
        ]

    def __str__(self) -> str:
        return self.full_name


def _refuse_after_the_end(name: str, operation: pgtrigger.Operation) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=pgtrigger.Referencing(new="written"),
        func=REFUSE_POSTING_AFTER_THE_END,
    )


# For each statement, not for each row: the trigger's own bookkeeping would take longer than half a million postings.
@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), level=pghistory.Statement)
class Posting(models.Model):
    """A dated placement of a person in a unit with a position: one primary posting and one secondment at a time.

    The primary posting is where the person belongs, is counted and gets requirements from; see decision 25.
    """

    class Kind(models.TextChoices):
        PRIMARY = "primary", _("Primary")
        SECONDARY = "secondary", _("Secondary")
        SECONDMENT = "secondment", _("Secondment")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="postings")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="postings", db_index=False)
    position = models.ForeignKey(Position, on_delete=models.PROTECT, related_name="postings")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.PRIMARY)
    valid = DateRangeField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_primary_posting_at_a_time",
                expressions=[("person", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
                condition=Q(kind="primary"),
            ),
            ExclusionConstraint(
                name="one_secondment_at_a_time",
                expressions=[("person", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
                condition=Q(kind="secondment"),
            ),
            models.CheckConstraint(
                name="secondment_has_an_end", condition=~Q(kind="secondment") | Q(valid__upper_inf=False)
            ),
            models.CheckConstraint(name="posting_not_empty", condition=Q(valid__isempty=False)),
        ]
        # None on `valid` alone: nearly every posting holds on a day that somebody asks about.
        indexes = [
            models.Index(fields=["unit", "person"]),
            models.Index(fields=["unit"], name="further_postings_by_unit", condition=~Q(kind="primary")),
        ]
        triggers = [
            _refuse_after_the_end("unit_has_not_ended_on_insert", pgtrigger.Insert),
            _refuse_after_the_end("unit_has_not_ended_on_update", pgtrigger.Update),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} @ {self.unit_id}"
