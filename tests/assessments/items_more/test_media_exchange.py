"""Media in files of other tools, and out and in again whole."""

import base64
import io
import json
import zipfile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.items.exchange.gift import write_gift
from assessments.items.exchange.media_files import MOST_LOOKED_AT, take_apart
from assessments.items.exchange.outcomes import ExchangeError, Outcome
from assessments.items.exchange.qti_package import PackedItem, read_package, write_package
from assessments.items.exchange.reading import read_file
from assessments.items.exchange.table_files import rows_of
from assessments.items.media import MOST_MEDIA, files_of, missing_alternatives
from assessments.items.media_files import check_media_file
from assessments.items.registry import ITEM_TYPES, item_type
from tests.assessments.items_more.media_bytes import FILM, SOUND, VTT, png
from tests.effort import little_effort

PICTURE, OTHER = png(40, 30), png(30, 40)
KEPT = {
    check_media_file(f"x.{ending}", io.BytesIO(content), ("picture", "audio", "video", "captions")).path: content
    for ending, content in (("png", PICTURE), ("png", OTHER), ("mp3", SOUND), ("mp4", FILM), ("vtt", VTT))
}
PATHS = dict(zip(("picture", "other", "sound", "film", "vtt"), KEPT, strict=True))


def both(path: str) -> dict[str, str]:
    return {"vi": path, "en": path}


MEDIA: list[dict[str, Any]] = [
    {
        "type": "picture",
        "file": {"vi": PATHS["picture"], "en": PATHS["other"]},
        "width": 40,
        "height": 30,
        "alt": {"vi": "Sơ đồ <1> & “2”", "en": "Diagram"},
    },
    {
        "type": "audio",
        "file": both(PATHS["sound"]),
        "bytes": {"vi": 4160, "en": 4160},
        "transcript": {"vi": "Alô.\nAi đấy?", "en": "Hello."},
    },
    {
        "type": "video",
        "file": both(PATHS["film"]),
        "bytes": {"vi": 9, "en": 9},
        "captions": both(PATHS["vtt"]),
        "transcript": {"vi": "Phim.", "en": "A film."},
    },
    {"type": "picture", "file": both(PATHS["picture"]), "width": 40, "height": 30, "decorative": True},
]


def packed(kind: str, media: list[dict[str, Any]] | None = None) -> PackedItem:
    module = item_type(kind)
    content = module.parse_content(module.SAMPLE | {"media": MEDIA if media is None else media}).to_dict()
    return PackedItem(f"9.1-{kind}", "9.1", 3, 60, content)


def packed_hotspot() -> PackedItem:
    module = item_type("hotspot")
    image = module.SAMPLE["image"] | {"file": both(PATHS["picture"])}
    content = module.parse_content(module.SAMPLE | {"image": image}).to_dict()
    return PackedItem("9.1-spot", "9.1", 3, 60, content)


