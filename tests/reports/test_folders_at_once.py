"""Several folders, marks and moves at the same time, on real connections; and what wakes a folder."""

import random
import threading
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from kombu.exceptions import OperationalError

from organisation.api import move_person, today
from reports.api import fold_changed_people, mark_people, rebuild_cells
from reports.domain import folding, marking, turns
from reports.domain.marking import FOLD_TASK, note_folder_arrived
from reports.models import DirtyPerson
from reports.tasks import fold_changed_people as fold_task
from tests.factories.organisation import PersonFactory, UnitFactory
from tests.factories.reports import make_competencies, make_position, set_estimate, staff
from tests.reports.test_folding import check_all_cells


@pytest.fixture
def sent(monkeypatch):
    """The names of the tasks sent to the broker."""
    names: list[str] = []
    monkeypatch.setattr("celery.current_app.send_task", lambda name, **options: names.append(name))
    cache.delete(marking._WOKEN)
    yield names
    cache.delete(marking._WOKEN)


@pytest.mark.django_db(transaction=True)
def test_folders_and_changes_at_once_leave_exact_cells(sent):
    first, second = make_competencies(2)
    root = UnitFactory()
    units = [UnitFactory(parent=root) for _ in range(4)]
    positions = [make_position({first: 4, second: 5}), make_position({first: 6})]
    people = [person for unit in units for person in staff(unit, positions[0], first, 6)]
    rebuild_cells()
    stop = threading.Event()
    failures: list[BaseException] = []

    def work(task):
        try:
            while not stop.is_set():
                task()
        except BaseException as error:  # told by the assertion below
            failures.append(error)
        finally:
            connection.close()

    folders = [threading.Thread(target=work, args=(lambda: fold_changed_people(limit=2),)) for _ in range(3)]
    for folder in folders:
        folder.start()

    def change(seed, mine):
        dice = random.Random(seed)
        try:
            for step in range(25):
                person = dice.choice(mine)
                if step % 2:
                    set_estimate(person, dice.choice([first, second]), dice.gauss(0, 1))
                else:
                    move_person(
                        person, dice.choice(units), dice.choice(positions), day=today() - timedelta(days=30 - step)
                    )
        except BaseException as error:  # told by the assertion below
            failures.append(error)
        finally:
            connection.close()

    changers = [threading.Thread(target=change, args=(seed, people[seed::2])) for seed in range(2)]
    for changer in changers:
        changer.start()
    for changer in changers:
        changer.join()
    stop.set()
    for folder in folders:
        folder.join()
    assert failures == []
    fold_changed_people()
    assert DirtyPerson.objects.count() == 0
    check_all_cells()


@pytest.mark.django_db(transaction=True)
def test_folder_leaves_the_marks_to_another_that_stays_at_work(sent, monkeypatch):
    monkeypatch.setattr(turns, "MOST_WAIT", timedelta(milliseconds=50))
    rebuild_cells()
    mark_people([PersonFactory().pk])
    at_work, done = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            turns.wait_for_turn()
            at_work.set()
            done.wait(10)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    at_work.wait(10)
    assert (fold_changed_people(), DirtyPerson.objects.count()) == (0, 1)
    done.set()
    holder.join()
    assert (fold_changed_people(), DirtyPerson.objects.count()) == (1, 0)


@pytest.mark.django_db(transaction=True)
def test_a_folder_takes_what_another_left_to_it_while_it_was_at_work(sent, monkeypatch):
    """Whoever was marked meanwhile woke a folder that waited in vain: nobody else comes before the next sweep."""
    monkeypatch.setattr(turns, "MOST_WAIT", timedelta(milliseconds=50))
    rebuild_cells()
    mark_people([PersonFactory().pk])
    late, fold_people, gave_up = PersonFactory(), folding._fold_people, []

    def come_too_late():
        mark_people([late.pk])
        gave_up.append(fold_changed_people())
        connection.close()

    def slowly(people, basis):
        if not gave_up:
            other = threading.Thread(target=come_too_late)
            other.start()
            other.join()
        fold_people(people, basis)

    monkeypatch.setattr(folding, "_fold_people", slowly)
    assert (fold_changed_people(), gave_up, DirtyPerson.objects.count()) == (2, [0], 0)


@pytest.mark.django_db(transaction=True)
def test_mark_in_a_transaction_that_rolls_back_is_gone_and_wakes_nobody(sent):
    person = PersonFactory()
    with transaction.atomic():
        mark_people([person.pk])
        transaction.set_rollback(True)
    assert (DirtyPerson.objects.count(), sent) == (0, [])


@pytest.mark.django_db(transaction=True)
def test_marks_wake_one_folder_until_it_has_arrived(sent):
    person = PersonFactory()
    mark_people([person.pk])
    mark_people([person.pk])
    assert sent == [FOLD_TASK]
    note_folder_arrived()
    mark_people([person.pk])
    assert sent == [FOLD_TASK, FOLD_TASK]


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_does_not_hurt_the_caller(sent, monkeypatch):
    def fail(name, **options):
        raise OperationalError("no broker")

    monkeypatch.setattr("celery.current_app.send_task", fail)
    mark_people([PersonFactory().pk])
    assert DirtyPerson.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_news_of_estimates_and_postings_reaches_the_cells(sent):
    (competency,) = make_competencies(1)
    (person,) = staff(UnitFactory(), make_position({competency: 4}), competency, 1, assessed=0)
    assert DirtyPerson.objects.count() == 1
    fold_task()
    set_estimate(person, competency, 0.2)
    assert [mark.person for mark in DirtyPerson.objects.all()] == [person]
    fold_task()
    check_all_cells()


def test_beat_and_wake_name_the_same_task(settings):
    assert settings.CELERY_BEAT_SCHEDULE["fold-changed-people"]["task"] == FOLD_TASK == fold_task.name
