"""Kinds of question of which a row holds more than a list of options: cards, gaps, pieces of a text, rubrics."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from assessments.items.content import LOCALES
from assessments.items.exchange.outcomes import Draft
from assessments.items.exchange.row_fields import (
    LEVEL_MARK,
    PARTS,
    Content,
    Row,
    RowRefused,
    joined,
    lines_of,
    list_of,
    parts_of,
    put,
    put_lines,
    rules_of,
    split_of,
    text_of,
)

ANCHOR_MARK = "»"
"""Between a level of a criterion and an answer that stands there."""
WRITTEN, COUNTED = "text", "number"
"""What `right` says of a gap that is not filled by choosing."""
_MARK = re.compile(r"\[\[([^\[\]]{0,40})\]\]")


# --- rubrics ----------------------------------------------------------------------------------------------------------
def rubric_of(row: Row) -> list[Content]:
    """The criteria of a row, each with its levels from the lowest."""
    found = []
    for place, option, note in parts_of(row):
        levels = []
        for text in split_of(note or {"vi": "", "en": ""}, f"note_{place}"):
            (vi, has_vi, anchor_vi), (en, has_en, anchor_en) = (text[each].partition(ANCHOR_MARK) for each in LOCALES)
            anchor = {"anchor": {"vi": anchor_vi.strip(), "en": anchor_en.strip()}} if has_vi or has_en else {}
            levels.append({"vi": vi.strip(), "en": en.strip(), **anchor})
        found.append({**(option or {}), "levels": levels})
    return found


def fill_rubric(row: dict[str, str], content: Mapping[str, Any]) -> None:
    """Write the criteria."""
    for place, criterion in enumerate(content["rubric"], start=1):
        levels: list[Content] = [
            {
                locale: f"{level[locale]} {ANCHOR_MARK} {level['anchor'][locale]}"
                if "anchor" in level
                else level[locale]
                for locale in LOCALES
            }
            for level in criterion["levels"]
        ]
        put(row, f"option_{place}", criterion)
        put(row, f"note_{place}", joined(levels))


# --- categorise -------------------------------------------------------------------------------------------------------
def _read_cards(row: Row, draft: Draft) -> Content:
    texts = lines_of(row, "text")
    given = [each.strip() for each in rules_of(row, "names").get("names", "").split(",") if each.strip()]
    names = given or [f"category{place}" for place in range(1, len(texts) + 1)]
    if len(names) != len(texts):
        raise RowRefused("rule", "unknown_rule", "names")
    right, parts = list_of(row, "right", ";"), parts_of(row)
    known = {str(place): name for place, name in enumerate(names, start=1)}
    wrong = [each for each in right if each not in known]
    if wrong or len(right) != len(parts):
        raise RowRefused("right", "no_right_answer", ", ".join(wrong)[:40])
    cards = [
        {**(option or {}), "category": known[place], **({"why": why} if why else {})}
        for place, (_number, option, why) in zip(right, parts, strict=True)
    ]
    return {"categories": [{"name": name, **text} for name, text in zip(names, texts, strict=True)], "cards": cards}


def _fill_cards(row: dict[str, str], content: Mapping[str, Any]) -> None:
    names = [each["name"] for each in content["categories"]]
    put_lines(row, "text", content["categories"])
    if names != [f"category{place}" for place in range(1, len(names) + 1)]:
        row["rule"] = f"names={', '.join(names)}"
    row["right"] = "; ".join(str(names.index(card["category"]) + 1) for card in content["cards"])
    for place, card in enumerate(content["cards"], start=1):
        put(row, f"option_{place}", card)
        put(row, f"note_{place}", card.get("why"))


# --- highlight --------------------------------------------------------------------------------------------------------
def _read_pieces(row: Row, draft: Draft) -> Content:
    segments: list[Content] = [dict(text) for text in lines_of(row, "text")]
    for place, marked in enumerate(list_of(row, "right", ";"), start=1):
        number, _sign, problem = (each.strip() for each in marked.partition("="))
        if not (number.isascii() and number.isdigit() and 1 <= int(number[:4]) <= len(segments)):
            raise RowRefused("right", "no_right_answer", marked[:40])
        why = text_of(row, f"note_{place}")
        segments[int(number) - 1] |= {"problem": problem} | ({"why": why} if why else {})
    offered = [each.strip() for each in rules_of(row, "offered").get("offered", "").split(",") if each.strip()]
    used = list(dict.fromkeys(each["problem"] for each in segments if "problem" in each))
    return {"offered": offered or used, "segments": segments}


def _fill_pieces(row: dict[str, str], content: Mapping[str, Any]) -> None:
    marked = [(place, each) for place, each in enumerate(content["segments"], start=1) if "problem" in each]
    put_lines(row, "text", content["segments"])
    row["right"] = "; ".join(f"{place}={each['problem']}" for place, each in marked)
    row["rule"] = f"offered={', '.join(content['offered'])}"
    for place, (_number, each) in enumerate(marked, start=1):
        put(row, f"note_{place}", each.get("why"))


# --- cloze ------------------------------------------------------------------------------------------------------------
def _read_gaps(row: Row, draft: Draft) -> Content:
    text = text_of(row, "text") or {}
    names = list(dict.fromkeys(_MARK.findall(text.get("vi", ""))))[:PARTS]
    right = list_of(row, "right", ";")
    if len(right) != len(names):
        raise RowRefused("right", "wrong_count", str(len(names)))
    rules: Content = dict(rules_of(row, "case", "diacritics", "edits"))
    if "edits" in rules:
        rules["edits"] = int(rules["edits"]) if rules["edits"] in ("0", "1", "2") else -1
    gaps: Content = {}
    for place, (name, answer) in enumerate(zip(names, right, strict=True), start=1):
        option, note = text_of(row, f"option_{place}") or {"vi": "", "en": ""}, text_of(row, f"note_{place}")
        if answer == COUNTED:
            off = (note or {}).get("vi", "") or "0"
            way = "percent" if off.endswith("%") else "absolute"
            gaps[name] = {"answer": option["vi"], "tolerance": {way: off.removesuffix("%").strip()}}
        elif answer == WRITTEN:
            rejected = {"rejected": _wordings(note)} if note else {}
            gaps[name] = {"accepted": _wordings(option)} | rejected | rules
        else:
            texts = split_of(option, f"option_{place}")
            if answer not in {str(number) for number in range(1, len(texts) + 1)}:
                raise RowRefused("right", "no_right_answer", answer[:40])
            gaps[name] = {
                "options": [{**each, "correct": str(number) == answer} for number, each in enumerate(texts, start=1)]
            }
    return {"text": text, "gaps": gaps}


def _wordings(text: Mapping[str, str]) -> dict[str, list[str]]:
    return {locale: [each.strip() for each in text[locale].split(LEVEL_MARK) if each.strip()] for locale in LOCALES}


def _fill_gaps(row: dict[str, str], content: Mapping[str, Any]) -> None:
    put(row, "text", content["text"])
    right = []
    for place, name in enumerate(dict.fromkeys(_MARK.findall(content["text"]["vi"])), start=1):
        gap = content["gaps"][name]
        if "options" in gap:
            right.append(next(str(number) for number, each in enumerate(gap["options"], start=1) if each["correct"]))
            put(row, f"option_{place}", joined(gap["options"]))
        elif "answer" in gap:
            ((way, off),) = gap["tolerance"].items()
            right.append(COUNTED)
            row[f"option_{place}_vi"] = gap["answer"]
            row[f"note_{place}_vi"] = off + ("%" if way == "percent" else "")
        else:
            right.append(WRITTEN)
            row["rule"] = "; ".join(f"{rule}={gap[rule]}" for rule in ("case", "diacritics", "edits"))
            for column, wordings in (("option", gap["accepted"]), ("note", gap.get("rejected", {}))):
                put(
                    row, f"{column}_{place}", {each: f" {LEVEL_MARK} ".join(wordings.get(each, ())) for each in LOCALES}
                )
    row["right"] = "; ".join(right)


# --- prompt and file upload -------------------------------------------------------------------------------------------
def _read_prompt(row: Row, draft: Draft) -> Content:
    rules = rules_of(row, "characters", "personal_data")
    constraints: Content = {"include": [], "exclude": []}
    if "characters" in rules:
        constraints["characters"] = _bounds(rules["characters"], "characters")
    constraints["personal_data"] = [each.strip() for each in rules.get("personal_data", "").split(",") if each.strip()]
    for text in lines_of(row, "text"):
        signs = {text[locale][:1] for locale in LOCALES}
        name = {"+": "include", "-": "exclude"}.get(signs.pop()) if len(signs) == 1 else None
        if name is None:
            raise RowRefused("text", "no_sign", text["vi"][:40])
        labels: dict[str, str] = {}
        phrases: dict[str, list[str]] = {}
        for locale in LOCALES:
            label, _colon, listed = text[locale][1:].partition(":")
            labels[locale] = label.strip()
            phrases[locale] = [each.strip() for each in listed.split(LEVEL_MARK, PARTS * 2) if each.strip()]
        constraints[name].append({**labels, "phrases": phrases})
    return {"constraints": constraints, "rubric": rubric_of(row), "example": text_of(row, "example") or {}}


def _fill_prompt(row: dict[str, str], content: Mapping[str, Any]) -> None:
    constraints = content["constraints"]
    lines: list[Content] = [
        {locale: f"{sign} {each[locale]}: " + f" {LEVEL_MARK} ".join(each["phrases"][locale]) for locale in LOCALES}
        for sign, name in (("+", "include"), ("-", "exclude"))
        for each in constraints[name]
    ]
    put_lines(row, "text", lines)
    least, most = (constraints["characters"][name] for name in ("least", "most"))
    data = f"; personal_data={', '.join(constraints['personal_data'])}" if constraints["personal_data"] else ""
    row["rule"] = f"characters={least}-{most}{data}"
    put(row, "example", content["example"])
    fill_rubric(row, content)


def _read_upload(row: Row, draft: Draft) -> Content:
    rules = rules_of(row, "types", "most", "megabytes")
    files: Content = {"types": [each.strip() for each in rules.get("types", "").split(",") if each.strip()]}
    for name in ("most", "megabytes"):
        if name in rules:
            files[name] = _whole(rules[name], name)
    return {"files": files, "rubric": rubric_of(row)}


def _fill_upload(row: dict[str, str], content: Mapping[str, Any]) -> None:
    files = content["files"]
    row["rule"] = f"types={', '.join(files['types'])}; most={files['most']}; megabytes={files['megabytes']}"
    fill_rubric(row, content)


def _bounds(text: str, name: str) -> dict[str, int]:
    least, _sign, most = text.partition("-")
    return {"least": _whole(least.strip(), name), "most": _whole(most.strip(), name)}


def _whole(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise RowRefused("rule", "unknown_rule", f"{name}={text}"[:40])
    return int(text[:6])


READERS: dict[str, Callable[[Row, Draft], Content]] = {
    "categorise": _read_cards,
    "cloze": _read_gaps,
    "highlight": _read_pieces,
    "prompt": _read_prompt,
    "file_upload": _read_upload,
}
FILLERS: dict[str, Callable[[dict[str, str], Mapping[str, Any]], None]] = {
    "categorise": _fill_cards,
    "cloze": _fill_gaps,
    "highlight": _fill_pieces,
    "prompt": _fill_prompt,
    "file_upload": _fill_upload,
}
