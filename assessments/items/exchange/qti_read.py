"""QTI 2.1, 2.2 and 3.0 items: one interaction or several gaps, with the right response declared.

Element and attribute names of both generations come to one form: `qti-choice-interaction` and `choiceInteraction` are
`choiceinteraction`. What is scored is read from the response declarations, and from response conditions that compare
with a fixed value where nothing is declared; other processing is noted as an approximation.
"""

import json
from itertools import pairwise
from typing import Any
from xml.etree.ElementTree import Element

from assessments.items.cloze import MOST_GAPS
from assessments.items.exchange.media_files import NO_FILES, Files, bring_media, shown_by
from assessments.items.exchange.outcomes import (
    Draft,
    Outcome,
    both,
    choice_outcome,
    essay_outcome,
    judgement_outcome,
    matching_outcome,
)
from assessments.items.exchange.qti_keys import Keys, points_of
from assessments.items.exchange.qti_scoring import (
    attribute,
    case_rule,
    compares_with_key,
    is_plain,
    named,
    near_number,
    plain_name,
)
from assessments.items.exchange.xml_input import has_too_many_parts, inner_text, local
from assessments.items.wording import comparable

_STANDARD = ("match_correct", "map_response", "map_response_point")


def is_item(root: Element) -> bool:
    """Whether a document is an assessment item."""
    return plain_name(local(root)) == "assessmentitem"


def read_item(root: Element, files: Files = NO_FILES) -> Outcome:
    """What becomes of an item. files: those that it may show."""
    if has_too_many_parts(root):
        return Draft(root.get("title", "") or root.get("identifier", "")).refused("too_many_parts")
    return _Item(root, files).outcome()


