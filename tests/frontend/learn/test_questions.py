"""Every type of question as a plain form: what it posts, what the server reads, and what it says when it cannot."""

import io
import re
import zipfile
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.urls import reverse

from assessments.api import keep_upload, review_items, start_attempt, submit_attempt
from assessments.domain.items import provisional_parameters, publish_new_version, version_digest
from assessments.items.file_types import CONTENT_TYPES
from assessments.items.registry import ITEM_TYPES, item_type, needs_marking
from assessments.models import Attempt, Item, ItemVersion, Presentation, Response, Upload
from frontend.learn.answers import READERS, read_answer
from frontend.learn.wording import KIND_NAMES
from tests.factories.assessments import make_quiz
from tests.frontend.forms import fields_of_answer

KINDS = sorted(ITEM_TYPES)


def office_file(**parts: str) -> bytes:
    """A spreadsheet as far as its directory goes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in {"[Content_Types].xml": "", "xl/workbook.xml": "", **parts}.items():
            archive.writestr(name, text)
    return buffer.getvalue()


SHEET = office_file()


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)


def publish_sample(kind: str, competency: Any) -> ItemVersion:
    module = item_type(kind)
    content = module.parse_content(module.SAMPLE)
    item = Item.objects.create(code=f"{competency.code}-90-{kind}", kind=kind, competency=competency)
    parameters = {competency.pk: provisional_parameters(4, module.maximum(content))}
    digest = version_digest(content.to_dict(), 4, 60)
    return publish_new_version(item, content.to_dict(), digest, parameters, level=4, seconds=60)


@pytest.fixture
def given(client_of, db):
    """Give a person one question of a kind, as a form of any sort might: client, attempt, version."""
    person, quiz = make_quiz()
    client = client_of(person)

    def give(kind: str) -> tuple[Any, Attempt, ItemVersion]:
        attempt = start_attempt(person, quiz, seed=5)
        framework_code = attempt.form["competencies"][0]["code"]
        competency = Item.objects.filter(competency__code=framework_code)[0].competency
        version = publish_sample(kind, competency)
        parameters = version.parameter_sets.get().parameters
        Presentation.objects.create(
            attempt=attempt,
            position=1,
            version=version,
            competency=competency,
            parameters=parameters,
            reason={},
            presented_at=attempt.started_at,
        )
        return client, attempt, version

    return give


def posted(page: Any, fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "key": str(uuid4()),
        "sequence": page.context["item"].sequence,
        "version": page.context["item"].version_id,
        "kind": page.context["question"]["kind"],
        **fields,
    }


def test_every_type_has_a_reader_and_a_name():
    assert sorted(READERS) == KINDS
    assert sorted(KIND_NAMES) == sorted([*KINDS, "simulation"])


@pytest.mark.parametrize("kind", KINDS)
def test_form_fields_are_read_as_the_item_type_reads_them(kind):
    """What the key says, posted as form fields, is the key again."""
    module = item_type(kind)
    content = module.parse_content(module.SAMPLE)
    if kind == "file_upload":
        assert read_answer(QueryDict("files=x"), kind) == {"files": []}
        return
    post = QueryDict(mutable=True)
    for name, value in fields_of_answer(kind, module.key(content)).items():
        post.setlist(name, value if isinstance(value, list) else [value])
    assert read_answer(post, kind) == module.key(content)


@pytest.mark.parametrize("kind", KINDS)
def test_every_type_is_played_scored_and_reviewed(given, kind):
    client, attempt, version = given(kind)
    page = client.get(reverse("learn:attempt", args=[attempt.pk]))
    assert (page.status_code, page.context["question"]["kind"]) == (200, kind)
    module = item_type(kind)
    content = module.parse_content(version.content)
    fields = fields_of_answer(kind, module.key(content))
    if kind == "file_upload":
        fields = {"files": SimpleUploadedFile("Báo cáo.xlsx", SHEET)}
    names = set(re.findall(r' name="([^"]+)"', page.content.decode()))
    assert {name for name in fields if name != "notation"} <= names
    response = client.post(reverse("learn:respond", args=[attempt.pk]), posted(page, fields))
    saved = Response.objects.get()
    assert (response.status_code, saved.version_id, saved.status) == (302, version.pk, "accepted")
    assert saved.score == (None if needs_marking(kind) else module.maximum(content))
    submit_attempt(attempt)
    review = client.get(reverse("learn:result", args=[attempt.pk]))
    assert review.status_code == 200
    reviewed = review_items(saved.attempt, "vi")
    assert reviewed[0]["kind"] == kind
    assert reviewed[0]["rationale"] in review.content.decode().replace("&quot;", '"')


@pytest.mark.parametrize("kind", KINDS)
def test_step_that_no_question_has_is_not_moved(given, kind):
    client, attempt, _version = given(kind)
    page = client.get(reverse("learn:attempt", args=[attempt.pk]))
    moved = client.post(reverse("learn:respond", args=[attempt.pk]), posted(page, {"order": "x", "move": "up:x"}))
    assert (moved.status_code, Response.objects.count()) == (302, 0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_question_page_is_whole_and_tells_no_key(given, kind, language):
    client, attempt, _version = given(kind)
    client.cookies["django_language"] = language
    page = client.get(reverse("learn:attempt", args=[attempt.pk])).content.decode()
    sample = item_type(kind).SAMPLE
    assert sample["rationale"][language] not in page
    assert [word for word in ("style=", "onclick", "javascript:", "{{", "{%") if word in page] == []
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    labelled = set(re.findall(r' for="([^"]+)"', page))
    assert labelled <= set(ids)


@pytest.mark.parametrize("kind", sorted({*KINDS} - {"ordering"}))
def test_no_answer_is_asked_for_again(given, kind):
    client, attempt, _version = given(kind)
    page = client.get(reverse("learn:attempt", args=[attempt.pk]))
    response = client.post(reverse("learn:respond", args=[attempt.pk]), posted(page, {}))
    is_choice = kind in ("single_choice", "multiple_choice")
    wanted = "Anh/chị hãy chọn một phương án trước." if is_choice else "Hãy trả lời câu hỏi trước."
    assert (response.status_code, response.context["error"]) == (422, wanted)
    assert Response.objects.count() == 0


def test_number_that_could_be_read_two_ways_is_asked_about_and_then_taken(given):
    client, attempt, version = given("numeric")
    page = client.get(reverse("learn:attempt", args=[attempt.pk]))
    assert 'name="notation"' not in page.content.decode()
    thousand = item_type("numeric").parse_content(version.content).units[1].option.id
    fields = {"value": "1.125", "unit": thousand}
    asked = client.post(reverse("learn:respond", args=[attempt.pk]), posted(page, fields))
    html = asked.content.decode()
    assert (asked.status_code, asked.context["two_ways"], html.count('name="notation"')) == (422, True, 2)
    assert ('value="1.125"' in html, f'value="{thousand}" selected' in html) == (True, True)
    client.post(reverse("learn:respond", args=[attempt.pk]), posted(asked, fields | {"notation": "vi"}))
    assert Response.objects.get().score == 1


def test_formula_fault_names_its_cell_and_keeps_what_was_typed(given):
    client, attempt, _version = given("table")
    page = client.get(reverse("learn:attempt", args=[attempt.pk]))
    fields = {"cells-B5": "=SUM(B2:B4", "cells-D2": "21"}
    response = client.post(reverse("learn:respond", args=[attempt.pk]), posted(page, fields))
    assert response.context["error"] == (
        "Ô B5: Không đọc được công thức này. Hãy kiểm tra dấu ngoặc, các dấu và tên ô."
    )
    assert [f'value="{value}"' in response.content.decode() for value in fields.values()] == [True, True]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (
            "gia.xlsx",
            b"MZ no spreadsheet",
            "Nội dung tệp không đúng với tên tệp. Hãy lưu lại theo một loại tệp được nhận.",
        ),
        ("macro.xlsx", office_file(**{"xl/vbaProject.bin": "x"}), "Tệp có chứa macro. Hãy lưu lại không kèm macro."),
        ("bai.pdf", b"%PDF-1.7", "Không nhận loại tệp này."),
        ("to.xlsx", b"P" * (5 * 1024 * 1024 + 1), "Tệp quá lớn."),
    ],
)
def test_file_that_is_not_taken_is_explained(given, name, content, said):
    client, attempt, _version = given("file_upload")
    page = client.get(reverse("learn:attempt", args=[attempt.pk]))
    fields = {"files": SimpleUploadedFile(name, content)}
    response = client.post(reverse("learn:respond", args=[attempt.pk]), posted(page, fields))
    assert (response.status_code, response.context["error"]) == (422, f"{name}: {said}")
    assert (Upload.objects.count(), Response.objects.count()) == (0, 0)


def test_more_files_than_are_taken_are_refused_and_nothing_is_kept(given):
    client, attempt, _version = given("file_upload")
    page = client.get(reverse("learn:attempt", args=[attempt.pk]))
    files = [SimpleUploadedFile(f"{number}.xlsx", SHEET) for number in range(2)]
    response = client.post(reverse("learn:respond", args=[attempt.pk]), posted(page, {"files": files}))
    assert (response.status_code, response.context["error"]) == (422, "Chỉ nhận tối đa 1 tệp.")
    assert Upload.objects.count() == 0


def test_file_of_another_person_is_not_counted(given, learner):
    client, attempt, version = given("file_upload")
    content = item_type("file_upload").parse_content(version.content)
    theirs = keep_upload(learner, content, "x.xlsx", io.BytesIO(SHEET))
    page = client.get(reverse("learn:attempt", args=[attempt.pk]))
    response = client.post(reverse("learn:respond", args=[attempt.pk]), posted(page, {"kept": [str(theirs.pk)]}))
    assert (response.status_code, Response.objects.count()) == (422, 0)
    assert client.get(reverse("learn:upload", args=[theirs.pk])).status_code == 404


def test_own_file_comes_back_as_a_download_that_does_nothing(given):
    client, attempt, _version = given("file_upload")
    page = client.get(reverse("learn:attempt", args=[attempt.pk]))
    client.post(
        reverse("learn:respond", args=[attempt.pk]),
        posted(page, {"files": SimpleUploadedFile("../../Bài làm.xlsx", SHEET, "text/html")}),
    )
    upload = Upload.objects.get()
    response = client.get(reverse("learn:upload", args=[upload.pk]))
    assert b"".join(response.streaming_content) == SHEET
    assert (upload.name, response["Content-Type"], response["X-Content-Type-Options"]) == (
        "Bài làm.xlsx",
        CONTENT_TYPES["xlsx"],
        "nosniff",
    )
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "no-store" in response["Cache-Control"]
