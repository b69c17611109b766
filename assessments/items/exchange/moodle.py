"""Moodle XML: choice, short answer, numerical, matching, ordering, essay, and texts with gaps."""

import html
from xml.etree.ElementTree import Element

from assessments.items.exchange.media_files import NO_FILES, bring_media, files_within, take_apart
from assessments.items.exchange.moodle_gaps import read_embedded, read_places
from assessments.items.exchange.outcomes import (
    Draft,
    Outcome,
    both,
    choice_outcome,
    essay_outcome,
    few_enough,
    judgement_outcome,
    matching_outcome,
    numeric_outcome,
    text_outcome,
)
from assessments.items.exchange.xml_input import has_too_many_parts, local, plain_text

_PLACED = {"gapselect": "selectoption", "ddwtos": "dragbox"}
"""Kinds whose text names its words by number, and the elements that hold the words."""


def read_moodle(root: Element) -> list[Outcome]:
    """The questions of a `quiz` document, each with what becomes of it; categories are no questions."""
    questions = (each for each in root if local(each) == "question" and each.get("type") != "category")
    return [_read(question) for question in few_enough(questions)]


def _read(question: Element) -> Outcome:
    kind = question.get("type", "")
    name = _text(question.find("name"))
    if has_too_many_parts(question):
        return Draft(name).refused("too_many_parts")
    shown, markup = take_apart(_markup(question.find("questiontext")))
    stem = plain_text(markup)
    draft = Draft(name or stem)
    asked = question.find("questiontext")
    bring_media(draft, shown, files_within(asked) if asked is not None else NO_FILES)
    if len(list(question.iter("file"))) > len(question.findall("questiontext/file")):
        draft.note("pictures_dropped")
    rationale = _text(question.find("generalfeedback"))
    answers = question.findall("answer")
    if kind == "multichoice":
        options = [(_text(each), _share(each), _text(each.find("feedback"))) for each in answers]
        is_single = (question.findtext("single") or "").strip().lower() in ("true", "1")
        return choice_outcome(draft, stem, rationale, options, single=is_single)
    if kind == "shortanswer":
        return _short(draft, stem, rationale, question, answers)
    if kind == "numerical":
        return _number(draft, stem, rationale, question, answers)
    if kind in ("matching", "ddmatch"):
        pairs = [(_text(each), _text(each.find("answer"))) for each in question.findall("subquestion")]
        spare = [match for prompt, match in pairs if not prompt]
        return matching_outcome(draft, stem, rationale, [pair for pair in pairs if pair[0]], spare)
    if kind == "ordering":
        steps = [both(_text(each)) for each in answers]
        return draft.outcome("ordering", stem, rationale, {"options": steps})
    if kind == "essay":
        return essay_outcome(draft, stem, rationale)
    if kind in ("cloze", "multianswer"):  # the first is what Moodle writes, the second what it calls the type
        return read_embedded(draft, markup, rationale)
    if kind in _PLACED:
        return read_places(draft, question, markup, rationale, _PLACED[kind])
    if kind == "truefalse":
        return _judgement(draft, stem, rationale, answers)
    return draft.refused("no_such_type", kind)


def _judgement(draft: Draft, stem: str, rationale: str, answers: list[Element]) -> Outcome:
    right = next((_text(each).strip().lower() for each in answers if _share(each) == 1), "")
    if right not in ("true", "false"):
        return draft.refused("no_right_answer", right)
    said = [rationale, *(_text(each.find("feedback")) for each in answers)]
    return judgement_outcome(draft, stem, "\n".join(filter(None, said)), right == "true")


def _short(draft: Draft, stem: str, rationale: str, question: Element, answers: list[Element]) -> Outcome:
    right = [_text(each) for each in answers if _share(each) == 1]
    if any(0 < _share(each) < 1 for each in answers):
        draft.note("weights")
    if any("*" in answer for answer in right):
        return draft.refused("wildcards")
    return text_outcome(draft, stem, rationale, right, case=question.findtext("usecase") == "1")


def _number(draft: Draft, stem: str, rationale: str, question: Element, answers: list[Element]) -> Outcome:
    right = [each for each in answers if _share(each) == 1]
    if not right:
        return draft.refused("no_right_answer")
    if len(right) > 1:
        draft.note("first_answer_alone")
    if any(0 < _share(each) < 1 for each in answers):
        draft.note("weights")
    if question.find("units") is not None:
        draft.note("units_dropped")
    return numeric_outcome(draft, stem, rationale, _text(right[0]), (right[0].findtext("tolerance") or "0").strip())


def _text(element: Element | None) -> str:
    return plain_text(_markup(element))


def _markup(element: Element | None) -> str:
    """The text of an element as HTML, whatever its format says that it is."""
    if element is None:
        return ""
    text = element.findtext("text") or ""
    return html.escape(text, quote=False) if element.get("format") == "plain_text" else text


def _share(answer: Element) -> float:
    try:
        return float(answer.get("fraction", "0")) / 100
    except ValueError:
        return 0.0
