"""The framework and one's own estimates over REST."""

import pytest

from organisation.api import issue_token
from organisation.models import User
from tests.factories.competencies import (
    add_evidence,
    competency_of,
    load_shipped_framework,
    make_framework,
    make_post,
)
from tests.factories.organisation import PersonFactory, RoleGrantFactory, UserFactory

pytestmark = pytest.mark.django_db
FRAMEWORK = "/api/v1/competencies/"
ESTIMATES = "/api/v1/me/estimates/"


def bearer(user: User) -> dict[str, str]:
    return {"authorization": f"Bearer {issue_token(user, 'test')}"}


@pytest.fixture
def learner() -> User:
    user: User = UserFactory()
    PersonFactory(user=user)
    return user


def test_framework_is_given_whole(client, learner):
    load_shipped_framework()
    response = client.get(FRAMEWORK, headers=bearer(learner))
    assert response.status_code == 200
    data = response.json()
    assert (data["code"], data["version"]) == ("public-service-digital-ai", "1")
    assert [level["number"] for level in data["levels"]] == list(range(1, 9))
    competencies = [each for domain in data["domains"] for each in domain["competencies"]]
    assert len(competencies) == 32
    assert [len(each["descriptors"]) for each in competencies] == [4] * 32
    assert set(competencies[0]) == {"code", "name_vi", "name_en", "source", "descriptors"}


@pytest.mark.parametrize("count", [1, 30])
def test_framework_takes_the_same_queries_for_any_size(client, learner, count, django_assert_num_queries):
    make_framework(*(f"9.{n}" for n in range(count)))
    headers = bearer(learner)
    with django_assert_num_queries(9):
        assert client.get(FRAMEWORK, headers=headers).status_code == 200


def test_framework_is_not_found_before_publication(client, learner):
    assert client.get(FRAMEWORK, headers=bearer(learner)).status_code == 404


def test_estimates_are_the_signed_in_persons_own(client, learner):
    framework = make_framework("9.1", "9.2")
    make_post({competency_of(framework, "9.1"): 3, competency_of(framework, "9.2"): 4}, person=learner.person)
    add_evidence(learner.person, competency_of(framework, "9.2"), {"a": 1, "b": 1, "c": 1, "d": 1})
    add_evidence(PersonFactory(), competency_of(framework, "9.1"), {"a": 1})

    response = client.get(ESTIMATES, headers=bearer(learner))
    assert response.status_code == 200
    first, second = response.json()["estimates"]
    assert first == {
        "competency": {
            "code": "9.1",
            "name_vi": competency_of(framework, "9.1").name_vi,
            "name_en": competency_of(framework, "9.1").name_en,
        },
        "required": 3,
        "status": "not_assessed",
        "level": None,
        "band": None,
        "p_below": None,
        "mean": None,
        "se": None,
        "level_probabilities": None,
        "evidence_count": 0,
        "measured_at": None,
    }
    assert (second["evidence_count"], second["required"], len(second["level_probabilities"])) == (4, 4, 8)
    assert 0 < second["p_below"] < 1


@pytest.mark.parametrize("address", [FRAMEWORK, ESTIMATES])
def test_strangers_are_turned_away(client, address):
    make_framework()
    assert client.get(address).status_code == 401
    assert client.get(address, headers=bearer(UserFactory())).status_code == 403


def test_trainer_reads_the_framework_and_has_no_estimates(client):
    make_framework()
    headers = bearer(RoleGrantFactory().user)
    assert client.get(FRAMEWORK, headers=headers).status_code == 200
    assert client.get(ESTIMATES, headers=headers).status_code == 403
