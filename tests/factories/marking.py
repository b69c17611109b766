"""Answers that people mark: items with rubrics, sittings of them, and marks."""

from typing import Any

from assessments.api import submit_attempt
from assessments.domain.attempts import start_attempt
from assessments.domain.delivery import next_item
from assessments.domain.items import provisional_parameters, publish_new_version, version_digest
from assessments.domain.marking import record_mark, take_answer
from assessments.items.registry import item_type
from assessments.models import Assessment, Attempt, Item, ItemVersion, Mark, MarkingSeat
from competencies.models import Competency
from organisation.models import Person, User
from tests.factories.assessments import answer
from tests.factories.competencies import competency_of, make_framework, make_post
from tests.factories.forms import make_form
from tests.factories.organisation import RoleGrantFactory


def make_marked_item(competency: Competency, number: int = 1, *, kind: str = "essay", level: int = 4) -> ItemVersion:
    """Publish the type's sample as an item of the competency."""
    module = item_type(kind)
    content = module.parse_content(module.SAMPLE)
    item = Item.objects.create(code=f"{competency.code}-{number:02d}", kind=kind, competency=competency)
    parameters = {competency.pk: provisional_parameters(level, module.maximum(content))}
    data = content.to_dict()
    digest = version_digest(data, level, 600)
    return publish_new_version(item, data, digest, parameters, level=level, seconds=600)


def make_essay_form(kind: str = "essay") -> tuple[Person, Assessment]:
    """A person whose post requires 9.1, and an open form of one question of the kind about it."""
    competency = competency_of(make_framework("9.1"), "9.1")
    return make_post({competency: 4}), make_form([make_marked_item(competency, kind=kind)])


def hand_in(person: Person, form: Assessment, raw: Any = None) -> Attempt:
    """Answer everything the form gives and submit, which opens the marking."""
    attempt = start_attempt(person, form)
    while (given := next_item(attempt)) is not None:
        answer(attempt, given, **({} if raw is None else {"raw_value": raw}))
    submit_attempt(attempt)
    return attempt


def make_marker() -> User:
    user: User = RoleGrantFactory(role="trainer", unit=None).user
    return user


def points_of_levels(seat: MarkingSeat, *levels: int) -> dict[str, int]:
    """Points for the criteria of the answer, in their order."""
    rubric = seat.task.version.content["rubric"]
    return {criterion["id"]: level for criterion, level in zip(rubric, levels, strict=True)}


def mark_next(marker: User, form: Assessment, *levels: int, comment: str = "") -> Mark:
    """Take the next answer and mark it."""
    seat = take_answer(marker, form)
    assert seat is not None
    return record_mark(seat, marker, points_of_levels(seat, *levels), comment=comment)
