"""A question as one row of a table, and back: the columns of the template, and what each kind of question puts there.

A column holds a part of whatever the kind has parts of: `option_3_vi` is an option, a step, the left side of a pair, an
accepted wording, a unit, a criterion; `note_3_vi` says why, is the right side, a wrong wording, the levels. What a row
cannot say exactly does not go out in a row: `row_of` tries the way back.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from assessments.items.content import LOCALES
from assessments.items.exchange.outcomes import NO_RATIONALE, Draft, Note, Outcome, shorten
from assessments.items.problems import ContentError
from assessments.items.registry import item_type
from assessments.items.wording import comparable

PARTS = 12
_TEXTS = tuple(f"{name}_{locale}" for name in ("stem", "rationale") for locale in LOCALES)
COLUMNS = (
    *("kind", "competency", "level", "seconds", *_TEXTS, "right", "rule"),
    *(f"{name}_{place}_{locale}" for place in range(1, PARTS + 1) for name in ("option", "note") for locale in LOCALES),
    "example_vi",
    "example_en",
)
REQUIRED = ("kind", "stem_vi")
LEVEL_MARK = "|"
MOST_LISTED = 20
_TRUE = {"true": True, "dung": True, "false": False, "sai": False}
_PATHS = (
    (r"^(?:options|rubric|units)\[(\d+)\]\.why", "note_{}"),
    (r"^rubric\[(\d+)\]\.levels", "note_{}"),
    (r"^(?:options|rubric|units)\[(\d+)\]", "option_{}"),
    (r"^pairs\[(\d+)\]\.prompt", "option_{}"),
    (r"^pairs\[(\d+)\]\.match", "note_{}"),
    (r"^accepted\.\w+\[(\d+)\]", "option_{}"),
    (r"^rejected\.\w+\[(\d+)\]", "note_{}"),
)
_NAMED = {
    "answer": "right",
    **dict.fromkeys(("scoring", "words", "tolerance", "whole", "case", "diacritics", "edits"), "rule"),
    **dict.fromkeys(("options", "pairs", "units", "rubric", "accepted"), "option_…"),
}

Row = Mapping[str, str]
Content = dict[str, Any]


class RowRefused(ValueError):
    """A row that is no question. column: where; reason: a fixed word."""

    def __init__(self, column: str, reason: str, value: str = "") -> None:
        self.column, self.reason, self.value = column, reason, value
        super().__init__(column, reason)


# --- from a row -------------------------------------------------------------------------------------------------------
def outcome_of(row: Row, number: int) -> Outcome:
    """What becomes of a row. number: as the spreadsheet counts it, the header being row 1."""
    label = shorten(row.get("stem_vi", "")) or "…"
    draft = Draft(label)
    try:
        kind = row.get("kind", "").strip().lower()
        if kind not in _READERS:
            raise RowRefused("kind", "no_such_row_kind" if kind else "cell_empty", kind)
        level, seconds = _whole(row, "level", 1, 8), _whole(row, "seconds", 5, 1800)
        if not row.get("rationale_vi"):
            draft.note("no_rationale")
        frame = {"kind": kind, "stem": _text(row, "stem"), "rationale": _text(row, "rationale") or NO_RATIONALE}
        content = item_type(kind).parse_content(frame | _READERS[kind](row, draft)).to_dict()
    except RowRefused as refusal:
        detail = f"{refusal.column}: {refusal.value}".removesuffix(": ")
        return Outcome(label, None, (Note(refusal.reason, detail),), row=number)
    except ContentError as error:
        first = error.problems[0]
        detail = f"{column_of(first.path)}: {first.reason} {first.value}".strip()
        return Outcome(label, None, (Note("does_not_fit", detail),), row=number)
    return Outcome(label, content, tuple(draft.notes), level, seconds, row.get("competency", ""), number)


def column_of(path: str) -> str:
    """The column, or the columns' common beginning, that a path of a content comes from."""
    locale = next((f"_{each}" for each in LOCALES if re.search(rf"\.{each}\b", path)), "")
    for pattern, column in _PATHS:
        if found := re.search(pattern, path):
            return column.format(int(found[1]) + 1) + locale
    first = path.partition(".")[0].partition("[")[0]
    return _NAMED.get(first, first) + (locale if first in ("stem", "rationale", "example") else "")


