"""What leaves the house and what comes in from others: big workbooks, links by mail, signed publications."""

from datetime import date, timedelta
from uuid import uuid4

from django.db import models
from django.db.models import Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organisation.models import BilingualName, Unit, User


class SubtreeExport(models.Model):
    """The whole subtree of a unit as one file, from the wish to the file: a workbook, or a signed publication.

    The row is the truth; whichever worker holds it by `worker` writes the file, and whoever finds it unmoved for too
    long takes it over.
    """

    class Kind(models.TextChoices):
        WORKBOOK = "workbook"
        PUBLICATION = "publication"

    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    key = models.UUIDField(unique=True, default=uuid4)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=11, choices=Kind.choices, default=Kind.WORKBOOK)
    language = models.CharField(max_length=2)
    published = models.BooleanField(help_text="figures are those for readers who may not see people")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    worker = models.UUIDField(null=True, help_text="who writes it now")
    units_done = models.PositiveIntegerField(default=0)
    units_total = models.PositiveIntegerField(default=0)
    summary = models.JSONField(default=dict, help_text="of a publication: its digest, key and numbers, once written")
    created_at = models.DateTimeField(default=timezone.now)
    moved_at = models.DateTimeField(default=timezone.now, help_text="when it was last known to get on")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "unit", "kind"],
                condition=Q(status__in=["queued", "running"]),
                name="one_export_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit_id}: {self.status}"

    @property
    def stored_name(self) -> str:
        """The file's name in the private storage."""
        return f"exports/{self.key}.{'xlsx' if self.kind == self.Kind.WORKBOOK else 'jsonl'}"


class ReportMail(models.Model):
    """A link to a unit's report each week or month, which the account or a colleague of it asked for.

    The mail says nothing of the unit.
    """

    class Every(models.TextChoices):
        WEEK = "week", _("Every week, on Monday")
        MONTH = "month", _("Every month, on the first day")

    key = models.UUIDField(
        unique=True, default=uuid4, help_text="in the mail's addresses; whoever has it can only end it"
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="+")
    asked_by = models.ForeignKey(
        User, on_delete=models.CASCADE, null=True, related_name="+", help_text="a colleague; empty: the account itself"
    )
    every = models.CharField(max_length=5, choices=Every.choices)
    next_on = models.DateField(db_index=True)
    ended_at = models.DateTimeField(null=True, help_text="when its reader ended it: colleagues cannot begin it again")

    lost_at = models.DateTimeField(null=True, help_text="when the account could not read the unit's report any more")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["user", "unit"], name="one_mail_per_unit")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.unit_id} {self.every}"

    def day_after(self, day: date) -> date:
        """Return the first day of sending after the day."""
        if self.every == self.Every.WEEK:
            return day + timedelta(days=7 - day.weekday())
        return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


class SigningKey(models.Model):
    """A key that this instance signs its publications with, unless the installation gives one in PUBLISHING_KEY."""

    public_key = models.BinaryField(max_length=32, unique=True, help_text="Ed25519, 32 bytes")
    sealed = models.BinaryField(help_text="the private key, encrypted with a key drawn from SECRET_KEY; empty: retired")
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    retired_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(Value(1), condition=Q(retired_at=None), name="one_signing_key_at_a_time"),
            models.CheckConstraint(name="retired_key_is_gone", condition=Q(retired_at=None) | Q(sealed=b"")),
        ]

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d %H:%M}"


class Publisher(models.Model):
    """Another instance whose signed figures are taken for a unit that this one has nobody in."""

    name = models.CharField(max_length=200, unique=True)
    unit = models.OneToOneField(Unit, on_delete=models.PROTECT, related_name="+")
    public_key = models.BinaryField(max_length=32, unique=True, help_text="Ed25519, 32 bytes")
    added_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class Publication(models.Model):
    """The newest file of a publisher: the moment it was made, and its digest, so that none is taken twice.

    A withdrawn one has no units any more and stays, so that neither it nor an older one is taken again.
    """

    publisher = models.OneToOneField(Publisher, on_delete=models.CASCADE, related_name="publication")
    issued_at = models.DateTimeField()
    figures_at = models.DateTimeField(null=True, help_text="when the newest of its figures were published there")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the whole file")
    imported_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.publisher_id} {self.issued_at:%Y-%m-%d %H:%M}"


class PublishedUnitElsewhere(BilingualName):
    """A unit of a publication. cells: competency's code -> the sums in their fixed order, None where suppressed."""

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="units")
    code = models.CharField(max_length=40)
    parent_code = models.CharField(max_length=40, blank=True, help_text="empty: the publication's own unit")
    order = models.PositiveIntegerField(help_text="place in the file")
    cells = models.JSONField(help_text="of the unit with everything below it")
    own = models.JSONField(null=True, help_text="of its own staff and small units, where it has units below")

    class Meta:
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["publication", "code"], name="published_elsewhere_once")]
