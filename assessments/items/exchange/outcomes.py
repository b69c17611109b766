"""What becomes of each question of a file: it comes, it comes approximated, or it is refused, with the reason."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from assessments.items.content import MAX_TEXT
from assessments.items.problems import ContentError
from assessments.items.registry import item_type

COMES, APPROXIMATED, REFUSED = "comes", "approximated", "refused"
LONGEST_LABEL = 80
LONGEST_DETAIL = 200
MOST_QUESTIONS = 2000
"""Of one file."""
MOST_PARTS = 3000
"""XML elements of one question; the largest of ours has a few hundred."""


class ExchangeError(ValueError):
    """A file that is not read at all. reason: a fixed word, such as `too_large` or `not_xml`."""

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason} {detail}".strip())


@dataclass(frozen=True, slots=True)
class Note:
    """Why a question is refused or only approximated: a fixed word, and what it speaks of."""

    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question of a file. label: its name or first words. content: what comes, None for a refused one.

    files: of its media that came along, by the paths that the content names.
    level, seconds, competency: what the file says of them, if it does. row: of a table, the header being row 1.
    """

    label: str
    content: Mapping[str, Any] | None
    notes: tuple[Note, ...] = ()
    level: int | None = None
    seconds: int | None = None
    competency: str = ""
    row: int | None = None
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def status(self) -> str:
        if self.content is None:
            return REFUSED
        return APPROXIMATED if self.notes else COMES

    @property
    def kind(self) -> str:
        return str(self.content["kind"]) if self.content is not None else ""


@dataclass(slots=True)
class Draft:
    """A question that is being read. Texts come in one language and stand for both until somebody translates them."""

    label: str
    notes: list[Note] = field(default_factory=list)
    media: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)

    def note(self, reason: str, detail: str = "") -> None:
        """Note an approximation once."""
        if Note(reason, detail) not in self.notes:
            self.notes.append(Note(reason, detail))

    def refused(self, reason: str, detail: str = "") -> Outcome:
        return Outcome(shorten(self.label), None, (Note(reason, detail[:LONGEST_DETAIL]),))

    def outcome(self, kind: str, stem: str, rationale: str, parts: Mapping[str, Any]) -> Outcome:
        """The outcome of a content, which its own type judges."""
        if not rationale:
            self.note("no_rationale")
        rationale = self.cut(rationale)
        raw = {"kind": kind, "stem": both(stem), "rationale": both(rationale) if rationale else NO_RATIONALE, **parts}
        if self.media:
            raw |= {"stem": both(stem or self.label), "media": self.media}
        try:
            content = item_type(kind).parse_content(raw).to_dict()
        except ContentError as error:
            first = error.problems[0]
            return self.refused("does_not_fit", f"{first.path} {first.reason} {first.value}".strip())
        return Outcome(shorten(self.label or stem), content, tuple(self.notes), files=self.files)

    def cut(self, text: str) -> str:
        """An explanation, shortened where it is longer than one may be."""
        if len(text) <= MAX_TEXT:
            return text
        self.note("shortened")
        return text[: MAX_TEXT - 1] + "…"

    def option(self, text: str, correct: bool, why: str) -> dict[str, Any]:
        """An option of a choice question; where it has no reason, one that says so."""
        return self.option_of(both(text), correct, both(self.cut(why)) if why else None)

    def option_of(self, text: Mapping[str, str], correct: bool, why: Mapping[str, str] | None) -> dict[str, Any]:
        """The same of texts in both languages."""
        if not why:
            self.note("no_reasons")
        return {**text, "correct": correct, "why": why or NO_REASON[correct]}


def few_enough(questions: Iterable[Any]) -> list[Any]:
    """The questions of a file before any is read. Raises ExchangeError for more than a file may have."""
    found = list(islice(questions, MOST_QUESTIONS + 1))
    if len(found) > MOST_QUESTIONS:
        raise ExchangeError("too_many_questions")
    return found


NO_RATIONALE = {"vi": "Chưa có giải thích.", "en": "No explanation yet."}
NO_REASON = {
    True: {"vi": "Đây là phương án đúng.", "en": "This is a right option."},
    False: {"vi": "Đây không phải phương án đúng.", "en": "This is not a right option."},
}


