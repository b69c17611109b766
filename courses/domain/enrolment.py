"""Taking a course."""

from collections.abc import Collection

from courses.models import Course, Enrolment
from organisation.models import Person, User


class CourseClosed(PermissionError):
    """The course takes nobody new: it is not open."""


def enrol(person: Person, course: Course) -> Enrolment:
    """Enrol a person, or return the enrolment there is. CourseClosed when the course is not open to newcomers."""
    existing = Enrolment.objects.filter(person=person, course=course).first()
    if existing is not None:
        return existing
    if not course.is_open:
        raise CourseClosed(course.code)
    enrolment, _created = Enrolment.objects.get_or_create(person=person, course=course)
    return enrolment


def assign_course(people: Collection[Person], course: Course, actor: User) -> list[Enrolment]:
    """Enrol people in a course on somebody's word; return the enrolments of those who were not in it. Safe to repeat.

    CourseClosed when the course is not open to newcomers.
    """
    if not course.is_open:
        raise CourseClosed(course.code)
    there = set(Enrolment.objects.filter(course=course, person__in=people).values_list("person_id", flat=True))
    new = [Enrolment(person=each, course=course, assigned_by=actor) for each in people if each.pk not in there]
    return Enrolment.objects.bulk_create(new, ignore_conflicts=True)
