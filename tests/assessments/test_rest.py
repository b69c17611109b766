"""Taking an assessment over REST."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone, translation

from assessments.domain.attempts import start_attempt
from assessments.domain.blueprints import make_standard_assessments
from assessments.domain.importing import import_simulations
from assessments.domain.simulation_log import playable_simulation
from assessments.domain.versions import playable_version
from assessments.models import Assessment, Attempt, ItemVersion, Presentation, Response
from organisation.api import issue_token
from organisation.models import AuditEvent, Person, User
from tests.factories.assessments import CONTENT, AssessmentFactory, make_quiz, right_answer, wrong_answer
from tests.factories.competencies import competency_of, load_shipped_framework, make_post
from tests.factories.organisation import PersonFactory, RoleGrantFactory, UserFactory

pytestmark = pytest.mark.django_db
ATTEMPTS = "/api/v1/attempts/"


@pytest.fixture(autouse=True)
def language_of_the_next_test():
    """A request leaves its language behind in the thread."""
    with translation.override("vi"):
        yield


class Api:
    """A person's client with a bearer token."""

    def __init__(self, client: Any, user: User) -> None:
        self.client = client
        self.headers = {"authorization": f"Bearer {issue_token(user, 'test')}", "accept-language": "en"}

    def get(self, path: str = "") -> Any:
        return self.client.get(ATTEMPTS + path, headers=self.headers)

    def post(self, path: str = "", data: Any = None) -> Any:
        return self.client.post(ATTEMPTS + path, data or {}, content_type="application/json", headers=self.headers)


def with_account(person: Person) -> User:
    person.user = UserFactory()
    person.save()
    return person.user


@pytest.fixture
def quiz() -> tuple[Person, Assessment]:
    return make_quiz(["9.1", "9.2"])


@pytest.fixture
def api(client, quiz) -> Api:
    return Api(client, with_account(quiz[0]))


@pytest.fixture
def stranger(client) -> Api:
    user = UserFactory()
    PersonFactory(user=user)
    return Api(client, user)


@pytest.fixture
def attempt(quiz) -> Attempt:
    return start_attempt(*quiz)


def body(given: dict[str, Any], *, right: bool = True, **changes: Any) -> dict[str, Any]:
    value = right_answer(given["version"]) if right else wrong_answer(given["version"])
    return {"key": str(uuid4()), "sequence": given["sequence"], "version": given["version"], "value": value} | changes


def test_whole_quiz_over_rest(api, quiz):
    started = api.post(data={"assessment": quiz[1].code})
    assert started.status_code == 201
    attempt = started.json()
    assert (attempt["status"], attempt["mode"], attempt["result"]) == ("open", "adaptive", None)
    again = api.post(data={"assessment": quiz[1].code})
    assert (again.status_code, again.json()["id"]) == (200, attempt["id"])

    path = f"{attempt['id']}/"
    answered = 0
    while not (given := api.get(f"{path}next/").json())["finished"]:
        assert set(given["question"]) == {"kind", "stem", "options"}
        assert given["question"]["stem"].startswith("What do you do?")
        assert (given["answered"], given["at_most"]) == (answered, 12)
        assert api.post(f"{path}responses/", body(given)).status_code == 201
        answered += 1
    assert given == {"finished": True}

    submitted = api.post(f"{path}submit/")
    assert submitted.status_code == 200
    result = submitted.json()["result"]
    assert [row["competency"]["code"] for row in result["competencies"]] == ["9.1", "9.2"]
    assert sum(row["asked"] for row in result["competencies"]) == answered
    assert all(0 < row["p_below"] < 0.5 and len(row["level_probabilities"]) == 8 for row in result["competencies"])
    assert api.post(f"{path}submit/").json() == submitted.json()
    assert api.get(path).json() == submitted.json()


def test_same_key_is_answered_200_with_the_same_body(api, attempt):
    given = api.get(f"{attempt.pk}/next/").json()
    sent = body(given)
    first, second = (api.post(f"{attempt.pk}/responses/", sent) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert set(first.json()) == {"response", "status", "sequence", "received_at"}
    assert Response.objects.count() == 1


def test_key_of_another_answer_is_422(api, attempt):
    given = api.get(f"{attempt.pk}/next/").json()
    sent = body(given)
    api.post(f"{attempt.pk}/responses/", sent)
    reused = api.post(f"{attempt.pk}/responses/", sent | {"value": wrong_answer(given["version"])})
    assert reused.status_code == 422
    assert reused.json() == {"key": ["This key was already used for another answer."]}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"version": 10**12}, {"version": ["This question was not given in this attempt."]}),
        ({"version": 2**70}, None),
        ({"value": {}}, None),
        ({"value": None}, None),
        ({"sequence": 0}, None),
        ({"key": "x"}, {"key": ["Must be a valid UUID."]}),
    ],
)
def test_wrong_answer_bodies_name_the_field(api, attempt, changes, expected):
    given = api.get(f"{attempt.pk}/next/").json()
    response = api.post(f"{attempt.pk}/responses/", body(given, **changes))
    assert response.status_code == 400
    assert list(response.json()) == list(changes)
    if expected is not None:
        assert response.json() == expected
    assert Response.objects.count() == 0


