"""Page forms as a state machine: two windows on one sitting that save now and then, and replies that are lost."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from assessments.api import start_attempt
from assessments.models import Response
from tests.factories.assessments import make_item
from tests.factories.competencies import competency_of, make_framework, make_post
from tests.factories.forms import make_form
from tests.factories.organisation import UserFactory
from tests.frontend.forms import fields_of_page

WINDOWS = st.sampled_from([0, 1])
WRITTEN = st.dictionaries(st.sampled_from([0, 1]), st.sampled_from([0, 1, 2]))
"""Places of options by place of question."""


@dataclass
class Window:
    """What is in a window. known: by question, the answer it last heard is saved; seen: how many of the other's."""

    fields: dict[str, Any] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)
    form: dict[int, str] = field(default_factory=dict)
    known: dict[int, str] = field(default_factory=dict)
    seen: dict[int, int] = field(default_factory=dict)
    made: dict[int, int] = field(default_factory=dict)
    unheard: set[int] = field(default_factory=set)


class Paper(RuleBasedStateMachine):
    """Each run is rolled back. The model says what must count of every question; the database must agree."""

    def __init__(self) -> None:
        super().__init__()
        self.run = transaction.atomic()
        self.run.__enter__()
        self.standing: dict[int, str] = {}
        self.windows = (Window(), Window())

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.run.__exit__(None, None, None)

    @initialize()
    def start(self) -> None:
        competency = competency_of(make_framework("9.1"), "9.1")
        self.versions = [make_item(competency, number) for number in (1, 2)]
        person = make_post({competency: 4})
        self.client = Client()
        person.user = UserFactory()
        person.save()
        self.client.force_login(person.user)
        self.attempt = start_attempt(person, make_form(self.versions, one_page=True))
        self.load(0)
        self.load(1)

    @rule(window=WINDOWS)
    def load(self, window: int) -> None:
        """The page is drawn anew: the window then knows all that counts."""
        page = self.client.get(reverse("learn:attempt", args=[self.attempt.pk]))
        fields = {name: values[0] for name, values in fields_of_page(page.text, "answer").items()}
        other = self.windows[1 - window]
        own = self.windows[window]
        own.fields, own.sent, own.unheard = fields, [], set()
        own.form, own.known, own.seen = dict(self.standing), dict(self.standing), dict(other.made)

    @rule(window=WINDOWS, written=WRITTEN, is_lost=st.booleans())
    def save(self, window: int, written: dict[int, int], is_lost: bool) -> None:
        """The window saves what it holds, as its script does, after some was written; the reply may be lost."""
        own = self.windows[window]
        for at, option in written.items():
            own.form[at] = self.versions[at].content["options"][option]["id"]
            own.fields[f"q{self.versions[at].pk}-choice"] = own.form[at]
        post = self.posted(own)
        expected = {str(at + 1): self.expect(window, at, is_lost) for at in (0, 1) if at in own.form}
        said = self.client.post(
            reverse("learn:save-page", args=[self.attempt.pk]), post, headers={"accept": "application/json"}
        ).json()
        assert said["states"] == {at: state for at, state in expected.items() if state}
        own.sent.append(own.fields["key"])
        own.fields |= {"key": str(uuid4()), "sequence": int(own.fields["sequence"]) + 1}
        if not is_lost:
            own.fields |= {"sequence": said["sequence"], **said["bases"]}
            own.sent.clear()
            own.unheard.clear()

    def posted(self, own: Window) -> dict[str, Any]:
        return {**own.fields, "sent": own.sent, "stay": "1"}

    def expect(self, window: int, at: int, is_lost: bool) -> str | None:
        """Move the model on by an answer that is posted; return what must become of it, None when it is not new."""
        own, other = self.windows[window], self.windows[1 - window]
        value, state = own.form[at], None
        if value == self.standing.get(at):
            if not is_lost:
                own.seen[at] = other.made.get(at, 0)
        elif value != own.known.get(at) or at in own.unheard:
            state = "superseded" if other.made.get(at, 0) > own.seen.get(at, 0) else "accepted"
            if state == "accepted":
                self.standing[at] = value
                own.made[at] = own.made.get(at, 0) + 1
                own.unheard.add(at)
                other.unheard.discard(at)
        if not is_lost:
            own.known[at] = value
        return state

    @invariant()
    def what_counts_is_what_was_written_by_whoever_had_seen_the_newest(self) -> None:
        if not hasattr(self, "attempt"):
            return
        rows = Response.objects.filter(attempt=self.attempt, status="accepted").order_by("sequence")
        found = {version: value["choice"] for version, value in rows.values_list("version_id", "value")}
        assert found == {self.versions[at].pk: choice for at, choice in self.standing.items()}


CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large]


@pytest.mark.django_db
def test_two_windows_never_overwrite_what_they_were_not_shown():
    many = settings(max_examples=40, stateful_step_count=20, deadline=None, suppress_health_check=CHECKS)
    run_state_machine_as_test(Paper, settings=many)


class Baseless(Paper):
    """The control: windows that do not say what they were shown."""

    def posted(self, own: Window) -> dict[str, Any]:
        return {name: value for name, value in super().posted(own).items() if not name.endswith("-base")}


class Forgetful(Paper):
    """The control: windows that do not say which posts they heard nothing of."""

    def posted(self, own: Window) -> dict[str, Any]:
        return super().posted(own) | {"sent": []}


@pytest.mark.django_db
@pytest.mark.parametrize("machine", [Baseless, Forgetful])
def test_windows_that_say_less_are_caught(machine):
    many = settings(
        max_examples=60,
        stateful_step_count=20,
        deadline=None,
        derandomize=True,
        print_blob=False,
        phases=[Phase.generate],
        suppress_health_check=CHECKS,
    )
    with pytest.raises(AssertionError):
        run_state_machine_as_test(machine, settings=many)
