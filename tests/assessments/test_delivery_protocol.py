"""The protocol of answers as a state machine: two tabs, retries, answers out of order, the deadline, the end."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from assessments.domain.attempts import start_attempt
from assessments.domain.delivery import NextItem, next_item
from assessments.domain.refusals import ResponseRefused
from assessments.domain.responses import Acknowledgement, submit_response
from assessments.domain.submission import submit_attempt
from assessments.models import Attempt, Response
from competencies.models import Evidence
from tests.factories.assessments import make_quiz, right_answer, wrong_answer

TABS = st.sampled_from([0, 1])


@dataclass
class Event:
    """An answer as a tab made it. told: what was acknowledged first, and is to be acknowledged ever after."""

    key: UUID
    sequence: int
    version: int
    value: dict[str, Any]
    told: Acknowledgement | None = None


@dataclass
class Tab:
    """What one tab knows: the question it shows, and what it has not sent yet."""

    shown: NextItem | None = None
    sequence: int = 0
    unsent: list[Event] = field(default_factory=list)


class Protocol(RuleBasedStateMachine):
    """Each run is rolled back. The model says what must become of every answer; the database must agree."""

    def __init__(self) -> None:
        super().__init__()
        self.run = transaction.atomic()
        self.run.__enter__()
        self.events: list[Event] = []
        self.order: list[int] = []
        self.tabs = (Tab(), Tab())
        self.is_submitted = False

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.run.__exit__(None, None, None)

    feedback = "after_submit"

    @initialize(seed=st.integers(0, 5))
    def start(self, seed: int) -> None:
        self.attempt = start_attempt(*make_quiz(["9.1", "9.2"], feedback=self.feedback), seed=seed)
        self.now: datetime = timezone.now()
        self.look(0)

    @rule(tab=TABS)
    def look(self, tab: int) -> None:
        """The tab asks for the question; every tab is shown the same, and the newest question given never goes back."""
        self.attempt.refresh_from_db()
        shown = next_item(self.attempt, now=self.now)
        if shown is None:
            return
        if shown.version_id not in self.order:
            self.order.append(shown.version_id)
        assert shown.version_id == self.order[-1]
        self.tabs[tab].shown = shown
        self.tabs[tab].sequence = max(self.tabs[tab].sequence, shown.sequence - 1)

    @precondition(lambda self: any(tab.shown for tab in self.tabs))
    @rule(tab=TABS, rights=st.lists(st.booleans(), min_size=1, max_size=3))
    def write(self, tab: int, rights: list[bool]) -> None:
        """The tab makes answers and keeps them; nothing is sent yet."""
        own = self.tabs[tab]
        for right in rights if own.shown is not None else ():
            assert own.shown is not None
            own.sequence += 1
            value = (right_answer if right else wrong_answer)(own.shown.version_id)
            own.unsent.append(Event(uuid4(), own.sequence, own.shown.version_id, value))

    @precondition(lambda self: any(tab.unsent for tab in self.tabs))
    @rule(data=st.data(), tab=TABS)
    def send(self, data: st.DataObject, tab: int) -> None:
        """Any of the tab's unsent answers arrives, in any order."""
        own = self.tabs[tab]
        if own.unsent:
            event = own.unsent.pop(data.draw(st.integers(0, len(own.unsent) - 1)))
            expected = self.expected(event)
            event.told = self.submit(event)
            assert (event.told.status, event.told.repeated) == (expected, False)
            self.events.append(event)

    @precondition(lambda self: self.events)
    @rule(data=st.data())
    def send_again(self, data: st.DataObject) -> None:
        """The acknowledgement was lost: the same answer is told what it was told."""
        event = data.draw(st.sampled_from(self.events))
        again = self.submit(event)
        assert event.told is not None
        assert again == replace(event.told, repeated=True)

    @precondition(lambda self: self.events)
    @rule(data=st.data())
    def reuse_a_key(self, data: st.DataObject) -> None:
        """Another answer under a used key is refused, and nothing changes."""
        event = data.draw(st.sampled_from(self.events))
        others = [value for value in (right_answer(event.version), wrong_answer(event.version)) if value != event.value]
        with pytest.raises(ResponseRefused, match="key_reused"):
            self.submit(Event(event.key, event.sequence + 1, event.version, others[0]))

    @precondition(lambda self: any(tab.shown for tab in self.tabs))
    @rule(tab=TABS, beyond=st.integers(1, 2**31))
    def leap(self, tab: int, beyond: int) -> None:
        """A client that counted further than anybody can have is refused, and nothing changes."""
        shown = self.tabs[tab].shown
        most = 1_000 + int(1_000 * max(0.0, (self.now - self.attempt.started_at).total_seconds()))
        if shown is not None:
            with pytest.raises(ResponseRefused, match="sequence_range"):
                self.submit(Event(uuid4(), most + beyond, shown.version_id, right_answer(shown.version_id)))

    @precondition(lambda self: len(self.events) > 3)
    @rule(minutes=st.sampled_from([1, 5, 20]))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @precondition(lambda self: len(self.events) > 5)
    @rule()
    def hand_in(self) -> None:
        self.attempt.refresh_from_db()
        submit_attempt(self.attempt, now=self.now)
        self.is_submitted = True

    def expected(self, event: Event) -> str:
        if self.is_submitted or self.now > self.attempt.deadline:
            return "late"
        newest = self.order[-1] != event.version
        taken = [
            each.sequence for each in self.events if each.version == event.version and self.status(each) == "accepted"
        ]
        return "superseded" if newest or any(sequence >= event.sequence for sequence in taken) else "accepted"

    def submit(self, event: Event) -> Acknowledgement:
        return submit_response(
            self.attempt.pk,
            self.attempt.person_id,
            key=event.key,
            sequence=event.sequence,
            version_id=event.version,
            raw_value=event.value,
            now=self.now,
        )

    @staticmethod
    def status(event: Event) -> str:
        assert event.told is not None
        return event.told.status

    @invariant()
    def every_answer_acknowledged_is_there_once_and_as_it_was_told(self) -> None:
        rows = Response.objects.filter(attempt=self.attempt).values_list(
            "key", "sequence", "version_id", "value", "status"
        )
        told = [(each.key, each.sequence, each.version, each.value, self.status(each)) for each in self.events]
        assert sorted(rows, key=str) == sorted(told, key=str)

    @invariant()
    def what_counts_is_the_highest_sequence_of_each_question(self) -> None:
        if not self.is_submitted:
            return
        standing: dict[int, Event] = {}
        for each in self.events:
            if self.status(each) == "accepted" and each.sequence > getattr(standing.get(each.version), "sequence", 0):
                standing[each.version] = each
        full = {version for version, each in standing.items() if each.value == right_answer(version)}
        codes = Evidence.objects.filter(person_id=self.attempt.person_id)
        assert codes.count() == len(standing)
        assert sum(1 for each in codes if each.score == each.maximum) == len(full)
        assert Attempt.objects.get(pk=self.attempt.pk).status == Attempt.Status.SUBMITTED