def package(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def without_json(data: bytes) -> bytes:
    source = zipfile.ZipFile(io.BytesIO(data))
    return package(**{name: source.read(name) for name in source.namelist() if not name.endswith(".json")})


def reasons(outcome: Outcome) -> list[str]:
    return [note.reason for note in outcome.notes]


# --- our own packages -------------------------------------------------------------------------------------------------
def test_package_brings_back_the_same_questions_with_their_files():
    items = [*(packed(kind) for kind in ITEM_TYPES), packed_hotspot()]
    data = write_package(items, KEPT.get)
    back = read_package(data)
    assert len(back) == len(items)
    by_code = {each.code: each for each in items}
    for outcome in back:
        item = by_code[outcome.label]
        again = PackedItem(item.code, outcome.competency, outcome.level, outcome.seconds, outcome.content)
        assert again.digest == item.digest
        assert outcome.notes == ()
        wanted = [path for path in files_of(outcome.content) if path.startswith("bank/")]
        assert dict(outcome.files) == {path: KEPT[path] for path in wanted}
    assert write_package(items, KEPT.get) == data


def test_package_holds_every_file_once_and_the_manifest_names_it():
    data = write_package([packed("single_choice"), packed("essay"), packed_hotspot()], KEPT.get)
    archive = zipfile.ZipFile(io.BytesIO(data))
    names = [name for name in archive.namelist() if name.startswith("media/")]
    assert sorted(names) == sorted(f"media/{path}" for path in KEPT)
    manifest = archive.read("imsmanifest.xml").decode()
    for name in names:
        assert manifest.count(f'type="webcontent" href="{name}"') == 1
    assert manifest.count("<dependency ") == 5 + 5 + 1
    item = archive.read("items/9.1-spot.xml").decode()
    assert f'src="../media/{PATHS["picture"]}"' in item
    assert item.count("<qti-hotspot-choice ") == 5


def test_shipped_samples_go_out_too():
    archive = zipfile.ZipFile(io.BytesIO(write_package([packed("hotspot", [])])))
    assert "media/samples/phishing-mail-vi.svg" in archive.namelist()


def test_file_that_is_not_in_the_package_or_is_another_is_noted():
    source = zipfile.ZipFile(io.BytesIO(write_package([packed("single_choice")], KEPT.get)))
    files = {name: source.read(name) for name in source.namelist()}
    files[f"media/{PATHS['picture']}"] = OTHER
    del files[f"media/{PATHS['sound']}"]
    (outcome,) = read_package(package(**files))
    assert sorted(each.detail for each in outcome.notes) == sorted([PATHS["picture"], PATHS["sound"]])
    assert set(reasons(outcome)) == {"medium_missing"}
    assert sorted(outcome.files) == sorted(set(PATHS.values()) - {PATHS["picture"], PATHS["sound"]})


def test_package_too_large_to_come_back_is_not_written():
    large = {path: bytes(10 * 1024 * 1024) for path in PATHS.values()}
    with pytest.raises(ExchangeError, match="too_large"):
        write_package([packed("single_choice")], large.get)


def test_item_of_ours_without_its_json_comes_with_its_media_in_one_language():
    (outcome,) = read_package(without_json(write_package([packed("single_choice")], KEPT.get)))
    content = item_type("single_choice").parse_content(outcome.content)
    assert content.stem.vi == item_type("single_choice").SAMPLE["stem"]["vi"]
    assert [each.type for each in content.media] == ["picture", "audio", "video", "picture"]
    assert [each.words.vi if each.words else None for each in content.media] == [
        "Sơ đồ <1> & “2”",
        "Alô.\nAi đấy?".replace("\n", " "),
        "Phim.",
        None,
    ]
    assert content.media[2].captions is not None
    assert outcome.files.keys() == {PATHS[name] for name in ("picture", "sound", "film", "vtt")}


# --- QTI of other tools -----------------------------------------------------------------------------------------------
ITEM = """<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="a" title="Ảnh">
<responseDeclaration identifier="RESPONSE" cardinality="single" baseType="identifier"><correctResponse>
<value>A</value></correctResponse></responseDeclaration><itemBody><p>Xem hình.</p>{stem}
<choiceInteraction responseIdentifier="RESPONSE" maxChoices="1"><prompt>Chọn gì? {prompt}</prompt>
<simpleChoice identifier="A">Một {option}</simpleChoice><simpleChoice identifier="B">Hai</simpleChoice>
<simpleChoice identifier="C">Ba</simpleChoice></choiceInteraction></itemBody></assessmentItem>"""


def read_foreign(stem: str = "", prompt: str = "", option: str = "", **files: bytes) -> Outcome:
    item = ITEM.format(stem=stem, prompt=prompt, option=option).encode()
    (outcome,) = read_package(package(**{"items/q 1/a.xml": item, **files}))
    return outcome


def test_pictures_of_stem_and_prompt_come_and_those_of_options_are_noted():
    outcome = read_foreign(
        '<p>Trước <img src="anh%201.png" alt="Một  con dấu"/> sau</p>',
        '<img src="../chung/b.png?x=1" alt="Hai"/>',
        '<img src="anh%201.png" alt="Ba"/>',
        **{"items/q 1/anh 1.png": PICTURE, "items/chung/b.png": OTHER},
    )
    assert outcome.content is not None
    assert outcome.content["stem"]["vi"] == "Xem hình.\nTrước sau\nChọn gì?"
    assert [(each["alt"]["vi"], each["width"]) for each in outcome.content["media"]] == [
        ("Một con dấu", 40),
        ("Hai", 30),
    ]
    assert "pictures_dropped" in reasons(outcome)
    assert "alternative_to_write" not in reasons(outcome)


def test_object_audio_and_video_come_with_the_words_within_and_after():
    outcome = read_foreign(
        '<object data="a.png" type="image/png">Một con dấu</object>'
        '<div><audio><source src="b.mp3"/>Trình duyệt cũ</audio><details><summary>Lời</summary>Alô</details></div>'
        '<video src="c.mp4"><track kind="captions" src="c.vtt"/></video>',
        **{"items/q 1/a.png": PICTURE, "items/q 1/b.mp3": SOUND, "items/q 1/c.mp4": FILM, "items/q 1/c.vtt": VTT},
    )
    content = item_type("single_choice").parse_content(outcome.content)
    assert content.stem.vi == "Xem hình.\nChọn gì?"
    assert [(each.type, each.words.vi) for each in content.media] == [
        ("picture", "Một con dấu"),
        ("audio", "Alô"),
        ("video", ""),
    ]
    assert content.media[2].captions.vi == PATHS["vtt"]
    assert [each.path for each in missing_alternatives(content)] == ["media[2].transcript.vi", "media[2].transcript.en"]
    assert "alternative_to_write" in reasons(outcome)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("nothing.png", "medium_missing"),
        ("../../../../etc/passwd.png", "medium_missing"),
        ("http://example.org/a.png", "medium_elsewhere"),
        ("//example.org/a.png", "medium_elsewhere"),
        ("a.svg", "medium_refused"),
        ("page.png", "medium_refused"),
        ("data:image/svg+xml;base64,PHN2Zz4=", "medium_refused"),
        ("data:image/png;base64,%%%", "medium_missing"),
    ],
)
def test_what_cannot_come_is_noted_and_the_question_comes(source, reason):
    files = {"items/q 1/a.svg": b"<svg onload='alert(1)'/>", "items/q 1/page.png": b"<script>alert(1)</script>"}
    outcome = read_foreign(f'<img src="{source}" alt="x"/>', **files)
    assert outcome.content is not None
    assert "media" not in outcome.content
    assert reason in reasons(outcome)
    assert outcome.files == {}


