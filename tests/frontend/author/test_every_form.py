"""Every type of question: written in its form, previewed, scored and reviewed; and every form without JavaScript."""

import struct
import zlib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.urls import reverse

from assessments.items.registry import ITEM_TYPES, item_type, needs_marking
from assessments.models import Item, ItemVersion, Picture
from frontend.author.forms.items import ItemVersionForm
from frontend.author.forms.kinds import SHAPES
from tests.frontend.forms import fields_of_answer, fields_of_page
from tests.frontend.learn.test_questions import SHEET

pytestmark = pytest.mark.django_db
KINDS = sorted(ITEM_TYPES)
NEW = reverse("author:item-new")


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)


def png(width: int = 640, height: int = 360) -> bytes:
    """A small true PNG."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\xff" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def content_of(kind: str) -> dict[str, Any]:
    module = item_type(kind)
    content: dict[str, Any] = module.parse_content(module.SAMPLE).to_dict()
    return content


def typed_fields(kind: str) -> dict[str, Any]:
    """What an author would have typed to write the sample."""
    form = ItemVersionForm(kind, SHAPES[kind].load(content_of(kind)), {"level": "4", "seconds": "60", "base": ""})
    html = render_to_string("author/form/item_form.html", {"form": form, "save_label": "x", "cancel_url": "/"})
    return fields_of_page(html)


def new_address(kind: str) -> str:
    return f"{NEW}?kind={kind}&competency=9.1&level=4"


def test_every_type_has_a_form():
    assert sorted(SHAPES) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_type_is_written_previewed_scored_and_reviewed(client, trainer, competency, kind):
    page = client.get(new_address(kind))
    assert (page.status_code, page.context["kind"]) == (200, kind)
    assert fields_of_page(page.content.decode())["stem.vi"] == [""]
    response = client.post(new_address(kind), typed_fields(kind) | {"action": "preview"})
    version = ItemVersion.objects.get()
    assert (response.status_code, response["Location"]) == (
        302,
        reverse("author:item-preview", args=["9.1-01"]) + "?version=1",
    )
    assert (version.content, version.status, version.author, version.item.kind) == (
        content_of(kind),
        "draft",
        trainer,
        kind,
    )
    preview = client.get(response["Location"])
    assert preview.context["question"]["stem"] == version.content["stem"]["vi"]
    module = item_type(kind)
    answer = fields_of_answer(kind, module.key(module.parse_content(version.content)))
    if kind == "file_upload":
        answer = {"files": SimpleUploadedFile("bai.xlsx", SHEET)}
    played = client.post(response["Location"], answer)
    maximum = module.maximum(module.parse_content(version.content))
    assert (played.status_code, played.context["score"]) == (200, None if needs_marking(kind) else maximum)
    assert version.content["rationale"]["vi"] in played.content.decode().replace("&quot;", '"')
    shown = client.get(reverse("author:item", args=["9.1-01"]))
    assert shown.status_code == 200


@pytest.mark.parametrize("kind", KINDS)
def test_form_that_is_saved_untouched_changes_nothing(client, trainer, competency, kind):
    client.post(new_address(kind), typed_fields(kind))
    before = ItemVersion.objects.get()
    edit = reverse("author:item-edit", args=["9.1-01"])
    response = client.post(edit, fields_of_page(client.get(edit).content.decode()) | {"action": "save"})
    after = ItemVersion.objects.get()
    assert (response.status_code, after.digest, after.content) == (302, before.digest, before.content)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_empty_form_names_what_is_missing_and_makes_nothing(client, trainer, competency, kind, language):
    client.cookies["django_language"] = language
    blank = fields_of_page(client.get(new_address(kind)).content.decode())
    response = client.post(new_address(kind), blank | {"action": "save"})
    form = response.context["form"]
    assert (response.status_code, Item.objects.count()) == (422, 0)
    assert {"stem.vi", "stem.en", "rationale.vi", "rationale.en"} <= set(form.errors)
    html = response.content.decode()
    linked = [name for name in form.errors if name != "__all__"]
    assert [name for name in linked if f'id="id_{name}"' not in html and f'id="id_{name}_0"' not in html] == []
    said = [str(text) for texts in form.errors.values() for text in texts]
    assert [text for text in said if "this does not fit here" in text or "không phù hợp ở đây" in text] == []


def test_kind_competency_and_level_are_asked_for_first(client, trainer, competency):
    assert client.get(NEW).status_code == 200
    response = client.get(f"{NEW}?kind=nothing&competency=9.1&level=9")
    assert (response.status_code, sorted(response.context["chosen"].errors)) == (422, ["kind", "level"])


def test_gap_marked_in_the_text_gets_its_row(client, trainer, competency):
    text = {"text.vi": "Phải [[check]] lại.", "text.en": "It has to be [[check]]."}
    page = client.get(new_address("cloze"))
    for offered, sent, goes_on in (
        ("refresh:part-gaps", {"gaps-count": "0", **text}, 'id="part-gaps" tabindex="-1" data-swap-focus'),
        ("refresh:part-gaps-0", {"gaps[0].way": "write"}, 'id="part-gaps-0" tabindex="-1" data-swap-focus'),
    ):
        assert f'value="{offered}"' in page.text
        page = client.post(new_address("cloze"), fields_of_page(page.text) | sent | {"action": offered})
        assert goes_on in page.text
        fields = fields_of_page(page.text)
        assert (fields["gaps-count"], fields["gaps[0].name"]) == (["1"], ["check"])
    assert "gaps[0].accepted.vi" in fields


def test_level_of_a_rubric_is_not_called_as_a_level_of_competence(client, trainer, competency):
    page = client.get(new_address("essay")).text
    assert [page.count(f"{word} 1</legend>") for word in ("Mức", "Bậc")] == [2, 0]


def test_column_is_taken_away_with_its_cells(client, trainer, competency):
    fields = typed_fields("table")
    response = client.post(new_address("table"), fields | {"action": "remove:columns:1"})
    after = fields_of_page(response.content.decode())
    assert (after["columns-count"], after["rows[0].cells-count"]) == (["3"], ["3"])
    assert after["rows[0].cells[1].vi"] == fields["rows[0].cells[2].vi"]


def test_number_that_reads_two_ways_is_refused_to_authors_too(client, trainer, competency):
    response = client.post(new_address("numeric"), typed_fields("numeric") | {"answer": "2.500"})
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["answer"])
    client.post(new_address("numeric"), typed_fields("numeric") | {"answer": "2500,25"})
    assert ItemVersion.objects.get().content["answer"] == "2500.25"


def test_picture_is_taken_with_its_size_and_shown_to_those_who_are_signed_in(client, trainer, competency):
    fields = typed_fields("hotspot") | {"image.file.vi": "", "image.file.en": "", "image.width": "", "image.height": ""}
    upload = {"image.upload.vi": SimpleUploadedFile("Thư.PNG", png())}
    client.post(new_address("hotspot"), fields | upload | {"action": "save"})
    picture, image = Picture.objects.get(), ItemVersion.objects.get().content["image"]
    assert (image["file"], image["width"], image["height"]) == ({"vi": picture.path, "en": picture.path}, 640, 360)
    response = client.get(reverse("learn:picture", args=[picture.path]))
    assert (response.status_code, b"".join(response.streaming_content), response["Content-Type"]) == (
        200,
        png(),
        "image/png",
    )
    client.logout()
    assert client.get(reverse("learn:picture", args=[picture.path])).status_code == 302


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.svg", b"<svg/>", "Không nhận loại tệp này."),
        ("x.png", b"GIF89a", "Nội dung tệp không đúng với tên tệp. Hãy lưu lại theo một loại tệp được nhận."),
        ("x.png", png(4001, 1), "Hình có cạnh lớn hơn 4000 điểm ảnh."),
    ],
)
def test_picture_that_is_not_taken_is_explained_at_its_field(client, trainer, competency, name, content, said):
    upload = {"image.upload.vi": SimpleUploadedFile(name, content)}
    response = client.post(new_address("hotspot"), typed_fields("hotspot") | upload)
    errors = response.context["form"].errors
    assert (response.status_code, list(errors)) == (422, ["image.upload.vi"])
    assert errors["image.upload.vi"][0].endswith(said)
    assert Picture.objects.count() == 0


def test_judgement_whose_reasons_are_left_empty_is_asked_for_alone(client, trainer, competency):
    fields = typed_fields("true_false_reason")
    blank: dict[str, object] = dict.fromkeys((name for name in fields if name.startswith("options[")), "")
    blank["options-correct"] = []
    client.post(new_address("true_false_reason"), fields | blank)
    version = ItemVersion.objects.get()
    assert version.content["options"] == []
    preview = reverse("author:item-preview", args=["9.1-01"]) + "?version=1"
    assert 'name="reason"' not in client.get(preview).content.decode()
    played = client.post(preview, {"answer": "false"})
    assert (played.status_code, played.context["score"]) == (200, 1)


def test_gap_for_a_number_is_written_and_found_again(client, trainer, competency):
    fields = typed_fields("cloze") | {
        "gaps[1].way": "count",
        "gaps[1].answer": "12,5",
        "gaps[1].tolerance.way": "percent",
        "gaps[1].tolerance.amount": "x",
    }
    refused = client.post(new_address("cloze"), fields)
    assert "gaps[1].tolerance.amount" in refused.context["form"].errors
    client.post(new_address("cloze"), fields | {"gaps[1].tolerance.amount": "2"})
    content = ItemVersion.objects.get().content
    assert content["gaps"]["verify"] == {"answer": "12.5", "tolerance": {"percent": "2"}}
    edit = client.get(reverse("author:item-edit", args=["9.1-01"])).content.decode()
    shown = fields_of_page(edit)
    at = next(name for name, value in shown.items() if value == ["verify"]).removesuffix(".name")
    assert [shown[f"{at}.{name}"] for name in ("way", "answer", "tolerance.amount")] == [["count"], ["12.5"], ["2"]]
    assert (f"{at}.accepted.vi" in shown, f"{at}.options-count" in shown) == (False, False)
