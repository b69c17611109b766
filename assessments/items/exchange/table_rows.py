"""A question as one row of a table, and back: the columns of the template, and what each kind of question puts there.

A column holds a part of whatever the kind has parts of: `option_3_vi` is an option, a step, the left side of a pair, an
accepted wording, a unit, a criterion; `note_3_vi` says why, is the right side, a wrong wording, the levels. What a row
cannot say exactly does not go out in a row: `row_of` tries the way back.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from assessments.items.content import LOCALES
from assessments.items.exchange.numbers import with_point
from assessments.items.exchange.outcomes import NO_RATIONALE, Draft, Note, Outcome, shorten
from assessments.items.exchange.row_fields import (
    COLUMNS,
    LEVEL_MARK,
    PARTS,
    Content,
    Row,
    RowRefused,
    columns_of,
    list_of,
    parts_of,
    put,
    rules_of,
    text_of,
    whole_of,
    wording_of,
)
from assessments.items.exchange.row_kinds import FILLERS, READERS, fill_rubric, rubric_of
from assessments.items.problems import ContentError
from assessments.items.registry import item_type
from assessments.items.wording import comparable

REQUIRED = ("kind", "stem_vi")
_TRUE = {"true": True, "dung": True, "false": False, "sai": False}
_PATHS = (
    (r"^(?:options|rubric|units)\[(\d+)\]\.why", "note_{}"),
    (r"^rubric\[(\d+)\]\.levels", "note_{}"),
    (r"^(?:options|rubric|units)\[(\d+)\]", "option_{}"),
    (r"^pairs\[(\d+)\]\.prompt", "option_{}"),
    (r"^pairs\[(\d+)\]\.match", "note_{}"),
    (r"^cards\[(\d+)\]\.why", "note_{}"),
    (r"^cards\[\d+\]\.category", "right"),
    (r"^cards\[(\d+)\]", "option_{}"),
    (r"^gaps\[(\d+)\]\.(?:rejected|tolerance)", "note_{}"),
    (r"^gaps\[(\d+)\]", "option_{}"),
    (r"^segments\[\d+\]\.problem", "right"),
    (r"^constraints\.(?:include|exclude)", "text"),
    (r"^accepted\.\w+\[(\d+)\]", "option_{}"),
    (r"^rejected\.\w+\[(\d+)\]", "note_{}"),
)
_NAMED = {
    "answer": "right",
    **dict.fromkeys(("scoring", "words", "tolerance", "whole", "case", "diacritics", "edits", "offered"), "rule"),
    **dict.fromkeys(("files", "constraints"), "rule"),
    **dict.fromkeys(("categories", "segments", "gaps"), "text"),
    **dict.fromkeys(("options", "pairs", "units", "rubric", "accepted", "cards"), "option_…"),
}


# --- from a row -------------------------------------------------------------------------------------------------------
def outcome_of(row: Row, number: int) -> Outcome:
    """What becomes of a row. number: as the spreadsheet counts it, the header being row 1."""
    label = shorten(row.get("stem_vi", "")) or "…"
    draft = Draft(label)
    try:
        kind = row.get("kind", "").strip().lower()
        if kind not in _READERS:
            raise RowRefused("kind", "no_such_row_kind" if kind else "cell_empty", kind)
        level, seconds = whole_of(row, "level", 1, 8), whole_of(row, "seconds", 5, 1800)
        if not row.get("rationale_vi"):
            draft.note("no_rationale")
        frame = {"kind": kind, "stem": text_of(row, "stem"), "rationale": text_of(row, "rationale") or NO_RATIONALE}
        raw = frame | _READERS[kind](row, draft)
        content = item_type(kind).parse_content(raw).to_dict()
    except RowRefused as refusal:
        detail = f"{refusal.column}: {refusal.value}".removesuffix(": ")
        return Outcome(label, None, (Note(refusal.reason, detail),), row=number)
    except ContentError as error:
        first = error.problems[0]
        detail = f"{column_of(_numbered(first.path, raw))}: {first.reason} {first.value}".strip()
        return Outcome(label, None, (Note("does_not_fit", detail),), row=number)
    return Outcome(label, content, tuple(draft.notes), level, seconds, row.get("competency", ""), number)


def _numbered(path: str, raw: Mapping[str, Any]) -> str:
    """The path of a gap by its number, for it is columns by number that hold gaps."""
    for place, name in enumerate(raw.get("gaps", ())):
        if re.match(rf"gaps\.{re.escape(name)}\b", path):
            return f"gaps[{place}]{path.removeprefix(f'gaps.{name}')}"
    return path


def column_of(path: str) -> str:
    """The column, or the columns' common beginning, that a path of a content comes from."""
    locale = next((f"_{each}" for each in LOCALES if re.search(rf"\.{each}\b", path)), "")
    for pattern, column in _PATHS:
        if found := re.search(pattern, path):
            return column.format(int(found[1]) + 1 if found.re.groups else "") + locale
    first = path.partition(".")[0].partition("[")[0]
    return _NAMED.get(first, first) + (
        locale if first in ("stem", "rationale", "example", "text", "categories", "segments") else ""
    )