def test_ill_formed_value_is_named_in_the_language_of_the_request(api, attempt):
    given = api.get(f"{attempt.pk}/next/").json()
    name = {"single_choice": "choice", "multiple_choice": "choices", "ordering": "order"}[given["question"]["kind"]]
    for language, message in (("en", "An answer is needed."), ("vi", "Anh/chị chưa trả lời.")):
        api.headers["accept-language"] = language
        response = api.post(f"{attempt.pk}/responses/", body(given, value={}))
        assert response.json() == {"value": {name: [message]}}


def test_late_answer_is_acknowledged_as_late(api, quiz):
    attempt = start_attempt(*quiz, now=timezone.now() - timedelta(minutes=10))
    given = api.get(f"{attempt.pk}/next/").json()
    Attempt.objects.filter(pk=attempt.pk).update(deadline=timezone.now() - timedelta(seconds=1))
    response = api.post(f"{attempt.pk}/responses/", body(given))
    assert (response.status_code, response.json()["status"]) == (201, "late")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", ""),
        ("get", "next/"),
        ("post", "responses/"),
        ("post", "submit/"),
        ("get", "simulation/"),
        ("post", "actions/"),
    ],
)
def test_somebody_elses_attempt_is_not_found_and_noted(stranger, attempt, method, path):
    data = {"key": str(uuid4()), "sequence": 1, "version": 1, "value": {}, "action": "a", "params": {}}
    address = f"{attempt.pk}/{path}"
    response = stranger.get(address) if method == "get" else stranger.post(address, data)
    assert response.status_code == 404
    assert AuditEvent.objects.values_list("action", "target").get(action="refused") == (
        "refused",
        f"attempt {attempt.pk}",
    )
    nowhere = f"{uuid4()}/{path}"
    other = stranger.get(nowhere) if method == "get" else stranger.post(nowhere, data)
    assert (other.status_code, other.json()) == (404, response.json())


def test_strangers_and_other_roles_are_turned_away(client, attempt):
    assert client.get(f"{ATTEMPTS}{attempt.pk}/").status_code == 401
    trainer = Api(client, RoleGrantFactory().user)
    assert trainer.get(f"{attempt.pk}/").status_code == 403
    assert trainer.post(data={"assessment": "x"}).status_code == 403


def test_start_is_refused_with_a_code_and_a_message(api, stranger, quiz):
    assert api.post(data={"assessment": "no-such"}).status_code == 404
    assert api.post(data={}).json() == {"assessment": ["This field is required."]}
    closed = AssessmentFactory(is_open=False)
    refused = api.post(data={"assessment": closed.code})
    assert refused.status_code == 409
    assert refused.json() == {"detail": "This assessment is not open.", "code": "not_open"}
    assert stranger.post(data={"assessment": quiz[1].code}).json()["code"] == "no_post"


def test_simulation_over_rest(client):
    framework = load_shipped_framework()
    import_simulations(CONTENT / "simulations")
    make_standard_assessments()
    api = Api(client, with_account(make_post({competency_of(framework, "6.3"): 3})))
    attempt = api.post(data={"assessment": "one-stop-reply"}).json()
    path = f"{attempt['id']}/"
    view = api.get(f"{path}simulation/").json()
    assert (view["sequence"], view["step"], view["locale"]) == (1, 0, "en")
    assert "evidence" not in view
    assert api.get(f"{path}next/").json()["code"] == "not_adaptive"

    simulation = playable_simulation(Presentation.objects.get(attempt=attempt["id"]).version_id)
    trace = next(persona.trace for persona in simulation.personas.values() if persona.kind == "scripted")
    for entry in trace:
        sent = {
            "key": str(uuid4()),
            "sequence": view["sequence"],
            "action": entry.action,
            "params": dict(entry.params),
        }
        first, second = (api.post(f"{path}actions/", sent) for _ in range(2))
        assert (first.status_code, second.status_code) == (201, 200)
        assert first.json() == second.json()
        view = first.json()["simulation"]
    assert view["ended"] is not None
    refused = api.post(f"{path}actions/", {"key": str(uuid4()), "sequence": 99, "action": "no", "params": {}})
    assert (refused.status_code, refused.json()) == (400, {"action": ["The simulation has ended."]})
    result = api.post(f"{path}submit/").json()["result"]
    assert sorted(row["competency"]["code"] for row in result["competencies"]) == ["6.3", "7.1", "7.5"]


@pytest.mark.parametrize("answered", [0, 4])
def test_requests_take_the_same_queries_however_far_the_sitting_is(
    api, attempt, answered, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr("assessments.domain.bank.RECHECK_SECONDS", 3600)
    for version in ItemVersion.objects.all():
        playable_version(version.pk)
    for number in range(answered):
        api.post(f"{attempt.pk}/responses/", body(api.get(f"{attempt.pk}/next/").json(), right=number % 2 == 0))
    given = api.get(f"{attempt.pk}/next/").json()
    with django_assert_num_queries(6):
        assert api.post(f"{attempt.pk}/responses/", body(given)).status_code == 201
    with django_assert_num_queries(7):
        assert not api.get(f"{attempt.pk}/next/").json()["finished"]
