"""An answer names its person's own files, as they were handed in."""

from io import BytesIO
from uuid import uuid4

import pytest
from django.utils import timezone

from assessments.domain.attempts import start_attempt
from assessments.domain.items import provisional_parameters, publish_new_version, version_digest
from assessments.domain.refusals import ResponseRefused
from assessments.domain.responses import submit_response
from assessments.domain.uploads import are_own_uploads, check_claims, claim_uploads, keep_upload
from assessments.items import file_upload
from assessments.items.file_types import FileRefused
from assessments.items.problems import ResponseError
from assessments.models import Attempt, Item, ItemVersion, Presentation, Response, Upload
from competencies.models import Competency
from tests.factories.assessments import make_quiz
from tests.factories.organisation import PersonFactory

pytestmark = pytest.mark.django_db
CONTENT = file_upload.parse_content(
    file_upload.SAMPLE | {"files": {"most": 2, "types": ["txt"], "megabytes": 1}},
)


@pytest.fixture(autouse=True)
def storage(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    }


def entry(person, text: bytes = b"abc") -> dict:
    upload = keep_upload(person, CONTENT, "bài.txt", BytesIO(text))
    return claim_uploads(person.pk, [str(upload.pk)])[0]


def value(*entries: dict):
    return file_upload.parse_response(CONTENT, {"files": list(entries)})


def test_own_files_are_accepted_in_any_number(django_assert_num_queries):
    person = PersonFactory()
    first, second = entry(person), entry(person, b"def")
    with django_assert_num_queries(1):
        check_claims(person.pk, value(second, first))


@pytest.mark.parametrize("change", [{}, {"size": 1}, {"sha256": "0" * 64}, {"name": "khác.txt"}, {"id": "0" * 32}])
def test_file_of_another_or_other_than_it_is_is_refused(change):
    person = PersonFactory()
    owner = person if change else PersonFactory()
    claimed = entry(owner) | change
    with pytest.raises(ResponseError) as caught:
        check_claims(person.pk, value(claimed))
    assert (caught.value.field, caught.value.reason) == ("files", "not_own")
    assert not are_own_uploads(person.pk, [claimed])


def test_whoever_is_not_known_has_no_file_and_other_answers_ask_nothing(django_assert_num_queries):
    claimed = value(entry(PersonFactory()))
    with django_assert_num_queries(0):
        with pytest.raises(ResponseError):
            check_claims(None, claimed)
        for other in (("abcdef0123",), "text", {"a": "b"}, True, (), None):
            check_claims(None, other)


def given_files() -> tuple[Attempt, ItemVersion]:
    """A sitting whose first question takes files."""
    attempt = start_attempt(*make_quiz(["9.1"]))
    competency = Competency.objects.get(code="9.1")
    item = Item.objects.create(code="9.1-files", kind=file_upload.KIND, competency=competency)
    content = CONTENT.to_dict()
    parameters = {competency.pk: provisional_parameters(4)}
    version = publish_new_version(item, content, version_digest(content, 4, 60), parameters, level=4, seconds=60)
    Presentation.objects.create(
        attempt=attempt, position=1, version=version, parameters={}, presented_at=timezone.now()
    )
    return attempt, version


def hand_in(attempt: Attempt, version: ItemVersion, *claimed: dict, sequence: int = 1) -> str:
    saved = submit_response(
        *(attempt.pk, attempt.person_id),
        key=uuid4(),
        sequence=sequence,
        version_id=version.pk,
        raw_value={"files": list(claimed)},
    )
    return saved.status


def test_an_answer_with_anothers_file_is_refused_and_nothing_is_saved():
    attempt, version = given_files()
    with pytest.raises(ResponseRefused) as caught:
        hand_in(attempt, version, entry(PersonFactory()))
    assert (caught.value.field, caught.value.reason) == ("value.files", "not_own")
    assert Response.objects.count() == 0
    assert hand_in(attempt, version, entry(attempt.person)) == "accepted"


def test_files_of_answers_that_count_leave_room_for_others(monkeypatch):
    """Control: files that no answer names, or one that was replaced since, take the room."""
    monkeypatch.setattr("assessments.domain.uploads.MOST_UNCLAIMED", 3)
    attempt, version = given_files()
    entry(PersonFactory())
    hand_in(attempt, version, entry(attempt.person), sequence=1)
    hand_in(attempt, version, entry(attempt.person), entry(attempt.person), sequence=2)
    for _ in range(2):
        entry(attempt.person)
    with pytest.raises(FileRefused, match="too_many"):
        entry(attempt.person)
    assert Upload.objects.filter(person=attempt.person).count() == 5
