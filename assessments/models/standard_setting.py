"""Panels that set cut scores: who sat, on which items, and what each judge said in each of two rounds."""

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessments.models.bank import ItemVersion
from competencies.models import Competency, Standard

CUTS = 7


class StandardPanel(models.Model):
    """A panel for one competency. What it recommends counts for nobody until it is published as a `Standard`."""

    class Status(models.TextChoices):
        OPEN = "open", pgettext_lazy("panel", "at work")
        PUBLISHED = "published", _("published")
        CLOSED = "closed", _("closed without a standard")

    class Method(models.TextChoices):
        ANGOFF = Standard.Method.ANGOFF.value, Standard.Method.ANGOFF.label
        BOOKMARK = Standard.Method.BOOKMARK.value, Standard.Method.BOOKMARK.label

    competency = models.ForeignKey(Competency, on_delete=models.PROTECT, related_name="panels")
    method = models.CharField(max_length=20, choices=Method.choices)
    name = models.CharField(max_length=200)
    note = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    standard = models.OneToOneField(Standard, on_delete=models.PROTECT, null=True, blank=True, related_name="panel")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="published_panel_has_a_standard",
                condition=Q(status="published", standard__isnull=False)
                | (~Q(status="published") & Q(standard__isnull=True)),
            )
        ]

    def __str__(self) -> str:
        return self.name


class PanelItem(models.Model):
    """An item version that the panel judges, with the parameters that its judgements are read with."""

    panel = models.ForeignKey(StandardPanel, on_delete=models.CASCADE, related_name="items")
    version = models.ForeignKey(ItemVersion, on_delete=models.PROTECT, related_name="+")
    parameters = models.JSONField()

    class Meta:
        ordering = ["version__item__code", "version__number"]
        constraints = [models.UniqueConstraint(fields=["panel", "version"], name="item_of_a_panel_once")]

    def __str__(self) -> str:
        return f"{self.panel_id}: {self.version_id}"


class PanelJudge(models.Model):
    panel = models.ForeignKey(StandardPanel, on_delete=models.CASCADE, related_name="judges")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["panel", "position"], name="judge_position_once"),
            models.UniqueConstraint(fields=["panel", "name"], name="judge_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class PanelRating(models.Model):
    """Seven judgements, of the cuts to levels 2..8: about one item (Angoff, out of 100) or a page of the booklet."""

    judge = models.ForeignKey(PanelJudge, on_delete=models.CASCADE, related_name="ratings")
    round = models.PositiveSmallIntegerField()
    item = models.ForeignKey(PanelItem, on_delete=models.CASCADE, null=True, blank=True, related_name="ratings")
    values = ArrayField(models.FloatField(), size=CUTS)

    class Meta:
        ordering = ["round", "judge__position", "item__version__item__code"]
        constraints = [
            models.UniqueConstraint(
                fields=["judge", "round", "item"], name="one_rating_in_a_round", nulls_distinct=False
            ),
            models.CheckConstraint(name="panel_has_two_rounds", condition=Q(round__in=[1, 2])),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="judgements_are_complete",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                declare=[("i", "int")],
                func="""
                    IF array_length(NEW.values, 1) IS DISTINCT FROM 7 THEN
                        RAISE EXCEPTION 'seven judgements are needed' USING ERRCODE = 'check_violation';
                    END IF;
                    FOR i IN 1..7 LOOP
                        IF NEW.values[i] IS NULL OR NOT NEW.values[i] > 0 OR NEW.values[i] = 'NaN'
                           OR (i > 1 AND NEW.values[i] < NEW.values[i - 1])
                           OR (NEW.item_id IS NOT NULL AND NEW.values[i] >= 100) THEN
                            RAISE EXCEPTION 'judgements lie above 0 and do not fall from level to level'
                                USING ERRCODE = 'check_violation';
                        END IF;
                    END LOOP;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.judge_id} round {self.round}"
