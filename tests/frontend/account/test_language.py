"""Which language a page begins in, and addresses that hold what no database takes."""

import pytest

LOGIN = "/account/login/"


@pytest.mark.parametrize(
    ("headers", "language"),
    [
        ({}, "vi"),
        ({"accept-language": "en"}, "vi"),
        ({"accept-language": "en", "cookie": "django_language=en"}, "en"),
        ({"accept-language": "vi", "cookie": "django_language=en"}, "en"),
    ],
)
def test_pages_are_vietnamese_until_a_person_chooses(db, client, headers, language):
    assert f'<html lang="{language}"' in client.get(LOGIN, headers=headers).content.decode()


def test_an_address_with_a_nul_is_a_bad_request(client):
    assert client.get("/learn/pictures/%00").status_code == 400
    assert client.get("/learn/courses/%00/").status_code == 404  # no address of ours
