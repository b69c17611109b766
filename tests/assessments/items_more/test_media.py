"""Media beside the stem: of any type of question, in their order, with words that measure the same."""

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.items.differences import compare_contents
from assessments.items.media import MOST_MEDIA, files_of, missing_alternatives
from assessments.items.problems import ContentError
from assessments.items.registry import ITEM_TYPES, item_type, marked_type, needs_marking
from tests.assessments.items.content import json_values

KINDS = sorted(ITEM_TYPES)
PICTURE: dict[str, Any] = {
    "type": "picture",
    "file": {"vi": "bank/so-do.png", "en": "bank/diagram.png"},
    "width": 640,
    "height": 360,
    "alt": {"vi": "Sơ đồ ba bước", "en": "A diagram of three steps"},
}
DECORATION = {name: each for name, each in PICTURE.items() if name != "alt"} | {"decorative": True}
SOUND: dict[str, Any] = {
    "type": "audio",
    "file": {"vi": "bank/cuoc-goi.mp3", "en": "bank/cuoc-goi.mp3"},
    "bytes": {"vi": 4160, "en": 4160},
    "transcript": {"vi": "Alô, công an phường đây.", "en": "Hello, this is the ward police."},
}
FILM: dict[str, Any] = {
    "type": "video",
    "file": {"vi": "bank/quay.mp4", "en": "bank/quay-en.webm"},
    "bytes": {"vi": 90000, "en": 80000},
    "captions": {"vi": "bank/quay.vtt", "en": "bank/quay-en.vtt"},
    "transcript": {"vi": "Người dân hỏi thủ tục.", "en": "A citizen asks about a procedure."},
}
ALL = [PICTURE, SOUND, FILM, DECORATION]
DIGESTS = {
    "categorise": "2c65872e3e0848c1",
    "cloze": "821a380b89d85915",
    "essay": "f84ec39a4de0caa3",
    "file_upload": "6eb0a40a04a59d94",
    "highlight": "4a01abe9b142325c",
    "hotspot": "cd6612348ffd2d98",
    "matching": "e464f8a91b074ac0",
    "multiple_choice": "ec3453cdcc89d19a",
    "numeric": "cec13db383d07c14",
    "ordering": "cdab6d010e98c7fb",
    "prompt": "2c4a5ebadb5af777",
    "short_text": "1bc0592729c00791",
    "single_choice": "2c497f2dd02e70d7",
    "table": "8ee75e90301a99b8",
    "true_false_reason": "65cd9e5d6fb26832",
}
"""Of the samples as they were before questions could have media."""


def sample(kind: str, media: Any) -> dict[str, Any]:
    return item_type(kind).SAMPLE | {"media": media}


def faults(media: Any) -> list[tuple[str, str]]:
    with pytest.raises(ContentError) as caught:
        item_type("single_choice").parse_content(sample("single_choice", media))
    return [(each.path, each.reason) for each in caught.value.problems]


