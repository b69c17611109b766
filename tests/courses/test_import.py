"""Importing a course: all or nothing, again and again, with everyone's progress kept."""

from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command

from assessments.models import Assessment
from courses.api import (
    CourseImportError,
    answer_check,
    complete_lesson,
    import_course,
    touch_block,
)
from courses.domain.authoring import block_stamp, edit_block_text
from courses.models import Block, CheckAnswer, Course, CourseAssessment, Lesson, LessonProgress, Module, ModuleOutcome
from tests.factories.organisation import PersonFactory, UserFactory

pytestmark = pytest.mark.django_db


def snapshot() -> list[list[tuple]]:
    models = (Course, Module, ModuleOutcome, Lesson, Block)
    return [list(model.objects.order_by("pk").values_list()) for model in models]


def edit(directory: Path, change) -> None:
    file = directory / "course.yaml"
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    change(document)
    file.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")


def problems(directory: Path) -> list[str]:
    with pytest.raises(CourseImportError) as caught:
        import_course(directory)
    return [str(problem) for problem in caught.value.problems]


def test_shipped_course_is_imported_whole(framework, course_files):
    course = import_course(course_files)
    assert (course.code, course.is_open, course.name_vi) == (
        "ai_safe_use",
        True,
        "Dùng trợ lý AI an toàn trong công vụ",
    )
    lessons = Lesson.objects.filter(module__course=course)
    assert list(lessons.values_list("code", "minutes")) == [
        ("what_it_is", 10),
        ("good_prompt", 12),
        ("check_output", 13),
        ("protect_and_own", 13),
    ]
    outcomes = ModuleOutcome.objects.order_by("competency__code").values_list("competency__code", "level")
    assert list(outcomes) == [("4.2", 3), ("6.2", 3), ("6.3", 4), ("7.5", 4)]
    assert [lesson.blocks.count() for lesson in lessons] == [5, 5, 6, 6]


def test_import_again_changes_nothing(framework, course_files):
    import_course(course_files)
    before = snapshot()
    import_course(course_files)
    assert snapshot() == before


def test_import_keeps_a_closed_course_closed(framework, course_files):
    import_course(course_files)
    Course.objects.update(is_open=False)
    assert import_course(course_files).is_open is False


def test_import_links_assessments_when_they_exist(framework, course_files):
    course = import_course(course_files)
    assert list(course.assessments.all()) == []
    quiz = Assessment.objects.create(code="digital-ai-quiz", mode="adaptive", name_vi="Bài", name_en="Quiz")
    import_course(course_files)
    assert list(CourseAssessment.objects.values_list("assessment__code", "order")) == [("digital-ai-quiz", 1)]
    edit(course_files, lambda document: document.pop("assessments"))
    import_course(course_files)
    assert list(quiz.courses.all()) == []


def test_progress_survives_an_import_that_moves_and_rewords(framework, course_files):
    """The read block is reworded, the answered check moves to the top and its feedback changes: all progress stays."""
    person = PersonFactory()
    import_course(course_files)
    lesson = Lesson.objects.select_related("module__course").get(code="what_it_is")
    text, check = lesson.blocks.filter(kind="markdown")[1], lesson.blocks.get(kind="check")
    answer_check(person, check, check.content["options"][2]["id"])
    touch_block(person, lesson, text.pk)
    complete_lesson(person, lesson)

    def change(document):
        blocks = document["modules"][0]["lessons"][0]["blocks"]
        blocks.insert(0, blocks.pop(3))
        blocks[0]["options"][2]["feedback"]["vi"] = "Lời khác."
        document["modules"][0]["lessons"][0]["title"]["vi"] = "Tên khác"

    edit(course_files, change)
    (course_files / "01_assistant/02_what_follows.vi.md").write_text("## Viết lại\n\nNgắn gọn.", encoding="utf-8")
    import_course(course_files)
    progress = LessonProgress.objects.get(person=person)
    assert (progress.lesson_id, progress.last_block_id, progress.completed_at is not None) == (lesson.pk, text.pk, True)
    assert CheckAnswer.objects.get(person=person).block_id == check.pk
    check.refresh_from_db()
    text.refresh_from_db()
    assert (check.order, check.content["options"][2]["feedback"]["vi"]) == (1, "Lời khác.")
    assert text.content["vi"] == "## Viết lại\n\nNgắn gọn."


def test_import_leaves_a_lesson_that_a_trainer_edited(framework, course_files):
    import_course(course_files)
    block = Block.objects.filter(lesson__code="what_it_is", kind="markdown").first()
    assert block is not None
    words = {"vi": "Lời của giảng viên.", "en": "The trainer's words."}
    edit_block_text(block, words, base=block_stamp(block), actor=UserFactory())
    edit(course_files, lambda document: document["modules"][0]["lessons"][0]["title"].update(en="New"))
    import_course(course_files)
    block.refresh_from_db()
    assert (block.content, Lesson.objects.get(code="what_it_is").name_en) == (words, "New")
    # The control: who asks for the files' own words gets them.
    import_course(course_files, replace_edited=True)
    block.refresh_from_db()
    assert block.content != words
    assert Lesson.objects.get(code="what_it_is").edited_at is None


