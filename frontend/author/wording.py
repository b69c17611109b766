"""An item's words as authors see them: one language at a time, key and all."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.utils.text import Truncator
from django.utils.translation import get_language

from assessments.models import ItemVersion
from assessments.simulations import Simulation, load_simulation

EXCERPT = 140


def locale_now() -> str:
    """Return the content language of the page: vi or en."""
    return "en" if get_language() == "en" else "vi"


def excerpt_of(version: ItemVersion) -> str:
    """Return the beginning of the question, or a simulation's title, in the page's language. Reads `version.item`."""
    if version.item.kind == "simulation":
        return simulation_of(version).title.at(locale_now())
    return Truncator(" ".join(version.content["stem"][locale_now()].split())).chars(EXCERPT)


def text_of(content: Mapping[str, Any], locale: str) -> dict[str, Any]:
    """Return a question in one language with its key: kind, stem, options (text, correct, why), rationale.

    `correct` is None in ordering items, whose options stand in the right order.
    """
    return {
        "kind": content["kind"],
        "stem": content["stem"][locale],
        "options": [
            {
                "text": option[locale],
                "correct": option.get("correct") if "why" in option else None,
                "why": option["why"][locale] if "why" in option else "",
            }
            for option in content["options"]
        ],
        "rationale": content["rationale"][locale],
    }


def simulation_of(version: ItemVersion) -> Simulation:
    """Return the simulation that a version's document says, whatever the version's status."""
    return _load(version.content["yaml"])


@lru_cache(maxsize=32)
def _load(document: str) -> Simulation:
    return load_simulation(document)
