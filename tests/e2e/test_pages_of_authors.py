"""Every page of a trainer; and that the checks of pages catch a fault."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import axe_violations
from tests.e2e.pages import TEXTS, UNRENDERED, faults_of_pages, foreign_texts
from tests.e2e.stack import Stack


@pytest.mark.parametrize(("language", "width"), [("vi", 360), ("en", 1280)])
def test_every_page_is_whole(open_as: Callable[..., Page], stack: Stack, language: str, width: int) -> None:
    page = open_as("trainer", width=width, language=language)
    opened, faults = faults_of_pages(
        page, ["/author/", "/account/profile/"], base=stack.url, language=language, per_route=2
    )
    assert faults == []
    assert opened >= 30


def test_the_checks_catch_a_fault(open_as: Callable[..., Page]) -> None:
    page = open_as(None)
    page.goto("/account/login/")
    english = sorted(foreign_texts()["vi"])[0]
    page.evaluate(
        """english => {
            const main = document.querySelector('main');
            main.innerHTML = `<img src="/static/x.png"><p>{{ raw }}</p><p>${english}</p>`;
        }""",
        english,
    )
    texts = page.evaluate(TEXTS)
    assert [text for text in texts if UNRENDERED.search(text)] == ["{{ raw }}"]
    assert english in texts
    assert any("image-alt" in line for line in axe_violations(page))