def test_one_large_file_shown_by_many_questions_is_read_once():
    sound = SOUND * 1200
    item = ITEM.format(stem='<audio src="a.mp3"/>', prompt="", option="").encode()
    data = package(**{f"{number}.xml": item for number in range(1500)}, **{"a.mp3": sound})
    with little_effort():
        outcomes = read_package(data)
    assert len({id(each.files[next(iter(each.files))]) for each in outcomes}) == 1


def test_picture_larger_than_any_is_not_read():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.xml", ITEM.format(stem='<img src="a.png" alt="x"/>', prompt="", option=""))
        archive.writestr("a.png", bytes(11 * 1024 * 1024))
    (outcome,) = read_package(buffer.getvalue())
    assert "medium_missing" in reasons(outcome)


# --- Moodle -----------------------------------------------------------------------------------------------------------
def moodle(markup: str, files: str = "", *, kind: str = "multichoice") -> Outcome:
    answers = "".join(
        f'<answer fraction="{share}"><text>{text}</text></answer>' for share, text in ((100, "A"), (0, "B"), (0, "C"))
    )
    quiz = (
        f'<quiz><question type="{kind}"><name><text>Ảnh</text></name><questiontext format="html"><text><![CDATA['
        f"{markup}]]></text>{files}</questiontext>{answers}</question></quiz>"
    )
    (outcome,) = read_file(quiz.encode()).outcomes
    return outcome