@pytest.mark.django_db
def test_the_protocol_holds_in_any_order_of_events():
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        Protocol,
        settings=settings(max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=checks),
    )


class FirstStands(Protocol):
    """Right answers are shown after each question, so the first answer to it stands, whatever the sequences."""

    feedback = "after_each"

    def expected(self, event: Event) -> str:
        if self.is_submitted or self.now > self.attempt.deadline:
            return "late"
        is_answered = any(each.version == event.version and self.status(each) == "accepted" for each in self.events)
        return "superseded" if is_answered or self.order[-1] != event.version else "accepted"


@pytest.mark.django_db
def test_the_first_answer_stands_where_its_key_is_shown():
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        FirstStands,
        settings=settings(max_examples=30, stateful_step_count=25, deadline=None, suppress_health_check=checks),
    )


class Forgetful(Protocol):
    """The control: a tab that believes that what arrives last counts."""

    def expected(self, event: Event) -> str:
        return "late" if self.is_submitted or self.now > self.attempt.deadline else "accepted"


@pytest.mark.django_db
def test_a_protocol_in_which_the_last_arrival_counts_is_caught():
    many = settings(max_examples=60, derandomize=True, print_blob=False, phases=[Phase.generate])
    with pytest.raises(AssertionError):
        run_state_machine_as_test(Forgetful, settings=many)
