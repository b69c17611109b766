"""Cut scores: where on the ability scale one level ends and the next begins."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from competencies.models.framework import Competency, Framework


class Standard(models.Model):
    """A set of cut scores for a framework. Provisional until a panel has sat."""

    class Method(models.TextChoices):
        PROVISIONAL = "provisional", _("provisional, equally spaced")
        ANGOFF = "angoff", _("modified Angoff")
        BOOKMARK = "bookmark", _("bookmark")

    framework = models.ForeignKey(Framework, on_delete=models.PROTECT, related_name="standards")
    method = models.CharField(max_length=20, choices=Method.choices)
    note = models.TextField(blank=True)
    in_force_from = models.DateTimeField(null=True, blank=True, help_text="empty until published")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.framework_id} {self.method} {self.pk}"


class CutScore(models.Model):
    """Seven strictly increasing cuts of one competency, on the theta scale, with the standard error of each."""

    standard = models.ForeignKey(Standard, on_delete=models.CASCADE, related_name="cut_scores")
    competency = models.ForeignKey(Competency, on_delete=models.PROTECT, related_name="cut_scores")
    cuts = ArrayField(models.FloatField(), size=7)
    standard_errors = ArrayField(models.FloatField(), size=7, null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["standard", "competency"], name="cuts_once")]
        triggers = [
            pgtrigger.Trigger(
                name="cuts_increase",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                declare=[("i", "int")],
                func="""
                    IF array_length(NEW.cuts, 1) IS DISTINCT FROM 7 THEN
                        RAISE EXCEPTION 'seven cuts are needed' USING ERRCODE = 'check_violation';
                    END IF;
                    FOR i IN 2..7 LOOP
                        IF NOT NEW.cuts[i] > NEW.cuts[i - 1] OR NEW.cuts[i] = 'NaN' THEN
                            RAISE EXCEPTION 'cuts must increase strictly' USING ERRCODE = 'check_violation';
                        END IF;
                    END LOOP;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.competency_id}: {self.cuts}"
