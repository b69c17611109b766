"""The framework to read."""

from datetime import date

import pytest
from django.urls import reverse

from competencies.api import import_positions
from tests.factories.competencies import CONTENT, load_shipped_framework

pytestmark = pytest.mark.django_db


@pytest.fixture
def framework():
    found = load_shipped_framework()
    import_positions(CONTENT / "positions.yaml", date(2025, 1, 1))
    return found


def test_framework_has_every_competency_with_four_descriptors(client, trainer, framework):
    domains = client.get(reverse("author:framework")).context["domains"]
    counts = [len(each.descriptors.all()) for domain in domains for each in domain.competencies.all()]
    assert counts == [4] * 32


def test_framework_page_asks_for_its_parts_once(client, trainer, framework, django_assert_num_queries):
    client.get(reverse("author:framework"))
    with django_assert_num_queries(6):
        client.get(reverse("author:framework"))


def test_positions_show_their_requirements_in_framework_order(client, trainer, framework, django_assert_num_queries):
    client.get(reverse("author:positions"))
    with django_assert_num_queries(5):
        profiles = client.get(reverse("author:positions")).context["profiles"]
    required = {
        profile.position.code: [(each.competency.code, each.level) for each in rows] for profile, rows in profiles
    }
    assert required["civil_status_officer"] == [
        ("1.1", 4),
        ("1.2", 4),
        ("2.6", 4),
        ("4.2", 5),
        ("5.1", 2),
        ("6.2", 2),
        ("6.3", 3),
        ("7.1", 5),
        ("7.5", 5),
    ]


def test_competency_page_names_the_posts_that_require_it_highest_first(client, trainer, framework):
    requirements = client.get(reverse("author:competency", args=["7.1"])).context["requirements"]
    levels = [each.level for each in requirements]
    assert levels == sorted(levels, reverse=True)
    assert ("one_stop_officer", 5) in [(each.role_profile.position.code, each.level) for each in requirements]


def test_without_a_framework_the_page_is_not_found_and_the_home_opens(client, trainer):
    assert client.get(reverse("author:framework")).status_code == 404
    assert client.get(reverse("author:home")).context["rows"] == []
