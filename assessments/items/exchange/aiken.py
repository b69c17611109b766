"""Aiken: a question, options A. to H., and `ANSWER: B`."""

import re
from collections.abc import Iterator

from assessments.items.exchange.outcomes import Draft, Outcome, choice_outcome

_OPTION = re.compile(r"([A-Z])[.)]\s+(.+)")
_ANSWER = re.compile(r"ANSWER:\s*([A-Z])\s*", re.IGNORECASE)


def read_aiken(text: str) -> list[Outcome]:
    """The questions of a file, each with what becomes of it."""
    return [_read(lines) for lines in _questions(text)]


def looks_like_aiken(text: str) -> bool:
    """Whether a text has an answer line of its kind."""
    return any(_ANSWER.fullmatch(line.strip()) for line in text.splitlines())


def _questions(text: str) -> Iterator[list[str]]:
    lines: list[str] = []
    for line in (line.strip() for line in text.splitlines()):
        if line:
            lines.append(line)
        if _ANSWER.fullmatch(line):
            yield lines
            lines = []
    if lines:
        yield lines


def _read(lines: list[str]) -> Outcome:
    answer = _ANSWER.fullmatch(lines[-1])
    options = {found[1]: found[2] for line in lines if (found := _OPTION.fullmatch(line))}
    stem = "\n".join(line for line in lines if not _OPTION.fullmatch(line) and not _ANSWER.fullmatch(line))
    draft = Draft(stem)
    if answer is None:
        return draft.refused("no_right_answer")
    letter = answer[1].upper()
    if letter not in options:
        return draft.refused("no_right_answer", letter)
    return choice_outcome(draft, stem, "", [(text, float(key == letter), "") for key, text in options.items()])
