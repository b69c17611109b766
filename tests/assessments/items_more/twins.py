"""Pairs of contents that say the same to a person and have another key: whoever sees both must not tell them apart."""

from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

from tests.assessments.items.content import choice, text

Raw = dict[str, Any]
Twins = tuple[Raw, Raw]

RUBRIC = [
    {**text(f"criterion {number}"), "levels": [text(f"level {number}.{level}") for level in range(3)]}
    for number in range(2)
]


def frame(kind: str, **fields: Any) -> Raw:
    return {"kind": kind, "stem": text("stem"), "rationale": text("rationale"), **fields}


def hidden(raw: Raw) -> Raw:
    """The same content with another rationale and other reasons wherever it has any."""

    def changed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: text("other") if key == "why" else changed(each) for key, each in value.items()}
        return [changed(each) for each in value] if isinstance(value, list) else value

    return {**changed(deepcopy(raw)), "rationale": text("another rationale")}


def _moved(draw: st.DrawFn, right: list[bool]) -> list[bool]:
    return draw(st.permutations(right))


@st.composite
def single_choice(draw: st.DrawFn) -> Twins:
    right = [True] + [False] * draw(st.integers(1, 9))
    return choice("single_choice", right), hidden(choice("single_choice", _moved(draw, right)))


@st.composite
def multiple_choice(draw: st.DrawFn) -> Twins:
    count = draw(st.integers(3, 12))
    rule = draw(st.sampled_from([{}, {"scoring": "plus_minus"}]))
    counts = st.integers(2, count - 1)
    first, second = (
        choice("multiple_choice", _moved(draw, [True] * right + [False] * (count - right))) | rule
        for right in (draw(counts), draw(counts))
    )
    return first, hidden(second)


@st.composite
def true_false_reason(draw: st.DrawFn) -> Twins:
    right = [True] + [False] * draw(st.integers(1, 9))
    return (
        choice("true_false_reason", right) | {"answer": draw(st.booleans())},
        hidden(choice("true_false_reason", _moved(draw, right)) | {"answer": draw(st.booleans())}),
    )


@st.composite
def matching(draw: st.DrawFn) -> Twins:
    count, spare = draw(st.integers(2, 8)), draw(st.integers(0, 4))
    matches = [text(f"match {place}") for place in range(count + spare)]
    turned = draw(st.permutations(matches))
    first, second = (
        frame(
            "matching",
            pairs=[{"prompt": text(f"prompt {place}"), "match": order[place]} for place in range(count)],
            spare=order[count:],
        )
        for order in (matches, turned)
    )
    return first, hidden(second)


@st.composite
def categorise(draw: st.DrawFn) -> Twins:
    names = [f"name{place}" for place in range(draw(st.integers(2, 6)))]
    cards = draw(st.integers(3, 16))
    first, second = (
        frame(
            "categorise",
            categories=[{"name": name, **text(f"category {place}")} for place, name in enumerate(names)],
            cards=[
                {**text(f"card {place}"), "category": draw(st.sampled_from(names)), "why": text(f"why {place}")}
                for place in range(cards)
            ],
        )
        for _ in range(2)
    )
    return first, hidden(second)


@st.composite
def cloze(draw: st.DrawFn) -> Twins:
    kinds = draw(st.lists(st.sampled_from(["choice", "text", "number"]), min_size=1, max_size=20))
    words = {
        "vi": "Đầu " + " giữa ".join(f"[[gap{place}]]" for place in range(len(kinds))),
        "en": " between ".join(f"[[gap{place}]]" for place in reversed(range(len(kinds)))) + " end.",
    }
    contents = []
    for twin in range(2):
        gaps: Raw = {}
        for place, kind in enumerate(kinds):
            right = draw(st.permutations([True, False, False]))
            gaps[f"gap{place}"] = (
                {"options": [{**text(f"filling {place}.{n}"), "correct": right[n]} for n in range(3)]}
                if kind == "choice"
                else {"answer": draw(st.integers(0, 99)), "tolerance": {"percent": draw(st.integers(0, 9))}}
                if kind == "number"
                else {
                    "accepted": {"vi": [f"từ đúng {twin} {place}"], "en": [f"right word {twin} {place}"]},
                    "edits": draw(st.integers(0, 2)),
                    "diacritics": draw(st.sampled_from(["any", "exact"])),
                }
            )
        contents.append(frame("cloze", text=words, gaps=gaps))
    return contents[0], hidden(contents[1])


@st.composite
def short_text(draw: st.DrawFn) -> Twins:
    def content(word: str) -> Raw:
        return frame(
            "short_text",
            accepted={"vi": [f"câu trả lời {word}"], "en": [f"answer {word}", "a second one"]},
            rejected={"vi": [f"câu trả lời sai {word}"], "en": []},
            case=draw(st.sampled_from(["any", "exact"])),
            diacritics=draw(st.sampled_from(["any", "exact"])),
            edits=draw(st.integers(0, 2)),
        )

    return content("một"), hidden(content("hai"))