def test_answers_to_a_reworded_question_are_dropped(framework, course_files):
    person = PersonFactory()
    import_course(course_files)
    check = Block.objects.filter(kind="check").order_by("pk")[0]
    answer_check(person, check, check.content["options"][0]["id"])

    def change(document):
        document["modules"][0]["lessons"][0]["blocks"][3]["stem"]["vi"] = "Một câu hỏi khác?"

    edit(course_files, change)
    import_course(course_files)
    assert list(CheckAnswer.objects.all()) == []


def test_lesson_that_moves_to_another_module_keeps_its_progress(framework, course_files):
    person = PersonFactory()
    import_course(course_files)
    lesson = Lesson.objects.select_related("module__course").get(code="protect_and_own")
    complete_lesson(person, lesson)

    def change(document):
        module = document["modules"][0]
        moved = {**module, "code": "second", "lessons": [module["lessons"].pop()], "minutes": 13}
        module["minutes"] = 35
        document["modules"].append(moved)

    edit(course_files, change)
    import_course(course_files)
    lesson.refresh_from_db()
    assert lesson.module.code == "second"
    assert LessonProgress.objects.filter(lesson=lesson, completed_at__isnull=False).count() == 1


def test_removed_parts_go(framework, course_files):
    import_course(course_files)

    def change(document):
        module = document["modules"][0]
        module["code"] = "renamed"
        module["lessons"] = module["lessons"][:1]
        module["teaches"] = module["teaches"][:1]
        module["minutes"] = 10

    edit(course_files, change)
    import_course(course_files)
    assert list(Module.objects.values_list("code", flat=True)) == ["renamed"]
    assert list(Lesson.objects.values_list("code", flat=True)) == ["what_it_is"]
    assert ModuleOutcome.objects.count() == 1


def test_every_problem_is_told_by_file_and_path_and_nothing_is_written(framework, course_files):
    def change(document):
        module = document["modules"][0]
        module["minutes"] = 47
        module["teaches"][0]["level"] = 9
        module["lessons"][1]["code"] = "what_it_is"
        module["lessons"][0]["blocks"][1]["src"] = "lessons/none.svg"
        module["lessons"][0]["blocks"][3]["options"][0]["correct"] = True
        module["lessons"][2]["colour"] = "red"
        del document["summary"]["en"]

    edit(course_files, change)
    (course_files / "04_protect/02_rules.vi.md").write_text("# To\n", encoding="utf-8")
    (course_files / "04_protect/02_rules.en.md").write_bytes(b"\xff\xfe")
    assert problems(course_files) == [
        "course.yaml: modules[0].teaches[0].level: expected a whole number from 1 to 8",
        "course.yaml: modules[0].lessons[0].blocks[1].src: there is no static file 'lessons/none.svg'",
        "course.yaml: modules[0].lessons[0].blocks[3].options: exactly one option must be correct",
        "course.yaml: modules[0].lessons[2].colour: unknown key; known here: code, title, minutes, blocks",
        "04_protect/02_rules.vi.md: line 1: a heading of level 1 after level 1; headings run from ## to ####",
        "04_protect/02_rules.en.md: not UTF-8",
        "course.yaml: modules[0].minutes: the lessons take 48 minutes together",
        "course.yaml: modules[0].lessons[1]: lesson code 'what_it_is' stands twice in the course",
        "course.yaml: summary: 'en' is missing",
    ]
    assert snapshot() == [[], [], [], [], []]


def test_unknown_competency_is_a_problem(framework, course_files):
    edit(course_files, lambda document: document["modules"][0]["teaches"][0].update(competency="9.9"))
    assert problems(course_files) == ["course.yaml: modules[0].teaches: the framework has no competency '9.9'"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("code: [", "course.yaml: line 1: expected the node content, but found '<stream end>'"),
        ("code: a\ncode: b", "course.yaml: line 2: 'code' stands twice"),
        ("- a", "course.yaml: expected a mapping"),
        ("!!python/object:os.system {}", None),
    ],
)
def test_broken_yaml_is_one_clear_problem(framework, course_files, text, problem):
    (course_files / "course.yaml").write_text(text, encoding="utf-8")
    found = problems(course_files)
    assert len(found) == 1
    assert problem is None or found == [problem]


def test_load_courses_says_what_it_loaded(framework, capsys):
    call_command("load_courses")
    assert capsys.readouterr().out == "ai_safe_use: 4 lessons; assessments: none\n"


def test_load_courses_needs_courses(tmp_path):
    with pytest.raises(CommandError, match="holds no directory"):
        call_command("load_courses", tmp_path)
