"""A trainer signed in, and things to author."""

import pytest

from tests.factories.assessments import make_item
from tests.factories.competencies import competency_of, make_framework
from tests.factories.organisation import RoleGrantFactory


@pytest.fixture
def trainer(client):
    user = RoleGrantFactory(role="trainer").user
    client.force_login(user)
    return user


@pytest.fixture
def competency(db):
    return competency_of(make_framework("9.1", "9.2"), "9.1")


@pytest.fixture
def item(competency):
    """A published single choice item, 9.1-01."""
    return make_item(competency, 1).item
