"""The main job: a person learns and is measured, by any means, and HR's cell moves within five seconds."""

import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from tests.e2e.conftest import wait_until_changed
from tests.e2e.learner import COURSE, answer_question, play_simulation, read_course, right_answers, take_quiz
from tests.e2e.stack import Stack, connect

WARD = "AB-X01"
FRESHNESS_SECONDS = 5.0


def cells(stack: Stack) -> dict[str, dict[str, Any]]:
    report = stack.get_json(f"/api/v1/reports/gaps/?unit={WARD}", "hr")
    return {cell["code"]: cell for cell in report["competencies"]}


def assessed(stack: Stack) -> dict[str, int]:
    return {code: cell["assessed"] for code, cell in cells(stack).items() if not cell["suppressed"]}


def wait_for_change(stack: Stack, before: dict[str, dict[str, Any]]) -> float:
    """Return the seconds until the ward's cells differ from what they were."""
    start = time.monotonic()
    while cells(stack) == before:
        assert time.monotonic() - start < 30, "the cells never moved"
        time.sleep(0.1)
    return time.monotonic() - start


def test_learner_learns_is_measured_and_hr_sees_it(stack: Stack, open_as: Callable[..., Page]) -> None:
    learner = open_as("learner", width=360)
    hr = open_as("hr")
    hr.goto(f"/hr/units/{WARD}/")
    table_before = hr.locator("main").inner_text()

    read_course(learner)
    learner.goto("/learn/courses/ai_safe_use/")
    progress = learner.locator("main progress").first
    assert progress.get_attribute("value") == progress.get_attribute("max") == "4"

    counts_before, before = assessed(stack), cells(stack)
    asked = take_quiz(learner)
    seconds = wait_for_change(stack, before)
    assert seconds < FRESHNESS_SECONDS
    assert 8 <= asked <= 20
    counts_after = assessed(stack)
    assert {counts_after[code] - counts_before[code] for code in counts_before} == {0, 1}
    wait_until_changed(hr, "main", table_before)

    assert "/result/" in learner.url
    assert learner.locator("main .card svg").count() >= 1
    before = cells(stack)
    play_simulation(learner)
    assert "/result/" in learner.url
    assert "3 / 3" in learner.locator("main").inner_text().replace("3 trên 3", "3 / 3").replace("3/3", "3 / 3")
    assert wait_for_change(stack, before) < FRESHNESS_SECONDS

    estimates = {
        row["competency"]["code"]: row for row in stack.get_json("/api/v1/me/estimates/", "learner")["estimates"]
    }
    assert [estimates[code]["evidence_count"] > 0 for code in ("6.3", "7.1", "7.5")] == [True, True, True]
    learner.goto("/")
    assert learner.locator("main svg").count() >= 1


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
        wait_until_changed(page, "h1", number)


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


def test_every_answer_was_kept_once(stack: Stack) -> None:
    with connect() as database:
        row = database.execute(
            "SELECT count(*), count(DISTINCT (attempt_id, key)), count(*) FILTER (WHERE status <> 'accepted')"
            " FROM assessments_response"
        ).fetchone()
    assert row is not None
    assert row[0] == row[1] > 20_000
    assert row[2] == 0
