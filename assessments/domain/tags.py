"""Tags of items: words that authors find them by."""

import unicodedata
from collections.abc import Iterable

from django.db import transaction

from assessments.models import Item, ItemTag

LONGEST = 40


def tidy_tag(name: str) -> str:
    """Return a tag as it is kept: composed letters, small ones, single blanks, no NUL, at most 40 characters."""
    return " ".join(unicodedata.normalize("NFC", name.replace("\0", "")).lower().split())[:LONGEST].strip()


@transaction.atomic
def tag_items(codes: Iterable[str], name: str) -> int:
    """Give items a tag; return how many did not have it. An empty name tags nothing."""
    name = tidy_tag(name)
    if not name:
        return 0
    items = Item.objects.filter(code__in=list(codes)).exclude(tags__name=name)
    made = [ItemTag(item=item, name=name) for item in items]
    ItemTag.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)


def untag_items(codes: Iterable[str], name: str) -> int:
    """Take a tag from items; return how many had it."""
    gone, _by_model = ItemTag.objects.filter(item__code__in=list(codes), name=tidy_tag(name)).delete()
    return gone
