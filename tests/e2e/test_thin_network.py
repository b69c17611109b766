"""Weight over the wire, and speed on a thin network."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page

from tests.e2e.conftest import wait_until
from tests.e2e.stack import Stack

KB = 1000
SLOW_3G = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 400_000 / 8,
    "uploadThroughput": 400_000 / 8,
}


class Wire:
    """Bytes that came over the wire, headers included, since the last reset."""

    def __init__(self, session: CDPSession) -> None:
        self.bytes = 0.0
        session.send("Network.enable")
        session.on("Network.loadingFinished", self._add)

    def _add(self, event: dict[str, float]) -> None:
        self.bytes += event["encodedDataLength"]


@pytest.fixture
def first_visit(open_as: Callable[..., Page], browser: Browser, stack: Stack) -> Iterator[BrowserContext]:
    """A phone whose cache is empty but which is signed in as the learner, in Vietnamese."""
    state = open_as("learner").context.storage_state()
    context = browser.new_context(base_url=stack.url, storage_state=state, viewport={"width": 360, "height": 800})
    yield context
    context.close()


@contextmanager
def weighed(page: Page) -> Iterator[Wire]:
    session = page.context.new_cdp_session(page)
    yield Wire(session)
    session.detach()


def load(page: Page, path: str) -> None:
    page.goto(path)
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready.then(() => true)")


def test_home_is_light(first_visit: BrowserContext) -> None:
    page = first_visit.new_page()
    with weighed(page) as first:
        load(page, "/")
    with weighed(page) as again:
        load(page, "/")
    with weighed(page) as lesson:
        load(page, "/learn/courses/ai_safe_use/what_it_is/")
    print(f"home {first.bytes / KB:.1f} KB, again {again.bytes / KB:.1f} KB, lesson {lesson.bytes / KB:.1f} KB more")
    assert 20 * KB < first.bytes <= 180 * KB
    assert again.bytes <= 25 * KB
    assert lesson.bytes <= 40 * KB


def test_the_scales_weigh(first_visit: BrowserContext) -> None:
    """The control: without a cache the second visit weighs as much as the first."""
    page = first_visit.new_page()
    load(page, "/")
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    wire = Wire(session)
    load(page, "/")
    assert wire.bytes > 50 * KB


def first_content(page: Page, path: str) -> float:
    """Return the milliseconds to first contentful paint."""
    page.goto(path)
    wait_until(page, "() => performance.getEntriesByName('first-contentful-paint').length > 0")
    return float(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))


@pytest.mark.parametrize("path", ["/", "/learn/courses/ai_safe_use/what_it_is/"])
def test_first_content_comes_soon_on_a_thin_network(first_visit: BrowserContext, path: str) -> None:
    page = first_visit.new_page()
    load(page, path)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW_3G)
    milliseconds = first_content(page, path)
    print(f"{path}: first content after {milliseconds:.0f} ms at 400 kbit/s, 400 ms latency")
    assert 400 < milliseconds < 2500
