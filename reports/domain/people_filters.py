"""Narrowing the list of people behind a cell, and what is to be said of those who are left.

Only for accounts that may see these very people: nothing here is suppressed. Lists are counted up to a limit, so that
the whole nation's is as quick as a ward's.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db import OperationalError, connection, transaction
from django.db.models import Count, Q, QuerySet

from courses.models import Course, Lesson, LessonProgress
from organisation.api import fold_text, today
from organisation.models import PositionGroup

MOST_COUNTED = 20_000
"""So many people, at most, are counted, listed and summed up."""
MOST_LISTED = 1_000
"""So many are listed where there are more: the last page of a long list costs as much as the whole list."""
AGE_BANDS = {"under_35": (0, 35), "35_to_49": (35, 50), "50_and_over": (50, 200)}
"""From the first age, below the second."""
_SECONDS = 4


class TooLongToRead(Exception):
    """Looking them all through takes too long."""


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """Who is to be left. text: words of a name, or an employee code. age: a key of AGE_BANDS. gender: f or m.

    finished: a course all of whose lessons they have completed.
    """

    text: str = ""
    group: PositionGroup | None = None
    age: str = ""
    gender: str = ""
    finished: Course | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """How many people there are, how many of them were assessed, and the mean of what these lack, in levels.

    shortfall: by each person's own estimate, so without the unit's information that gap pages use; None for nobody.
    """

    people: int
    assessed: int
    shortfall: float | None

    @property
    def share(self) -> float:
        """The share that was assessed, 0 for nobody."""
        return self.assessed / self.people if self.people else 0.0


def narrow_people(rows: QuerySet[Any], wanted: PeopleFilter) -> QuerySet[Any]:
    """Return those rows of `people_behind` that fit."""
    for word in fold_text(wanted.text).split():
        rows = rows.filter(Q(person__search_key__contains=word) | Q(person__employee_code=wanted.text.strip()))
    if wanted.group is not None:
        rows = rows.filter(position__group=wanted.group)
    if wanted.age:
        youngest, below = AGE_BANDS[wanted.age]
        rows = rows.filter(person__birth_date__lte=_years_before(youngest), person__birth_date__gt=_years_before(below))
    if wanted.gender:
        rows = rows.filter(person__gender=wanted.gender)
    if wanted.finished is not None:
        lessons = list(Lesson.objects.filter(module__course=wanted.finished).values_list("pk", flat=True))
        completed = LessonProgress.objects.filter(lesson__in=lessons, completed_at__isnull=False).values("person")
        rows = rows.filter(person__in=completed.annotate(count=Count("pk")).filter(count=len(lessons)).values("person"))
    return rows


def count_people(rows: QuerySet[Any]) -> int:
    """Return how many rows there are, MOST_COUNTED + 1 for more than that. One query."""
    return rows.order_by().values("pk")[: MOST_COUNTED + 1].count()


def summarise_people(rows: QuerySet[Any]) -> Summary:
    """Return what is to be said of rows of `people_behind`, MOST_COUNTED at most. One query."""
    found = list(rows.order_by().values_list("required_level", "level_probabilities")[:MOST_COUNTED])
    known = [(required, probabilities) for required, probabilities in found if probabilities is not None]
    if not known:
        return Summary(len(found), 0, None)
    required = np.array([level for level, _probabilities in known])
    missing = np.maximum(required[:, None] - np.arange(1, len(known[0][1]) + 1), 0)
    shortfall = (np.array([probabilities for _level, probabilities in known]) * missing).sum(axis=1).mean()
    return Summary(len(found), len(known), float(shortfall))


@contextmanager
def looking_through() -> Iterator[None]:
    """Let the body read for some seconds. Raises TooLongToRead when that is not enough."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{_SECONDS}s"])
            yield
            with connection.cursor() as cursor:
                cursor.execute("RESET statement_timeout")
    except OperationalError as error:
        if "statement timeout" not in str(error):
            raise
        raise TooLongToRead from error


def _years_before(years: int) -> date:
    """Return the last day on which somebody who has that age today was born, or later birthdays of it."""
    day = today()
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)