def storable(text: str) -> str:
    """A text without U+0000 and lone surrogates, which no database takes."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def both(text: str) -> dict[str, str]:
    """A text that came in one language, for both."""
    return {"vi": text, "en": text}


def shorten(text: str) -> str:
    """The beginning of a text, on one line, of characters that can be stored."""
    line = storable(" ".join(text.split()))
    return line if len(line) <= LONGEST_LABEL else line[: LONGEST_LABEL - 1] + "…"


def choice_outcome(
    draft: Draft,
    stem: str,
    rationale: str,
    options: list[tuple[str, float, str]],
    *,
    scoring: str = "plus_minus",
    single: bool = False,
) -> Outcome:
    """A choice question of options (text, share of the score from -1 to 1, reason): one right option or several.

    scoring: of several right ones. single: one option may be chosen, so that several right ones stand for each other.
    """
    if len({text for text, _share, _why in options}) < len(options):
        return draft.refused("repeated_options")
    if single and (best := max((share for _text, share, _why in options), default=0.0)) > 0:
        if sum(share > best - 0.001 for _text, share, _why in options) > 1:
            return draft.refused("several_whole")
        if any(0 < share < best for _text, share, _why in options):
            draft.note("weights")
        options = [(text, share if share == best else min(share, 0.0), why) for text, share, why in options]
    whole = [share for _text, share, _why in options if share > 0.999]
    if len(whole) == 1 and any(0 < share <= 0.999 for _text, share, _why in options):
        # One answer is whole and others are worth a part of it: it is a single choice.
        draft.note("weights")
        options = [(text, share if share > 0.999 or share < 0 else 0.0, why) for text, share, why in options]
    right = [share for _text, share, _why in options if share > 0]
    if len(right) == 1:
        kind = "single_choice"
        if right[0] < 1:
            draft.note("weights")
    elif len(right) > 1:
        kind = "multiple_choice"
        is_even = max(right) - min(right) <= 0.01
        if not is_even or (scoring == "plus_minus" and not any(share < 0 for _text, share, _why in options)):
            draft.note("weights")
    else:
        return draft.refused("no_right_answer")
    parts: dict[str, Any] = {"options": [draft.option(text, share > 0, why) for text, share, why in options]}
    if kind == "multiple_choice":
        parts["scoring"] = scoring
    return draft.outcome(kind, stem, rationale, parts)


def judgement_outcome(draft: Draft, stem: str, rationale: str, answer: bool) -> Outcome:
    """A statement that is true or false, without reasons to choose from."""
    return draft.outcome("true_false_reason", stem, rationale, {"answer": answer, "options": []})


def essay_outcome(draft: Draft, stem: str, rationale: str) -> Outcome:
    """An essay; the rubric that it came without is to be written."""
    draft.note("rubric_to_write")
    levels = [
        {"vi": "Chưa đạt", "en": "Not reached"},
        {"vi": "Đạt một phần", "en": "Reached in part"},
        {"vi": "Đạt", "en": "Reached"},
    ]
    criterion = {"vi": "Nội dung (cần bổ sung tiêu chí)", "en": "Content (criteria to be written)", "levels": levels}
    parts = {
        "words": {"least": 0, "most": 1000},
        "rubric": [criterion],
        "example": {"vi": "Chưa có bài mẫu.", "en": "No model answer yet."},
    }
    return draft.outcome("essay", stem, rationale, parts)


def text_outcome(draft: Draft, stem: str, rationale: str, answers: list[str], *, case: bool = False) -> Outcome:
    """A short text with its accepted answers, in either language."""
    wordings = list(dict.fromkeys(answer.strip() for answer in answers if answer.strip()))
    parts = {"accepted": {"vi": wordings, "en": wordings}, "case": "exact" if case else "any"}
    return draft.outcome("short_text", stem, rationale, parts)


def matching_outcome(
    draft: Draft, stem: str, rationale: str, pairs: list[tuple[str, str]], spare: list[str]
) -> Outcome:
    """Pairs and matches left over; where one match belongs to several prompts, cards in categories."""
    matches = list(dict.fromkeys([match for _prompt, match in pairs] + spare))
    prompts, answers = ({pair[side] for pair in pairs} for side in (0, 1))
    if len(answers) < len(pairs) == len(prompts):
        names = {match: f"category{place}" for place, match in enumerate(matches, start=1)}
        cards = [{**both(prompt), "category": names[match]} for prompt, match in pairs]
        categories = [{"name": name, **both(match)} for match, name in names.items()]
        return draft.outcome("categorise", stem, rationale, {"categories": categories, "cards": cards})
    parts = {
        "pairs": [{"prompt": both(prompt), "match": both(match)} for prompt, match in pairs],
        "spare": [both(text) for text in dict.fromkeys(spare)],
    }
    return draft.outcome("matching", stem, rationale, parts)


def numeric_outcome(draft: Draft, stem: str, rationale: str, answer: str, tolerance: str) -> Outcome:
    """A number with an absolute tolerance and no units."""
    return draft.outcome(
        "numeric", stem, rationale, {"answer": answer, "tolerance": {"absolute": tolerance or "0"}, "units": []}
    )