def file_of(name: str, content: bytes, path: str = "/") -> str:
    return f'<file name="{name}" path="{path}" encoding="base64">{base64.b64encode(content).decode()}</file>'


def test_moodle_files_come_as_media_with_their_alternatives():
    outcome = moodle(
        '<p>Nhìn <img src="@@PLUGINFILE@@/s%C6%A1%20%C4%91%E1%BB%93.png" alt="S&#417; đồ" width="9"> và nghe '
        '<audio controls="true"><source src="@@PLUGINFILE@@/am/a.mp3">@@PLUGINFILE@@/am/a.mp3</audio>'
        '<a href="@@PLUGINFILE@@/phim.mp4">phim.mp4</a></p>'
        '<img role="presentation" alt="" src="@@PLUGINFILE@@/vien.png">',
        file_of("sơ đồ.png", PICTURE)
        + file_of("a.mp3", SOUND, "/am/")
        + file_of("phim.mp4", FILM)
        + file_of("vien.png", OTHER),
    )
    content = item_type("single_choice").parse_content(outcome.content)
    assert [(each.type, each.words.vi if each.words else None) for each in content.media] == [
        ("picture", "Sơ đồ"),
        ("audio", ""),
        ("video", ""),
        ("picture", None),
    ]
    assert content.stem.vi == "Nhìn và nghe"
    assert len(missing_alternatives(content)) == 4
    assert outcome.files.keys() == set(PATHS.values()) - {PATHS["vtt"]}
    assert "alternative_to_write" in reasons(outcome)


def test_moodle_picture_within_the_address_comes():
    address = "data:image/png;base64," + base64.b64encode(PICTURE * 400).decode()
    outcome = moodle(f'<p>Nhìn <img src="{address}" alt="Dấu"></p>')
    assert outcome.content is not None
    assert outcome.content["stem"]["vi"] == "Nhìn"
    assert outcome.content["media"][0]["alt"]["vi"] == "Dấu"


def test_moodle_question_of_a_picture_alone_is_called_by_its_name():
    outcome = moodle('<img src="@@PLUGINFILE@@/a.png" alt="Dấu">', file_of("a.png", PICTURE))
    assert outcome.content is not None
    assert outcome.content["stem"]["vi"] == "Ảnh"


def test_more_media_than_a_question_may_have_are_noted():
    markup = "".join(f'<img src="@@PLUGINFILE@@/{number}.png" alt="{number}">' for number in range(MOST_MEDIA + 2))
    files = "".join(file_of(f"{number}.png", png(number + 1, 1)) for number in range(MOST_MEDIA + 2))
    outcome = moodle(markup, files)
    assert outcome.content is not None
    assert len(outcome.content["media"]) == MOST_MEDIA
    assert "too_many_media" in reasons(outcome)


def test_hostile_markup_takes_no_time_and_few_references():
    for markup in ("<img " + "a" * 4_000_000, "<img src=" * 400_000, '<img src="x">' * 300_000, "<audio>" * 500_000):
        with little_effort():
            found = moodle(markup + ">")
        assert len(found.notes) <= MOST_LOOKED_AT + 5


PARTS = ["<img src=", '"x.png"', " alt='", "'", ">", "<img>", "<audio", "</audio>", "<source src=a ", "</a>", "a"]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PARTS)))
def test_any_markup_is_taken_apart(parts):
    markup = "".join(parts)
    references, rest = take_apart(markup)
    assert all(each.address for each in references)
    assert len(rest) <= len(markup)


# --- formats without media --------------------------------------------------------------------------------------------
def test_gift_says_what_it_leaves_out_and_a_row_is_not_written_without_media():
    item = packed("single_choice")
    text, left = write_gift([(item.code, item.content)], "vi")
    assert item.content["options"][0]["vi"] in text
    assert left == [(item.code, "media_left_out")]
    assert rows_of([item]) == ([], [(item, "not_in_a_row")])
    assert len(json.dumps(rows_of([packed("single_choice", [])]))) > 100
