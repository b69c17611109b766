"""Every page of HR and of administrators."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import AXE
from tests.e2e.pages import faults_of_page, faults_of_pages
from tests.e2e.stack import Stack

# An administrator sees again the pages of trainers and HR, which are walked in both languages: one of each will do.
WALKS = [
    ("hr", ["/hr/"], "vi", 360, 2),
    ("hr", ["/hr/"], "en", 1280, 2),
    ("admin", ["/hr/", "/author/"], "vi", 360, 1),
]


@pytest.mark.parametrize(("role", "starts", "language", "width", "per_route"), WALKS)
def test_every_page_is_whole(
    open_as: Callable[..., Page], stack: Stack, role: str, starts: list[str], language: str, width: int, per_route: int
) -> None:
    page = open_as(role, width=width, language=language)
    opened, faults = faults_of_pages(page, starts, base=stack.url, language=language, per_route=per_route)
    assert faults == []
    assert opened >= 8


@pytest.mark.parametrize(("language", "width"), [("vi", 360), ("en", 1280)])
def test_a_further_posting_is_looked_at_and_written_by_keyboard(
    open_as: Callable[..., Page], language: str, width: int
) -> None:
    page = open_as("hr", width=width, language=language)
    page.add_init_script(path=AXE)
    page.goto("/hr/search/?q=nguyen")
    page.goto(page.locator("tbody th a").nth(width % 7).get_attribute("href") or "")
    page.goto(page.locator('a[href$="/postings/"]').first.get_attribute("href") or "")
    rows = page.locator("section:first-of-type tbody tr").count()
    page.locator('a[href$="/add/"]').press("Enter")
    own = page.locator("#id_position option").nth(2).get_attribute("value")
    page.get_by_role("combobox").first.select_option("secondary")
    page.locator("#id_unit").fill("AB")
    page.locator("#id_position").select_option(own)
    page.locator("#id_reason").fill("Quyết định 12/QĐ")
    page.locator("#id_reason").press("Tab")
    page.keyboard.press("Enter")
    assert page.locator('input[name="step"]').get_attribute("value") == "confirm"
    assert faults_of_page(page, language) == []
    page.locator("main form button[type=submit]").press("Enter")
    page.wait_for_url("**/postings/")
    assert page.locator("section:first-of-type tbody tr").count() == rows + 1
    assert "Quyết định 12/QĐ" in page.locator("main").inner_text()
    assert faults_of_page(page, language) == []
