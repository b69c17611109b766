"""How a question is shown: shuffled by a seed while it is answered, with key and reasons when it is reviewed."""

import hashlib
from collections.abc import Sequence
from typing import Any

from assessments.items.content import Content, Option


def shuffled(options: Sequence[Option], seed: int) -> list[Option]:
    """The options in an order that depends on the seed and the ids alone, the same on every machine."""
    return sorted(options, key=lambda option: hashlib.sha256(f"{seed}:{option.id}".encode()).digest())


def question_view(content: Content, locale: str, options: Sequence[Option]) -> dict[str, Any]:
    """The player's copy. It is built from what is shown, so that the key cannot be in it."""
    return {
        "kind": content.kind,
        "stem": content.stem.at(locale),
        "options": [{"id": option.id, "text": option.text.at(locale)} for option in options],
    }


def choice_review(content: Content, locale: str, chosen: Sequence[str]) -> dict[str, Any]:
    """A choice question with its key, its reasons and what was chosen, in the author's order."""
    return {
        "kind": content.kind,
        "stem": content.stem.at(locale),
        "options": [
            {
                "id": option.id,
                "text": option.text.at(locale),
                "correct": option.correct,
                "chosen": option.id in chosen,
                "why": option.why.at(locale) if option.why else "",
            }
            for option in content.options
        ],
        "rationale": content.rationale.at(locale),
    }
