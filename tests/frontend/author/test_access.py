"""Every page of the journey: who may open it, and what a refusal leaves behind."""

from uuid import UUID

import pytest
from django.urls import URLPattern, reverse

from frontend.author.urls import urlpatterns
from organisation.models import AuditEvent
from tests.factories.courses import BlockFactory
from tests.factories.organisation import PersonFactory, RoleGrantFactory, UnitFactory, UserFactory

pytestmark = pytest.mark.django_db

POST_ONLY = {"item-review", "item-return", "item-comment", "item-tag"}
"""These have no page; tests/lms/test_permission_matrix.py asks them of everybody."""
READABLE_BY_LEARNERS = {"framework", "positions", "competency"}


@pytest.fixture
def addresses(item):
    block = BlockFactory()
    lesson = [block.lesson.module.course.code, block.lesson.code]
    arguments = {
        "home": [],
        "items": [],
        "gallery": [],
        "item-new": [],
        "item-import": [],
        "item-import-check": [UUID(int=1)],
        "item-export": [],
        "item-template": [],
        "marking": [],
        "gallery-kind": ["cloze"],
        "framework": [],
        "positions": [],
        "competency": ["9.1"],
        "simulation": ["one_stop_reply"],
        "simulation-play": ["one_stop_reply"],
        "course": lesson[:1],
        "course-effort": lesson[:1],
        "lesson": lesson,
        "block-edit": [*lesson, block.pk],
    }
    return {
        pattern.name: reverse(f"author:{pattern.name}", args=arguments.get(str(pattern.name), [item.code]))
        for pattern in urlpatterns
        if isinstance(pattern, URLPattern)
        and pattern.name not in POST_ONLY
        # Answers to mark belong to a sitting: the permission matrix and the tests of marking open those.
        and not str(pattern.name).startswith("marking-")
    }


def account(role):
    """An account that is only this."""
    if role == "learner":
        return PersonFactory(user=UserFactory()).user
    if role == "nobody":
        return UserFactory()
    return RoleGrantFactory(role=role, unit=UnitFactory() if role == "hr" else None).user


@pytest.mark.parametrize("method", ["get", "post"])
def test_anonymous_is_sent_to_sign_in_from_every_page(client, addresses, method):
    answers = {}
    for name, address in addresses.items():
        response = getattr(client, method)(address)
        answers[name] = (response.status_code, response.headers.get("Location", ""))
    redirected = {name: (302, f"/account/login/?next={address}") for name, address in addresses.items()}
    readable = {name for name, (status, _where) in answers.items() if status == 405}
    assert {name: answers[name] for name in answers if name not in readable} == {
        name: redirected[name] for name in answers if name not in readable
    }
    assert method == "post" or readable == set()


@pytest.mark.parametrize("role", ["learner", "hr", "nobody"])
def test_others_find_no_authoring_page_and_the_refusal_is_audited(client, addresses, role):
    user = account(role)
    client.force_login(user)
    closed = [address for name, address in addresses.items() if role == "nobody" or name not in READABLE_BY_LEARNERS]
    assert [client.get(address).status_code for address in closed] == [404] * len(closed)
    refusals = AuditEvent.objects.filter(action="refused").order_by("pk")
    assert list(refusals.values_list("actor_id", "target")) == [(user.pk, address) for address in closed]


@pytest.mark.parametrize("role", ["learner", "hr", "trainer", "admin"])
def test_everyone_with_a_role_reads_the_framework(client, addresses, role):
    client.force_login(account(role))
    assert [client.get(addresses[name]).status_code for name in sorted(READABLE_BY_LEARNERS)] == [200, 200, 200]


@pytest.mark.parametrize("role", ["trainer", "admin"])
def test_authors_open_every_page(client, addresses, simulation, role):
    client.force_login(account(role))
    answers = {name: client.get(address).status_code for name, address in addresses.items()}
    assert answers == dict.fromkeys(addresses, 200) | {
        "item-discard": 302,
        "item-publish": 302,
        "item-import-check": 302,
    }


def test_what_is_not_there_is_not_found(client, trainer, item):
    missing = [
        "/author/items/%00/",
        "/author/framework/%00/",
        "/author/simulations/..%2F/play/",
        reverse("author:item", args=["9.9-99"]),
        reverse("author:item", args=[item.code]) + "?version=7",
        reverse("author:item-preview", args=[item.code]) + "?version=x",
        reverse("author:simulation", args=[item.code]),
        reverse("author:simulation-play", args=["nothing"]),
        reverse("author:course", args=["nothing"]),
        reverse("author:lesson", args=["nothing", "at-all"]),
        reverse("author:competency", args=["0.0"]),
    ]
    assert [client.get(address).status_code for address in missing] == [404] * len(missing)
    assert AuditEvent.objects.filter(action="refused").count() == 0
