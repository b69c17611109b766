"""GIFT, Moodle's plain text format: read, and written.

Read: choice, right shares in percent, short answers, matching, numbers with a tolerance or a range, essays, and answers
in the middle of a text. The format: https://docs.moodle.org/en/GIFT_format.
"""

import html
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from assessments.items.exchange.numbers import HIGHEST_POWER
from assessments.items.exchange.outcomes import (
    Draft,
    Outcome,
    choice_outcome,
    essay_outcome,
    few_enough,
    judgement_outcome,
    matching_outcome,
    numeric_outcome,
    text_outcome,
)
from assessments.items.exchange.xml_input import TAG, plain_text
from assessments.items.question import MOST_DECIMALS, plain_number

MOST_ANSWERS = 100
"""Of one question; no type takes as many."""
_ESCAPED = re.compile(r"\\([~=#{}:\\n])")
_SHARE = re.compile(r"%(-?\d{1,3}(?:\.\d+)?)%(.*)", re.DOTALL)
_TITLE = re.compile(r"::(.*?)::(.*)", re.DOTALL)
_FORMAT = re.compile(r"\[(html|moodle|plain|markdown)\]")
_NUMBERED = re.compile(r"&#(?:\d{1,7}|[xX][0-9a-fA-F]{1,6});")
_LIKE_MARKUP = re.compile(r"<(?=[/!?A-Za-z])|&(?=#?\w)")
_WILDCARD = re.compile(r"(?<!\\)\*")
_STAR = r"\*"
"""An asterisk of an answer that stands for itself."""
_BRACES = re.compile(r"\{([^{}]*)\}")
_ANSWERS = re.compile(r"[=~]|^\s*(?:#|T\b|F\b|TRUE\b|FALSE\b)")
_HOLD = {char: chr(0xE000 + place) for place, char in enumerate("~=#{}:\\<>&")}
_BACK = {held: char for char, held in _HOLD.items()}


def read_gift(text: str) -> list[Outcome]:
    """The questions of a file, each with what becomes of it."""
    return [_read(block) for block in few_enough(_blocks(text))]


def looks_like_gift(text: str) -> bool:
    """Whether a text has answers in braces."""
    held = _hold(text)
    return "{" in held and "}" in held


def count_gift(text: str) -> int:
    """How many pairs of braces of a text have the signs of answers in them."""
    return sum(1 for found in _BRACES.finditer(_hold(text)) if _ANSWERS.search(found[1]))


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
    """Put escaped characters, and those written as numbers, out of the way of what they would mean."""
    text = _NUMBERED.sub(lambda found: _HOLD.get(char := html.unescape(found[0]), char), text)
    return _ESCAPED.sub(lambda found: "\n" if found[1] == "n" else _HOLD[found[1]], text)


def _plain(text: str) -> str:
    """A piece as people read it: characters back, markup gone."""
    is_markup = "[plain]" not in text
    text = _FORMAT.sub("", text)
    if is_markup:
        text = plain_text(text) if TAG.search(text) else html.unescape(text).replace("\xa0", " ")
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
    if TAG.search(held):
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
        right = [text for text, share, _why in shares if share == 1]
        if any(_WILDCARD.search(text) for text in right):
            return draft.refused("wildcards")
        return text_outcome(draft, stem, rationale, [text.replace("\\*", "*") for text in right])
    options = [_shared(text, float(sign == "=")) for sign, text in answers]
    return choice_outcome(draft, stem, rationale, options, single=any(sign == "=" for sign, _text in answers))


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
    shares = [float(found[1]) if (found := _SHARE.fullmatch(text)) else 100.0 for text in answers]
    if shares.count(max(shares)) > 1:
        draft.note("first_answer_alone")
    if min(shares) < 100:
        draft.note("weights")
    given = _SHARE.sub(r"\2", answers[shares.index(max(shares))]).partition("#")[0].strip()
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
    """The items (code, content) in one language, and what GIFT cannot say: by code, with the reason.

    Reasons: no_such_type for an item that is left out, simplified for one that is there without some of its rules.
    """
    written, remarks = [], []
    for code, content in items:
        if (said := _say(content, locale)) is None:
            remarks.append((code, "no_such_type"))
            continue
        before, body, after, is_whole = said
        if not is_whole:
            remarks.append((code, "simplified"))
        if "media" in content:
            remarks.append((code, "media_left_out"))
        rationale = _escape(content["rationale"][locale])
        written.append(f"::{_escape(code)}::{before} {{\n{body}\n####{rationale}\n}}{after}\n")
    return "\n".join(written), remarks


