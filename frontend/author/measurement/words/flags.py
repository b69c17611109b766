"""A flag: a code in words, with what to do about it."""

from dataclasses import dataclass

from django.utils.functional import Promise

Words = dict[str, tuple[str, Promise, Promise]]
"""Kind, label and advice by code."""


@dataclass(frozen=True, slots=True)
class Flag:
    """kind: danger for what makes results wrong, warning for what deserves a look, neutral for a mere notice."""

    kind: str
    label: str
    advice: str


def read_flag(known: Words, code: str) -> Flag:
    """Return a code in words. KeyError for an unknown one."""
    kind, label, advice = known[code]
    return Flag(kind, str(label), str(advice))
