"""Marking by people: who marks what, their marks, what an answer earned in the end, and appeals against it."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from assessments.models.bank import ItemVersion
from assessments.models.blueprints import Assessment
from assessments.models.delivery import Attempt, Presentation

ADJUDICATOR = 3
"""Number of the seat of whoever decides where two markers differ. Later seats are of answered appeals."""


class MarkingRule(models.Model):
    """How the answers of an assessment are marked; without a row as the defaults say."""

    assessment = models.OneToOneField(Assessment, on_delete=models.CASCADE, related_name="marking_rule")
    markers = models.PositiveSmallIntegerField(default=2, help_text="who mark each answer, none seeing the other's")
    tolerance = models.PositiveSmallIntegerField(
        default=1, help_text="points of the rubric by which two may differ before a third decides"
    )

    panel = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="+", help_text="who may mark; empty: every trainer"
    )

    class Meta:
        constraints = [models.CheckConstraint(name="one_or_two_markers", condition=Q(markers__in=[1, 2]))]

    def __str__(self) -> str:
        return f"{self.assessment_id}: {self.markers}"


class MarkingTask(models.Model):
    """An answer to mark: the one that counts of a question that was given in a submitted attempt."""

    class Status(models.TextChoices):
        OPEN = "open", _("to be marked")
        ADJUDICATION = "adjudication", _("a third marker decides")
        FINAL = "final", _("marked")

    presentation = models.OneToOneField(Presentation, on_delete=models.PROTECT, related_name="marking_task")
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="marking_tasks")
    version = models.ForeignKey(ItemVersion, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.OPEN)
    opened_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["assessment", "status"])]

    def __str__(self) -> str:
        return f"marking {self.pk}"


class MarkingSeat(models.Model):
    """A place at an answer, which one marker takes. Nobody has two at the same answer."""

    task = models.ForeignKey(MarkingTask, on_delete=models.PROTECT, related_name="seats")
    number = models.PositiveSmallIntegerField(help_text="1 and 2 mark, 3 adjudicates, later ones answer an appeal")
    marker = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    taken_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["task", "number"]
        constraints = [
            models.UniqueConstraint(fields=["task", "number"], name="one_seat_of_a_number"),
            models.UniqueConstraint(fields=["task", "marker"], name="one_seat_of_a_marker"),
            models.CheckConstraint(
                name="seat_is_taken_at_a_time",
                condition=Q(marker__isnull=True, taken_at__isnull=True)
                | Q(marker__isnull=False, taken_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["marker", "taken_at"])]

    def __str__(self) -> str:
        return f"{self.task_id} #{self.number}"


@pgtrigger.register(pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete))
class Mark(models.Model):
    """What one marker gave, by criterion of the rubric. Append-only."""

    seat = models.OneToOneField(MarkingSeat, on_delete=models.PROTECT, related_name="mark")
    marker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    points = models.JSONField(help_text="points by id of the criterion")
    total = models.PositiveSmallIntegerField(help_text="of all criteria")
    score = models.PositiveSmallIntegerField(help_text="0..k, as the type of the question reads the points")
    comment = models.TextField(blank=True, max_length=4000, help_text="for the person")
    marked_at = models.DateTimeField()

    class Meta:
        ordering = ["seat"]

    def __str__(self) -> str:
        return f"{self.seat_id}: {self.total}"


@pgtrigger.register(pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete))
class MarkedScore(models.Model):
    """What an answer earned by its marks; the newest counts. Append-only: the response itself never changes."""

    class Basis(models.TextChoices):
        SINGLE = "single", _("one marker")
        AGREED = "agreed", _("two markers")
        ADJUDICATED = "adjudicated", _("a third marker, where two differed")
        APPEAL = "appeal", _("an appeal")

    task = models.ForeignKey(MarkingTask, on_delete=models.PROTECT, related_name="scores")
    score = models.PositiveSmallIntegerField()
    maximum = models.PositiveSmallIntegerField()
    basis = models.CharField(max_length=12, choices=Basis.choices)
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ["task", "pk"]
        constraints = [
            models.CheckConstraint(name="marked_score_within_maximum", condition=Q(score__lte=models.F("maximum"))),
            models.UniqueConstraint(
                fields=["task"], condition=~Q(basis="appeal"), name="marking_of_an_answer_ends_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task_id}: {self.score}/{self.maximum}"


@pgtrigger.register(pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete))
class Appeal(models.Model):
    """A person contests the result of their attempt, as a whole or in one question, once each. Append-only."""

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="appeals")
    presentation = models.ForeignKey(Presentation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    text = models.TextField(max_length=4000)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["attempt", "presentation"], nulls_distinct=False, name="one_appeal_of_a_question"
            ),
            models.CheckConstraint(name="appeal_says_why", condition=~Q(text="")),
        ]

    def __str__(self) -> str:
        return f"appeal {self.pk}"


@pgtrigger.register(pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete))
class AppealStep(models.Model):
    """What was done about an appeal, when and by whom. Append-only; its answer is given once."""

    class Kind(models.TextChoices):
        TAKEN = "taken", _("being looked at")
        KEPT = "kept", _("answered: the result stands")
        CHANGED = "changed", _("answered: the mark was changed")
        UPHELD = "upheld", _("answered: upheld, a correction follows")

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(blank=True, max_length=4000)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["appeal"], condition=Q(kind__in=["kept", "changed", "upheld"]), name="appeal_is_answered_once"
            ),
            models.CheckConstraint(name="answer_says_why", condition=Q(kind="taken") | ~Q(text="")),
        ]

    def __str__(self) -> str:
        return f"{self.appeal_id}: {self.kind}"
