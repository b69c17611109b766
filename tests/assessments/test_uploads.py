"""An answer names its person's own files, as they were handed in."""

from io import BytesIO

import pytest

from assessments.domain.uploads import are_own_uploads, check_claims, claim_uploads, keep_upload
from assessments.items import file_upload
from assessments.items.problems import ResponseError
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
