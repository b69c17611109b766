"""Real Chromium against a whole installation, one for all processes that the browser tests run in."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright

from tests.e2e.stack import Stack

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
STARTED = pytest.StashKey[Stack]()
AXE = Path(settings.BASE_DIR) / "node_modules" / "axe-core" / "axe.min.js"


def pytest_itemcollected(item: pytest.Item) -> None:
    item.add_marker(pytest.mark.e2e)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Start the installation in the process that hands out the tests, before any other is there to use it."""
    if not hasattr(session.config, "workerinput") and not session.config.option.collectonly:
        started = session.config.stash[STARTED] = Stack()
        started.start()


def pytest_sessionfinish(session: pytest.Session) -> None:
    if STARTED in session.config.stash:
        session.config.stash[STARTED].stop()


@pytest.fixture(scope="session")
def stack() -> Stack:
    return Stack.running()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@contextmanager
def opening(stack: Stack, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Give `open_as(role, width=1280, language="vi", **context)`: a page signed in as that role, on its home."""
    contexts: list[BrowserContext] = []

    def open_page(role: str | None, *, width: int = 1280, language: str = "vi", **options: object) -> Page:
        context = browser.new_context(
            base_url=stack.url,
            viewport={"width": width, "height": 800},
            locale="vi-VN" if language == "vi" else "en-GB",
            **options,  # type: ignore[arg-type]  # Playwright's own keyword options
        )
        contexts.append(context)
        context.add_cookies([{"name": "django_language", "value": language, "url": stack.url}])
        page = context.new_page()
        page.set_default_timeout(15_000)
        if role is not None:
            sign_in(page, stack.accounts[role])
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def open_as(stack: Stack, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open pages, as `opening` says, for one test."""
    with opening(stack, browser) as open_page:
        yield open_page


def sign_in(page: Page, account: dict[str, str]) -> None:
    """Sign in through the form."""
    page.goto("/account/login/")
    page.fill("input[name=login]", account["username"])
    page.fill("input[name=password]", account["password"])
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state("load")
    assert "/account/login/" not in page.url, page.inner_text("main")


def wait_until(page: Page, script: str, argument: object = None, seconds: float = 15) -> None:
    """Wait until the function in JavaScript says true. Playwright's own waiting uses eval, which the site forbids."""
    deadline = time.monotonic() + seconds
    while not _says(page, script, argument):
        assert time.monotonic() < deadline, f"{page.url}: not in {seconds} s: {script}"
        page.wait_for_timeout(50)


def wait_until_changed(page: Page, selector: str, before: str) -> None:
    """Wait until the element is there and reads otherwise than before; while a page is loading it may not be there."""
    script = "([css, text]) => { const it = document.querySelector(css); return it !== null && it.innerText !== text; }"
    wait_until(page, script, [selector, before])


def _says(page: Page, script: str, argument: object) -> bool:
    try:
        return bool(page.evaluate(script, argument))
    except Error as error:
        if "context was destroyed" in str(error):  # the page has been left for the next one
            return False
        raise


def axe_violations(page: Page) -> list[str]:
    """Return one line for each node that breaks a WCAG 2.2 AA rule."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    options = {"runOnly": tags, "resultTypes": ["violations"]}
    result = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{page.url} {violation['id']}: {node['html'][:160]}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]
