"""GIFT, Moodle's plain text format: read, and written.

Read: choice, right shares in percent, short answers, matching, numbers with a tolerance or a range, essays, and answers
in the middle of a text. The format: https://docs.moodle.org/en/GIFT_format.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from assessments.items.exchange.numbers import HIGHEST_POWER
from assessments.items.exchange.outcomes import (
    Draft,
    Outcome,
    choice_outcome,
    essay_outcome,
    judgement_outcome,
    matching_outcome,
    numeric_outcome,
    text_outcome,
)
from assessments.items.question import plain_number

MOST_ANSWERS = 100
"""Of one question; no type takes as many."""
_ESCAPED = re.compile(r"\\([~=#{}:\\n])")
_SHARE = re.compile(r"%(-?\d{1,3}(?:\.\d+)?)%(.*)", re.DOTALL)
_TITLE = re.compile(r"::(.*?)::(.*)", re.DOTALL)
_FORMAT = re.compile(r"\[(html|moodle|plain|markdown)\]")
_TAG = re.compile(r"<[^<>]{0,500}>")
_HOLD = {char: chr(0xE000 + place) for place, char in enumerate("~=#{}:\\")}
_BACK = {held: char for char, held in _HOLD.items()}


def read_gift(text: str) -> list[Outcome]:
    """The questions of a file, each with what becomes of it."""
    return [_read(block) for block in _blocks(text)]


def looks_like_gift(text: str) -> bool:
    """Whether a text has answers in braces."""
    held = _hold(text)
    return "{" in held and "}" in held


def _blocks(text: str) -> Iterator[str]:
    """Questions are set apart by empty lines; lines that begin with // are remarks.

    Inside braces an empty line is forgiven where an answer follows, so that a brace that is not closed spoils its own
    question alone.
    """
    lines: list[str] = []
    depth = 0
    after_empty = False
    for line in text.splitlines():
        if line.strip().startswith("//") or line.strip().startswith("$CATEGORY:"):
            continue
        if not line.strip():
            after_empty = True
            continue
        if after_empty and lines and (depth <= 0 or not line.strip().startswith(("=", "~", "#", "}"))):
            yield "\n".join(lines)
            lines, depth = [], 0
        after_empty = False
        held = _hold(line)
        depth += held.count("{") - held.count("}")
        lines.append(line)
    if lines:
        yield "\n".join(lines)


def _hold(text: str) -> str:
    """Put escaped characters out of the way of what they would mean."""
    return _ESCAPED.sub(lambda found: "\n" if found[1] == "n" else _HOLD[found[1]], text)


def _plain(text: str) -> str:
    """A piece as people read it: characters back, markup gone."""
    text = _FORMAT.sub("", text)
    text = _TAG.sub("", text)
    return "".join(_BACK.get(char, char) for char in text).strip()


def _read(block: str) -> Outcome:
    held = _hold(block).strip()
    title = _TITLE.fullmatch(held)
    name, held = (_plain(title[1]), title[2].strip()) if title else ("", held)
    before, brace, rest = held.partition("{")
    draft = Draft(name or _plain(before))
    if not brace:
        return draft.refused("no_answers")
    inside, closed, after = rest.partition("}")
    if not closed:
        return draft.refused("unclosed_braces")
    if "{" in after:
        return draft.refused("several_answers")
    if _TAG.search(held):
        draft.note("markup_dropped")
    inside, _sign, general = inside.partition("####")
    stem = _plain(before) + (f" ____ {_plain(after)}" if after.strip() else "")
    return _answers(draft, stem, _plain(general), inside.strip())


def _answers(draft: Draft, stem: str, rationale: str, inside: str) -> Outcome:
    if not inside:
        return essay_outcome(draft, stem, rationale)
    word, *whys = inside.split("#", 2)
    if (judged := word.strip().upper()) in ("T", "TRUE", "F", "FALSE"):
        said = [rationale, *(_plain(why) for why in reversed(whys))]
        return judgement_outcome(draft, stem, "\n".join(filter(None, said)), judged.startswith("T"))
    if inside.count("=") + inside.count("~") > MOST_ANSWERS:
        return draft.refused("too_many_answers")
    if inside.startswith("#"):
        return _number(draft, stem, rationale, inside[1:].strip())
    answers = _split_answers(inside)
    if not answers:
        return draft.refused("no_answers")
    if all(sign == "=" and "->" in text for sign, text in answers):
        pairs = [tuple(_plain(side) for side in text.partition("#")[0].split("->", 1)) for _sign, text in answers]
        return matching_outcome(
            draft,
            stem,
            rationale,
            [(prompt, match) for prompt, match in pairs if prompt],
            [match for prompt, match in pairs if not prompt],
        )
    if all(sign == "=" for sign, _text in answers):
        shares = [_shared(text, 1.0) for _sign, text in answers]
        if any(share < 1 for _text, share, _why in shares):
            draft.note("weights")
        return text_outcome(draft, stem, rationale, [text for text, share, _why in shares if share == 1])
    return choice_outcome(draft, stem, rationale, [_shared(text, float(sign == "=")) for sign, text in answers])


def _split_answers(inside: str) -> list[tuple[str, str]]:
    pieces = re.split(r"([=~])", inside)
    return [(pieces[place], pieces[place + 1].strip()) for place in range(1, len(pieces) - 1, 2)]


def _shared(text: str, share: float) -> tuple[str, float, str]:
    found = _SHARE.fullmatch(text)
    if found:
        share, text = float(found[1]) / 100, found[2]
    answer, _sign, why = text.partition("#")
    return _plain(answer), share, _plain(why)


def _number(draft: Draft, stem: str, rationale: str, inside: str) -> Outcome:
    answers = [text for sign, text in _split_answers(inside) if sign == "="] or [inside]
    if len(answers) > 1:
        draft.note("first_answer_alone")
    given = _SHARE.sub(r"\2", answers[0]).partition("#")[0].strip()
    try:
        if ".." in given:
            low, high = (Decimal(side.strip()) for side in given.split("..", 1))
            answer, tolerance = (low + high) / 2, abs(high - low) / 2
        else:
            number, _colon, off = given.partition(":")
            answer, tolerance = Decimal(number.strip()), Decimal(off.strip() or "0")
        if max(answer.adjusted(), tolerance.adjusted()) > HIGHEST_POWER:
            return draft.refused("not_a_number", given)
        return numeric_outcome(draft, stem, rationale, plain_number(answer), plain_number(tolerance))
    except ArithmeticError:
        return draft.refused("not_a_number", given)


# --- writing ----------------------------------------------------------------------------------------------------------
def write_gift(items: list[tuple[str, Mapping[str, Any]]], locale: str) -> tuple[str, list[tuple[str, str]]]:
    """The items (code, content) in one language, and what GIFT cannot say of which, each with the reason."""
    written, left = [], []
    for code, content in items:
        body = _body(content, locale)
        if body is None:
            left.append((code, "no_such_type"))
        else:
            if "media" in content:
                left.append((code, "media_left_out"))
            stem = _escape(content["stem"][locale])
            rationale = _escape(content["rationale"][locale])
            written.append(f"::{_escape(code)}::{stem} {{\n{body}\n####{rationale}\n}}\n")
    return "\n".join(written), left


def _body(content: Mapping[str, Any], locale: str) -> str | None:
    kind = content["kind"]
    if kind == "single_choice":
        return "\n".join(
            f"{'=' if option['correct'] else '~'}{_escape(option[locale])}#{_escape(option['why'][locale])}"
            for option in content["options"]
        )
    if kind == "multiple_choice":
        right = sum(option["correct"] for option in content["options"])
        return "\n".join(
            f"~%{100 / right if option['correct'] else -100 / right:.5g}%{_escape(option[locale])}"
            f"#{_escape(option['why'][locale])}"
            for option in content["options"]
        )
    if kind == "short_text":
        return "\n".join(f"={_escape(wording)}" for wording in content["accepted"][locale])
    if kind == "matching":
        pairs = [f"={_escape(pair['prompt'][locale])} -> {_escape(pair['match'][locale])}" for pair in content["pairs"]]
        return "\n".join([*pairs, *(f"= -> {_escape(option[locale])}" for option in content["spare"])])
    if kind == "numeric" and len(content["units"]) <= 1 and "absolute" in content["tolerance"]:
        return f"#{content['answer']}:{content['tolerance']['absolute']}"
    return "" if kind == "essay" else None


def _escape(text: str) -> str:
    return re.sub(r"([~=#{}:\\])", r"\\\1", text).replace("\n", "\\n")
