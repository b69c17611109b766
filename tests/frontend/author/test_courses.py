"""Course pages and editing a lesson's text."""

import pytest
from django.urls import reverse

from courses.domain.authoring import block_stamp, edit_block_text
from courses.models import LessonProgress
from tests.factories.courses import BlockFactory, LessonFactory
from tests.factories.organisation import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def block():
    return BlockFactory()


def course_address(block):
    return reverse("author:course", args=[block.lesson.module.course.code])


def lesson_address(block):
    return reverse("author:lesson", args=[block.lesson.module.course.code, block.lesson.code])


def edit_address(block):
    return reverse("author:block-edit", args=[block.lesson.module.course.code, block.lesson.code, block.pk])


def values(block, **changes):
    return {"vi": "## Mới\r\n\r\nChữ.", "en": "## New\r\n\r\nWords.", "base": block_stamp(block)} | changes


def test_course_page_asks_as_often_for_one_lesson_as_for_thirty(client, trainer, block, django_assert_num_queries):
    client.get(course_address(block))
    with django_assert_num_queries(9):
        client.get(course_address(block))
    for _ in range(29):
        BlockFactory(lesson=LessonFactory(module=block.lesson.module))
    with django_assert_num_queries(9):
        client.get(course_address(block))


def test_lesson_page_shows_blocks_as_learners_read_them_and_keys_of_checks(client, trainer, block):
    BlockFactory(lesson=block.lesson, kind="check")
    response = client.get(lesson_address(block))
    shown = [
        (each.block.kind, key and [option["correct"] for option in key["options"]])
        for each, key in response.context["blocks"]
    ]
    assert shown == [("markdown", None), ("check", [False, True])]
    assert "<h2>Đoạn</h2>" in response.content.decode()
    assert LessonProgress.objects.count() == 0


def test_preview_shows_both_languages_and_saves_nothing(client, trainer, block):
    response = client.post(edit_address(block), values(block, preview="1"))
    block.refresh_from_db()
    assert response.context["preview"] == {"vi": "<h2>Mới</h2>\n<p>Chữ.</p>\n", "en": "<h2>New</h2>\n<p>Words.</p>\n"}
    assert response.context["form"]["vi"].value() == "## Mới\r\n\r\nChữ."
    assert block.content["en"] == "## Part\n\nText."


def test_saving_gives_learners_the_new_text(client, trainer, block):
    response = client.post(edit_address(block), values(block, save="1"))
    block.refresh_from_db()
    assert (response.status_code, response["Location"]) == (302, lesson_address(block))
    assert block.content == {"vi": "## Mới\n\nChữ.", "en": "## New\n\nWords."}


def test_faults_are_told_in_the_authors_language_with_their_line(client, trainer, block):
    response = client.post(edit_address(block), values(block, save="1", vi="Chữ.\n\n# To", en=""))
    block.refresh_from_db()
    assert response.status_code == 422
    assert response.context["form"].errors == {
        "vi": ["Tiếng Việt, dòng 3: tiêu đề bắt đầu từ ## và xuống từng cấp một, nhiều nhất đến ####."],
        "en": ["Tiếng Anh: văn bản còn trống."],
    }
    assert block.content["en"] == "## Part\n\nText."


def test_script_in_a_text_is_shown_as_text(client, trainer, block):
    response = client.post(edit_address(block), values(block, preview="1", vi="<script>alert(1)</script>"))
    assert response.context["preview"]["vi"] == "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"


def test_saving_from_an_old_copy_shows_what_the_other_saved(client, trainer, block):
    old = values(block, save="1")
    edit_block_text(block, {"vi": "Của họ", "en": "Theirs"}, base=block_stamp(block), actor=UserFactory())
    response = client.post(edit_address(block), old)
    assert (response.status_code, response.context["saved"].content["en"]) == (422, "Theirs")
    response = client.post(edit_address(block), old | {"base": response.context["saved_stamp"]})
    block.refresh_from_db()
    assert (response.status_code, block.content["en"]) == (302, "## New\n\nWords.")


def test_a_check_question_has_no_text_to_edit(client, trainer, block):
    check = BlockFactory(lesson=block.lesson, kind="check")
    assert client.get(edit_address(check)).status_code == 404
