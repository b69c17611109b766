"""Taking a course."""

from courses.models import Course, Enrolment
from organisation.models import Person


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
