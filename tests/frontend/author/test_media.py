"""Media of a question: written in its form without JavaScript, checked, published only with their words."""

import hashlib
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from assessments.api import ask_for_review, save_draft
from assessments.domain.media import check_media, keep_media_file, read_media_file
from assessments.items.problems import ContentError
from assessments.items.registry import ITEM_TYPES, item_type
from assessments.models import ItemVersion, Picture, Recording
from frontend.author.bank import UNTRANSLATED
from tests.assessments.items_more.media_bytes import FILM, SOUND, TRUE_FILES, VTT, mp4, png
from tests.assessments.items_more.test_media import DECORATION, PICTURE
from tests.assessments.items_more.test_media import SOUND as SOUND_CONTENT
from tests.factories.assessments import make_item, raw_content
from tests.factories.organisation import RoleGrantFactory
from tests.frontend.author.test_every_form import new_address, typed_fields
from tests.frontend.forms import fields_of_page

pytestmark = pytest.mark.django_db
WORDS = ("dau do", "seal", "bank", "ban", "png")
EDIT = reverse("author:item-edit", args=["9.1-01"])


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def rows(*words: tuple[str, str], **more: Any) -> dict[str, Any]:
    """Posted rows of media with their words in vi and en."""
    fields: dict[str, Any] = {"media-count": str(len(words))}
    for place, (vi, en) in enumerate(words):
        fields |= {f"media[{place}].words.vi": vi, f"media[{place}].words.en": en}
    return fields | more


def save(client, kind: str = "single_choice", **fields: Any):
    return client.post(new_address(kind), typed_fields(kind) | fields | {"action": "save"})


def test_picture_sound_and_film_are_added_with_their_words(client, trainer, competency):
    response = save(
        client,
        **rows(("Con dấu", "A stamp"), ("Alô", "Hello"), ("Phim", "Film")),
        **{
            "media[0].upload.vi": upload("Dấu.PNG", png(40, 30)),
            "media[0].upload.en": upload("stamp.png", png(40, 30) + b""),
            "media[1].upload.vi": upload("gọi.mp3", SOUND),
            "media[2].upload.vi": upload("phim.mp4", FILM),
        },
    )
    assert response.status_code == 302
    picture, sound, film = ItemVersion.objects.get().content["media"]
    kept = {each.content_type: each for each in [*Picture.objects.all(), *Recording.objects.all()]}
    assert sorted(kept) == ["audio/mpeg", "image/png", "video/mp4"]
    path = kept["image/png"].path
    assert picture == {
        "type": "picture",
        "file": {"vi": path, "en": path},
        "width": 40,
        "height": 30,
        "alt": {"vi": "Con dấu", "en": "A stamp"},
    }
    assert (sound["type"], sound["bytes"]) == ("audio", {"vi": len(SOUND), "en": len(SOUND)})
    assert (film["type"], film["transcript"]) == ("video", {"vi": "Phim", "en": "Film"})
    assert kept["audio/mpeg"].author == trainer


def test_captions_come_to_a_film_that_is_there(client, trainer, competency):
    save(client, **rows(("Phim", "Film")), **{"media[0].upload.vi": upload("a.mp4", FILM)})
    fields = fields_of_page(client.get(EDIT).content.decode())
    response = client.post(EDIT, fields | {"media[0].captions_upload.vi": upload("a.vtt", VTT), "action": "save"})
    assert response.status_code == 302
    (film,) = ItemVersion.objects.get().content["media"]
    assert film["captions"]["vi"] == film["captions"]["en"]
    assert Recording.objects.get(path=film["captions"]["vi"]).content_type == "text/vtt; charset=utf-8"


@pytest.mark.parametrize("kind", sorted(ITEM_TYPES))
def test_form_with_media_that_is_saved_untouched_changes_nothing(client, trainer, competency, kind):
    fields = rows(("Con dấu", "A stamp"), ("", ""), **{"media[1].decorative": "on"})
    files = {f"media[{place}].upload.vi": upload("a.png", png(9 + place, 9)) for place in range(2)}
    assert save(client, kind, **fields, **files).status_code == 302
    before = ItemVersion.objects.get()
    assert [set(each) & {"alt", "decorative"} for each in before.content["media"]] == [{"alt"}, {"decorative"}]
    posted = fields_of_page(client.get(EDIT).content.decode()) | {"action": "save"}
    assert client.post(EDIT, posted).status_code == 302
    after = ItemVersion.objects.get()
    assert (after.digest, after.content) == (before.digest, before.content)