def _options(row: Row, draft: Draft, right: list[str]) -> list[Content]:
    parts = parts_of(row)
    places = {str(place) for place, option, _why in parts if option}
    wrong = [each for each in right if each not in places]
    if not right or wrong:
        raise RowRefused("right", "no_right_answer", ", ".join(wrong)[:40])
    return [draft.option_of(option or {"vi": "", "en": ""}, str(place) in right, why) for place, option, why in parts]


def _read_choice(row: Row, draft: Draft) -> Content:
    found: Content = {"options": _options(row, draft, list_of(row, "right", ";"))}
    rule = row.get("rule", "")
    return found | ({"scoring": rule} if rule else {})


def _read_judgement(row: Row, draft: Draft) -> Content:
    answer, *reasons = list_of(row, "right", ";") or [""]
    truth = comparable(answer, diacritics=False)
    if truth not in _TRUE:
        raise RowRefused("right", "no_right_answer", answer[:40])
    return {"answer": _TRUE[truth], "options": _options(row, draft, reasons) if reasons or parts_of(row) else []}


def _read_steps(row: Row, draft: Draft) -> Content:
    return {"options": [option or {} for _place, option, _note in parts_of(row)]}


def _read_pairs(row: Row, draft: Draft) -> Content:
    parts = parts_of(row)
    return {
        "pairs": [{"prompt": option, "match": match or {}} for _place, option, match in parts if option],
        "spare": [match for _place, option, match in parts if not option],
    }


def _read_short(row: Row, draft: Draft) -> Content:
    def wordings(name: str) -> dict[str, list[str]]:
        texts = [text for place in range(1, PARTS + 1) if (text := wording_of(row, f"{name}_{place}"))]
        return {locale: [text[locale] for text in texts if text[locale]] for locale in LOCALES}

    rules: Content = dict(rules_of(row, "case", "diacritics", "edits"))
    if "edits" in rules:
        rules["edits"] = int(rules["edits"]) if re.fullmatch("[0-9]", rules["edits"]) else -1
    accepted = wordings("option")
    for locale, other in (("vi", "en"), ("en", "vi")):
        accepted[locale] = accepted[locale] or accepted[other]
    return {"accepted": accepted, "rejected": wordings("note")} | rules


def _read_number(row: Row, draft: Draft) -> Content:
    rules = rules_of(row, "tolerance", "whole")
    tolerance = rules.get("tolerance", "0")
    unit = "percent" if tolerance.endswith("%") else "absolute"
    units: list[Content] = []
    for place, option, _note in parts_of(row):
        aliases = list_of(row, f"note_{place}_en", LEVEL_MARK)
        factor = row.get(f"note_{place}_vi") or (None if units else "1")
        units.append({**(option or {}), "aliases": aliases, "factor": factor})
    return {
        "answer": with_point(row.get("right", "")),
        "tolerance": {unit: with_point(tolerance.removesuffix("%").strip())},
        "whole": rules.get("whole") == "true",
        "units": units,
    }


