"""What of a question still waits for its translation."""

import pytest

from assessments.items.registry import ITEM_TYPES, item_type
from assessments.items.translations import MISSING, untranslated
from tests.assessments.items.content import choice

SAME = {"vi": "Nộp hồ sơ", "en": "Nộp hồ sơ"}
ENGLISH = {"vi": "Hand in the form", "en": "Hand in the form"}


@pytest.mark.parametrize(
    ("path", "text", "missing"),
    [
        (["stem"], SAME, ["stem.en"]),
        (["stem"], ENGLISH, ["stem.vi"]),
        (["rationale"], SAME, ["rationale.en"]),
        (["options", 1], SAME, ["answers.en"]),
        (["options", 0, "why"], ENGLISH, ["reasons.vi"]),
        (["options", 0], {"vi": "Power BI", "en": "Power BI"}, []),
        (["options", 0], {"vi": "1 250", "en": "1 250"}, []),
    ],
)
def test_text_that_says_the_same_twice_waits_for_its_language(path, text, missing):
    content = choice("single_choice", [True, False, False])
    place = content
    for step in path[:-1]:
        place = place[step]
    last = place[path[-1]]
    last |= text
    assert untranslated(content) == missing


def test_samples_are_translated_and_everything_that_may_be_missing_is_named():
    for module in ITEM_TYPES.values():
        assert untranslated(module.parse_content(module.SAMPLE).to_dict()) == []
    essay = item_type("essay").parse_content(item_type("essay").SAMPLE).to_dict()
    essay["rubric"][0]["levels"][0] |= SAME
    assert untranslated(essay) == ["rubric.en"]
    assert set(MISSING) >= {"stem.en", "answers.vi", "reasons.en", "rationale.vi", "rubric.en"}
