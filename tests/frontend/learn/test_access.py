"""Who may open the learner's pages."""

import pytest
from django.test import Client
from django.urls import reverse

from organisation.models import AuditEvent
from tests.factories.courses import BlockFactory, LessonFactory
from tests.factories.organisation import PersonFactory, RoleGrantFactory, UnitFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def addresses() -> dict[str, tuple[str, str]]:
    lesson = LessonFactory()
    block = BlockFactory(lesson=lesson, kind="check")
    codes = [lesson.module.course.code, lesson.code]
    return {
        "catalogue": ("get", reverse("learn:catalogue")),
        "course": ("get", reverse("learn:course", args=codes[:1])),
        "lesson": ("get", reverse("learn:lesson", args=codes)),
        "keep-place": ("post", reverse("learn:keep-place", args=codes)),
        "complete": ("post", reverse("learn:complete", args=codes)),
        "answer": ("post", reverse("learn:answer", args=[*codes, block.pk])),
    }


def test_strangers_are_sent_to_sign_in(client, addresses):
    for method, url in [*addresses.values(), ("get", reverse("home"))]:
        response = getattr(client, method)(url)
        assert (response.status_code, response["location"].split("?")[0]) == (302, reverse("account_login")), url


def test_accounts_of_nobody_get_404_and_an_audit_row(client, addresses):
    client.force_login(RoleGrantFactory().user)
    assert {
        name: getattr(client, method)(url).status_code for name, (method, url) in addresses.items()
    } == dict.fromkeys(addresses, 404)
    assert list(AuditEvent.objects.order_by("pk").values_list("action", "target")) == [
        ("refused", url) for _method, url in addresses.values()
    ]


def test_learner_gets_every_page(learner_client, addresses):
    found = {name: getattr(learner_client, method)(url).status_code for name, (method, url) in addresses.items()}
    # Nothing was answered, and no place was named.
    assert found == {"catalogue": 200, "course": 200, "lesson": 200, "keep-place": 404, "complete": 302, "answer": 200}


def test_pages_that_act_refuse_get(learner_client, addresses):
    assert [learner_client.get(url).status_code for method, url in addresses.values() if method == "post"] == [405] * 3


@pytest.mark.parametrize(("role", "name"), [("hr", "hr:home"), ("admin", "hr:home"), ("trainer", "author:home")])
def test_home_of_who_is_no_learner_is_that_of_their_role(client, role, name):
    grant = RoleGrantFactory(role=role, unit=UnitFactory() if role == "hr" else None)
    client.force_login(grant.user)
    assert client.get("/")["location"] == reverse(name)


def test_home_of_an_account_without_person_or_role_says_what_to_do(client):
    client.force_login(UserFactory())
    response = client.get("/")
    assert (response.status_code, response.templates[0].name) == (200, "learn/nobody.html")


def test_forged_posts_are_refused(learner, addresses):
    client = Client(enforce_csrf_checks=True)
    client.force_login(learner.user)
    posts = [url for method, url in addresses.values() if method == "post"]
    assert [client.post(url, {"option": "x"}).status_code for url in posts] == [403] * 3


def test_header_names_the_person_and_the_footer_links_the_design_system_for_staff_alone(client):
    person = PersonFactory(user=UserFactory(username="nv-017"), full_name="Trần Văn Tài")
    for role, links in ((None, 0), ("trainer", 1)):
        if role:
            RoleGrantFactory(user=person.user, role=role)
        client.force_login(person.user)
        page = client.get(reverse("learn:catalogue")).content.decode()
        assert '<span class="site-tool__name">Trần Văn Tài</span>' in page
        assert page.count(f'href="{reverse("design:index")}"') == links
    client.force_login(RoleGrantFactory(role="trainer", user__username="gv-002").user)
    page = client.get(reverse("author:home")).content.decode()
    assert '<span class="site-tool__name">gv-002</span>' in page
