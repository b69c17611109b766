"""Signs of life of a sitting's page, in Chromium with a clock of its own and answers of ours."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route

SCRIPT = Path(__file__).resolve().parents[2] / "frontend/static/frontend/learn/pulse.js"
PAGE = f"""<!doctype html><div data-pulse="/pulse/"></div>
<script type="module">{SCRIPT.read_text(encoding="utf-8")}</script>"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(("status", "signs"), [(204, 5), (502, 5), (403, 1)])
def test_a_page_that_is_refused_sends_no_more_signs_of_life(page: Page, status: int, signs: int) -> None:
    asked = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=status)

    page.route("http://thang.test/", lambda route: route.fulfill(body=PAGE, content_type="text/html"))
    page.route("http://thang.test/pulse/", answer)
    page.clock.install()
    page.goto("http://thang.test/")
    for _ in range(4):
        page.wait_for_timeout(50)
        page.clock.run_for(30_000)
    page.wait_for_timeout(100)
    assert len(asked) == signs
