"""Courses that people are in and have not finished."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from django.db import connection

from courses.models import Course

# A course is open for whoever is enrolled while any lesson of it is not done.
_IS_OPEN = """
    EXISTS (
        SELECT 1 FROM courses_module m JOIN courses_lesson l ON l.module_id = m.id
        WHERE m.course_id = e.course_id AND NOT EXISTS (
            SELECT 1 FROM courses_lessonprogress p
            WHERE p.person_id = e.person_id AND p.lesson_id = l.id AND p.completed_at IS NOT NULL
        )
    )
"""
_BY_UNIT = f"""
    SELECT u.code, count(*) FROM organisation_unit u
    JOIN organisation_posting po ON po.unit_id = u.id AND po.valid @> %s::date AND po.kind = 'primary'
    JOIN courses_enrolment e ON e.person_id = po.person_id
    WHERE u.code = ANY(%s) AND {_IS_OPEN} GROUP BY u.code
"""  # noqa: S608 - constant text
_OF_PEOPLE = f"""
    SELECT e.person_id, e.course_id FROM courses_enrolment e WHERE e.person_id = ANY(%s) AND {_IS_OPEN}
    ORDER BY e.person_id, e.course_id
"""  # noqa: S608 - constant text


def count_open_enrolments(unit_codes: Collection[str], day: date) -> dict[str, int]:
    """Return how many courses the people posted in each of these very units on the day are in; units without are left
    out. One query.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BY_UNIT, [day, list(unit_codes)])
        return dict(cursor.fetchall())


def open_courses_of(person_pks: Collection[int]) -> dict[int, list[Course]]:
    """Return the courses that each of these people is in; people in none are left out. Two queries."""
    found: dict[int, list[Course]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_OF_PEOPLE, [list(person_pks)])
        rows = cursor.fetchall()
    courses = Course.objects.in_bulk({course for _person, course in rows})
    for person, course in rows:
        found[person].append(courses[course])
    return dict(found)