def test_rows_are_added_moved_and_removed_by_buttons_and_files_stay(client, trainer, competency):
    fields = typed_fields("ordering") | rows(("Một", "One"), ("Hai", "Two"))
    files = {f"media[{place}].upload.vi": upload("a.png", png(9 + place, 9)) for place in range(2)}
    page = client.post(new_address("ordering"), fields | files | {"action": "up:media:1"})
    assert page.context["form"].errors == {}
    posted = fields_of_page(page.content.decode())
    assert [posted[f"media[{place}].words.vi"] for place in range(2)] == [["Hai"], ["Một"]]
    assert [posted[f"media[{place}].width"] for place in range(2)] == [["10"], ["9"]]
    page = client.post(new_address("ordering"), posted | {"action": "remove:media:0"})
    posted = fields_of_page(page.content.decode())
    page = client.post(new_address("ordering"), posted | {"action": "add:media"})
    assert page.context["anchor"] == "part-media-1"
    assert fields_of_page(page.content.decode())["media-count"] == ["2"]
    client.post(new_address("ordering"), posted | {"action": "save"})
    assert [each["alt"]["vi"] for each in ItemVersion.objects.get().content["media"]] == ["Một"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.svg", b"<svg/>", "Không nhận loại tệp này."),
        ("x.html", b"<script>", "Không nhận loại tệp này."),
        ("x.mp3", b"<script>alert(1)</script>", "Nội dung tệp không đúng với tên tệp."),
        ("x.mp3", FILM, "Nội dung tệp không đúng với tên tệp."),
        ("x.mp4", mp4(b"soun"), "Nội dung tệp không đúng với tên tệp."),
        ("x.mp3", SOUND * 1300, "Tệp quá lớn."),
        ("x.png", png(4001, 1), "Hình có cạnh lớn hơn 4000 điểm ảnh."),
    ],
)
def test_file_that_is_not_taken_is_explained_at_its_field(client, trainer, competency, name, content, said):
    response = save(client, **rows(("x", "y")), **{"media[0].upload.vi": upload(name, content)})
    errors = response.context["form"].errors
    assert (response.status_code, list(errors)) == (422, ["media[0].upload.vi"])
    assert said in errors["media[0].upload.vi"][0]
    assert (Picture.objects.count(), Recording.objects.count(), ItemVersion.objects.count()) == (0, 0, 0)


def test_row_without_a_file_and_one_of_another_kind_are_explained(client, trainer, competency):
    response = save(client, **rows(("x", "y")))
    assert list(response.context["form"].errors) == ["media[0].upload.vi"]
    files = {"media[0].upload.vi": upload("a.png", png(9, 9)), "media[0].upload.en": upload("b.mp3", SOUND)}
    response = save(client, **rows(("x", "y")), **files)
    assert list(response.context["form"].errors) == ["media[0].upload.en"]
    files = {"media[0].upload.vi": upload("a.png", png(9, 9)), "media[0].upload.en": upload("b.png", png(8, 9))}
    assert list(save(client, **rows(("x", "y")), **files).context["form"].errors) == ["media[0].upload.en"]


def test_new_file_of_both_languages_replaces_both_and_of_another_kind_begins_anew(client, trainer, competency):
    save(client, **rows(("x", "y")), **{"media[0].upload.vi": upload("a.png", png(9, 9))})
    fields = fields_of_page(client.get(EDIT).content.decode()) | {"action": "save"}
    client.post(EDIT, fields | {"media[0].upload.vi": upload("b.png", png(7, 7))})
    (medium,) = ItemVersion.objects.get().content["media"]
    assert (medium["width"], medium["file"]["vi"]) == (7, medium["file"]["en"])
    fields = fields_of_page(client.get(EDIT).content.decode()) | {"action": "save"}
    client.post(EDIT, fields | {"media[0].upload.vi": upload("b.mp3", SOUND)})
    (medium,) = ItemVersion.objects.get().content["media"]
    assert (medium["type"], medium["transcript"]["vi"]) == ("audio", "x")


