"""Odd input to every address: each field of each form, and what no form has, is answered and nothing falls over."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from pytest_django.plugin import DjangoDbBlocker

from tests.frontend.forms import forms_of_page
from tests.lms.test_permission_matrix import ACTORS, MATRIX, World, make_world

pytestmark = pytest.mark.django_db

ODD = ("\0²", "9" * 5000)
NAMES = ("action", "code", "competency", "group", "move", "order", "page", "person", "seed", "unit", "version", "with")
"""Of fields and queries, for addresses whose pages show no form."""
_LEFT_OUT = re.compile("account|design|set_language|health|scim|api-schema")
"""Sessions and languages, which would end or change what the rest is asked in; what tests of their own attack."""


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


def requests_to(client: Client, path: str, query: str, data: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Method, address and fields of every odd request: all fields at once, and one odd one among good ones."""
    page = client.get(path + query)
    is_page = page.status_code == 200 and page.headers.get("Content-Type", "").startswith("text/html")
    forms = forms_of_page(page.content.decode()) if is_page else []
    for odd in ODD:
        for method in ("get", "post"):
            yield method, path, dict.fromkeys(NAMES, odd)
        for name in data:
            yield "post", path, data | {name: odd}
        for method, action, fields in forms:
            if not _LEFT_OUT.search(action):
                for name, values in fields.items():
                    for value in (odd, [*values, odd]):
                        yield method, action if action.startswith("/") else path + action, fields | {name: value}


def test_no_request_falls_over(world: World) -> None:
    fallen, asked = set(), 0
    for name, row in MATRIX.items():
        actor = next((each for each, said in zip(ACTORS, row.expected.split(), strict=True) if said == "ok"), "admin")
        if _LEFT_OUT.match(name):
            continue
        client = Client(raise_request_exception=False)
        if actor != "anonymous":
            client.force_login(world.users[actor])
        kind = {"content_type": "application/json"} if name.startswith("api-") else {}
        path = reverse(name, kwargs=row.arguments(world))
        for method, address, fields in requests_to(client, path, row.query, row.data(world)):
            with transaction.atomic():
                response = getattr(client, method)(address, fields, **(kind if method == "post" else {}))
                transaction.set_rollback(True)
            asked += 1
            if response.status_code >= 500:
                fallen.add((name, method, str({key: str(each)[:12] for key, each in fields.items()})[:200]))
    assert not fallen, "\n".join(map(str, sorted(fallen)))
    assert asked > 2000
