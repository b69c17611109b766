"""Steps of a learning path as the task list shows them, and where each leads."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.models import Attempt
from courses.api import LearningPath, PathStep
from courses.models import Lesson
from frontend.design.words import minutes


def lesson_url(lesson: Lesson, block_pk: int | None = None) -> str:
    """Return the address of a lesson, at one of its blocks when given. Reads `lesson.module.course`."""
    anchor = f"#block-{block_pk}" if block_pk else ""
    return reverse("learn:lesson", args=[lesson.module.course.code, lesson.code]) + anchor


def attempt_url(attempt: Attempt) -> str:
    """Return where an attempt goes on, or its result when it was submitted. Reads `attempt.assessment`."""
    if attempt.status == Attempt.Status.SUBMITTED:
        return reverse("learn:result", args=[attempt.pk])
    is_simulation = attempt.assessment.mode == attempt.assessment.Mode.SIMULATION
    return reverse("learn:simulation" if is_simulation else "learn:attempt", args=[attempt.pk])


def step_url(step: PathStep) -> str:
    """Return where a step leads."""
    if step.lesson is not None:
        return lesson_url(step.lesson, step.block_pk)
    assert step.assessment is not None
    if step.attempt is not None and not step.unmeasured:
        return attempt_url(step.attempt)
    return reverse("learn:assessment", args=[step.assessment.code])


def step_title(step: PathStep) -> str:
    return step.lesson.name if step.lesson is not None else step.assessment.name if step.assessment else ""


def step_note(step: PathStep) -> str:
    """Return what kind of step it is, in words."""
    if step.assessment is None:
        return ""
    if step.kind == "simulation":
        return _("Simulation of a case from your work")
    if step.unmeasured:
        return ngettext(
            "Another sitting measures %(count)d competency of your post that has too few answers yet",
            "Another sitting measures %(count)d competencies of your post that have too few answers yet",
            step.unmeasured,
        ) % {"count": step.unmeasured}
    most = step.assessment.max_items
    return ngettext("Quiz of at most %(count)d question", "Quiz of at most %(count)d questions", most) % {"count": most}


def time_left(attempt: Attempt) -> str:
    """Return how much time an open attempt has left, in whole minutes rounded up, in words."""
    left = -((timezone.now() - attempt.deadline) // timedelta(minutes=1))
    return _("%(time)s left") % {"time": minutes(left)} if left > 0 else _("The time is over")


def step_time(step: PathStep) -> str:
    """Return how long a step takes, in words: what its sitting under way has left, else its limit or an estimate."""
    if step.begun and step.attempt is not None:
        return time_left(step.attempt)
    words = _("About %(time)s") if step.kind == "lesson" else _("At most %(time)s")
    return words % {"time": minutes(step.minutes)}


def task_of(step: PathStep) -> dict[str, Any]:
    """Return a step as the component `task_list` takes it."""
    return {
        "title": step_title(step),
        "url": step_url(step),
        "note": step_note(step),
        "minutes": step.minutes,
        "state": step.state,
        "time": step_time(step) if step.begun and step.attempt is not None else "",
    }


def call_to_action(step: PathStep) -> str:
    """Return the words of the button that takes a person to the step."""
    if step.kind == "lesson":
        return _("Continue the lesson") if step.begun else _("Start the lesson")
    if step.kind == "simulation":
        return _("Continue the simulation") if step.begun else _("Take the simulation")
    if step.unmeasured:
        return _("Take the quiz again")
    return _("Continue the quiz") if step.begun else _("Take the quiz")


@dataclass(frozen=True, slots=True)
class NextCard:
    """The step to take next, in words, as the card `learn/next_step.html` shows it.

    is_sitting: whether its clock runs. course: that the lesson is of, empty for other steps.
    """

    title: str
    url: str
    note: str
    kind: str
    label: str
    time: str
    is_sitting: bool
    course: str


def next_step(path: LearningPath) -> NextCard | None:
    """Return the path's next step; None when nothing is left."""
    step = path.next
    if step is None:
        return None
    return NextCard(
        title=step_title(step),
        url=step_url(step),
        note=step_note(step),
        kind=step.kind,
        label=call_to_action(step),
        time=step_time(step),
        is_sitting=step.begun and step.attempt is not None and step.attempt.deadline > timezone.now(),
        course=path.course.name if path.course else "",
    )
