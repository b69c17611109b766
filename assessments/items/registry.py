"""The item types there are."""

from typing import Any, Protocol

from assessments.items import multiple_choice, ordering, single_choice
from assessments.items.content import Content
from assessments.items.problems import UnknownItemType


class ItemType(Protocol):
    """What a module of an item type offers. A value is what `parse_response` made of a raw answer."""

    KIND: str

    def parse_content(self, raw: Any) -> Content: ...
    def player_view(self, content: Content, locale: str, seed: int) -> dict[str, Any]: ...
    def parse_response(self, content: Content, raw: Any) -> tuple[str, ...]: ...
    def score(self, content: Content, value: tuple[str, ...]) -> int: ...
    def maximum(self, content: Content) -> int: ...
    def key(self, content: Content) -> dict[str, Any]: ...
    def review_view(self, content: Content, locale: str, value: tuple[str, ...] | None) -> dict[str, Any]: ...


ITEM_TYPES: dict[str, ItemType] = {
    single_choice.KIND: single_choice,
    multiple_choice.KIND: multiple_choice,
    ordering.KIND: ordering,
}


def item_type(kind: str) -> ItemType:
    """The module of a kind; UnknownItemType when there is none."""
    try:
        return ITEM_TYPES[kind]
    except (KeyError, TypeError):
        raise UnknownItemType(f"unknown item type {kind!r}; there are {', '.join(sorted(ITEM_TYPES))}") from None
