"""Files of media are what their names say, or are refused; nothing hostile takes long or comes through."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.items.file_types import FileRefused
from assessments.items.media import CAPTIONS
from assessments.items.media_files import ALL_MEDIA, LARGEST_BYTES, MEGABYTE, check_media_file
from assessments.items.recording_types import recording_type_of
from tests.assessments.items_more.media_bytes import TRUE_FILES, box, mp3, mp4, ogg, png, webm
from tests.effort import little_effort

EVERY = (*ALL_MEDIA, CAPTIONS)
HTML = b"<!doctype html><script>alert(1)</script>"


def refusal(name: str, content: bytes, types: tuple[str, ...] = EVERY) -> str:
    with pytest.raises(FileRefused) as caught:
        check_media_file(name, io.BytesIO(content), types)
    return caught.value.reason


@pytest.mark.parametrize(
    ("ending", "kind", "content_type"),
    [
        ("png", "picture", "image/png"),
        ("mp3", "audio", "audio/mpeg"),
        ("ogg", "audio", "audio/ogg"),
        ("m4a", "audio", "audio/mp4"),
        ("mp4", "video", "video/mp4"),
        ("webm", "video", "video/webm"),
        ("vtt", "captions", "text/vtt; charset=utf-8"),
    ],
)
def test_true_file_is_taken_by_its_type_and_named_by_its_digest(ending, kind, content_type):
    file = io.BytesIO(TRUE_FILES[ending])
    checked = check_media_file(f"Tệp của tôi.{ending.upper()}", file, EVERY)
    assert (checked.type, checked.content_type, checked.size) == (kind, content_type, len(TRUE_FILES[ending]))
    assert checked.path == f"bank/{checked.sha256[:40]}.{ending}"
    assert file.tell() == 0


@pytest.mark.parametrize("ending", sorted(TRUE_FILES))
@pytest.mark.parametrize("other", sorted(TRUE_FILES))
def test_a_file_under_the_name_of_another_type_is_refused(ending, other):
    if ending != other:
        assert refusal(f"x.{other}", TRUE_FILES[ending]) == "not_its_type"


@pytest.mark.parametrize("ending", sorted(TRUE_FILES))
def test_page_with_a_script_under_any_name_is_refused(ending):
    assert refusal(f"x.{ending}", HTML) == "not_its_type"


def test_drawings_and_programs_are_not_taken():
    for name in ("x.svg", "x.html", "x.js", "x", "x.mp3.exe", "x.swf", "x.gif"):
        assert refusal(name, TRUE_FILES["mp3"]) == "type_not_taken"


def test_captions_are_taken_only_where_captions_are_asked_for():
    assert refusal("x.vtt", TRUE_FILES["vtt"], ALL_MEDIA) == "type_not_taken"
    assert refusal("x.mp4", TRUE_FILES["mp4"], (CAPTIONS,)) == "type_not_taken"


@pytest.mark.parametrize(("name", "kind"), [("x.mp3", "audio"), ("x.mp4", "video"), ("x.vtt", "captions")])
def test_size_is_limited_by_type(name, kind):
    assert refusal(name, bytes(LARGEST_BYTES[kind] + 1)) == "too_large"
    assert refusal(name, b"") == "empty"
    assert LARGEST_BYTES["audio"] == 5 * MEGABYTE


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.mp3", b"ID3\x03\0\0\0\0\0\x0a" + bytes(10) + HTML * 40),  # a tag, and a page where frames should be
        ("x.mp3", mp3(1) + HTML),  # one frame, and no second
        ("x.mp3", b"\xff\xfb\xff\xff" + bytes(400)),  # a header of no bitrate
        ("x.ogg", ogg(b"\x80theora")),  # a film
        ("x.ogg", b"OggS\0\2" + HTML),
        ("x.m4a", mp4(b"vide", b"soun")),  # a film that says it is a sound
        ("x.m4a", mp4()),
        ("x.mp4", mp4(b"soun")),
        ("x.mp4", mp4(b"vide") + HTML),  # boxes that do not fill the file
        ("x.mp4", box(b"free") + mp4(b"vide")),  # not from the beginning
        ("x.mp4", b"\0\0\0\x14ftypisom\0\0\2\0isom" + b"\0\0\0\1moov" + b"\xff" * 8),  # a size beyond any file
        ("x.webm", webm(b"matroska")),
        ("x.webm", webm()[:-5] + HTML),
        ("x.vtt", b"WEBVTT\n\nno cue"),
        ("x.vtt", b"WEBVTTX\n00:00.000 --> 00:02.000"),
        ("x.vtt", "WEBVTT\n\n00:00.000 --> 00:02.000\nchào".encode("utf-16")),
        ("x.png", b"\x89PNG\r\n\x1a\n" + HTML),
    ],
)
def test_polyglots_and_broken_structures_are_refused(name, content):
    assert refusal(name, content) == "not_its_type"


def test_tagged_sound_and_page_within_its_tag_come_as_sound():
    """What a tag holds is nobody's program: the file goes out as audio alone."""
    checked = check_media_file("x.mp3", io.BytesIO(mp3(tag=HTML)))
    assert checked.content_type == "audio/mpeg"


def test_picture_too_wide_is_refused():
    assert refusal("x.png", png(4001, 1)) == "too_wide"


@pytest.mark.parametrize(
    ("ending", "content"),
    [
        ("mp4", box(b"ftyp", b"isom") + box(b"free") * 1_300_000),
        ("ogg", ogg()[:35] * 140_000),
        ("mp3", (b"ID3\x03\0\0\0\0\0\0") * 400_000),
        ("webm", b"\x1a\x45\xdf\xa3\0" * 500_000),
        ("vtt", b"WEBVTT\n" + b"-" * 200_000),
    ],
)
def test_hostile_file_takes_no_time(ending, content):
    with little_effort(), pytest.raises(FileRefused):
        recording_type_of(io.BytesIO(content), ending)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(TRUE_FILES)), st.data())
def test_damaged_files_are_refused_or_taken_but_never_break(ending, data):
    content = bytearray(TRUE_FILES[ending][:400])
    for _change in range(data.draw(st.integers(0, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    file = io.BytesIO(bytes(content[: data.draw(st.integers(0, len(content)))]))
    try:
        assert check_media_file(f"x.{ending}", file, EVERY).path.endswith(ending)
    except FileRefused as refused:
        assert refused.reason in {"not_its_type", "empty", "too_wide"}
