"""People of the demo take the adaptive quiz through the real domain code, by their hidden true abilities."""

import os
import random
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import datetime, timedelta
from multiprocessing import get_context, parent_process
from typing import Any

import django

from lms.demo.truth import SEED, Seat, true_ability

ASSESSED_SHARE = 0.78
SINCE_DAYS = 150
"""The earliest sitting was so many days ago, so that there are some months to look back on."""
CHUNK = 40


def takes_the_quiz(seat: Seat) -> bool:
    """Say whether a person has sat the quiz; the share differs between units, as coverage does."""
    dice = random.Random(f"{SEED}|sits|{seat.unit_code}")  # noqa: S311 - a demo, no secret
    share = min(1.0, max(0.35, dice.gauss(ASSESSED_SHARE, 0.12)))
    return random.Random(f"{SEED}|sits|{seat.employee_code}").random() < share  # noqa: S311


def sit_all(seats: list[Seat], assessment_code: str, until: datetime, workers: int) -> Iterator[int]:
    """Let everybody of the list sit, several processes at a time; yield how many have finished since the last time."""
    chunks = [seats[start : start + CHUNK] for start in range(0, len(seats), CHUNK)]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_prepare) as pool:
        for done in as_completed([pool.submit(sit_chunk, chunk, assessment_code, until) for chunk in chunks]):
            yield done.result()


def _prepare() -> None:
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    django.setup()


def _end_with_the_parent() -> None:
    """A pool's process waits for work for ever: when the parent is killed, go with it and leave no connection open."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def sit_chunk(seats: list[Seat], assessment_code: str, until: datetime) -> int:
    """Let these people sit one after the other, but for those who have; return how many people were dealt with."""
    from django.db import transaction

    from assessments.models import Assessment, Attempt
    from organisation.models import Person

    assessment = Assessment.objects.get(code=assessment_code)
    people = Person.objects.in_bulk([seat.employee_code for seat in seats], field_name="employee_code")
    finished = Attempt.objects.filter(assessment=assessment, status="submitted", person__in=people.values())
    have_sat = set(finished.values_list("person__employee_code", flat=True))
    for seat in seats:
        if seat.employee_code in have_sat:
            continue
        # One commit a person: waiting for the disk after each of forty answers would take most of the time.
        with transaction.atomic():
            sit(people[seat.employee_code], seat, assessment, until)
    return len(seats)


def sit(person: Any, seat: Seat, assessment: Any, until: datetime) -> None:
    """One sitting: answer what is given until the quiz stops, then submit."""
    from assessments.api import item_of, next_item, start_attempt, submit_attempt, submit_response

    dice = random.Random(f"{SEED}|answers|{seat.employee_code}")  # noqa: S311
    now = until - timedelta(days=dice.uniform(1, SINCE_DAYS))
    attempt = start_attempt(person, assessment, now=now, seed=dice.getrandbits(40))
    while (given := next_item(attempt, now=now)) is not None:
        now += timedelta(seconds=dice.uniform(15, 60))
        right = dice.random() < probability_right(given.parameters, true_ability(seat, given.competency_code))
        submit_response(
            attempt.pk,
            person.pk,
            key=uuid.uuid5(attempt.pk, str(given.version_id)),
            sequence=given.sequence,
            version_id=given.version_id,
            raw_value=answer(item_of(given.version_id), right=right, dice=dice),
            now=now,
        )
    submit_attempt(attempt, now=now)


def probability_right(parameters: dict[str, Any], theta: float) -> float:
    """Return P(correct) of an item at an ability."""
    from assessments.measurement import ItemParameters, probabilities

    return float(probabilities(ItemParameters.from_dict(parameters), [theta])[0, 1])


def answer(content: dict[str, Any], *, right: bool, dice: random.Random) -> dict[str, Any]:
    """Return a raw answer to an item that is right or wrong, as wished."""
    makers: dict[str, Callable[[dict[str, Any], bool, random.Random], dict[str, Any]]] = {
        "single_choice": _choose_one,
        "multiple_choice": _choose_some,
        "ordering": _order,
    }
    return makers[content["kind"]](content, right, dice)


def _choose_one(content: dict[str, Any], right: bool, dice: random.Random) -> dict[str, Any]:
    fitting = [option["id"] for option in content["options"] if bool(option.get("correct")) == right]
    return {"choice": dice.choice(fitting)}


def _choose_some(content: dict[str, Any], right: bool, dice: random.Random) -> dict[str, Any]:
    correct = [option["id"] for option in content["options"] if option.get("correct")]
    others = [option["id"] for option in content["options"] if not option.get("correct")]
    if right:
        return {"choices": correct}
    return {"choices": [*correct[1:], dice.choice(others)]}


def _order(content: dict[str, Any], right: bool, dice: random.Random) -> dict[str, Any]:
    order = [option["id"] for option in content["options"]]
    if not right:
        place = dice.randrange(len(order) - 1)
        order[place], order[place + 1] = order[place + 1], order[place]
    return {"order": order}