# --- publication ------------------------------------------------------------------------------------------------------
def kept(ending: str = "png") -> dict[str, str]:
    path = keep_media_file(f"x.{ending}", io.BytesIO(TRUE_FILES[ending]), author=None).path
    return {"vi": path, "en": path}


def draft_with(item, trainer, *media: dict[str, Any]) -> ItemVersion:
    content = raw_content(item.kind, "mới") | {"media": list(media)}
    return save_draft(item, content, level=4, seconds=60, actor=trainer)


def publish(draft: ItemVersion, trainer) -> list[str]:
    ask_for_review(draft, actor=trainer)
    other = Client()
    other.force_login(RoleGrantFactory(role="trainer").user)
    address = reverse("author:item-publish", args=[draft.item.code])
    page = other.get(address)
    response = other.post(address, {"base": page.context["base"]}, follow=True)
    draft.refresh_from_db()
    return [str(message) for message in response.context["messages"]]


def test_publication_is_refused_until_the_words_are_there(client, trainer, item):
    draft = draft_with(item, trainer, PICTURE | {"file": kept(), "alt": {"vi": "Con dấu", "en": ""}})
    page = client.get(reverse("author:item", args=[item.code]), {"version": draft.number})
    assert page.context["missing"] == [
        "Hình ảnh, âm thanh hoặc video 1, Cùng nội dung bằng chữ: Tiếng Anh: hãy viết cùng nội dung bằng chữ"
    ]
    (said,) = publish(draft, trainer)
    assert said.startswith("Chưa thể ban hành: ")
    assert draft.status == "draft"
    draft = draft_with(item, trainer, PICTURE | {"file": kept()}, DECORATION | {"file": kept()})
    publish(draft, trainer)
    assert draft.status == "published"


def test_publication_is_refused_for_a_file_that_is_not_kept_here(client, trainer, item):
    draft = draft_with(item, trainer, PICTURE | {"file": {"vi": "bank/none.png", "en": "bank/none.png"}})
    assert publish(draft, trainer)[0].startswith("Chưa thể ban hành: ")
    assert draft.status == "draft"


def test_database_refuses_a_published_version_without_words(item, trainer):
    """Control: the same with its words is taken."""
    for alt, taken in (({"vi": "", "en": "x"}, False), ({"vi": "x", "en": "x"}, True)):
        draft = draft_with(item, trainer, PICTURE | {"file": kept(), "alt": alt})
        item.versions.filter(status="published").update(status="retired")
        other = RoleGrantFactory(role="trainer").user
        changed = ItemVersion.objects.filter(pk=draft.pk)
        if taken:
            changed.update(status="published", reviewer=other)
        else:
            with pytest.raises(DatabaseError, match="words that measure the same"), transaction.atomic():
                changed.update(status="published", reviewer=other)


def test_kept_files_are_final_and_kept_once(trainer):
    kept("mp3")
    kept("mp3")
    recording = Recording.objects.get()
    for change in (lambda: Recording.objects.update(size=1), recording.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert read_media_file(recording.path) == SOUND
    assert read_media_file("bank/none.mp3") is None
    assert read_media_file("samples/../../settings.py") is None


def test_part_of_a_file_that_a_crash_left_is_written_anew(tmp_path):
    path = tmp_path / f"bank/{hashlib.sha256(SOUND).hexdigest()[:40]}.mp3"
    path.parent.mkdir()
    path.write_bytes(SOUND[:100])
    kept("mp3")
    assert read_media_file(Recording.objects.get().path) == SOUND


def test_question_without_files_of_its_own_asks_the_database_nothing(django_assert_num_queries):
    module = item_type("hotspot")
    with django_assert_num_queries(0):
        check_media(module.parse_content(module.SAMPLE))
    with pytest.raises(ContentError), django_assert_num_queries(2):
        check_media(module.parse_content(module.SAMPLE | {"media": [PICTURE, SOUND_CONTENT]}))


# --- the bank at a glance, and comparison -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("medium", "is_untranslated"),
    [
        (PICTURE, False),
        (DECORATION, False),
        (SOUND_CONTENT, False),
        (PICTURE | {"alt": {"vi": "x", "en": "x"}}, True),
        (PICTURE | {"alt": {"vi": "x", "en": ""}}, True),
        (SOUND_CONTENT | {"transcript": {"vi": "x", "en": "x"}}, True),
    ],
)
def test_words_missing_in_a_language_count_as_missing_translation(item, trainer, medium, is_untranslated):
    draft = draft_with(item, trainer, DECORATION, medium)
    assert ItemVersion.objects.filter(UNTRANSLATED, pk=draft.pk).exists() == is_untranslated


