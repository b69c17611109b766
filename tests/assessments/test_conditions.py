"""Accommodations of single people, and sittings under supervision."""

import hashlib
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import Error, IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from assessments.domain.accommodations import grant_accommodation, withdraw_accommodation
from assessments.domain.attempts import start_attempt
from assessments.domain.audience import offered_to
from assessments.domain.delivery import next_item
from assessments.domain.delivery_rules import RulesRefused
from assessments.domain.feedback import feedback_allowed
from assessments.domain.invigilation import Visit, check_room, set_invigilation, take_device
from assessments.domain.refusals import AttemptRefused
from assessments.domain.responses import submit_response
from assessments.domain.submission import close_expired, submit_attempt
from assessments.models import Accommodation, Attempt, DeviceLease
from organisation.models import AuditEvent
from tests.caching import clear_own_cache
from tests.factories.assessments import make_item, make_quiz, right_answer
from tests.factories.competencies import competency_of, make_framework
from tests.factories.forms import make_form
from tests.factories.organisation import PersonFactory, RoleGrantFactory, UserFactory

pytestmark = pytest.mark.django_db

DEVICE = UUID(int=1)
KEY = "ab" * 32
URL = "https://thang.example/learn/attempts/1/"


@pytest.fixture
def trainer():
    return RoleGrantFactory().user


@pytest.fixture(autouse=True)
def _no_tries_yet():
    clear_own_cache()


@pytest.fixture
def form():
    competency = competency_of(make_framework("9.1"), "9.1")
    versions = [make_item(competency, number) for number in (1, 2)]
    return make_form(versions[:1], versions[1:], minutes={1: 4}, seconds_per_question=100)


def reason_of(call, *arguments, **more):
    with pytest.raises(AttemptRefused) as refused:
        call(*arguments, **more)
    return refused.value.reason


def visit(device=DEVICE, address="10.1.2.3", key=KEY, url=URL):
    return Visit(device, address, url, hashlib.sha256(f"{url}{key}".encode()).hexdigest())


def test_extra_time_stretches_every_clock(form, trainer):
    person, now = PersonFactory(), timezone.now()
    grant_accommodation(form, person, trainer, reason="Khiếm thị", extra_percent=50, larger_text=True)
    attempt = start_attempt(person, form, now=now)
    assert attempt.deadline == now + timedelta(minutes=45)
    assert (attempt.form["sections"][0]["seconds"], attempt.form["larger_text"]) == (360, True)
    assert next_item(attempt, now=now).deadline == now + timedelta(seconds=150)
    other = start_attempt(PersonFactory(), form, now=now)
    assert (other.deadline, "larger_text" in other.form) == (now + timedelta(minutes=30), False)


@pytest.mark.parametrize(
    ("extra_percent", "closes_in", "own_close_in", "lasts"),
    [
        (0, 30, None, 30),  # the control: nothing granted
        (50, 30, None, 45),
        (50, 20, None, 30),  # what the close leaves of the sitting is stretched
        (50, 12, None, 18),
        (50, 600, None, 45),
        (50, None, None, 45),
        (300, 30, None, 120),
        (50, 20, 40, 40),  # a close of one's own is kept to
        (50, 20, 20, 20),
        (0, 20, 40, 30),
    ],
)
def test_extra_time_outlasts_the_common_close_alone(form, trainer, extra_percent, closes_in, own_close_in, lasts):
    person, now = PersonFactory(), timezone.now()
    moments = [None if each is None else now + timedelta(minutes=each) for each in (closes_in, own_close_in)]
    type(form).objects.update(minutes=30, closes_at=moments[0])
    form.refresh_from_db()
    if extra_percent or own_close_in:
        grant_accommodation(
            form, person, trainer, reason="QĐ 12", extra_percent=extra_percent, closes_at=moments[1], larger_text=True
        )
    attempt = start_attempt(person, form, now=now)
    assert attempt.deadline == now + timedelta(minutes=lasts)
    given = next_item(attempt, now=now)
    late = min(attempt.deadline, given.deadline)
    version = given.version_id
    said = submit_response(
        attempt.pk, person.pk, key=uuid4(), sequence=1, version_id=version, raw_value=right_answer(version), now=late
    )
    assert said.status == "accepted"
    assert close_expired(attempt.deadline) == 0


def test_nobody_begins_after_the_close_for_the_extra_time_of_a_sitting(form, trainer):
    person, now = PersonFactory(), timezone.now()
    type(form).objects.update(closes_at=now)
    form.refresh_from_db()
    grant_accommodation(form, person, trainer, reason="QĐ 12", extra_percent=300)
    assert reason_of(start_attempt, person, form, now=now + timedelta(seconds=1)) == "closed"


