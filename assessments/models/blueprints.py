"""Assessments: what is to be measured, and by which rules."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from assessments.models.bank import Item
from competencies.models import Competency
from organisation.models import BilingualName


class Assessment(BilingualName):
    """A blueprint. Adaptive ones draw from the bank; a simulation assessment plays one simulation."""

    class Mode(models.TextChoices):
        ADAPTIVE = "adaptive", _("adaptive quiz")
        SIMULATION = "simulation", _("simulation")

    code = models.SlugField(max_length=60, unique=True)
    mode = models.CharField(max_length=20, choices=Mode.choices)
    summary_vi = models.TextField(blank=True)
    summary_en = models.TextField(blank=True)
    by_post = models.BooleanField(
        default=False, help_text="measure the competencies that the person's post requires, instead of a fixed list"
    )
    competencies = models.ManyToManyField(Competency, through="AssessmentCompetency", related_name="assessments")
    simulation = models.ForeignKey(Item, on_delete=models.PROTECT, null=True, blank=True, related_name="assessments")
    minutes = models.PositiveIntegerField(default=30, help_text="total time; the server's clock decides")
    max_items = models.PositiveIntegerField(default=24)
    max_items_per_competency = models.PositiveIntegerField(default=6)
    target_se = models.FloatField(default=0.35)
    error_rate = models.FloatField(default=0.1, help_text="stop when P(below) is under this or above one minus this")
    is_open = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="simulation_mode_has_a_simulation",
                condition=Q(mode="simulation", simulation__isnull=False)
                | Q(~Q(mode="simulation"), simulation__isnull=True),
            ),
            models.CheckConstraint(name="error_rate_is_a_rate", condition=Q(error_rate__gt=0, error_rate__lt=0.5)),
            models.CheckConstraint(name="target_se_positive", condition=Q(target_se__gt=0)),
        ]


class AssessmentCompetency(models.Model):
    """One competency of a fixed list, with the level that a decision is wanted about where no post requires one."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE)
    competency = models.ForeignKey(Competency, on_delete=models.PROTECT)
    level = models.PositiveSmallIntegerField(default=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "competency"], name="competency_in_blueprint_once")
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id}/{self.competency_id}"
