"""Rules of delivery in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

_REFUSALS: dict[str, Promise] = {
    "blueprint": gettext_lazy("The items in use cannot meet these limits. Lower a least number, or write more items."),
    "rules": gettext_lazy("These numbers cannot hold together. Nothing is changed."),
    "testlet": gettext_lazy("The other items of this testlet measure another competency."),
    "enemies": gettext_lazy("An item cannot be its own enemy."),
}


def describe_refusal(field: str) -> str:
    """Return why rules cannot hold, by the field that `RulesRefused` names."""
    return str(_REFUSALS[field])