def _say(content: Mapping[str, Any], locale: str) -> tuple[str, str, str, bool] | None:
    """What stands before the braces, in them and after them, and whether that is all; None where it cannot be said."""
    kind, stem = content["kind"], _escape(content["stem"][locale])
    if kind == "cloze":
        return _say_gap(content, locale)
    writer = _BODIES.get(kind)
    if writer is None:
        return None
    body, is_whole = writer(content, locale)
    return stem, body, "", is_whole


def _say_gap(content: Mapping[str, Any], locale: str) -> tuple[str, str, str, bool] | None:
    """A text with one gap, which GIFT calls a missing word; with more gaps it has no like."""
    if len(content["gaps"]) != 1:
        return None
    ((name, gap),) = content["gaps"].items()
    before, after = (_escape(part) for part in content["text"][locale].split(f"[[{name}]]"))
    if "options" in gap:
        body = "\n".join(f"{'=' if each['correct'] else '~'}{_escape(each[locale])}" for each in gap["options"])
    else:
        body = (_number_body if "answer" in gap else _short_body)(gap, locale)[0]
    return f"{_escape(content['stem'][locale])}\\n{before}", body, after, False


def _single_body(content: Mapping[str, Any], locale: str) -> tuple[str, bool]:
    options = (
        f"{'=' if option['correct'] else '~'}{_escape(option[locale])}#{_escape(option['why'][locale])}"
        for option in content["options"]
    )
    return "\n".join(options), True


def _multiple_body(content: Mapping[str, Any], locale: str) -> tuple[str, bool]:
    right = sum(option["correct"] for option in content["options"])
    options = (
        f"~%{100 / right if option['correct'] else -100 / right:.5g}%{_escape(option[locale])}"
        f"#{_escape(option['why'][locale])}"
        for option in content["options"]
    )
    return "\n".join(options), content.get("scoring") == "plus_minus"


def _judgement_body(content: Mapping[str, Any], locale: str) -> tuple[str, bool]:
    return "TRUE" if content["answer"] else "FALSE", not content["options"]


def _short_body(content: Mapping[str, Any], locale: str) -> tuple[str, bool]:
    is_whole = (content["case"], content["diacritics"], content["edits"]) == ("any", "exact", 0)
    accepted = "\n".join(f"={_escape(wording.replace('*', _STAR))}" for wording in content["accepted"][locale])
    return accepted, is_whole and "rejected" not in content


def _pair_body(content: Mapping[str, Any], locale: str) -> tuple[str, bool]:
    pairs = [f"={_escape(pair['prompt'][locale])} -> {_escape(pair['match'][locale])}" for pair in content["pairs"]]
    return "\n".join([*pairs, *(f"= -> {_escape(option[locale])}" for option in content["spare"])]), True


def _card_body(content: Mapping[str, Any], locale: str) -> tuple[str, bool]:
    """Cards as pairs with their categories; a category that has no card is a match left over."""
    names = {category["name"]: _escape(category[locale]) for category in content["categories"]}
    pairs = [f"={_escape(card[locale])} -> {names[card['category']]}" for card in content["cards"]]
    used = {card["category"] for card in content["cards"]}
    return "\n".join([*pairs, *(f"= -> {text}" for name, text in names.items() if name not in used)]), False


def _number_body(content: Mapping[str, Any], locale: str) -> tuple[str, bool]:
    ((way, amount),) = content["tolerance"].items()
    if way == "percent":
        amount = plain_number(round(abs(Decimal(content["answer"])) * Decimal(amount) / 100, MOST_DECIMALS))
    is_whole = way == "absolute" and not content.get("units") and not content.get("whole")
    return f"#{content['answer']}:{amount}", is_whole


def _essay_body(content: Mapping[str, Any], locale: str) -> tuple[str, bool]:
    return "", False


_BODIES: dict[str, Callable[[Mapping[str, Any], str], tuple[str, bool]]] = {
    "single_choice": _single_body,
    "multiple_choice": _multiple_body,
    "true_false_reason": _judgement_body,
    "short_text": _short_body,
    "matching": _pair_body,
    "categorise": _card_body,
    "numeric": _number_body,
    "essay": _essay_body,
}
KINDS = (*_BODIES, "cloze")
"""The kinds of question that can be said, some of them simplified; of texts with gaps those with one."""


def _escape(text: str) -> str:
    text = _LIKE_MARKUP.sub(lambda found: html.escape(found[0]), text)
    return re.sub(r"([~=#{}:\\])", r"\\\1", text).replace("\n", "\\n")
