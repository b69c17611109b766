"""Aiken: a question, options A. to H., and `ANSWER: B`."""

import re
from collections.abc import Iterator

from assessments.items.exchange.outcomes import Draft, Outcome, choice_outcome, few_enough

_OPTION = re.compile(r"([A-Z])[.)]\s+(.+)")
_ANSWER = re.compile(r"ANSWER:\s*([A-Z])\s*", re.IGNORECASE)


def read_aiken(text: str) -> list[Outcome]:
    """The questions of a file, each with what becomes of it."""
    return [_read(lines) for lines in few_enough(_questions(text))]


def count_aiken(text: str) -> int:
    """How many answer lines of its kind a text has that come after two options."""
    found = options = 0
    for line in text.splitlines():
        line = line.strip()
        if _OPTION.fullmatch(line):
            options += 1
        elif _ANSWER.fullmatch(line):
            found, options = found + (options > 1), 0
    return found


def _questions(text: str) -> Iterator[list[str]]:
    """A question ends with its answer; without one, where a text follows its options after an empty line."""
    lines: list[str] = []
    has_options = after_empty = False
    for line in (line.strip() for line in text.splitlines()):
        if not line:
            after_empty = True
            continue
        is_option, is_answer = _OPTION.fullmatch(line) is not None, _ANSWER.fullmatch(line) is not None
        if has_options and after_empty and not (is_option or is_answer):
            yield lines
            lines, has_options = [], False
        lines.append(line)
        has_options, after_empty = has_options or is_option, False
        if is_answer:
            yield lines
            lines, has_options = [], False
    if lines:
        yield lines


def _read(lines: list[str]) -> Outcome:
    answer = _ANSWER.fullmatch(lines[-1])
    words: list[str] = []
    options: dict[str, list[str]] = {}
    piece = words
    for line in lines if answer is None else lines[:-1]:
        if found := _OPTION.fullmatch(line):
            if found[1] in options:
                return Draft("\n".join(words)).refused("repeated_letters", found[1])
            piece = options[found[1]] = [found[2]]
        else:
            piece.append(line)
    stem = "\n".join(words)
    draft = Draft(stem)
    if answer is None:
        return draft.refused("no_right_answer")
    letter = answer[1].upper()
    if letter not in options:
        return draft.refused("no_right_answer", letter)
    return choice_outcome(
        draft, stem, "", [(" ".join(text), float(key == letter), "") for key, text in options.items()]
    )