class _Item:
    def __init__(self, root: Element, files: Files) -> None:
        self.root, self.files = root, files
        self.aside: dict[Element, str] = {}
        self.body = next(named(root, "itembody"), root)
        self.interactions = [each for each in self.body.iter() if plain_name(local(each)).endswith("interaction")]
        title = root.get("title", "") or root.get("identifier", "")
        self.draft = Draft(title)
        self.keys = Keys(root, self.draft)
        self.rationale = " ".join(
            text for each in named(root, "modalfeedback") if (text := inner_text(each)) and len(text) < 900
        )[:1000]

    def outcome(self) -> Outcome:
        kinds = {plain_name(local(each)).removesuffix("interaction") for each in self.interactions}
        if not self.interactions:
            return self.draft.refused("no_interaction")
        if len(self.interactions) > MOST_GAPS:
            return self.draft.refused("too_many_gaps")
        self._bring_media()
        self._note_processing()
        if kinds <= {"textentry", "inlinechoice"} and (len(self.interactions) > 1 or kinds == {"inlinechoice"}):
            return self._cloze()
        if kinds == {"choice"} and len(self.interactions) == 2 and self._judged(self.interactions[0]):
            return self._two_tiers(*self.interactions)
        if len(self.interactions) > 1:
            return self.draft.refused("several_interactions")
        name = next(iter(kinds))
        readers = {
            "choice": self._choice,
            "hottext": self._hottext,
            "order": self._order,
            "match": self._match,
            "gapmatch": self._gapmatch,
            "textentry": self._textentry,
            "extendedtext": self._extendedtext,
        }
        reader = readers.get(name)
        return reader(self.interactions[0]) if reader else self.draft.refused("no_such_type", name)

    def _bring_media(self) -> None:
        """Take what stands in the stem, and the words that stand for it out of the text; what options show is noted."""
        within = {part for each in self.interactions for part in each.iter()}
        within -= {part for prompt in named(self.body, "prompt") for part in prompt.iter()}
        followed = {child: after for each in self.body.iter() for child, after in pairwise(each)}
        references = []
        for element in self.body.iter():
            name = plain_name(local(element))
            if name not in ("img", "object", "audio", "video") or element in self.aside:
                continue
            if element in within:
                self.draft.note("pictures_dropped")
                continue
            self.aside |= dict.fromkeys(element.iter(), "")
            words = inner_text(element) if name == "object" else ""
            after = followed.get(element)
            if name in ("audio", "video") and after is not None and plain_name(local(after)) == "details":
                words = _with_marks(after, {}, skip=("summary",))
                self.aside[after] = ""
            reference = shown_by(element, name, words)
            if reference is not None:
                references.append(reference)
        bring_media(self.draft, references, self.files)

    def _note_processing(self) -> None:
        for processing in named(self.root, "responseprocessing"):
            template = processing.get("template", "").rpartition("/")[2].removesuffix(".xml")
            if not any(template.startswith(name) for name in _STANDARD) and not is_plain(processing):
                self.draft.note("own_processing")
            points = {
                points_of(value.text or "")
                for change in named(processing, "setoutcomevalue")
                for value in named(change, "basevalue")
                if attribute(value, "basetype") in ("float", "integer")
            }
            if sum(each > 0 for each in points) > 1:
                self.draft.note("weights")
            if any(attribute(each, "substring") == "true" for each in named(processing, "stringmatch")):
                self.draft.note("own_processing")

    # --- interactions ---
    def _judged(self, interaction: Element) -> str:
        """`true` or `false` where the choice is between these two alone, else nothing."""
        names = [choice.get("identifier", "").lower() for choice in named(interaction, "simplechoice")]
        right = [each.lower() for each in self.keys.correct(interaction)]
        return right[0] if sorted(names) == ["false", "true"] and right in (["true"], ["false"]) else ""

    def _two_tiers(self, judgement: Element, reasons: Element) -> Outcome:
        shares = self.keys.shares(reasons)
        options = [
            self.draft.option(
                self._words(choice), shares.get(choice.get("identifier", ""), 0) > 0, self._feedback(choice)
            )
            for choice in named(reasons, "simplechoice")
        ]
        parts = {"answer": self._judged(judgement) == "true", "options": options}
        return self.draft.outcome("true_false_reason", self._stem(judgement), self.rationale, parts)

    def _choice(self, interaction: Element) -> Outcome:
        if judged := self._judged(interaction):
            return judgement_outcome(self.draft, self._stem(interaction), self.rationale, judged == "true")
        shares = self.keys.shares(interaction)
        options = [
            (self._words(choice), shares.get(choice.get("identifier", ""), 0.0), self._feedback(choice))
            for choice in named(interaction, "simplechoice")
        ]
        is_whole = self.keys.is_whole() or compares_with_key(self.root, attribute(interaction, "responseidentifier"))
        scoring = "all_or_nothing" if is_whole else "plus_minus"
        return choice_outcome(self.draft, self._stem(interaction), self.rationale, options, scoring=scoring)

    def _hottext(self, interaction: Element) -> Outcome:
        self.draft.note("hottext_as_choice")
        shares = self.keys.shares(interaction)
        pieces = [
            (inner_text(each), shares.get(each.get("identifier", ""), 0.0), "")
            for each in named(interaction, "hottext")
        ]
        return choice_outcome(self.draft, inner_text(self.body), self.rationale, pieces)

    def _order(self, interaction: Element) -> Outcome:
        texts = {each.get("identifier", ""): self._words(each) for each in named(interaction, "simplechoice")}
        order = self.keys.correct(interaction)
        if sorted(order) != sorted(texts):
            return self.draft.refused("no_right_answer")
        steps = [both(texts[key]) for key in order]
        return self.draft.outcome("ordering", self._stem(interaction), self.rationale, {"options": steps})

    def _match(self, interaction: Element) -> Outcome:
        sets = [
            {each.get("identifier", ""): self._words(each) for each in named(group, "simpleassociablechoice")}
            for group in named(interaction, "simplematchset")
        ]
        if len(sets) != 2:
            return self.draft.refused("no_answers")
        pairs = [tuple(pair.split()) for pair in self.keys.right_pairs(interaction)]
        pairs = [pair if pair[0] in sets[0] else pair[::-1] for pair in pairs if len(pair) == 2]
        if not pairs or any(first not in sets[0] or second not in sets[1] for first, second in pairs):
            return self.draft.refused("no_right_answer")
        used = {second for _first, second in pairs}
        if sets[0].keys() > {first for first, _second in pairs}:
            self.draft.note("unpaired_dropped")
        if len(used) == len(pairs):
            given = [(sets[0][first], sets[1][second]) for first, second in pairs]
            spare = [text for key, text in sets[1].items() if key not in used]
            return matching_outcome(self.draft, self._stem(interaction), self.rationale, given, spare)
        names = {key: f"category{place}" for place, key in enumerate(sets[1], start=1)}
        parts = {
            "categories": [{"name": names[key], **both(text)} for key, text in sets[1].items()],
            "cards": [{**both(sets[0][first]), "category": names[second]} for first, second in pairs],
        }
        return self.draft.outcome("categorise", self._stem(interaction), self.rationale, parts)

    def _gapmatch(self, interaction: Element) -> Outcome:
        texts = {each.get("identifier", ""): inner_text(each) for each in named(interaction, "gaptext")}
        pairs = [pair.split() for pair in self.keys.right_pairs(interaction)]
        right: dict[str, str] = {pair[1]: pair[0] for pair in pairs if len(pair) == 2}
        gaps = list(named(interaction, "gap"))
        if len(gaps) > MOST_GAPS:
            return self.draft.refused("too_many_gaps")
        marks: dict[Element, str] = {gap: f"gap{place}" for place, gap in enumerate(gaps, start=1)}
        contents = {
            marks[gap]: {
                "options": [
                    {**both(text), "correct": right.get(gap.get("identifier", "")) == key}
                    for key, text in texts.items()
                ]
            }
            for gap in gaps
        }
        text = _with_marks(interaction, marks, skip=("prompt", "gaptext"))
        parts = {"text": both(text), "gaps": contents}
        return self.draft.outcome("cloze", self._stem(interaction) or self.draft.label, self.rationale, parts)

    def _textentry(self, interaction: Element) -> Outcome:
        sentence = _with_marks(self.body, self.aside | {interaction: "_"}, skip=("rubricblock", "feedbackblock"))
        stem = sentence.removesuffix("[[_]]").strip().replace("[[_]]", "____")
        if found := self._number(interaction):
            declaration = self.keys.declaration(interaction)
            whole = declaration is not None and attribute(declaration, "basetype") == "integer"
            parts = found | {"whole": whole, "units": self._units(interaction)}
            return self.draft.outcome("numeric", stem, self.rationale, parts)
        return self.draft.outcome("short_text", stem, self.rationale, self._text(interaction))

    def _number(self, interaction: Element) -> dict[str, Any] | None:
        """The number that is right, with its tolerance; None where no number is asked for."""
        declaration = self.keys.declaration(interaction)
        answers = list(dict.fromkeys(self.keys.accepted(interaction)))
        if declaration is None or attribute(declaration, "basetype") not in ("float", "integer") or not answers:
            return None
        if len(answers) > 1:
            self.draft.note("first_answer_alone")
        if len(set(self.keys.mapped(interaction).values()) - {0.0}) > 1:
            self.draft.note("weights")
        found = near_number(self.root, attribute(interaction, "responseidentifier"), answers[0])
        if found.reason:
            self.draft.note(found.reason)
        return {"answer": found.answer, "tolerance": {"percent" if found.percent else "absolute": found.tolerance}}

    def _units(self, interaction: Element) -> Any:
        """The units that a package written here names in an attribute of its own."""
        try:
            return json.loads(attribute(interaction, "datathangunits") or "[]")
        except (ValueError, RecursionError):
            self.draft.note("units_dropped")
            return []

    def _text(self, interaction: Element) -> dict[str, Any]:
        """The wordings that are accepted, and how near one has to come."""
        identifier, declaration = attribute(interaction, "responseidentifier"), self.keys.declaration(interaction)
        case, is_simplified = case_rule(self.root, declaration, identifier)
        if is_simplified:
            self.draft.note("case_simplified")
        accepted = list(dict.fromkeys(self.keys.accepted(interaction)))
        parts: dict[str, Any] = {"accepted": {"vi": accepted, "en": accepted}, "case": case}
        if diacritics := attribute(interaction, "datathangdiacritics"):
            edits = attribute(interaction, "datathangedits")
            if diacritics == "any":
                plain = {comparable(each, case=True, diacritics=False): each for each in reversed(accepted)}
                accepted = [each for each in accepted if plain.get(each, each) == each]
                parts["accepted"] = {"vi": accepted, "en": accepted}
            wrong = [key for key, value in self.keys.mapped(interaction).items() if value <= 0]
            parts |= {"diacritics": diacritics, "edits": int(edits) if edits in ("0", "1", "2") else 0}
            parts |= {"rejected": {"vi": wrong, "en": wrong}} if wrong else {}
        elif any(0 < value < 1 for value in self.keys.mapped(interaction).values()):
            self.draft.note("weights")
        return parts

    def _extendedtext(self, interaction: Element) -> Outcome:
        return essay_outcome(self.draft, self._stem(interaction), self.rationale)

    def _cloze(self) -> Outcome:
        marks: dict[Element, str] = {each: f"gap{place}" for place, each in enumerate(self.interactions, start=1)}
        gaps: dict[str, object] = {}
        for interaction, name in marks.items():
            if plain_name(local(interaction)) == "textentryinteraction":
                gaps[name] = self._number(interaction) or self._text(interaction)
                continue
            correct = self.keys.correct(interaction) or self.keys.accepted(interaction)
            gaps[name] = {
                "options": [
                    {**both(inner_text(each)), "correct": each.get("identifier") in correct}
                    for each in named(interaction, "inlinechoice")
                ]
            }
        text = _with_marks(self.body, self.aside | marks, skip=("prompt",))
        parts = {"text": both(text), "gaps": gaps}
        return self.draft.outcome("cloze", self.draft.label or "…", self.rationale, parts)

    # --- words ---
    def _stem(self, interaction: Element) -> str:
        prompt = "\n".join(inner_text(each) for each in named(interaction, "prompt"))
        around = _with_marks(
            self.body, self.aside, skip=(plain_name(local(interaction)), "rubricblock", "feedbackblock")
        )
        return "\n".join(part for part in (around, prompt) if part)

    def _words(self, choice: Element) -> str:
        return _with_marks(choice, {}, skip=("feedbackinline",))

    def _feedback(self, choice: Element) -> str:
        return " ".join(inner_text(each) for each in named(choice, "feedbackinline"))


def _with_marks(element: Element, marks: dict[Element, str], skip: tuple[str, ...]) -> str:
    """The words of an element, gaps as `[[name]]`, some elements left out: by name, and marked by nothing."""

    def walk(each: Element) -> str:
        if each in marks:
            return f"[[{marks[each]}]]" if marks[each] else ""
        if each is not element and plain_name(local(each)) in skip:
            return ""
        parts = [each.text or ""]
        for child in each:
            parts += [walk(child), child.tail or ""]
        if plain_name(local(each)) in ("td", "th"):
            parts.append(" ")
        return "".join(parts) + ("\n" if plain_name(local(each)) in ("p", "div", "br", "li", "tr", "h2", "h3") else "")

    return "\n".join(line for line in (" ".join(line.split()) for line in walk(element).splitlines()) if line)
