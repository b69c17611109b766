"""Reading a lesson and answering its questions, with and without scripts."""

import gzip
from html import escape

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from courses.api import complete_lesson, touch_block
from courses.models import CheckAnswer, Course, LessonProgress
from organisation.models import AuditEvent
from tests.factories.courses import BlockFactory, LessonFactory, ModuleFactory
from tests.frontend.learn.conftest import part_of

pytestmark = pytest.mark.django_db


def address(name, lesson, *args):
    return reverse(f"learn:{name}", args=[lesson.module.course.code, lesson.code, *args])


def test_lesson_shows_its_blocks_in_order_and_counts_as_begun(learner, learner_client):
    lesson = LessonFactory()
    blocks = [BlockFactory(lesson=lesson), BlockFactory(lesson=lesson, kind="check"), BlockFactory(lesson=lesson)]
    response = learner_client.get(address("lesson", lesson))
    assert [each.block for each in response.context["blocks"]] == blocks
    progress = LessonProgress.objects.get()
    assert (progress.person, progress.lesson, progress.completed_at) == (learner, lesson, None)


def test_lesson_page_never_tells_the_key(learner_client):
    """Control: after the right answer its feedback stands in the page, so the words would have been found before."""
    lesson = LessonFactory()
    block = BlockFactory(lesson=lesson, kind="check")
    words = [option["feedback"]["vi"] for option in block.content["options"]]
    page = learner_client.get(address("lesson", lesson)).content.decode()
    assert [escape(each) in page for each in words] == [False, False]
    learner_client.post(address("answer", lesson, block.pk), {"option": block.content["options"][1]["id"]})
    page = learner_client.get(address("lesson", lesson)).content.decode()
    assert [escape(each) in page for each in words] == [False, True]


def test_answer_by_plain_form_leads_back_to_the_question(learner, learner_client):
    lesson = LessonFactory()
    block = BlockFactory(lesson=lesson, kind="check")
    option = block.content["options"][0]["id"]
    response = learner_client.post(address("answer", lesson, block.pk), {"option": option})
    assert response["location"] == address("lesson", lesson) + f"#block-{block.pk}"
    assert CheckAnswer.objects.values_list("person", "block", "option", "correct").get() == (
        learner.pk,
        block.pk,
        option,
        False,
    )


@pytest.mark.parametrize("choice", [0, 1, None])
def test_answer_by_htmx_gives_what_a_fresh_page_shows(learner_client, choice):
    lesson = LessonFactory()
    block = BlockFactory(lesson=lesson, kind="check")
    data = {} if choice is None else {"option": block.content["options"][choice]["id"]}
    url = address("answer", lesson, block.pk)
    swapped = learner_client.post(url, data, headers={"HX-Request": "true"})
    # An unanswered question is complained about in the answer to the post alone; else the page tells by itself.
    fresh = learner_client.post(url, data) if choice is None else learner_client.get(address("lesson", lesson))
    start, end = f'<section class="card mb-5" id="block-{block.pk}"', "</section>"
    assert part_of(swapped.content.decode(), start, end) == part_of(fresh.content.decode(), start, end)
    assert swapped.content.decode().strip().startswith(start)


def test_answer_with_an_option_of_another_question_is_no_answer(learner_client):
    lesson = LessonFactory()
    block = BlockFactory(lesson=lesson, kind="check")
    response = learner_client.post(address("answer", lesson, block.pk), {"option": "0" * 5000})
    assert "Anh/chị hãy chọn một phương án trước." in response.content.decode()
    assert CheckAnswer.objects.count() == 0


def test_answer_to_a_block_of_another_lesson_is_404(learner_client):
    lesson, other = LessonFactory(), BlockFactory(kind="check")
    assert learner_client.post(address("answer", lesson, other.pk), {"option": "x"}).status_code == 404
    assert AuditEvent.objects.get().target == f"block {other.pk}"


def test_place_is_kept_and_offered_again(learner, learner_client):
    lesson = LessonFactory()
    first, second = BlockFactory(lesson=lesson), BlockFactory(lesson=lesson)
    assert learner_client.post(address("keep-place", lesson), {"block": second.pk}).status_code == 204
    assert LessonProgress.objects.get().last_block == second
    assert learner_client.get(address("lesson", lesson)).context["stopped_at"] == second.pk
    touch_block(learner, lesson, first.pk)
    assert learner_client.get(address("lesson", lesson)).context["stopped_at"] is None


@pytest.mark.parametrize("value", ["", "abc", "-1", "99999999", "²"])
def test_place_that_is_none_is_404(learner_client, value):
    lesson = LessonFactory()
    assert learner_client.post(address("keep-place", lesson), {"block": value}).status_code == 404


def test_complete_leads_to_the_next_lesson_and_after_the_last_to_the_course(learner, learner_client):
    module = ModuleFactory()
    lessons = [LessonFactory(module=module) for _each in range(2)]
    response = learner_client.post(address("complete", lessons[0]))
    assert response["location"] == address("lesson", lessons[1])
    assert [str(each) for each in get_messages(response.wsgi_request)] == [
        f"Anh/chị đã hoàn thành bài học “{lessons[0].name}”."
    ]
    response = learner_client.post(address("complete", lessons[1]))
    assert response["location"] == reverse("learn:course", args=[module.course.code])
    assert LessonProgress.objects.filter(person=learner, completed_at__isnull=False).count() == 2


def test_lesson_knows_its_neighbours(learner_client):
    module = ModuleFactory()
    lessons = [LessonFactory(module=module) for _each in range(3)]
    context = learner_client.get(address("lesson", lessons[1])).context
    assert (context["previous"], context["following"], context["place"], context["count"]) == (
        lessons[0],
        lessons[2],
        2,
        3,
    )


def test_finished_lesson_stays_finished_when_it_is_read_again(learner, learner_client):
    lesson = LessonFactory()
    first = complete_lesson(learner, lesson).completed_at
    assert learner_client.get(address("lesson", lesson)).context["progress"].completed_at == first


def test_lesson_of_a_closed_course_is_404_for_newcomers(learner_client):
    lesson = LessonFactory()
    Course.objects.update(is_open=False)
    assert learner_client.get(address("lesson", lesson)).status_code == 404
    assert LessonProgress.objects.count() == 0


def test_lesson_takes_the_same_queries_for_1_block_and_for_30(learner_client):
    counts = []
    for size in (1, 30):
        lesson = LessonFactory()
        for _each in range(size):
            BlockFactory(lesson=lesson, kind="check")
        learner_client.get(address("lesson", lesson))
        with CaptureQueriesContext(connection) as captured:
            learner_client.get(address("lesson", lesson))
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_lesson_text_is_light(learner_client):
    """A long lesson (24 blocks of 1,200 characters each) weighs at most 40 KB over the wire."""
    lesson = LessonFactory()
    words = " ".join(f"chữ{number} việc{number * 7} dân{number * 13}" for number in range(60))
    for _each in range(24):
        BlockFactory(lesson=lesson, content={"vi": f"## Đoạn\n\n{words}", "en": words})
    page = learner_client.get(address("lesson", lesson)).content
    assert len(page) > 24 * 1200
    assert len(gzip.compress(page)) < 40 * 1024
