"""Files of questions on their way into the bank."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from competencies.models import LEVELS, Competency


class QuestionImport(models.Model):
    """One confirmed file of questions. The row is the truth: whichever worker comes next goes on from it.

    `key` is that of the kept file. `report`, of a finished one: `format`, `is_table`, and `rows`, one list a question:
    its number or row, label, kind, what became of it (comes, approximated, refused, known), notes (reason, detail), and
    the code of its draft. Of a failed one: `fault`, a reason and a detail.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("waiting for a worker")
        DONE = "done", _("imported")
        FAILED = "failed", _("failed")

    key = models.UUIDField(unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="question_imports")
    name = models.CharField(max_length=200)
    competency = models.ForeignKey(Competency, on_delete=models.CASCADE, related_name="+")
    level = models.PositiveSmallIntegerField(help_text="of questions whose file names none")
    tag = models.CharField(max_length=40, help_text="what the drafts are tagged with")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    percent = models.PositiveSmallIntegerField(default=0)
    report = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    moved_at = models.DateTimeField(default=timezone.now, help_text="when it was last known to get on")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(name="import_level_1_to_8", condition=Q(level__gte=1, level__lte=LEVELS)),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.status}"
