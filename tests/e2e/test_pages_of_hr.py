"""Every page of HR and of administrators."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.e2e.pages import faults_of_pages
from tests.e2e.stack import Stack

# Each page is looked at in both widths. An administrator sees again the pages of trainers and HR, which are walked in
# both languages: one of each will do.
WALKS = [
    ("hr", ["/hr/", "/hr/units/AB/people/gap/?age=under_35"], "vi", (360, 1280), 2),
    ("hr", ["/hr/", "/hr/units/AB/people/gap/?age=under_35"], "en", (1280, 360), 2),
    ("admin", ["/hr/", "/author/"], "vi", (360, None), 1),
]


@pytest.mark.parametrize(("role", "starts", "language", "widths", "per_route"), WALKS)
def test_every_page_is_whole(
    open_as: Callable[..., Page],
    stack: Stack,
    role: str,
    starts: list[str],
    language: str,
    widths: tuple[int, int | None],
    per_route: int,
) -> None:
    page = open_as(role, width=widths[0], language=language)
    opened, faults = faults_of_pages(
        page, starts, base=stack.url, language=language, per_route=per_route, also_at=widths[1]
    )
    assert faults == []
    assert opened >= 8
