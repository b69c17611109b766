"""Raw contents of each item type, and strategies that vary them."""

from typing import Any

from hypothesis import strategies as st


def text(word: str) -> dict[str, str]:
    return {"vi": f"{word} (vi)", "en": f"{word} (en)"}


def choice(kind: str, correct: list[bool]) -> dict[str, Any]:
    options = [
        {**text(f"option {place}"), "correct": right, "why": text(f"why {place}")}
        for place, right in enumerate(correct)
    ]
    return {"kind": kind, "stem": text("stem"), "options": options, "rationale": text("rationale")}


def steps(count: int) -> dict[str, Any]:
    options = [text(f"step {place}") for place in range(count)]
    return {"kind": "ordering", "stem": text("stem"), "options": options, "rationale": text("rationale")}


@st.composite
def contents(draw: st.DrawFn) -> dict[str, Any]:
    """A valid content of any kind."""
    kind = draw(st.sampled_from(["single_choice", "multiple_choice", "ordering"]))
    if kind == "ordering":
        return steps(draw(st.integers(3, 8)))
    count = draw(st.integers(2, 10) if kind == "single_choice" else st.integers(3, 12))
    right = 1 if kind == "single_choice" else draw(st.integers(2, count - 1))
    return choice(kind, draw(st.permutations([True] * right + [False] * (count - right))))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
