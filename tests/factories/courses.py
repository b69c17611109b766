"""Courses of modules of lessons of blocks, and who learns them."""

from typing import Any

from courses.blocks.check import option_id
from courses.models import Block, Course, Lesson, Module
from tests.factories.base import ModelFactory, factory


def check_content(stem: str = "Làm gì trước?", right: str = "Đối chiếu", wrong: str = "Gửi ngay") -> dict[str, Any]:
    """Content of a check question of two options, the wrong one first."""
    question = {"vi": stem, "en": f"{stem} (en)"}
    options = []
    for text, correct in ((wrong, False), (right, True)):
        words = {"vi": text, "en": f"{text} (en)"}
        feedback = {"vi": f"Về: {text}", "en": f"About: {text}"}
        options.append({"id": option_id(question, words), "text": words, "correct": correct, "feedback": feedback})
    return {"stem": question, "options": options}


class CourseFactory(ModelFactory):
    class Meta:
        model = Course

    code = factory.Sequence(lambda n: f"course-{n}")
    name_vi = factory.Sequence(lambda n: f"Khóa học {n}")
    name_en = factory.Sequence(lambda n: f"Course {n}")
    summary_vi = "Tóm tắt"
    summary_en = "Summary"
    is_open = True


class ModuleFactory(ModelFactory):
    class Meta:
        model = Module

    course = factory.SubFactory(CourseFactory)
    code = factory.Sequence(lambda n: f"module-{n}")
    name_vi = factory.Sequence(lambda n: f"Học phần {n}")
    name_en = factory.Sequence(lambda n: f"Module {n}")
    order = factory.Sequence(lambda n: n)


class LessonFactory(ModelFactory):
    class Meta:
        model = Lesson

    module = factory.SubFactory(ModuleFactory)
    code = factory.Sequence(lambda n: f"lesson-{n}")
    name_vi = factory.Sequence(lambda n: f"Bài {n}")
    name_en = factory.Sequence(lambda n: f"Lesson {n}")
    order = factory.Sequence(lambda n: n)
    minutes = 10


class BlockFactory(ModelFactory):
    """A block of text; give `kind="check"` for a question."""

    class Meta:
        model = Block

    lesson = factory.SubFactory(LessonFactory)
    order = factory.Sequence(lambda n: n)
    kind = "markdown"

    @factory.lazy_attribute
    def content(self: Any) -> dict[str, Any]:
        if self.kind == "check":
            return check_content()
        return {"vi": "## Đoạn\n\nNội dung.", "en": "## Part\n\nText."}