def test_words_of_media_are_found_and_names_of_files_are_not(client, trainer, item):
    publish(draft_with(item, trainer, PICTURE | {"file": kept(), "alt": {"vi": "Con dấu đỏ", "en": "Seal"}}), trainer)
    found = {word: len(client.get(reverse("author:items"), {"q": word}).context["rows"]) for word in WORDS}
    assert found == {"dau do": 1, "seal": 1, "bank": 0, "ban": 1, "png": 0}


def test_comparison_names_the_medium_and_the_language(client, trainer, item):
    publish(draft_with(item, trainer, PICTURE | {"file": kept()}), trainer)
    draft_with(item, trainer, PICTURE | {"file": kept(), "alt": {"vi": "Khác hẳn", "en": PICTURE["alt"]["en"]}})
    page = client.get(reverse("author:item-compare", args=[item.code]))
    assert [label for label, _difference in page.context["rows"]] == [
        "Hình ảnh, âm thanh hoặc video 1, Cùng nội dung bằng chữ: Tiếng Việt"
    ]
    page = client.get(reverse("author:item-compare", args=[item.code]), {"before": 1, "after": 2})
    labels = [label for label, _difference in page.context["rows"]]
    assert "Hình ảnh, âm thanh hoặc video 1, Tệp có chữ hoặc lời tiếng Việt" in labels
    assert [label for label in labels if label.startswith("media")] == []


# --- in and out -------------------------------------------------------------------------------------------------------
def test_bank_with_media_goes_out_and_comes_back_whole(client, trainer, competency, tmp_path, settings):
    settings.STATE_DIR = tmp_path
    version = make_item(competency, 1)
    publish(
        draft_with(version.item, trainer, PICTURE | {"file": kept()}, SOUND_CONTENT | {"file": kept("mp3")}), trainer
    )
    package = client.get(reverse("author:item-export"), {"format": "qti"}).content
    bring = {"file": upload("bank.zip", package), "competency": "9.1", "level": "3"}
    check = client.post(reverse("author:item-import"), bring)["Location"]
    assert client.get(check).context["counts"] == {"comes": 0, "approximated": 0, "refused": 0, "known": 1}


def test_question_of_another_tool_comes_with_its_picture_as_a_draft_to_complete(
    client, trainer, competency, tmp_path, settings
):
    from tests.assessments.items_more.test_media_exchange import ITEM, package

    settings.STATE_DIR = tmp_path
    data = package(
        **{"a.xml": ITEM.format(stem='<img src="a.png"/>', prompt="", option="").encode(), "a.png": png(40, 30)}
    )
    bring = {"file": upload("bank.zip", data), "competency": "9.1", "level": "3"}
    check = client.post(reverse("author:item-import"), bring)["Location"]
    page = client.get(check)
    assert "chưa kèm phần chữ" in page.content.decode()
    assert Picture.objects.count() == 0
    client.post(check)
    draft = ItemVersion.objects.get()
    assert draft.content["media"][0]["file"]["vi"] == Picture.objects.get().path
    assert read_media_file(Picture.objects.get().path) == png(40, 30)
    assert publish(draft, trainer)[0].startswith("Chưa thể ban hành: ")
    assert draft.status == "draft"