def _text(row: Row, name: str) -> dict[str, str] | None:
    """A text in both languages; the Vietnamese one stands for both until somebody translates it."""
    vi = row.get(f"{name}_vi", "")
    en = row.get(f"{name}_en", "")
    return {"vi": vi or en, "en": en or vi} if vi or en else None


def _parts(row: Row) -> list[tuple[int, dict[str, str] | None, dict[str, str] | None]]:
    """The parts that a row has, each with its number, its option and its note."""
    found = ((place, _text(row, f"option_{place}"), _text(row, f"note_{place}")) for place in range(1, PARTS + 1))
    return [part for part in found if part[1] or part[2]]


def _whole(row: Row, name: str, low: int, high: int) -> int | None:
    raw = row.get(name, "")
    if not raw:
        return None
    if not (raw.isascii() and raw.isdigit() and len(raw) <= 9 and low <= int(raw) <= high):
        raise RowRefused(name, "not_in_range", f"{raw[:20]} ({low}–{high})")
    return int(raw)


def _rules(row: Row, *known: str) -> dict[str, str]:
    """What `rule` says: `name=value`, set apart by semicolons."""
    found = {}
    for part in _list(row, "rule", ";"):
        name, sign, value = (each.strip() for each in part.partition("="))
        if not sign or name not in known:
            raise RowRefused("rule", "unknown_rule", part[:40])
        found[name] = value
    return found


def _list(row: Row, column: str, mark: str) -> list[str]:
    """What a cell lists; more than MOST_LISTED are cut off, for no kind takes so many."""
    return [each.strip() for each in row.get(column, "").split(mark, MOST_LISTED)[:MOST_LISTED] if each.strip()]


def _options(row: Row, draft: Draft, right: list[str]) -> list[Content]:
    parts = _parts(row)
    places = {str(place) for place, option, _why in parts if option}
    wrong = [each for each in right if each not in places]
    if not right or wrong:
        raise RowRefused("right", "no_right_answer", ", ".join(wrong)[:40])
    return [draft.option_of(option or {"vi": "", "en": ""}, str(place) in right, why) for place, option, why in parts]


def _read_choice(row: Row, draft: Draft) -> Content:
    found: Content = {"options": _options(row, draft, _list(row, "right", ";"))}
    rule = row.get("rule", "")
    return found | ({"scoring": rule} if rule else {})


def _read_judgement(row: Row, draft: Draft) -> Content:
    answer, *reasons = _list(row, "right", ";") or [""]
    truth = comparable(answer, diacritics=False)
    if truth not in _TRUE:
        raise RowRefused("right", "no_right_answer", answer[:40])
    return {"answer": _TRUE[truth], "options": _options(row, draft, reasons) if reasons or _parts(row) else []}


def _read_steps(row: Row, draft: Draft) -> Content:
    return {"options": [option or {} for _place, option, _note in _parts(row)]}


def _read_pairs(row: Row, draft: Draft) -> Content:
    parts = _parts(row)
    return {
        "pairs": [{"prompt": option, "match": match or {}} for _place, option, match in parts if option],
        "spare": [match for _place, option, match in parts if not option],
    }


def _read_short(row: Row, draft: Draft) -> Content:
    def wordings(name: str) -> dict[str, list[str]]:
        texts = [text for place in range(1, PARTS + 1) if (text := _wording(row, f"{name}_{place}"))]
        return {locale: [text[locale] for text in texts if text[locale]] for locale in LOCALES}

    rules: Content = dict(_rules(row, "case", "diacritics", "edits"))
    if "edits" in rules:
        rules["edits"] = int(rules["edits"]) if re.fullmatch("[0-9]", rules["edits"]) else -1
    accepted = wordings("option")
    for locale, other in (("vi", "en"), ("en", "vi")):
        accepted[locale] = accepted[locale] or accepted[other]
    return {"accepted": accepted, "rejected": wordings("note")} | rules


def _wording(row: Row, name: str) -> dict[str, str] | None:
    found: dict[str, str] = {locale: row.get(f"{name}_{locale}", "") for locale in LOCALES}
    return found if any(found.values()) else None


