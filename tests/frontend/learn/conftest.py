import re
from collections.abc import Callable

import pytest
from django.test import Client

from organisation.models import Person
from tests.factories.organisation import PersonFactory, UserFactory


@pytest.fixture
def learner(db: None) -> Person:
    """A person with an account and no post."""
    return PersonFactory(user=UserFactory())


@pytest.fixture
def learner_client(learner: Person) -> Client:
    client = Client()
    assert learner.user is not None
    client.force_login(learner.user)
    return client


@pytest.fixture
def client_of() -> Callable[[Person], Client]:
    """Sign a person in, with a new account when they have none."""

    def sign_in(person: Person) -> Client:
        if person.user is None:
            person.user = UserFactory()
            person.save()
        client = Client()
        client.force_login(person.user)
        return client

    return sign_in


def part_of(html: str, start: str, end: str) -> str:
    """The piece of a page from `start` up to and with the first `end` after it, its CSRF tokens made equal."""
    begin = html.index(start)
    piece = html[begin : html.index(end, begin) + len(end)]
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', 'name="csrfmiddlewaretoken" value=""', piece)
