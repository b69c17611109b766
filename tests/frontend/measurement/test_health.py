"""The health of the bank and of one item."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.domain.item_health import measure_item_health
from assessments.models import ItemHealth
from frontend.author.measurement.words.health import health_choices, health_flag
from tests.assessments.calibration.bank import RIGHT, WRONG, make_versions
from tests.frontend.measurement.conftest import TRUE

pytestmark = pytest.mark.django_db

HEALTH = reverse("author:health")


def codes(client, **query):
    response = client.get(HEALTH, query)
    assert response.status_code == 200
    return [each.version.item.code for each, _excerpt, _flags in response.context["rows"]]


def test_bank_lists_the_measured_items(client, trainer, measured):
    assert codes(client) == [f"6.3-{at:02d}" for at in range(1, 9)]


def test_bank_is_narrowed_by_competency_and_flag(client, trainer, measured):
    ItemHealth.objects.update(flags=[])
    ItemHealth.objects.filter(version=measured[2]).update(flags=["too_easy", "drifting"])
    assert codes(client, flag="too_easy") == ["6.3-03"]
    assert codes(client, flag="any") == ["6.3-03"]
    assert codes(client, flag="misfit") == []
    assert len(codes(client, competency="6.3")) == 8
    assert len(codes(client, competency="9.9", flag="no_such_flag")) == 8


def test_bank_asks_the_database_equally_often_for_few_and_many(client, trainer, competency, measured):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as captured:
            client.get(HEALTH)
        return len(captured)

    before = queries()
    make_versions(competency, TRUE * 3, prefix="more")
    measure_item_health(competency)
    assert (len(codes(client)), queries()) == (32, before)


def test_measuring_is_asked_of_the_workers(
    client, trainer, competency, versions, sent, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(reverse("author:health-measure"), {"competency": "6.3"})
    assert (response.status_code, response["Location"]) == (302, HEALTH)
    assert sent == [("assessments.study_tasks.measure_health", [competency.pk])]
    assert client.post(reverse("author:health-measure"), {"competency": "nothing"}).status_code == 404


def test_item_page_shows_pictures_with_words_and_tables(client, trainer, measured):
    response = client.get(reverse("author:item-health", args=["6.3-04"]))
    page = response.content.decode()
    assert page.count('role="img" aria-labelledby') == 3
    assert page.count("<desc id=") == 3
    assert len(response.context["curve"].dots) == len(response.context["curve_rows"]) >= 2
    assert [option["option"] for option in response.context["options"]] == [RIGHT, *WRONG]
    assert [option["letter"] for option in response.context["options"]] == ["A", "B", "C"]
    assert "style=" not in page.split("<main")[1]


def test_item_page_says_what_to_do(client, trainer, measured):
    ItemHealth.objects.filter(version=measured[3]).update(flags=["negative_discrimination"])
    client.cookies["django_language"] = "en"
    page = client.get(reverse("author:item-health", args=["6.3-04"])).content.decode()
    assert "Works the wrong way" in page
    assert "The key is probably wrong" in page


def test_item_that_nobody_measured_offers_to_measure_it(client, trainer, versions):
    response = client.get(reverse("author:item-health", args=["6.3-01"]))
    assert response.templates[0].name == "author/measurement/item_unmeasured.html"
    assert client.get(reverse("author:item-health", args=["no-such"])).status_code == 404


def test_item_without_answers_has_its_curve_alone(client, trainer, competency, versions):
    measure_item_health(competency)
    response = client.get(reverse("author:item-health", args=["6.3-01"]))
    assert response.status_code == 200
    assert (len(response.context["curve"].lines), response.context["curve"].dots) == (1, [])


def test_unknown_version_of_an_item_is_not_found(client, trainer, measured):
    assert client.get(reverse("author:item-health", args=["6.3-04"]), {"version": "7"}).status_code == 404


def test_every_flag_that_the_domain_raises_has_words():
    known = {code for code, _label in health_choices()}
    raised = {
        "few_answers", "too_easy", "too_hard", "negative_discrimination", "low_discrimination", "misfit", "poor_fit",
        "surprising_answers", "overexposed", "depends_on_another", "unfair_to_a_group", "maybe_unfair_to_a_group",
        "drifting", "rapid_answers", "option_idle", "option_attracts_able", "option_key_weak",
    }  # fmt: skip
    assert known == raised
    assert all(health_flag(code).advice for code in known)
