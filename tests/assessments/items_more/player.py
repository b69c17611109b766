"""A person who knows nothing but the player's view, and answers at random."""

from typing import Any

from hypothesis import strategies as st

View = dict[str, Any]
words = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=30).filter(str.strip)


def _ids(parts: list[dict[str, Any]]) -> list[str]:
    return [part["id"] for part in parts]


def _assign(draw: st.DrawFn, parts: list[str], choices: list[str]) -> dict[str, str]:
    chosen = draw(st.lists(st.sampled_from(parts), min_size=1, unique=True))
    return {part: draw(st.sampled_from(choices)) for part in chosen}


def _gap(draw: st.DrawFn, part: dict[str, Any]) -> str:
    if part.get("numeric"):
        return str(draw(st.integers(-(10**14), 10**14)))
    return draw(st.sampled_from(_ids(part["options"])) if "options" in part else words)


def _cell(draw: st.DrawFn, view: View) -> str:
    row = draw(st.integers(2, len(view["rows"]) + 1))
    forms = [
        "{n}",
        "=B{r}+C{r}",
        "=SUM(B2:C{r})",
        "=SUM(B{r};C{r})*0,5",
        "=B{r}/(C{r}-C{r})",
        "=A{r}+1",
        "=IF(B2>0,C{r},{n})",
    ]
    return draw(st.sampled_from(forms)).format(r=row, n=draw(st.integers(0, 999)))


def _quantity(draw: st.DrawFn, view: View) -> View:
    unit = {"unit": draw(st.sampled_from(_ids(view["units"])))} if view["units"] else {}
    return {"value": str(draw(st.integers(-(10**14), 10**14))), **unit}


def _upload(draw: st.DrawFn, view: View) -> View:
    count = draw(st.integers(1, view["files"]["most"]))
    ending = draw(st.sampled_from(view["files"]["types"]))
    size = draw(st.integers(1, view["files"]["megabytes"] * 1024 * 1024))
    return {
        "files": [
            {"id": f"upload-{place}", "name": f"Bài làm {place}.{ending}", "size": size, "sha256": "ab" * 32}
            for place in range(count)
        ]
    }


@st.composite
def answers(draw: st.DrawFn, view: View) -> dict[str, Any]:
    """A well-formed raw answer to what is shown."""
    options = _ids(view.get("options", []))
    match view["kind"]:
        case "single_choice":
            return {"choice": draw(st.sampled_from(options))}
        case "multiple_choice":
            return {"choices": draw(st.lists(st.sampled_from(options), min_size=1, unique=True))}
        case "ordering":
            return {"order": draw(st.permutations(options))}
        case "true_false_reason":
            judged: View = {"answer": draw(st.booleans())}
            return judged | {"reason": draw(st.sampled_from(options))} if options else judged
        case "matching":
            return {"pairs": _assign(draw, _ids(view["prompts"]), options)}
        case "categorise":
            return {"cards": _assign(draw, _ids(view["cards"]), options)}
        case "highlight":
            return {"marks": _assign(draw, _ids(view["segments"]), options)}
        case "cloze":
            gaps = [part for part in view["parts"] if "gap" in part]
            chosen = draw(st.lists(st.sampled_from(gaps), min_size=1, unique_by=lambda part: part["gap"]))
            return {"gaps": {part["gap"]: _gap(draw, part) for part in chosen}}
        case "numeric":
            return _quantity(draw, view)
        case "table":
            cells = [cell["ref"] for row in view["rows"] for cell in row if "input" in cell]
            chosen = draw(st.lists(st.sampled_from(cells), min_size=1, unique=True))
            return {"cells": {ref: _cell(draw, view) for ref in chosen}}
        case "hotspot":
            most = len(options) if view["many"] else 1
            return {"regions": draw(st.lists(st.sampled_from(options), min_size=1, max_size=most, unique=True))}
        case "file_upload":
            return _upload(draw, view)
    return {"text": draw(words)}
