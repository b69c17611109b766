"""What authors say about items, and the tags they keep them by."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from assessments.models.bank import Item, ItemVersion


@pgtrigger.register(pgtrigger.Protect(name="append_only", operation=pgtrigger.Update))
class ItemComment(models.Model):
    """A remark on an item, or a step of its review with what was said. Never changed; it goes with its draft."""

    class Kind(models.TextChoices):
        REMARK = "remark", _("comment")
        ASKED = "asked", _("asked for review")
        TAKEN_BACK = "taken_back", _("took it back from review")
        RETURNED = "returned", _("sent it back")
        PUBLISHED = "published", _("reviewed and published it")

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="comments")
    version = models.ForeignKey(ItemVersion, on_delete=models.CASCADE, related_name="comments")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.REMARK)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(max_length=4000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="a_remark_says_something", condition=~Q(kind__in=["remark", "returned"], text="")
            )
        ]

    def __str__(self) -> str:
        return f"{self.version_id}: {self.kind}"


class ItemTag(models.Model):
    """A word that authors find items by."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=40)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["item", "name"], name="item_tag_once")]

    def __str__(self) -> str:
        return self.name
