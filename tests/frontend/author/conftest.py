"""A trainer signed in, and things to author."""

import pytest

from assessments.domain.items import publish_new_version
from assessments.models import Item
from assessments.simulations import load_simulation
from tests.factories.assessments import CONTENT, make_item
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


@pytest.fixture
def simulation(db):
    """The shipped simulation, published without what makes it fit for measurement."""
    text = (CONTENT / "simulations" / "one_stop_reply.yaml").read_text(encoding="utf-8")
    found = load_simulation(text)
    item = Item.objects.create(code=found.code, kind="simulation")
    publish_new_version(item, {"yaml": text}, found.digest, {}, level=None, seconds=900)
    return found
