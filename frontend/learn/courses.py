"""The catalogue and the page of one course."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from competencies.api import requirements_of
from courses.api import CourseProgress, course_path, course_progress, open_courses, progress_of_courses, resume_point
from courses.models import Course, Enrolment
from frontend.kept import keep_page
from frontend.learn.access import learner_page, refuse
from frontend.learn.tasks import call_to_action, lesson_url, step_url, task_of
from organisation.models import Person


@require_safe
@learner_page
def catalogue(request: HttpRequest, person: Person) -> HttpResponse:
    """List the open courses, those for the person's post and those begun first."""
    required = {each.competency.pk for each in requirements_of(person)}
    rows = [_row(progress, required) for progress in progress_of_courses(person, open_courses())]
    rows.sort(key=lambda row: (row["state"] != "in-progress", row["state"] == "done", -row["for_post"]))
    return render(request, "learn/catalogue.html", {"rows": rows})


def _row(progress: CourseProgress, required: set[int]) -> dict[str, Any]:
    begun = progress.touched_at is not None
    return {
        "course": progress.course,
        "progress": progress,
        "state": "done" if progress.finished else "in-progress" if begun else "to-do",
        "for_post": len(progress.teaches & required),
    }


@require_safe
@learner_page
def course(request: HttpRequest, person: Person, code: str) -> HttpResponse:
    """Show a course with the person's progress, and where to go on."""
    return keep_page(request, person, lambda: _course_of(request, person, code))


def _course_of(request: HttpRequest, person: Person, code: str) -> HttpResponse:
    found = Course.objects.filter(code=code).first()
    if found is None or not (found.is_open or Enrolment.objects.filter(person=person, course=found).exists()):
        raise refuse(request, f"course {code}")
    progress = course_progress(person, found)
    path = course_path(person, progress)
    point = resume_point(progress)
    step = path.next
    parts = [
        {
            "module": part.module,
            "outcomes": part.outcomes,
            "tasks": [task_of(each) for each in path.steps if each.lesson and each.lesson.module_id == part.module.pk],
        }
        for part in progress.modules
    ]
    context = {
        "course": found,
        "progress": progress,
        "parts": parts,
        "assessments": [task_of(each) for each in path.steps if each.assessment is not None],
        "point": point,
        "resume_url": lesson_url(point.lesson, point.block_pk) if point else "",
        "next": step and {"url": step_url(step), "label": call_to_action(step), "kind": step.kind},
    }
    return render(request, "learn/course.html", context)
