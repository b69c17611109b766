"""Make the README's pictures from a fresh demo: `make screenshots`."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.test")

import django

django.setup()

from django.conf import settings
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.conftest import ARGUMENTS, CHROMIUM, sign_in
from tests.e2e.learner import take_quiz
from tests.e2e.stack import Stack

TARGET = settings.BASE_DIR / "docs" / "images"
# name, role, path, width, language, height
PICTURES = [
    ("home-360-vi", "learner", "/", 360, "vi", 780),
    ("hr-1280-vi", "hr", "/hr/units/AB/", 1280, "vi", 1600),
    ("lesson-360-vi", "learner", "/learn/courses/ai_safe_use/good_prompt/", 360, "vi", 780),
    ("item-1280-en", "trainer", "/author/items/6.3-01/", 1280, "en", 800),
]


def take_pictures(browser: Browser, stack: Stack) -> None:
    """Photograph every page of PICTURES, the learner's after a quiz."""
    for name, role, path, width, language, height in PICTURES:
        context = browser.new_context(base_url=stack.url, viewport={"width": width, "height": height})
        context.add_cookies([{"name": "django_language", "value": language, "url": stack.url}])
        page = context.new_page()
        sign_in(page, stack.accounts[role])
        if name == "home-360-vi":
            take_quiz(page)
        page.goto(path)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=TARGET / f"{name}.png")
        print(f"docs/images/{name}.png")
        context.close()


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    stack = Stack()
    try:
        stack.start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            take_pictures(browser, stack)
            browser.close()
    finally:
        stack.stop()


if __name__ == "__main__":
    main()