def _read_number(row: Row, draft: Draft) -> Content:
    rules = _rules(row, "tolerance", "whole")
    tolerance = rules.get("tolerance", "0")
    unit = "percent" if tolerance.endswith("%") else "absolute"
    units: list[Content] = []
    for place, option, _note in _parts(row):
        aliases = _list(row, f"note_{place}_en", LEVEL_MARK)
        factor = row.get(f"note_{place}_vi") or (None if units else "1")
        units.append({**(option or {}), "aliases": aliases, "factor": factor})
    return {
        "answer": row.get("right", ""),
        "tolerance": {unit: tolerance.removesuffix("%").strip()},
        "whole": rules.get("whole") == "true",
        "units": units,
    }


def _read_essay(row: Row, draft: Draft) -> Content:
    least, _sign, most = _rules(row, "words").get("words", "0-1000").partition("-")
    if not all(each.isascii() and each.isdigit() for each in (least, most)):
        raise RowRefused("rule", "unknown_rule", f"words={least}-{most}"[:40])
    rubric = []
    for place, option, note in _parts(row):
        levels = {locale: (note or {}).get(locale, "").split(LEVEL_MARK, MOST_LISTED) for locale in LOCALES}
        if len(levels["vi"]) != len(levels["en"]):
            raise RowRefused(f"note_{place}_en", "levels_differ")
        pairs = zip(levels["vi"], levels["en"], strict=True)
        rubric.append({**(option or {}), "levels": [{"vi": vi.strip(), "en": en.strip()} for vi, en in pairs]})
    words = {"least": int(least[:6]), "most": int(most[:6])}
    return {"words": words, "rubric": rubric, "example": _text(row, "example") or {}}


_READERS: dict[str, Callable[[Row, Draft], Content]] = {
    "single_choice": _read_choice,
    "multiple_choice": _read_choice,
    "true_false_reason": _read_judgement,
    "ordering": _read_steps,
    "matching": _read_pairs,
    "short_text": _read_short,
    "numeric": _read_number,
    "essay": _read_essay,
}
KINDS = tuple(_READERS)
"""The kinds of question that a row can hold."""


# --- to a row ---------------------------------------------------------------------------------------------------------
def row_of(
    content: Mapping[str, Any], *, competency: str = "", level: int = 4, seconds: int = 60
) -> dict[str, str] | None:
    """The row that says exactly this question; None when a row cannot."""
    kind = content["kind"]
    if kind not in _READERS:
        return None
    row = {"kind": kind, "competency": competency, "level": str(level), "seconds": str(seconds)}
    _put(row, "stem", content["stem"])
    _put(row, "rationale", content["rationale"])
    _fill(row, content)
    row = {column: text for column, text in row.items() if column in COLUMNS and text}
    back = outcome_of(row, 0)
    return row if back.content == content else None


def example_rows() -> list[dict[str, str]]:
    """A row for each kind that a row can hold."""
    samples = (item_type(kind).parse_content(item_type(kind).SAMPLE).to_dict() for kind in KINDS)
    return [row for content in samples if (row := row_of(_plainer(content)))]


def _plainer(content: Content) -> Content:
    """An essay without anchors, which have no column; anything else as it is."""
    if "rubric" not in content:
        return content
    rubric = [
        each | {"levels": [{locale: level[locale] for locale in LOCALES} for level in each["levels"]]}
        for each in content["rubric"]
    ]
    return content | {"rubric": rubric}


def _put(row: dict[str, str], name: str, text: Mapping[str, Any] | None) -> None:
    for locale in LOCALES:
        row[f"{name}_{locale}"] = str((text or {}).get(locale, ""))


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
        wordings = [_columns(content.get(name, {})) for name in ("accepted", "rejected")]
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
        _put(row, "example", content["example"])
        parts = [(each, _columns_joined(each["levels"])) for each in content["rubric"]]
    for place, (option, note) in enumerate(parts, start=1):
        _put(row, f"option_{place}", option)
        _put(row, f"note_{place}", note)


def _columns(wordings: Mapping[str, list[str]]) -> list[Mapping[str, Any] | None]:
    longest = max((len(each) for each in wordings.values()), default=0)
    return [{locale: each[place] for locale, each in wordings.items() if place < len(each)} for place in range(longest)]


def _columns_joined(levels: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    return {locale: f" {LEVEL_MARK} ".join(level[locale] for level in levels) for locale in LOCALES}
