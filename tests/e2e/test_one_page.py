"""A trainer puts a form on one page; a person sits it on a phone, by keyboard, with a network that comes and goes."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import axe_violations, wait_until
from tests.e2e.stack import Stack

QUESTIONS = 4


@pytest.fixture(scope="module")
def learner(stack: Stack) -> str:
    """Somebody whom no other test knows."""
    stack.add_learner("paper")
    return "paper"


def press(page: Page, selector: str) -> None:
    with page.expect_navigation():
        page.locator(selector).click()


def make_form(page: Page, code: str) -> None:
    """By the trainer's own pages."""
    page.goto("/author/assessments/new/")
    page.locator("input[name=mode][value=fixed]").check()
    for name, value in (("name_vi", "Bài một trang"), ("name_en", "One page"), ("code", code)):
        page.fill(f"[name={name}]", value)
    press(page, "main form button[type=submit]")
    page.goto(f"/author/assessments/{code}/sections/new/")
    page.fill("[name=name_vi]", "Phần 1")
    page.fill("[name=name_en]", "Part 1")
    press(page, "main form button[type=submit]")
    page.goto(page.url + "?kind=single_choice")
    for tick in page.locator("input[name=code]").all()[:QUESTIONS]:
        tick.check()
    press(page, "button[value=add]")
    page.goto(f"/author/assessments/{code}/settings/")
    page.locator("input[name=one_page]").check()
    assert axe_violations(page) == []
    press(page, "main form button[type=submit]:not(.site-tool)")
    page.goto(f"/author/assessments/{code}/")
    press(page, "button[value=open]")


def tick_by_keyboard(page: Page, number: int) -> None:
    page.locator(f"#question-{number} input[type=radio]").first.focus()
    page.keyboard.press("Space")


def test_form_on_one_page_is_sat_on_a_phone(open_as: Callable[..., Page], learner: str) -> None:
    make_form(open_as("trainer", language="en"), "paper")
    page = open_as(learner, width=360)
    page.goto("/learn/assessments/paper/")
    press(page, "main form[method=post] button")
    assert page.locator("[id^=question-]").count() == QUESTIONS
    assert axe_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tick_by_keyboard(page, 1)
    page.locator("[data-autosaved]", has_text="Đã lưu lúc").wait_for()
    tick_by_keyboard(page, 2)
    page.wait_for_timeout(1000)  # the draft is kept a moment after the change
    page.reload()
    wait_until(page, "() => document.querySelectorAll('#answer input:checked').length === 2")
    tick_by_keyboard(page, 3)
    page.context.set_offline(True)
    page.locator("#answer .btn-row button").focus()
    page.keyboard.press("Enter")
    page.locator("answer-queue [data-when=offline]").wait_for()
    page.context.set_offline(False)
    wait_until(page, "() => location.pathname.endsWith('/check/')")
    page.wait_for_load_state("load")
    assert page.locator("td", has_text="Đã lưu").count() == 3
    assert page.locator("td", has_text="Chưa trả lời").count() == QUESTIONS - 3
    assert axe_violations(page) == []
    press(page, "a[href$='#question-4']")
    tick_by_keyboard(page, 4)
    press(page, "#answer .btn-row button")
    press(page, "form[data-hand-in] button")
    assert page.url.endswith("/result/")
    assert page.locator(".disclosure--row").count() == QUESTIONS


def test_two_devices_never_overwrite_each_others_newer_answers(open_as: Callable[..., Page], stack: Stack) -> None:
    """The device that was left behind is told in words, and its draft is not filled over newer answers."""
    stack.add_learner("devices")
    make_form(open_as("trainer", language="en"), "devices")
    here, there = open_as("devices", width=360), open_as("devices")
    here.goto("/learn/assessments/devices/")
    press(here, "main form[method=post] button")
    there.goto(here.url)
    tick(here, 1, 0)
    here.locator("[data-autosaved]", has_text="Đã lưu lúc").wait_for()
    there.reload()
    tick(there, 1, 1)
    with there.expect_response("**/page/") as saving:
        pass
    assert saving.value.json()["states"] == {"1": "accepted"}
    tick(here, 1, 2)
    here.locator("[data-told=superseded]", has_text="câu 1").wait_for()
    assert axe_violations(here) == []
    here.wait_for_timeout(1000)  # the draft is kept a moment after the reply
    here.reload()
    here.wait_for_timeout(1000)
    assert here.locator("#question-1 input[type=radio]").nth(1).is_checked()
    tick(here, 2, 0)
    with here.expect_response("**/page/") as saving:
        pass
    assert saving.value.json()["states"] == {"2": "accepted"}


def tick(page: Page, number: int, option: int) -> None:
    page.locator(f"#question-{number} input[type=radio]").nth(option).check()
