"""The item types there are."""

from assessments.items import (
    categorise,
    cloze,
    essay,
    file_upload,
    highlight,
    hotspot,
    matching,
    multiple_choice,
    numeric,
    ordering,
    prompt,
    short_text,
    single_choice,
    table,
    true_false_reason,
)
from assessments.items.problems import UnknownItemType
from assessments.items.protocols import ItemType, MarkedItemType
from assessments.items.with_media import MarkedWithMedia, WithMedia

MARKED_TYPES: dict[str, MarkedItemType] = {
    essay.KIND: MarkedWithMedia(essay),
    file_upload.KIND: MarkedWithMedia(file_upload),
    prompt.KIND: MarkedWithMedia(prompt),
}

ITEM_TYPES: dict[str, ItemType] = {
    single_choice.KIND: WithMedia(single_choice),
    multiple_choice.KIND: WithMedia(multiple_choice),
    true_false_reason.KIND: WithMedia(true_false_reason),
    matching.KIND: WithMedia(matching),
    ordering.KIND: WithMedia(ordering),
    categorise.KIND: WithMedia(categorise),
    cloze.KIND: WithMedia(cloze),
    short_text.KIND: WithMedia(short_text),
    numeric.KIND: WithMedia(numeric),
    table.KIND: WithMedia(table),
    highlight.KIND: WithMedia(highlight),
    hotspot.KIND: WithMedia(hotspot),
    **MARKED_TYPES,
}


def item_type(kind: str) -> ItemType:
    """The module of a kind; UnknownItemType when there is none."""
    try:
        return ITEM_TYPES[kind]
    except (KeyError, TypeError):
        raise UnknownItemType(f"unknown item type {kind!r}; there are {', '.join(sorted(ITEM_TYPES))}") from None


def needs_marking(kind: str) -> bool:
    """Whether a person marks items of the kind; UnknownItemType when there is none."""
    return item_type(kind).KIND in MARKED_TYPES


def marked_type(kind: str) -> MarkedItemType:
    """The module of a kind that needs marking; UnknownItemType for any other."""
    try:
        return MARKED_TYPES[kind]
    except (KeyError, TypeError):
        raise UnknownItemType(f"{kind!r} is not marked by people; {', '.join(sorted(MARKED_TYPES))} are") from None
