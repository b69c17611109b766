"""Assessments: what is to be measured, and by which rules."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessments.models.bank import Item
from competencies.models import Competency
from organisation.models import BilingualName, Person, Position, Unit


class Assessment(BilingualName):
    """A blueprint. Adaptive ones choose from the bank by the answers; a fixed form has its author's questions, a drawn
    one the questions that its rows draw for each sitting, both in sections; a simulation assessment plays one
    simulation.
    """

    class Mode(models.TextChoices):
        ADAPTIVE = "adaptive", _("adaptive quiz")
        SIMULATION = "simulation", _("simulation")
        FIXED = "fixed", _("fixed form")
        DRAW = "draw", _("random draw")

    class Feedback(models.TextChoices):
        NONE = "none", pgettext_lazy("feedback", "never")
        AFTER_EACH = "after_each", _("after each question")
        AFTER_SUBMIT = "after_submit", _("when the person has handed in")
        AFTER_CLOSE = "after_close", _("when the assessment has closed for everybody")

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
    error_rate = models.FloatField(
        default=0.1, help_text="accepted probability of saying that someone meets the requirement who is below"
    )
    error_rate_below = models.FloatField(
        null=True, blank=True, help_text="of saying that someone is below who meets it; empty: the same"
    )
    max_exposure = models.FloatField(default=0.30, help_text="largest part of the sittings that an item is given in")
    randomness = models.FloatField(default=0.25, help_text="part of chance in the first choice; it falls to 0")
    pretest_share = models.FloatField(default=0.0, help_text="part of the questions that are not scored yet")
    blueprint = models.JSONField(
        default=dict, blank=True, help_text="limits by competency, domain or kind, and max_seconds"
    )
    sittings = models.PositiveIntegerField(default=0, editable=False, help_text="finished ones, for exposure")
    is_open = models.BooleanField(default=False)
    opens_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True, help_text="every sitting ends then at the latest")
    max_attempts = models.PositiveSmallIntegerField(null=True, blank=True, help_text="of one person; empty: no limit")
    wait_hours = models.PositiveSmallIntegerField(default=0, help_text="from handing in to the next start")
    seconds_per_question = models.PositiveSmallIntegerField(null=True, blank=True)
    one_page = models.BooleanField(
        default=False,
        db_default=False,
        help_text="all questions of a form on one page, where they can be",
    )
    feedback = models.CharField(
        max_length=12, choices=Feedback, default=Feedback.AFTER_SUBMIT, help_text="when right answers are shown"
    )
    certifies = models.BooleanField(default=False, help_text="who passes gets a certificate")
    pass_share = models.FloatField(null=True, blank=True, help_text="of the points, of a fixed form or a draw")
    for_everybody = models.BooleanField(default=True, help_text="False: for the audience alone")
    audience_units = models.ManyToManyField(Unit, blank=True, related_name="+", help_text="with all below them")
    audience_positions = models.ManyToManyField(Position, blank=True, related_name="+")
    audience_people = models.ManyToManyField(Person, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="closes_after_it_opens",
                condition=Q(opens_at__isnull=True) | Q(closes_at__isnull=True) | Q(closes_at__gt=models.F("opens_at")),
            ),
            models.CheckConstraint(
                name="feedback_after_close_has_a_close", condition=~Q(feedback="after_close", closes_at__isnull=True)
            ),
            models.CheckConstraint(
                name="pass_share_is_a_share",
                condition=Q(pass_share__isnull=True) | Q(pass_share__gt=0, pass_share__lte=1),
            ),
            models.CheckConstraint(
                name="certificate_of_a_form_has_a_pass_share",
                condition=~Q(certifies=True, mode__in=["fixed", "draw"], pass_share__isnull=True),
            ),
            models.CheckConstraint(
                name="limits_of_sittings_are_positive",
                condition=(Q(max_attempts__isnull=True) | Q(max_attempts__gte=1))
                & (Q(seconds_per_question__isnull=True) | Q(seconds_per_question__gte=5)),
            ),
            models.CheckConstraint(
                name="simulation_mode_has_a_simulation",
                condition=Q(mode="simulation", simulation__isnull=False)
                | Q(~Q(mode="simulation"), simulation__isnull=True),
            ),
            models.CheckConstraint(name="error_rate_is_a_rate", condition=Q(error_rate__gt=0, error_rate__lt=0.5)),
            models.CheckConstraint(
                name="error_rate_below_is_a_rate",
                condition=Q(error_rate_below__isnull=True) | Q(error_rate_below__gt=0, error_rate_below__lt=0.5),
            ),
            models.CheckConstraint(name="target_se_positive", condition=Q(target_se__gt=0)),
            models.CheckConstraint(
                name="selection_rules_are_shares",
                condition=Q(max_exposure__gt=0, max_exposure__lte=1)
                & Q(randomness__gte=0, randomness__lte=1)
                & Q(pretest_share__gte=0, pretest_share__lt=1),
            ),
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


class ItemExposure(models.Model):
    """In how many finished sittings of an assessment an item was given, and in how many it had to sit out."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="exposures")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+")
    given = models.PositiveIntegerField(default=0)
    held_back = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["assessment", "item"], name="exposure_of_an_item_once")]

    def __str__(self) -> str:
        return f"{self.assessment_id}/{self.item_id}: {self.given}"
