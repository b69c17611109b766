"""Files on their way into the organisation, and what each HR officer's staff files call our columns."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organisation.models.users import User


class StaffImport(models.Model):
    """One file from upload to end. The row is the truth: whichever worker comes next goes on from it.

    A staff file, or the table of the reform of 2025: as the units before it, or as a draft reorganisation.
    `key` is that of the kept file. What is queued or checking awaits its check, what is applying one more check and
    the writing. `report` and `faults` are those of the latest check, as `organisation.domain.imports.jobs` and
    `organisation.domain.reorganisations.reform_work` write them.
    """

    class Kind(models.TextChoices):
        STAFF = "staff", _("Staff file")
        UNITS = "units", _("Units before the reform")
        REFORM = "reform", _("Reform")

    class Status(models.TextChoices):
        QUEUED = "queued", _("waiting for its check")
        CHECKING = "checking", _("being checked")
        READY = "ready", _("checked, waiting for your decision")
        APPLYING = "applying", _("being imported")
        DONE = "done", _("imported")
        FAILED = "failed", _("failed")

    class Refusal(models.TextChoices):
        PROBLEMS = "problems", _("The file has problems. Nothing was written.")
        OUTDATED = (
            "outdated",
            _("Someone changed the same units or people meanwhile. Nothing was written. Check the file again."),
        )
        TAKEN = "taken", _("A reorganisation with this number is there already.")
        NOT_ALLOWED = "not_allowed", _("Your account may not do this any more.")

    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.STAFF)
    details = models.JSONField(default=dict, help_text="what was said beside the file, of a reform: its decision")
    key = models.UUIDField(unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="staff_imports")
    name = models.CharField(max_length=200)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    refusal = models.CharField(
        max_length=12, choices=Refusal.choices, blank=True, help_text="why it was not applied when this was wanted"
    )
    is_partial = models.BooleanField(default=False, help_text="apply what is right, leave out what has problems")
    address = models.GenericIPAddressField(null=True, help_text="from which applying was confirmed")
    rows_done = models.PositiveIntegerField(default=0, help_text="rows read, in the present check")
    percent = models.PositiveSmallIntegerField(default=0, help_text="of the file read, in the present check")
    columns = models.JSONField(default=dict, help_text="our column, or LEFT_OUT, for what the file calls its own")
    report = models.JSONField(default=dict)
    faults = models.JSONField(default=list)
    moved_at = models.DateTimeField(default=timezone.now, help_text="when it was last known to get on")

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.name}: {self.status}"


class ColumnMapping(models.Model):
    """Which of our columns, or LEFT_OUT, each foreign column is that a user's files of one kind had."""

    class Kind(models.TextChoices):
        STAFF = "staff", _("Staff file")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="column_mappings")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    columns = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="one_column_mapping_per_kind")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind}"
