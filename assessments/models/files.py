"""Files: pictures and recordings of the bank, and what people hand in.

Their bytes lie in the default storage under the same name.
"""

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from organisation.models import Person


class BankFile(models.Model):
    """A file that questions show. Its path is made of its digest, so what a version shows never changes."""

    path = models.CharField(max_length=100, unique=True, help_text="as contents name it: bank/<digest>.png")
    content_type = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField(help_text="bytes")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True
        ordering = ["path"]

    def __str__(self) -> str:
        return self.path


@pgtrigger.register(pgtrigger.Protect(name="picture_is_final", operation=pgtrigger.Update | pgtrigger.Delete))
class Picture(BankFile):
    """A picture that questions show."""

    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()

    class Meta(BankFile.Meta):
        verbose_name = _("picture")


@pgtrigger.register(pgtrigger.Protect(name="recording_is_final", operation=pgtrigger.Update | pgtrigger.Delete))
class Recording(BankFile):
    """A sound, a film or its captions."""

    class Meta(BankFile.Meta):
        verbose_name = _("recording")


@pgtrigger.register(pgtrigger.Protect(name="upload_is_final", operation=pgtrigger.Update))
class Upload(models.Model):
    """A file that a person handed in for an answer: checked when it came, and never changed after."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=150, help_text="as the person called it")
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField(help_text="bytes")
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created_at"]
        verbose_name = _("handed-in file")
        indexes = [models.Index(fields=["person", "created_at"])]

    def __str__(self) -> str:
        return self.name

    @property
    def stored_name(self) -> str:
        """Where the bytes lie in the storage; nothing of the person's own name for it."""
        return f"uploads/{self.id.hex[:2]}/{self.id.hex}"
