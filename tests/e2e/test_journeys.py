"""The main job: a person learns and is measured, and HR's cell moves within five seconds."""

import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from tests.e2e.learner import play_simulation, read_course, take_quiz
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
    hr.wait_for_function(
        "before => document.querySelector('main').innerText !== before", arg=table_before, timeout=15_000
    )

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


def test_every_answer_was_kept_once(stack: Stack) -> None:
    with connect() as database:
        row = database.execute(
            "SELECT count(*), count(DISTINCT (attempt_id, key)), count(*) FILTER (WHERE status <> 'accepted')"
            " FROM assessments_response"
        ).fetchone()
    assert row is not None
    assert row[0] == row[1] > 20_000
    assert row[2] == 0
