"""Without a mouse, without JavaScript, without colour: the main job goes on."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.e2e.learner import COURSE, answer_question, right_answers


def tab_to(page: Page, selector: str, limit: int = 80) -> None:
    """Press Tab until the element has the focus, and see that the focus can be seen."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            visible = page.evaluate(
                "() => { const style = getComputedStyle(document.activeElement);"
                " const near = getComputedStyle(document.activeElement.closest('label') || document.activeElement);"
                " return [style, near].some(each => each.outlineStyle !== 'none' || each.boxShadow !== 'none') }"
            )
            assert visible, f"no visible focus on {selector}"
            return
    raise AssertionError(f"the keyboard does not reach {selector} on {page.url}")


def test_skip_link_leads_to_the_content(open_as: Callable[..., Page]) -> None:
    page = open_as("trainer", width=360)
    page.goto("/author/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_sign_in_and_quiz_by_keyboard_alone(open_as: Callable[..., Page], stack: object) -> None:
    page = open_as("learner", width=360)
    page.goto("/learn/assessments/digital-ai-quiz/")
    tab_to(page, "main form[method=post] button")
    page.keyboard.press("Enter")
    page.wait_for_selector("form#answer")
    for _ in range(3):
        kind = page.locator("form#answer input[name=kind]").input_value()
        if kind != "ordering":
            tab_to(page, "form#answer .choice input")
            page.keyboard.press("Space")
        else:
            tab_to(page, "form#answer [data-move]:not([disabled])")
            page.keyboard.press("Enter")
        number = page.locator("h1").inner_text()
        tab_to(page, "form#answer .btn-row button")
        page.keyboard.press("Enter")
        page.wait_for_function("number => document.querySelector('h1').innerText !== number", arg=number)


def test_quiz_and_lesson_without_javascript(open_as: Callable[..., Page]) -> None:
    page = open_as("learner", width=360, java_script_enabled=False)
    page.goto("/learn/assessments/digital-ai-quiz/")
    page.locator("main form[method=post] button").first.click()
    answers = right_answers()
    for _ in range(3):
        before = page.locator("h1").inner_text()
        if page.locator("form#answer input[name=kind]").input_value() == "ordering":
            page.locator("form#answer .btn-row button").click()
        else:
            answer_question(page, answers)
        assert page.locator("h1").inner_text() != before
    page.goto(f"{COURSE}good_prompt/")
    page.locator("section[data-block] input[type=radio]").first.check()
    page.locator("section[data-block] form button").first.click()
    assert page.locator("section[data-block] .rationale").count() == 1


def test_hr_and_author_pages_without_javascript(open_as: Callable[..., Page]) -> None:
    page = open_as("hr", java_script_enabled=False)
    page.goto("/hr/units/AB/")
    assert page.locator("table.heat").count() == 1
    page = open_as("trainer", java_script_enabled=False)
    page.goto("/author/items/?q=ho+so")
    assert page.locator("main a[href^='/author/items/']").count() >= 1