def test_answers_stay_closed_while_extra_time_may_still_run(form, trainer):
    now = timezone.now()
    type(form).objects.update(minutes=60, closes_at=now + timedelta(hours=2), feedback="after_close")
    form.refresh_from_db()
    attempt = start_attempt(PersonFactory(), form)
    submit_attempt(attempt)
    assert feedback_allowed(attempt, now + timedelta(hours=2, minutes=1))
    grant_accommodation(form, PersonFactory(), trainer, reason="QĐ 12", extra_percent=50)
    shown = [feedback_allowed(attempt, now + timedelta(hours=2, minutes=minutes)) for minutes in (1, 29, 31)]
    assert shown == [False, False, True]


def test_nobody_grants_themselves_anything(form, trainer):
    own, other = PersonFactory(user=trainer), PersonFactory()
    with pytest.raises(RulesRefused) as refused:
        grant_accommodation(form, own, trainer, reason="QĐ 12", extra_percent=300)
    assert (refused.value.field, Accommodation.objects.count()) == ("employee_code", 0)
    grant_accommodation(form, other, trainer, reason="QĐ 12", extra_percent=50)
    grant_accommodation(form, own, RoleGrantFactory().user, reason="QĐ 12", extra_percent=50)
    with pytest.raises(RulesRefused):
        grant_accommodation(form, own, trainer, reason="QĐ 12", extra_percent=300)
    assert Accommodation.objects.get(person=own).extra_percent == 50


def test_person_without_an_account_may_be_granted_something(form, trainer):
    grant_accommodation(form, PersonFactory(user=None), trainer, reason="QĐ 12", extra_percent=50)


def test_own_dates_hold_instead_of_the_assessments(form, trainer):
    person, now = PersonFactory(), timezone.now()
    type(form).objects.update(opens_at=now - timedelta(days=3), closes_at=now - timedelta(days=1))
    form.refresh_from_db()
    assert offered_to(person, [form]) == []
    later = now + timedelta(days=2)
    grant_accommodation(form, person, trainer, reason="Nghỉ ốm", closes_at=later)
    assert offered_to(person, [form]) == [form]
    assert start_attempt(person, form).status == "open"
    assert reason_of(start_attempt, PersonFactory(), form) == "closed"


@pytest.mark.parametrize("own", [{"opens_at": 5}, {"closes_at": -5}])
def test_own_date_that_leaves_no_time_by_the_assessments_other_one_is_refused(form, trainer, own):
    now = timezone.now()
    type(form).objects.update(opens_at=now - timedelta(days=3), closes_at=now + timedelta(days=3))
    form.refresh_from_db()
    dates = {name: now + timedelta(days=days) for name, days in own.items()}
    with pytest.raises(RulesRefused) as refused:
        grant_accommodation(form, PersonFactory(), trainer, reason="Nghỉ ốm", **dates)
    assert (refused.value.field, Accommodation.objects.count()) == ("closes_at", 0)


def test_answers_stay_closed_until_the_last_person_has_closed(form, trainer):
    now = timezone.now()
    type(form).objects.update(closes_at=now + timedelta(days=1), feedback="after_close")
    form.refresh_from_db()
    grant_accommodation(form, PersonFactory(), trainer, reason="Nghỉ ốm", closes_at=now + timedelta(days=3))
    attempt = start_attempt(PersonFactory(), form)
    submit_attempt(attempt)
    assert [feedback_allowed(attempt, now + timedelta(days=days)) for days in (2, 4)] == [False, True]