def _read_essay(row: Row, draft: Draft) -> Content:
    least, _sign, most = rules_of(row, "words").get("words", "0-1000").partition("-")
    if not all(each.isascii() and each.isdigit() for each in (least, most)):
        raise RowRefused("rule", "unknown_rule", f"words={least}-{most}"[:40])
    words = {"least": int(least[:6]), "most": int(most[:6])}
    return {"words": words, "rubric": rubric_of(row), "example": text_of(row, "example") or {}}


_READERS: dict[str, Callable[[Row, Draft], Content]] = {
    "single_choice": _read_choice,
    "multiple_choice": _read_choice,
    "true_false_reason": _read_judgement,
    "ordering": _read_steps,
    "matching": _read_pairs,
    "short_text": _read_short,
    "numeric": _read_number,
    "essay": _read_essay,
    **READERS,
}
KINDS = tuple(_READERS)
"""The kinds of question that a row can hold."""
_NOT_IN_A_ROW = {"hotspot": "picture_in_a_row", "table": "table_in_a_row"}


def why_not(kind: str) -> str:
    """Why a row cannot hold a question: of its kind, or of this one alone."""
    return _NOT_IN_A_ROW.get(kind, "not_in_a_row")


# --- to a row ---------------------------------------------------------------------------------------------------------
def row_of(
    content: Mapping[str, Any], *, competency: str = "", level: int = 4, seconds: int = 60
) -> dict[str, str] | None:
    """The row that says exactly this question; None when a row cannot."""
    kind = content["kind"]
    if kind not in _READERS:
        return None
    row = {"kind": kind, "competency": competency, "level": str(level), "seconds": str(seconds)}
    put(row, "stem", content["stem"])
    put(row, "rationale", content["rationale"])
    _fill(row, content)
    row = {column: text for column, text in row.items() if column in COLUMNS and text}
    back = outcome_of(row, 0)
    return row if back.content == content else None


def example_rows() -> list[dict[str, str]]:
    """A row for each kind that a row can hold."""
    samples = (item_type(kind).parse_content(item_type(kind).SAMPLE).to_dict() for kind in KINDS)
    return [row for content in samples if (row := row_of(content))]


def _fill(row: dict[str, str], content: Mapping[str, Any]) -> None:
    kind = content["kind"]
    parts: list[tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]] = []
    if kind in ("single_choice", "multiple_choice", "true_false_reason", "ordering"):
        parts = [(option, option.get("why")) for option in content["options"]]
        right = [str(place) for place, option in enumerate(content["options"], start=1) if option.get("correct")]
        row["right"] = "; ".join((["true" if content["answer"] else "false"] if "answer" in content else []) + right)
        row["rule"] = content.get("scoring", "")
    elif kind == "matching":
        parts = [(pair["prompt"], pair["match"]) for pair in content["pairs"]]
        parts += [(None, spare) for spare in content["spare"]]
    elif kind == "short_text":
        wordings = [columns_of(content.get(name, {})) for name in ("accepted", "rejected")]
        longest = max(len(each) for each in wordings)
        parts = list(zip(*(each + [None] * (longest - len(each)) for each in wordings), strict=True))
        row["rule"] = "; ".join(f"{name}={content[name]}" for name in ("case", "diacritics", "edits"))
    elif kind == "numeric":
        (unit, amount), *_others = content["tolerance"].items()
        row["right"] = content["answer"]
        whole = "; whole=true" if content["whole"] else ""
        row["rule"] = f"tolerance={amount}{'%' if unit == 'percent' else ''}{whole}"
        parts = [
            (each, {"vi": each["factor"] or "", "en": f" {LEVEL_MARK} ".join(each["aliases"])})
            for each in content["units"]
        ]
    elif kind == "essay":
        row["rule"] = f"words={content['words']['least']}-{content['words']['most']}"
        put(row, "example", content["example"])
        fill_rubric(row, content)
    else:
        FILLERS[kind](row, content)
    for place, (option, note) in enumerate(parts, start=1):
        put(row, f"option_{place}", option)
        put(row, f"note_{place}", note)
