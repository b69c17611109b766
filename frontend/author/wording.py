"""An item's words as authors see them: one language at a time, key and all."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from assessments.items.registry import item_type
from assessments.models import ItemVersion
from assessments.simulations import Simulation, load_simulation
from frontend.templatetags.learn import excerpt

REVIEW_STEPS = (_("Draft"), _("Preview"), _("Review by another trainer"), _("In use"))
"""The way of a draft into use."""
KIND_HINTS: dict[str, Promise] = {
    "single_choice": _("One right answer among plausible ones, each with its reason."),
    "multiple_choice": _("Several right answers; wrong choices may cost points."),
    "true_false_reason": _("A statement to judge and the reason for it, so that guessing earns little."),
    "matching": _("Things that belong together, each with its partner."),
    "ordering": _("Steps to put in the one order that holds."),
    "categorise": _("Cards to sort into categories."),
    "cloze": _("A text with gaps to fill by choosing or by writing."),
    "short_text": _("A few words, compared with accepted wordings; diacritics and slips as you say."),
    "numeric": _("A number to work out, with tolerance and units."),
    "table": _("Cells to fill by number or by formula; formulas are tried on other figures too."),
    "highlight": _("A text in which invented facts, personal data or bias are to be found."),
    "hotspot": _("Places to point at on a picture, or in a list in words that measures the same."),
    "essay": _("A longer text that people mark by a rubric."),
    "file_upload": _("A document or table to hand in, which people mark by a rubric."),
    "prompt": _("A prompt for an AI assistant: checked by machine for length and personal data, marked by people."),
}


def locale_now() -> str:
    """Return the content language of the page: vi or en."""
    return "en" if get_language() == "en" else "vi"


def excerpt_of(version: ItemVersion) -> str:
    """Return the beginning of the question, or a simulation's title, in the page's language. Reads `version.item`."""
    if version.item.kind == "simulation":
        return simulation_of(version).title.at(locale_now())
    return excerpt(version.content["stem"][locale_now()])


def text_of(content: Mapping[str, Any], locale: str) -> dict[str, Any]:
    """Return a question in one language with its key and reasons, as its reviewer sees it without an answer."""
    module = item_type(content["kind"])
    return module.review_view(module.parse_content(content), locale, None)


def simulation_of(version: ItemVersion) -> Simulation:
    """Return the simulation that a version's document says, whatever the version's status."""
    return _load(version.content["yaml"])


@lru_cache(maxsize=32)
def _load(document: str) -> Simulation:
    return load_simulation(document)


FIELD_NAMES: dict[str, Promise] = {
    "stem": _("question"),
    "answers": _("options and other parts"),
    "reasons": _("reasons of options"),
    "rationale": _("principle to remember"),
    "rubric": _("rubric and good answer"),
    "media": _("words of pictures, sounds and films"),
}
"""Parts of a question whose translations are counted apart."""