def test_every_change_of_an_accommodation_leaves_an_audit_row(form, trainer):
    person = PersonFactory(employee_code="NV9")
    grant_accommodation(form, person, trainer, reason="Khiếm thị", extra_percent=50)
    granted = grant_accommodation(form, person, trainer, reason="Khiếm thị nặng", extra_percent=100)
    withdraw_accommodation(granted, trainer)
    rows = AuditEvent.objects.filter(target=f"accommodation in assessment {form.code} of NV9").order_by("pk")
    assert [(row.action, row.actor, row.detail["granted"]["extra_percent"]) for row in rows] == [
        ("granted", trainer, "50"),
        ("changed", trainer, "100"),
        ("withdrawn", trainer, "100"),
    ]
    assert rows[1].detail["before"]["reason"] == "Khiếm thị"
    assert not Accommodation.objects.exists()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"reason": " ", "extra_percent": 10}, "reason"),
        ({"reason": "x"}, "extra_percent"),
        ({"reason": "x", "extra_percent": 301}, "extra_percent"),
        ({"reason": "x", "opens_at": timezone.now(), "closes_at": timezone.now() - timedelta(1)}, "closes_at"),
    ],
)
def test_accommodation_that_cannot_be_is_refused_by_domain_and_database(form, trainer, values, field):
    person = PersonFactory()
    with pytest.raises(RulesRefused) as refused:
        grant_accommodation(form, person, trainer, **values)
    assert refused.value.field == field
    raw = values | {"reason": values["reason"].strip()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Accommodation.objects.create(assessment=form, person=person, granted_by=trainer, **raw)


def test_supervised_sitting_needs_the_rooms_browser_network_and_code(trainer):
    person, quiz = make_quiz()
    room = {"access_code": "Sen Hồng", "networks": ["10.1.0.0/16"], "config_keys": [KEY.upper()]}
    set_invigilation(quiz, trainer, **room)
    quiz.refresh_from_db()
    assert reason_of(start_attempt, person, quiz) == "invigilated"
    assert reason_of(start_attempt, person, quiz, visit=visit(address="10.2.0.1")) == "network"
    assert reason_of(start_attempt, person, quiz, visit=visit(address=None)) == "network"
    assert reason_of(start_attempt, person, quiz, visit=visit(key="cd" * 32)) == "browser"
    other_page = Visit(DEVICE, "10.1.2.3", URL + "x", visit().config_hash)
    assert reason_of(start_attempt, person, quiz, visit=other_page) == "browser"
    assert reason_of(start_attempt, person, quiz, visit=visit(), code="sen") == "code"
    assert not Attempt.objects.exists()
    attempt = start_attempt(person, quiz, visit=visit(), code=" sen hồng ")
    assert (attempt.form["room"], DeviceLease.objects.get().address) == (True, "10.1.2.3")
    check_room(attempt, visit())
    mapped = visit(address="::ffff:10.1.9.9")
    check_room(attempt, mapped)
    assert reason_of(check_room, attempt, visit(address="192.168.1.1")) == "network"
    assert reason_of(check_room, attempt, None) == "invigilated"


def test_code_is_tried_five_times_in_five_minutes(trainer):
    person, quiz = make_quiz()
    set_invigilation(quiz, trainer, access_code="sen")
    quiz.refresh_from_db()
    for _ in range(7):
        start_attempt(person, quiz, visit=visit(device=uuid4()), code="sen")
    tries = [reason_of(start_attempt, person, quiz, visit=visit(), code="x") for _ in range(5)]
    assert tries == ["code"] * 5
    assert reason_of(start_attempt, person, quiz, visit=visit(), code="sen") == "too_many_codes"
    other = PersonFactory()
    assert reason_of(start_attempt, other, quiz, visit=visit(), code="sen") == "no_post"


def test_one_device_at_a_time_and_taking_over_is_recorded(trainer):
    person, quiz = make_quiz()
    person.user = UserFactory()
    person.save()
    set_invigilation(quiz, trainer)
    quiz.refresh_from_db()
    first, second = visit(), visit(device=uuid4(), address="10.1.2.4")
    attempt = start_attempt(person, quiz, visit=first)
    assert reason_of(check_room, attempt, second) == "device"
    assert take_device(attempt, second)
    check_room(attempt, second)
    assert reason_of(check_room, attempt, first) == "device"
    assert not take_device(attempt, second)
    event = AuditEvent.objects.latest("pk")
    assert (event.action, event.actor, event.address, event.detail) == (
        "taken over",
        person.user,
        "10.1.2.4",
        {"from": "10.1.2.3"},
    )
    with pytest.raises(Error), transaction.atomic():
        DeviceLease.objects.all().delete()


def test_submitted_sitting_may_be_read_anywhere(trainer):
    person, quiz = make_quiz()
    set_invigilation(quiz, trainer)
    quiz.refresh_from_db()
    attempt = start_attempt(person, quiz, visit=visit())
    submit_attempt(attempt)
    check_room(attempt, None)


@pytest.mark.parametrize(
    ("room", "field", "reason"),
    [
        ({"networks": ["10.0.0.0/8", "10.1.2.3/8"]}, "networks", "10.1.2.3/8"),
        ({"networks": ["x"]}, "networks", "x"),
        ({"config_keys": [KEY, "12"]}, "config_keys", "12"),
    ],
)
def test_room_that_cannot_be_names_what_is_wrong(trainer, room, field, reason):
    _person, quiz = make_quiz()
    with pytest.raises(RulesRefused) as refused:
        set_invigilation(quiz, trainer, **room)
    assert (refused.value.field, refused.value.reason) == (field, reason)


def test_supervised_sitting_is_closed_to_programs(client, trainer):
    person, quiz = make_quiz()
    person.user = UserFactory()
    person.save()
    set_invigilation(quiz, trainer)
    quiz.refresh_from_db()
    client.force_login(person.user)
    started = client.post(reverse("api-attempts"), {"assessment": quiz.code}, content_type="application/json")
    assert (started.status_code, started.json()["code"]) == (409, "invigilated")
    attempt = start_attempt(person, quiz, visit=visit())
    item = next_item(attempt)
    body: dict[str, object] = {"key": str(uuid4()), "sequence": 1, "version": item.version_id, "value": {}}
    for name, data in (("next", None), ("responses", body), ("submit", {})):
        address = reverse(f"api-attempt-{name}", args=[attempt.pk])
        answer = client.get(address) if data is None else client.post(address, data, content_type="application/json")
        assert (name, answer.status_code, answer.json()["code"]) == (name, 409, "invigilated")
