"""Every item that ships: loads, shows in both languages without leaking, and is played right and wrong."""

import json
import re
from pathlib import Path

import pytest

from assessments.items.bank_file import ItemEntry, read_bank_file
from assessments.items.media_files import read_sample
from assessments.items.registry import item_type

ITEMS = Path(__file__).resolve().parents[3] / "assessments" / "content" / "items"
FILES = sorted(ITEMS.glob("*.yaml"))
ENTRIES = [entry for path in FILES for entry in read_bank_file(path)[0]]


def wrong_answer(entry: ItemEntry) -> dict[str, object]:
    ids = [option.id for option in entry.content.options]
    if entry.kind == "ordering":
        return {"order": ids[::-1]}
    wrong = [option.id for option in entry.content.options if not option.correct]
    return {"choice": wrong[0]} if entry.kind == "single_choice" else {"choices": wrong}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_file_of_the_bank_has_no_problems(path):
    entries, problems = read_bank_file(path)
    assert problems == []
    assert len(entries) >= 6


def test_bank_covers_at_least_twelve_competencies():
    assert len(FILES) >= 12
    assert len({entry.code for entry in ENTRIES}) == len(ENTRIES)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.code)
def test_item_is_shown_without_its_key_and_played_right_and_wrong(entry):
    kind, content = item_type(entry.kind), entry.content
    for locale, other in (("vi", "en"), ("en", "vi")):
        for seed in range(8):
            view = kind.player_view(content, locale, seed)
            shown = json.dumps(view, ensure_ascii=False)
            assert set(view) == {"kind", "stem", "options"} | ({"media"} if content.media else set())
            assert {key for option in view["options"] for key in option} == {"id", "text"}
            assert content.stem.at(locale) in view["stem"]
            hidden = [content.rationale.vi, content.rationale.en]
            hidden += [option.why.at(each) for option in content.options if option.why for each in (locale, other)]
            for text in hidden:
                assert json.dumps(text, ensure_ascii=False)[1:-1] not in shown
            assert not re.search(r'"(correct|why|rationale|key|score)"', shown)
    assert kind.score(content, kind.parse_response(content, kind.key(content))) == kind.maximum(content)
    assert kind.score(content, kind.parse_response(content, wrong_answer(entry))) == 0


def test_every_file_that_the_bank_shows_is_shipped_and_has_the_size_that_is_said():
    shown = [medium for entry in ENTRIES for medium in entry.content.media]
    assert len(shown) >= 1
    for medium in shown:
        for locale in ("vi", "en"):
            drawing = read_sample(medium.file.at(locale))
            assert drawing is not None
            assert f'width="{medium.width}" height="{medium.height}"'.encode() in drawing


def test_place_shown_tells_nothing_of_the_key():
    places = []
    for entry in ENTRIES:
        if entry.kind == "single_choice":
            right = item_type(entry.kind).key(entry.content)["choice"]
            for seed in range(20):
                view = item_type(entry.kind).player_view(entry.content, "vi", seed)
                places.append([option["id"] for option in view["options"]].index(right))
    shares = [places.count(place) / len(places) for place in range(4)]
    assert max(abs(share - 0.25) for share in shares) < 0.05


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        ("[", ["not_yaml"]),
        ("a: 1", ["not_a_list"]),
        ("- 1", ["not_a_mapping"]),
        ("- {code: '6.3-01', kind: riddle, level: 2, seconds: 60}", ["unknown_kind"]),
        ("- {code: '7.1-01', kind: ordering, level: 0, seconds: 1}", ["bad_code", "not_in_range", "not_in_range"]),
        (
            "- {code: '6.3-01', kind: riddle, level: 2, seconds: 60, parameters: {model: 2pl, a: -1}}",
            [
                "bad_parameters",
                "unknown_kind",
            ],
        ),
    ],
)
def test_bank_file_names_what_is_wrong(tmp_path, text, reasons):
    path = tmp_path / "6.3.yaml"
    path.write_text(text, encoding="utf-8")
    entries, problems = read_bank_file(path)
    assert entries == []
    assert [each.problem.reason for each in problems][: len(reasons)] == reasons