@pytest.mark.parametrize("kind", KINDS)
def test_question_without_media_is_stored_as_it_always_was(kind):
    module = item_type(kind)
    for raw in (module.SAMPLE, sample(kind, [])):
        stored = json.dumps(module.parse_content(raw).to_dict(), ensure_ascii=False, sort_keys=True)
        assert hashlib.sha256(stored.encode()).hexdigest()[:16] == DIGESTS[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_question_of_any_type_keeps_its_media_in_order(kind):
    module = item_type(kind)
    content = module.parse_content(sample(kind, ALL))
    stored = json.loads(json.dumps(content.to_dict()))
    assert stored["media"] == ALL
    assert module.parse_content(stored) == content
    assert {name: each for name, each in stored.items() if name != "media"} == module.parse_content(
        module.SAMPLE
    ).to_dict()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("locale", ["vi", "en"])
def test_views_show_the_media_in_their_language(kind, locale):
    module = item_type(kind)
    content = module.parse_content(sample(kind, ALL))
    picture = {
        "type": "picture",
        "file": PICTURE["file"][locale],
        "alt": PICTURE["alt"][locale],
        "width": 640,
        "height": 360,
    }
    film = {
        "type": "video",
        "file": FILM["file"][locale],
        "bytes": FILM["bytes"][locale],
        "transcript": FILM["transcript"][locale],
        "captions": FILM["captions"][locale],
    }
    views = [module.player_view(content, locale, 1), module.review_view(content, locale, None)]
    if needs_marking(kind):
        value = module.parse_response(content, module.key(content))
        views.append(marked_type(kind).marking_view(content, locale, value))
    for view in views:
        assert [each["type"] for each in view["media"]] == ["picture", "audio", "video", "picture"]
        assert (view["media"][0], view["media"][2]) == (picture, film)
        assert view["media"][3]["alt"] == ""
    bare = module.player_view(module.parse_content(module.SAMPLE), locale, 1)
    assert views[0] == bare | {"media": views[0]["media"]}


def test_words_may_be_missing_in_a_draft_and_are_told():
    media = [PICTURE | {"alt": {"vi": "", "en": " "}}, SOUND | {"transcript": {"vi": "Alô."}}, DECORATION]
    content = item_type("cloze").parse_content(sample("cloze", media))
    assert [(each.path, each.reason) for each in missing_alternatives(content)] == [
        ("media[0].alt.vi", "alternative_missing"),
        ("media[0].alt.en", "alternative_missing"),
        ("media[1].transcript.en", "alternative_missing"),
    ]
    assert missing_alternatives(item_type("cloze").parse_content(sample("cloze", ALL))) == []


@pytest.mark.parametrize(
    ("media", "found"),
    [
        ("x", [("media", "not_a_list")]),
        ([PICTURE] * (MOST_MEDIA + 1), [("media", "wrong_number")]),
        ([{"type": "svg"}], [("media[0].type", "not_one_of")]),
        ([PICTURE | {"width": 0}], [("media[0].width", "not_in_range")]),
        ([PICTURE | {"file": {"vi": "../x.png", "en": "a.exe"}}], [("media[0].file.vi", "bad_path")]),
        ([PICTURE | {"file": {"vi": "x.mp3", "en": "x.png"}}], [("media[0].file.vi", "bad_path")]),
        ([SOUND | {"file": {"vi": "x.png", "en": "x.mp3"}}], [("media[0].file.vi", "bad_path")]),
        ([SOUND | {"bytes": {"vi": 0, "en": 1}}], [("media[0].bytes.vi", "not_in_range")]),
        ([SOUND | {"captions": FILM["captions"]}], [("media[0].captions", "unknown_key")]),
        ([FILM | {"captions": {"vi": "x.mp4", "en": "x.vtt"}}], [("media[0].captions.vi", "bad_path")]),
        ([DECORATION | {"alt": PICTURE["alt"]}], [("media[0].alt", "decoration_has_words")]),
        ([SOUND | {"transcript": {"vi": 3, "en": "x"}}], [("media[0].transcript.vi", "empty")]),
        ([SOUND | {"transcript": {"vi": "x" * 8001, "en": "x"}}], [("media[0].transcript.vi", "too_long")]),
    ],
)
def test_faulty_media_are_told_by_path(media, found):
    assert set(found) <= set(faults(media))


def test_faults_of_media_and_of_the_question_are_told_together():
    with pytest.raises(ContentError) as caught:
        item_type("numeric").parse_content({"kind": "numeric", "media": "x"})
    assert {"media", "stem.vi", "answer"} <= {each.path for each in caught.value.problems}


def test_files_are_listed_wherever_they_stand():
    module = item_type("hotspot")
    stored = module.parse_content(sample("hotspot", [FILM, SOUND])).to_dict()
    assert files_of(stored) == [
        "bank/quay.mp4",
        "bank/quay-en.webm",
        "bank/quay.vtt",
        "bank/quay-en.vtt",
        "bank/cuoc-goi.mp3",
        "samples/phishing-mail-vi.svg",
        "samples/phishing-mail-en.svg",
    ]


def test_comparison_shows_what_changed_in_the_media():
    module = item_type("ordering")
    before = module.parse_content(sample("ordering", [PICTURE])).to_dict()
    after = module.parse_content(
        sample("ordering", [PICTURE | {"alt": {"vi": "Sơ đồ bốn bước", "en": PICTURE["alt"]["en"]}}, DECORATION])
    ).to_dict()
    found = {each.path: (each.before, each.after) for each in compare_contents(before, after)}
    assert found["media[0].alt.vi"] == ("Sơ đồ ba bước", "Sơ đồ bốn bước")
    assert found["media[1].decorative"] == (None, "✓")
    assert {path.partition("]")[0] for path in found} == {"media[0", "media[1"}


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(KINDS), json_values | st.lists(st.sampled_from(ALL) | json_values, max_size=8))
def test_any_media_are_read_or_told(kind, media):
    module = item_type(kind)
    try:
        content = module.parse_content(sample(kind, media))
    except ContentError as error:
        assert {each.path.partition("[")[0].partition(".")[0] for each in error.problems} == {"media"}
        return
    assert module.parse_content(content.to_dict()) == content
