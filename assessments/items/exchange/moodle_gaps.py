"""Moodle's texts with gaps: answers embedded in the text (multianswer), and words chosen or dragged into it.

The format of embedded answers: https://docs.moodle.org/en/Embedded_Answers_(Cloze)_question_type.
"""

import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

from assessments.items.cloze import MOST_GAPS
from assessments.items.exchange.outcomes import Draft, Outcome, both
from assessments.items.exchange.xml_input import plain_text
from assessments.items.question import QuestionReading
from assessments.items.target import read_target

MOST_ANSWERS = 100
"""Of one gap; no type takes as many."""
_OPENING = re.compile(r"\{(\d{0,3}):([A-Za-z_]{1,20}):")
_SHARE = re.compile(r"(?:%(-?\d{1,3}(?:\.\d{1,5})?)%|(=))?")
_CHOICE = re.compile(r"(?:MULTICHOICE|MC)(?:_?(?:V|H|S|VS|HS))?")
_NUMBER = re.compile(r"NUMERICAL|NM")
_TEXT = re.compile(r"SHORTANSWER(?:_C)?|SA(?:C)?|MW(?:C)?")
_PLACE = re.compile(r"\[\[(\d{1,3})\]\]")
_ESCAPED = re.compile(r"\\([~#}{\"\\/])")


class NoGap(ValueError):
    """An embedded answer that has no like here. reason: a fixed word."""

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason, self.detail = reason, detail
        super().__init__(reason)


def read_embedded(draft: Draft, markup: str, rationale: str) -> Outcome:
    """A text with answers embedded in it, such as `{1:MULTICHOICE:=right~wrong}`."""
    pieces: list[str] = []
    gaps: dict[str, Any] = {}
    weights: set[int] = set()
    rest = markup
    try:
        while found := _OPENING.search(rest):
            if len(gaps) == MOST_GAPS:
                raise NoGap("too_many_gaps")
            body, after = _body(rest[found.end() :])
            name = f"gap{len(gaps) + 1}"
            gaps[name] = _gap(draft, found[2].upper(), list(_answers(body)))
            weights.add(int(found[1] or 1))
            pieces += [rest[: found.start()], f"[[{name}]]"]
            rest = after
    except NoGap as refusal:
        return draft.refused(refusal.reason, refusal.detail)
    if not gaps:
        return draft.refused("no_answers")
    if len(weights) > 1:
        draft.note("weights")
    return _outcome(draft, plain_text("".join([*pieces, rest])), gaps, rationale)


def read_places(draft: Draft, question: Element, markup: str, rationale: str, choice: str) -> Outcome:
    """A text whose `[[2]]` is filled by the second of the question's choices; those of its group are offered."""
    words = [
        (plain_text(each.findtext("text") or ""), (each.findtext("group") or "1").strip())
        for each in question.findall(choice)
    ]
    places = [int(number) for number in _PLACE.findall(markup)]
    if len(places) > MOST_GAPS:
        return draft.refused("too_many_gaps")
    if not places or any(not 1 <= place <= len(words) for place in places):
        return draft.refused("no_right_answer")
    gaps: dict[str, Any] = {}
    for place in places:
        right, group = words[place - 1]
        offered = dict.fromkeys(word for word, other in words if other == group)
        options = [{**both(word), "correct": word == right} for word in offered]
        gaps[f"gap{len(gaps) + 1}"] = {"options": options}
    numbers = iter(range(1, len(places) + 1))
    return _outcome(draft, plain_text(_PLACE.sub(lambda found: f"[[gap{next(numbers)}]]", markup)), gaps, rationale)


def _outcome(draft: Draft, text: str, gaps: dict[str, Any], rationale: str) -> Outcome:
    return draft.outcome("cloze", draft.label or "…", rationale, {"text": both(text), "gaps": gaps})


def _body(text: str) -> tuple[str, str]:
    """What stands before the closing brace, and what after it."""
    found = re.search(r"(?<!\\)\}", text)
    if found is None:
        raise NoGap("unclosed_braces")
    return text[: found.start()], text[found.end() :]


def _answers(body: str) -> Iterator[tuple[str, float]]:
    parts = re.split(r"(?<!\\)~", body, maxsplit=MOST_ANSWERS)
    if len(parts) > MOST_ANSWERS:
        raise NoGap("too_many_answers")
    for part in parts:
        sign = _SHARE.match(part.strip())
        assert sign is not None
        share = 1.0 if sign[2] else float(sign[1] or 0) / 100
        answer = re.split(r"(?<!\\)#", part.strip()[sign.end() :], maxsplit=1)[0]
        yield plain_text(_ESCAPED.sub(r"\1", answer)), share


def _gap(draft: Draft, kind: str, answers: list[tuple[str, float]]) -> dict[str, Any]:
    right = [answer for answer, share in answers if share == 1 and answer]
    if _NUMBER.fullmatch(kind) and len(right) > 1:
        draft.note("first_answer_alone")
    if any(0 < share < 1 for _answer, share in answers):
        draft.note("weights")
    if not right:
        raise NoGap("no_right_answer")
    if _NUMBER.fullmatch(kind):
        return _number(right[0])
    if _CHOICE.fullmatch(kind):
        if len(set(right)) > 1:
            raise NoGap("several_whole")
        options = dict.fromkeys(answer for answer, _share in answers if answer)
        return {"options": [{**both(answer), "correct": answer == right[0]} for answer in options]}
    if _TEXT.fullmatch(kind):
        if any("*" in answer for answer in right):
            raise NoGap("wildcards")
        case = "exact" if kind.endswith("C") else "any"
        accepted = list(dict.fromkeys(right))
        return {"accepted": {"vi": accepted, "en": accepted}, "case": case}
    raise NoGap("no_such_type", kind.lower())


def _number(answer: str) -> dict[str, Any]:
    """A number with its tolerance, as in `23.8:0.1`."""
    number, _colon, tolerance = (part.strip() for part in answer.partition(":"))
    found = {"answer": number, "tolerance": {"absolute": tolerance or "0"}}
    reading = QuestionReading()
    read_target(reading, found)
    if reading.problems:
        raise NoGap("not_a_number", answer[:40])
    return found
