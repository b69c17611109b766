"""Every page of a learner who has results, and of somebody who has not signed in."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.e2e.pages import faults_of_pages
from tests.e2e.stack import Stack

STARTS = {
    None: ["/account/login/", "/account/password/reset/"],
    "learner": ["/", "/learn/courses/", "/account/profile/", "/account/password/change/", "/design/"],
}


@pytest.mark.parametrize("role", list(STARTS))
@pytest.mark.parametrize(("language", "width"), [("vi", 360), ("en", 1280)])
def test_every_page_is_whole(
    open_as: Callable[..., Page], stack: Stack, role: str | None, language: str, width: int
) -> None:
    page = open_as(role, width=width, language=language)
    opened, faults = faults_of_pages(page, STARTS[role], base=stack.url, language=language, per_route=2)
    assert faults == []
    assert opened >= len(STARTS[role])
