"""Reorganisations: dated decisions made of steps, and what became of units and people when they were applied."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from organisation.models.units import Unit
from organisation.models.users import User


class Reorganisation(models.Model):
    """A decision that changes units on one day. `scope` is the unit inside which it stays; empty: everywhere."""

    class Status(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("reorganisation", "Draft")
        APPROVED = "approved", _("Approved")
        APPLIED = "applied", _("Applied")
        UNDONE = "undone", _("Undone")

    number = models.CharField(max_length=60, help_text="of the decision, as printed on it")
    title = models.CharField(max_length=300)
    in_force = models.DateField(help_text="first day of the new structure")
    note = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    scope = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    author = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", help_text="empty: command")
    editors = models.ManyToManyField(User, related_name="+", help_text="everybody who changed the draft")
    created_at = models.DateTimeField(auto_now_add=True)
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    applied_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    failure = models.TextField(blank=True, help_text="why it could not be applied when its day had come")
    record = models.JSONField(default=dict, blank=True, help_text="what applying it wrote, for undoing it")

    class Meta:
        ordering = ["-in_force", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="approved_by_a_second_person",
                condition=Q(approved_by=None) | Q(author=None) | ~Q(approved_by=F("author")),
            ),
            models.CheckConstraint(
                name="applied_only_when_approved",
                condition=~Q(status__in=["approved", "applied"]) | Q(approved_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.title}"


class ReorganisationStep(models.Model):
    """One step, in order. `content` is as `organisation.reorganising.steps` reads it."""

    class Kind(models.TextChoices):
        MERGE = "merge", _("Merge")
        SPLIT = "split", _("Split")
        MOVE = "move", _("Move")
        RENAME = "rename", _("Rename")
        CREATE = "create", _("Create")
        DISSOLVE = "dissolve", _("Dissolve")

    reorganisation = models.ForeignKey(Reorganisation, on_delete=models.CASCADE, related_name="steps")
    order = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    content = models.JSONField()

    class Meta:
        ordering = ["reorganisation", "order"]
        constraints = [models.UniqueConstraint(fields=["reorganisation", "order"], name="one_step_in_each_place")]

    def __str__(self) -> str:
        return f"{self.reorganisation_id} #{self.order} {self.kind}"


class Succession(models.Model):
    """A unit's people went to another when a reorganisation was applied: the lineage of units.

    is_main: where those go for whom nothing else was said, and the history of those who had left before.
    """

    reorganisation = models.ForeignKey(Reorganisation, on_delete=models.PROTECT, related_name="successions")
    predecessor = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="successors")
    successor = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="predecessors")
    is_whole = models.BooleanField(help_text="everybody went there")
    is_main = models.BooleanField()
    carries_scope = models.BooleanField(
        default=True, help_text="who answered for the predecessor answers for the successor"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reorganisation", "predecessor", "successor"], name="succession_once"),
            models.UniqueConstraint(
                fields=["reorganisation", "predecessor"], condition=Q(is_main=True), name="one_main_successor"
            ),
            models.CheckConstraint(name="whole_is_main", condition=Q(is_whole=False) | Q(is_main=True)),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor_id} -> {self.successor_id}"


class ReorganisationMove(models.Model):
    """A posting that a reorganisation carried into another unit.

    A posting that had begun before the day ended there and `new_posting` goes on in its place; one that begins later
    was itself given the other unit, and has no `new_posting`.
    """

    reorganisation = models.ForeignKey(Reorganisation, on_delete=models.PROTECT, related_name="moves")
    person_id = models.BigIntegerField()
    posting_id = models.BigIntegerField()
    new_posting_id = models.BigIntegerField(null=True)
    from_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    to_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    valid_to = models.DateField(null=True, help_text="the day the posting was to end when it was carried over")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reorganisation", "posting_id"], name="posting_moved_once")]
        indexes = [models.Index(fields=["from_unit", "person_id"])]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.from_unit_id} -> {self.to_unit_id}"
