"""Editing a lesson's text: what is refused, what is kept, who is told."""

import pytest

from courses.domain.authoring import (
    MAX_TEXT,
    BlockChanged,
    BlockNotEditable,
    TextRefused,
    block_stamp,
    edit_block_text,
    find_text_faults,
    preview_block_text,
)
from organisation.models import AuditEvent
from tests.factories.courses import BlockFactory
from tests.factories.organisation import UserFactory

NEW = {"vi": "## Mới\r\n\r\nĐoạn mới.\r\n", "en": "## New\n\nNew text."}


@pytest.mark.django_db
def test_edit_saves_both_languages_and_keeps_the_old_words_in_the_audit():
    block, actor = BlockFactory(), UserFactory()
    before = block.content
    edit_block_text(block, NEW, base=block_stamp(block), actor=actor)
    block.refresh_from_db()
    assert block.content == {"vi": "## Mới\n\nĐoạn mới.", "en": "## New\n\nNew text."}
    event = AuditEvent.objects.get()
    lesson = block.lesson
    assert (event.actor_id, event.action) == (actor.pk, "edited")
    assert event.target == f"block {block.order} of lesson {lesson.module.course.code}/{lesson.code}"
    assert event.detail == {"block": block.pk, "before": before}


@pytest.mark.django_db
def test_edit_with_the_same_words_leaves_no_trace():
    block = BlockFactory()
    edit_block_text(block, block.content, base=block_stamp(block), actor=UserFactory())
    assert AuditEvent.objects.count() == 0


@pytest.mark.django_db
def test_edit_from_an_old_copy_is_refused():
    block = BlockFactory()
    stamp = block_stamp(block)
    edit_block_text(block, NEW, base=stamp, actor=UserFactory())
    with pytest.raises(BlockChanged) as refused:
        edit_block_text(block, {"vi": "Khác.", "en": "Other."}, base=stamp, actor=UserFactory())
    assert refused.value.block.content["en"] == "## New\n\nNew text."
    block.refresh_from_db()
    assert block.content["en"] == "## New\n\nNew text."


@pytest.mark.django_db
def test_edit_of_a_check_question_is_refused():
    block = BlockFactory(kind="check")
    with pytest.raises(BlockNotEditable):
        edit_block_text(block, NEW, base="", actor=UserFactory())


@pytest.mark.django_db
def test_edit_with_a_fault_changes_nothing():
    block = BlockFactory()
    with pytest.raises(TextRefused) as refused:
        edit_block_text(block, {"vi": "# To quá", "en": "Fine."}, base=block_stamp(block), actor=UserFactory())
    assert [(fault.locale, fault.kind, fault.line) for fault in refused.value.faults] == [("vi", "heading", 1)]
    assert block.content == type(block).objects.get().content


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ({"vi": "Được.", "en": "Fine."}, []),
        ({"vi": "Được.", "en": "  \r\n"}, [("en", "empty", None)]),
        ({"vi": "Được."}, [("en", "empty", None)]),
        ({"vi": "x" * (MAX_TEXT + 1), "en": "Fine."}, [("vi", "long", None)]),
        ({"vi": "Đoạn.\n\n#### Bỏ bậc", "en": "# One"}, [("vi", "heading", 3), ("en", "heading", 1)]),
        ({"vi": "![ảnh](a.png)", "en": "Fine."}, [("vi", "picture", 1)]),
    ],
)
def test_text_faults_name_language_kind_and_line(texts, expected):
    assert [(fault.locale, fault.kind, fault.line) for fault in find_text_faults(texts)] == expected


def test_preview_is_safe_html_of_both_languages():
    html = preview_block_text({"vi": "Chào <script>alert(1)</script>", "en": "[x](javascript:alert(1))"})
    assert html["vi"].strip() == "<p>Chào &lt;script&gt;alert(1)&lt;/script&gt;</p>"
    assert html["en"].strip() == "<p>[x](javascript:alert(1))</p>"
