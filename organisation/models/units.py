"""Units: a lasting identity, and versions that hold over date ranges."""

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex, GistIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from organisation.models.naming import BilingualName


class Unit(models.Model):
    """The lasting identity of a unit: postings, cells and grants point here, whatever the unit is called today."""

    code = models.CharField(max_length=40, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.code


# Walks up from each row just written through the versions that hold on the same days. The lock makes two transactions
# that each write half of a cycle take turns, so that the second one sees the first one's half.
_REFUSE_CYCLE = """
    PERFORM pg_advisory_xact_lock(hashtext('organisation_unitversion'));
    IF EXISTS (
        WITH RECURSIVE up AS (
            SELECT unit_id AS start, parent_id AS above, valid FROM written WHERE parent_id IS NOT NULL
            UNION
            SELECT up.start, v.parent_id, up.valid * v.valid FROM up
            JOIN organisation_unitversion v ON v.unit_id = up.above AND v.valid && up.valid
            WHERE v.parent_id IS NOT NULL AND up.above <> up.start
        )
        SELECT 1 FROM up WHERE above = start
    ) THEN
        RAISE EXCEPTION 'a unit cannot lie under itself'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'unit_not_under_itself';
    END IF;
    RETURN NULL;
"""


def _refuse_cycle(name: str, operation: pgtrigger.Operation) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=pgtrigger.Referencing(new="written"),
        func=_REFUSE_CYCLE,
    )


_REFUSE_GAP = """
    IF EXISTS (
        SELECT 1 FROM organisation_unitversion WHERE unit_id IN (SELECT unit_id FROM written)
        GROUP BY unit_id HAVING range_agg(valid) <> datemultirange(range_merge(range_agg(valid)))
    ) THEN
        RAISE EXCEPTION 'the versions of a unit leave no day out'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'unit_version_no_gap';
    END IF;
    RETURN NULL;
"""

# A posting may begin before anything is known of its unit, but nobody works in a unit that has ended. From the unit's
# side this is looked at when the transaction commits, for operations shorten one version before they write the next.
REFUSE_POSTING_AFTER_THE_END = """
    IF EXISTS (
        SELECT 1 FROM (
            SELECT unit_id, max(coalesce(upper(valid), 'infinity')) AS ends FROM written GROUP BY unit_id
        ) AS needed
        WHERE NOT EXISTS (
            SELECT 1 FROM organisation_unitversion v
            WHERE v.unit_id = needed.unit_id AND coalesce(upper(v.valid), 'infinity') >= needed.ends
        )
    ) THEN
        RAISE EXCEPTION 'a posting lasts no longer than its unit'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'posting_within_its_unit';
    END IF;
    RETURN NULL;
"""
_REFUSE_END_BEFORE_POSTINGS = """
    SELECT coalesce(max(coalesce(upper(valid), 'infinity')), '-infinity') INTO ends
    FROM organisation_unitversion WHERE unit_id = OLD.unit_id;
    IF ends < 'infinity' AND EXISTS (
        SELECT 1 FROM organisation_posting
        WHERE unit_id = OLD.unit_id AND coalesce(upper(valid), 'infinity') > ends
    ) THEN
        RAISE EXCEPTION 'a posting lasts no longer than its unit'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'posting_within_its_unit';
    END IF;
    RETURN NULL;
"""


def _refuse_gap(name: str, operation: pgtrigger.Operation) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=pgtrigger.Referencing(new="written"),
        func=_REFUSE_GAP,
    )


class UnitVersion(BilingualName):
    """What a unit is called, what kind it is and whom it belongs to, over one range of dates `[from, to)`.

    Besides what stands here, a temporal foreign key sees to it at commit that a unit's parent is in force on each of
    its days (`parent_in_force`, migration 0004).
    """

    class Kind(models.TextChoices):
        NATION = "nation", _("Nation")
        MINISTRY = "ministry", _("Ministry")
        PROVINCE = "province", _("Province")
        DEPARTMENT = "department", _("Department")
        DISTRICT = "district", _("District")
        COMMUNE = "commune", _("Commune")
        OFFICE = "office", _("Office")

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
        triggers = [
            _refuse_cycle("no_cycle_on_insert", pgtrigger.Insert),
            _refuse_cycle("no_cycle_on_update", pgtrigger.Update),
            _refuse_gap("no_gap_on_insert", pgtrigger.Insert),
            _refuse_gap("no_gap_on_update", pgtrigger.Update),
            pgtrigger.Trigger(
                name="no_posting_left_behind",
                level=pgtrigger.Row,
                when=pgtrigger.After,
                operation=pgtrigger.Update | pgtrigger.Delete,
                timing=pgtrigger.Deferred,
                declare=[("ends", "date")],
                func=_REFUSE_END_BEFORE_POSTINGS,
            ),
        ]