@st.composite
def numeric(draw: st.DrawFn) -> Twins:
    units = draw(st.integers(0, 4))
    whole = draw(st.booleans())

    def content() -> Raw:
        factors = ["1"] + [draw(st.sampled_from(["0.001", "60", "1000", None])) for _ in range(3)]
        return frame(
            "numeric",
            answer=draw(st.integers(-(10**12), 10**12))
            if whole
            else draw(st.decimals("-1000", "1000", places=3)).__str__(),
            tolerance={draw(st.sampled_from(["absolute", "percent"])): draw(st.integers(0, 50))},
            whole=whole,
            units=[
                {**text(f"unit {place}"), "aliases": [f"u{place}"], "factor": factors[place]} for place in range(units)
            ],
        )

    return content(), hidden(content())


@st.composite
def table(draw: st.DrawFn) -> Twins:
    rows = draw(st.integers(1, 6))
    wants = draw(st.lists(st.sampled_from(["value", "formula"]), min_size=rows, max_size=rows))
    given = [draw(st.integers(-1000, 1000)) for _ in range(rows * 2)]
    formulas = st.sampled_from(
        ["=B{0}+C{0}", "=SUM(B{0}:C{0})*2", "=MAX(B{0},C{0})", "=IF(B{0}>C{0},1,0)", "=ROUND(B{0}/7,1)"]
    )

    def content() -> Raw:
        return frame(
            "table",
            columns=[text(f"column {place}") for place in range(4)],
            rows=[
                [
                    text(f"row {row}"),
                    given[2 * row],
                    given[2 * row + 1],
                    {"value": draw(st.integers(-99, 99)), "tolerance": draw(st.integers(0, 3))}
                    if wants[row] == "value"
                    else {"formula": draw(formulas).format(row + 2)},
                ]
                for row in range(rows)
            ],
        )

    return content(), hidden(content())


@st.composite
def highlight(draw: st.DrawFn) -> Twins:
    offered = draw(
        st.lists(st.sampled_from(["hallucination", "personal_data", "biased_phrase"]), min_size=1, unique=True)
    )
    count = draw(st.integers(4, 12))

    def content() -> Raw:
        wrong = draw(st.sets(st.integers(0, count - 1), min_size=1, max_size=count // 2))
        return frame(
            "highlight",
            offered=offered,
            segments=[
                {**text(f"segment {place}"), "why": text(f"why {place}")}
                | ({"problem": draw(st.sampled_from(offered))} if place in wrong else {})
                for place in range(count)
            ],
        )

    return content(), hidden(content())


@st.composite
def hotspot(draw: st.DrawFn) -> Twins:
    count = draw(st.integers(3, 12))
    right = [True] * draw(st.integers(1, count - 1))
    right += [False] * (count - len(right))

    def content(marks: list[bool]) -> Raw:
        return frame(
            "hotspot",
            image={"file": {"vi": "a/b.png", "en": "a/c.png"}, "width": 1300, "height": 100, "alt": text("alt")},
            regions=[
                {
                    **text(f"region {place}"),
                    "correct": mark,
                    "why": text(f"why {place}"),
                    "shape": {"rectangle": [place * 100, 10, 80, 80]},
                }
                for place, mark in enumerate(marks)
            ],
        )

    return content(right), hidden(content(_moved(draw, right)))


def _other_rubric() -> list[Raw]:
    return [
        {
            **text(f"criterion {number}"),
            "levels": [{**text(f"other {level}"), "anchor": text("a")} for level in range(4)],
        }
        for number in range(2)
    ]


@st.composite
def essay(draw: st.DrawFn) -> Twins:
    words = {"least": draw(st.integers(0, 50)), "most": draw(st.integers(50, 3000))}
    return (
        frame("essay", words=words, rubric=RUBRIC, example=text("example")),
        frame("essay", words=words, rubric=_other_rubric(), example=text("another example")),
    )


@st.composite
def file_upload(draw: st.DrawFn) -> Twins:
    files = {"most": draw(st.integers(1, 5)), "types": ["pdf", "xlsx"], "megabytes": draw(st.integers(1, 50))}
    return frame("file_upload", files=files, rubric=RUBRIC), hidden(
        frame("file_upload", files=files, rubric=_other_rubric())
    )


@st.composite
def prompt(draw: st.DrawFn) -> Twins:
    characters = {"least": 1, "most": draw(st.integers(100, 5000))}
    rule = {**text("says it"), "phrases": {"vi": ["ví dụ"], "en": ["example"]}}
    free = {"characters": characters, "include": [], "exclude": [], "personal_data": []}
    bound = free | {"include": [rule], "personal_data": ["phone", "email"]}
    example = {"vi": "Một ví dụ.", "en": "An example."}
    return (
        frame("prompt", constraints=free, rubric=RUBRIC, example=text("anything")),
        hidden(frame("prompt", constraints=bound, rubric=_other_rubric(), example=example)),
    )


TWINS = {
    "single_choice": single_choice(),
    "multiple_choice": multiple_choice(),
    "true_false_reason": true_false_reason(),
    "matching": matching(),
    "categorise": categorise(),
    "cloze": cloze(),
    "short_text": short_text(),
    "numeric": numeric(),
    "table": table(),
    "highlight": highlight(),
    "hotspot": hotspot(),
    "essay": essay(),
    "file_upload": file_upload(),
    "prompt": prompt(),
}
"""By kind. Ordering is not here: what it shows is never in the right order, and so depends on it."""
