"""QTI 2.1, 2.2 and 3.0 items: one interaction or several gaps, with the right response declared.

Element and attribute names of both generations come to one form: `qti-choice-interaction` and `choiceInteraction` are
`choiceinteraction`. What is scored is read from the response declarations, and from response conditions that compare
with a fixed value where nothing is declared; other processing is noted as an approximation.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from xml.etree.ElementTree import Element

from assessments.items.cloze import MOST_GAPS
from assessments.items.exchange.media_files import NO_FILES, Files, bring_media, shown_by
from assessments.items.exchange.outcomes import (
    Draft,
    Outcome,
    both,
    choice_outcome,
    essay_outcome,
    matching_outcome,
    numeric_outcome,
    text_outcome,
)
from assessments.items.exchange.xml_input import inner_text, local

_STANDARD = ("match_correct", "map_response", "map_response_point")


@lru_cache(maxsize=1024)
def plain_name(name: str) -> str:
    """A name of either generation in one form."""
    return name.rpartition("}")[2].removeprefix("qti-").replace("-", "").lower()


def is_item(root: Element) -> bool:
    """Whether a document is an assessment item."""
    return plain_name(local(root)) == "assessmentitem"


def read_item(root: Element, files: Files = NO_FILES) -> Outcome:
    """What becomes of an item. files: those that it may show."""
    return _Item(root, files).outcome()


class _Item:
    def __init__(self, root: Element, files: Files) -> None:
        self.root, self.files = root, files
        self.aside: dict[Element, str] = {}
        self.body = next(_all(root, "itembody"), root)
        self.interactions = [each for each in self.body.iter() if plain_name(local(each)).endswith("interaction")]
        title = root.get("title", "") or root.get("identifier", "")
        self.draft = Draft(title)
        self.rationale = " ".join(
            text for each in _all(root, "modalfeedback") if (text := inner_text(each)) and len(text) < 900
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
        if len(self.interactions) > 1:
            return self.draft.refused("several_interactions")
        name = next(iter(kinds))
        reader = getattr(self, f"_{name}", None)
        return reader(self.interactions[0]) if reader else self.draft.refused("no_such_type", name)

    def _bring_media(self) -> None:
        """Take what stands in the stem, and the words that stand for it out of the text; what options show is noted."""
        within = {part for each in self.interactions for part in each.iter()}
        within -= {part for prompt in _all(self.body, "prompt") for part in prompt.iter()}
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
        for processing in _all(self.root, "responseprocessing"):
            template = processing.get("template", "").rpartition("/")[2].removesuffix(".xml")
            if not any(template.startswith(name) for name in _STANDARD) and len(list(processing)):
                self.draft.note("own_processing")

    # --- interactions ---
    def _choice(self, interaction: Element) -> Outcome:
        shares = self._shares(interaction)
        options = [
            (self._words(choice), shares.get(choice.get("identifier", ""), 0.0), self._feedback(choice))
            for choice in _all(interaction, "simplechoice")
        ]
        is_whole = any(
            each.get("template", "").rpartition("/")[2].startswith("match_correct")
            for each in _all(self.root, "responseprocessing")
        )
        scoring = "all_or_nothing" if is_whole else "plus_minus"
        return choice_outcome(self.draft, self._stem(interaction), self.rationale, options, scoring=scoring)

    def _hottext(self, interaction: Element) -> Outcome:
        self.draft.note("hottext_as_choice")
        shares = self._shares(interaction)
        pieces = [
            (inner_text(each), shares.get(each.get("identifier", ""), 0.0), "") for each in _all(interaction, "hottext")
        ]
        return choice_outcome(self.draft, inner_text(self.body), self.rationale, pieces)

    def _order(self, interaction: Element) -> Outcome:
        texts = {each.get("identifier", ""): self._words(each) for each in _all(interaction, "simplechoice")}
        order = self._correct(interaction)
        if sorted(order) != sorted(texts):
            return self.draft.refused("no_right_answer")
        steps = [both(texts[key]) for key in order]
        return self.draft.outcome("ordering", self._stem(interaction), self.rationale, {"options": steps})

    def _match(self, interaction: Element) -> Outcome:
        sets = [
            {each.get("identifier", ""): self._words(each) for each in _all(group, "simpleassociablechoice")}
            for group in _all(interaction, "simplematchset")
        ]
        if len(sets) != 2:
            return self.draft.refused("no_answers")
        pairs = [tuple(pair.split()) for pair in self._correct(interaction)]
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
        texts = {each.get("identifier", ""): inner_text(each) for each in _all(interaction, "gaptext")}
        pairs = [pair.split() for pair in self._correct(interaction)]
        right: dict[str, str] = {pair[1]: pair[0] for pair in pairs if len(pair) == 2}
        gaps = list(_all(interaction, "gap"))
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
        declaration = self._declaration(interaction)
        base = _attribute(declaration, "basetype") if declaration is not None else ""
        answers = self._correct(interaction)
        if base in ("float", "integer") and answers:
            return numeric_outcome(self.draft, self._stem(interaction), self.rationale, answers[0], "0")
        return text_outcome(self.draft, self._stem(interaction), self.rationale, self._accepted(interaction))

    def _extendedtext(self, interaction: Element) -> Outcome:
        return essay_outcome(self.draft, self._stem(interaction), self.rationale)

    def _cloze(self) -> Outcome:
        marks: dict[Element, str] = {each: f"gap{place}" for place, each in enumerate(self.interactions, start=1)}
        gaps: dict[str, object] = {}
        for interaction, name in marks.items():
            if plain_name(local(interaction)) == "textentryinteraction":
                accepted = list(dict.fromkeys(self._accepted(interaction)))
                gaps[name] = {"accepted": {"vi": accepted, "en": accepted}}
                continue
            correct = self._correct(interaction)
            gaps[name] = {
                "options": [
                    {**both(inner_text(each)), "correct": each.get("identifier") in correct}
                    for each in _all(interaction, "inlinechoice")
                ]
            }
        text = _with_marks(self.body, self.aside | marks, skip=("prompt",))
        parts = {"text": both(text), "gaps": gaps}
        return self.draft.outcome("cloze", self.draft.label or "…", self.rationale, parts)

    # --- what is right ---
    def _declaration(self, interaction: Element) -> Element | None:
        wanted = _attribute(interaction, "responseidentifier")
        declared = _all(self.root, "responsedeclaration")
        return next((each for each in declared if each.get("identifier") == wanted), None)

    def _correct(self, interaction: Element) -> list[str]:
        declaration = self._declaration(interaction)
        if declaration is not None:
            for correct in _all(declaration, "correctresponse"):
                return [" ".join((value.text or "").split()) for value in _all(correct, "value")]
        return self._compared(_attribute(interaction, "responseidentifier"))

    def _compared(self, identifier: str) -> list[str]:
        """Fixed values that the first response condition which gives points compares this response with."""
        for condition in self.root.iter():
            if plain_name(local(condition)) not in ("responseif", "responseelseif") or not _gives_points(condition):
                continue
            found = [
                (value.text or "").strip()
                for match in _all(condition[0], "match")
                if any(each.get("identifier") == identifier for each in _all(match, "variable"))
                for value in _all(match, "basevalue")
            ]
            if found:
                return found
        return []

    def _shares(self, interaction: Element) -> dict[str, float]:
        """The share of each option that has one; a mapping alone says too what is right."""
        correct, mapped = self._correct(interaction), self._mapped(interaction)
        if not correct:
            declaration = self._declaration(interaction)
            is_single = declaration is not None and declaration.get("cardinality") == "single"
            least = max(mapped.values(), default=0.0) if is_single else 0.0
            correct = [key for key, value in mapped.items() if value >= least and value > 0]
        if any(value > 0 and key not in correct for key, value in mapped.items()):
            self.draft.note("weights")
        if len({mapped[key] for key in correct if key in mapped}) > 1:
            self.draft.note("weights")
        shares = dict.fromkeys(correct, 1.0 / max(1, len(correct)))
        return {key: -1.0 for key, value in mapped.items() if value < 0} | shares

    def _mapped(self, interaction: Element) -> dict[str, float]:
        """What the declaration's mapping gives, by response."""
        declaration = self._declaration(interaction)
        entries = _all(declaration, "mapentry") if declaration is not None else ()
        return {_attribute(each, "mapkey"): _number(_attribute(each, "mappedvalue")) for each in entries}

    def _accepted(self, interaction: Element) -> list[str]:
        mapped = self._mapped(interaction)
        best = max(mapped.values(), default=0.0)
        return self._correct(interaction) + [key for key, value in mapped.items() if value == best > 0]

    # --- words ---
    def _stem(self, interaction: Element) -> str:
        prompt = "\n".join(inner_text(each) for each in _all(interaction, "prompt"))
        around = _with_marks(
            self.body, self.aside, skip=(plain_name(local(interaction)), "rubricblock", "feedbackblock")
        )
        return "\n".join(part for part in (around, prompt) if part)

    def _words(self, choice: Element) -> str:
        return _with_marks(choice, {}, skip=("feedbackinline",))

    def _feedback(self, choice: Element) -> str:
        return " ".join(inner_text(each) for each in _all(choice, "feedbackinline"))


def _all(element: Element, name: str) -> Iterator[Element]:
    return (each for each in element.iter() if plain_name(local(each)) == name)


def _gives_points(condition: Element) -> bool:
    """Whether a condition turns nothing round and does not set a score of 0 or less."""
    if not len(condition) or next(_all(condition[0], "not"), None) is not None:
        return False
    scores = [
        _number(value.text or "")
        for change in condition
        if plain_name(local(change)) == "setoutcomevalue"
        for value in _all(change, "basevalue")
        if _attribute(value, "basetype") in ("float", "integer")
    ]
    return not scores or max(scores) > 0


def _attribute(element: Element, name: str) -> str:
    return next((value for key, value in element.attrib.items() if plain_name(key) == name), "")


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


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
        return "".join(parts) + ("\n" if plain_name(local(each)) in ("p", "div", "br", "li", "tr", "h2", "h3") else "")

    return "\n".join(line for line in (" ".join(line.split()) for line in walk(element).splitlines()) if line)
