"""Review of drafts by another trainer, and what is said about an item."""

from django.db import transaction
from django.utils import timezone

from assessments.models import Item, ItemComment, ItemVersion
from organisation.models import User

Kind = ItemComment.Kind
LONGEST = 4000


class ReviewRefused(ValueError):
    """A step of review that cannot be taken. reason: `not_a_draft`, `in_review`, `not_in_review`, `no_text`."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def add_comment(version: ItemVersion, kind: str, author: User, text: str) -> ItemComment:
    """Write down what was said about a version. Raises ReviewRefused: no_text where words are needed."""
    text = text.replace("\r\n", "\n").replace("\0", "").strip()[:LONGEST]
    if not text and kind in (Kind.REMARK, Kind.RETURNED):
        raise ReviewRefused("no_text")
    return ItemComment.objects.create(item_id=version.item_id, version=version, kind=kind, author=author, text=text)


@transaction.atomic
def ask_for_review(version: ItemVersion, *, actor: User, text: str = "") -> None:
    """Give a draft to another trainer to read. Raises ReviewRefused: not_a_draft, in_review."""
    draft = _lock_draft(version)
    if draft.is_in_review:
        raise ReviewRefused("in_review")
    draft.review_asked_at = timezone.now()
    draft.save(update_fields=["review_asked_at"])
    add_comment(draft, Kind.ASKED, actor, text)


@transaction.atomic
def end_review(version: ItemVersion, *, actor: User, text: str = "") -> None:
    """Send a draft back to its author with a reason; whoever wrote in it takes it back, without one.

    Raises ReviewRefused: not_a_draft, not_in_review, no_text.
    """
    draft = _lock_draft(version)
    if not draft.is_in_review:
        raise ReviewRefused("not_in_review")
    is_own = draft.is_by(actor.pk)
    add_comment(draft, Kind.TAKEN_BACK if is_own else Kind.RETURNED, actor, text)
    draft.review_asked_at = None
    draft.save(update_fields=["review_asked_at"])


def _lock_draft(version: ItemVersion) -> ItemVersion:
    Item.objects.select_for_update(no_key=True).get(pk=version.item_id)
    draft = ItemVersion.objects.filter(pk=version.pk, status=ItemVersion.Status.DRAFT).first()
    if draft is None:
        raise ReviewRefused("not_a_draft")
    return draft
