"""The living page, the error pages and the choice of theme."""

import pytest
from django.test import Client

from frontend.design.samples import list_icons


@pytest.mark.parametrize("language", ["vi", "en"])
def test_living_page_shows_every_section(client: Client, language: str) -> None:
    page = client.get("/design/", headers={"cookie": f"django_language={language}"})
    assert page.status_code == 200
    html = page.content.decode()
    assert html.count('class="living__section"') == 13
    assert " style=" not in html
    assert " onclick=" not in html


@pytest.mark.parametrize("code", [400, 403, 404, 429, 500])
def test_error_page_can_be_seen(client: Client, code: int) -> None:
    assert f"Lỗi {code}" in client.get(f"/design/error/{code}/").content.decode()


def test_error_page_of_an_unknown_code_is_not_found(client: Client) -> None:
    assert client.get("/design/error/418/").status_code == 404


def test_theme_is_remembered_and_set_on_the_next_page(client: Client) -> None:
    answer = client.post("/design/theme/", {"theme": "dark", "next": "/design/?page=2"})
    assert (answer.status_code, answer["location"], client.cookies["theme"].value) == (302, "/design/?page=2", "dark")
    assert '<html lang="vi" data-bs-theme="dark">' in client.get("/design/").content.decode()


def test_theme_auto_forgets(client: Client) -> None:
    client.post("/design/theme/", {"theme": "dark"})
    client.post("/design/theme/", {"theme": "auto"})
    assert '<html lang="vi">' in client.get("/design/").content.decode()


def test_theme_never_leads_to_another_site(client: Client) -> None:
    assert client.post("/design/theme/", {"theme": "dark", "next": "//elsewhere.example/"})["location"] == "/"


def test_theme_is_changed_by_post_alone(client: Client) -> None:
    assert client.get("/design/theme/?theme=dark").status_code == 405


def test_icons_are_named_once() -> None:
    names = list_icons()
    assert len(names) == 45
    assert sorted(set(names)) == names
