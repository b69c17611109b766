"""Without a mouse, without JavaScript: staff go on. The learner's ways are among the journeys."""

from collections.abc import Callable

from playwright.sync_api import Page


def test_skip_link_leads_to_the_content(open_as: Callable[..., Page]) -> None:
    page = open_as("trainer", width=360)
    page.goto("/author/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_hr_and_author_pages_without_javascript(open_as: Callable[..., Page]) -> None:
    page = open_as("hr", java_script_enabled=False)
    page.goto("/hr/units/AB/")
    assert page.locator("table.heat").count() == 1
    page = open_as("trainer", java_script_enabled=False)
    page.goto("/author/items/?q=ho+so")
    assert page.locator("main a[href^='/author/items/']").count() >= 1
