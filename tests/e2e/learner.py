"""What a learner does, as steps that tests share."""

from typing import Any

import yaml
from django.conf import settings
from playwright.sync_api import Page

from tests.e2e.conftest import wait_until

BANK = settings.BASE_DIR / "assessments" / "content" / "items"
SCENARIO = settings.BASE_DIR / "assessments" / "content" / "simulations" / "one_stop_reply.yaml"
COURSE = "/learn/courses/ai_safe_use/"


def right_answers() -> dict[str, Any]:
    """Return, by the stem's first words in Vietnamese, the right options of every shipped item."""
    answers = {}
    for path in sorted(BANK.glob("*.yaml")):
        for item in yaml.safe_load(path.read_text(encoding="utf-8")):
            options = item["options"]
            if item["kind"] != "ordering":
                options = [option for option in options if option.get("correct")]
            answers[_first_words(item["stem"]["vi"])] = [_squeeze(option["vi"]) for option in options]
    return answers


def _squeeze(text: str) -> str:
    return " ".join(text.split())


def _first_words(stem: str) -> str:
    return _squeeze(stem.replace("> ", ""))[:60]


def read_course(page: Page) -> None:
    """Go through all lessons of the module, answering the first check question of each."""
    page.goto(COURSE)
    page.locator("main a[href*='/what_it_is/']").first.click()
    for _ in range(4):
        check = page.locator("section[data-block] form").first
        check.locator("input[type=radio]").first.check()
        check.locator("button").click()
        page.locator("section[data-block] .rationale").first.wait_for()
        page.locator("nav form[action$='/complete/'] button").click()
        page.wait_for_load_state("load")


def answer_question(page: Page, answers: dict[str, Any]) -> None:
    """Answer the question on the page rightly and save it."""
    form = page.locator("form#answer")
    kind = form.locator("input[name=kind]").input_value()
    correct = answers[_first_words(page.locator("#stem").inner_text())]
    if kind == "ordering":
        _order(page, correct)
    else:
        for label in form.locator("label.choice").all():
            if _squeeze(label.inner_text()) in correct:
                label.locator("input").check()
    with page.expect_navigation():
        form.locator(".btn-row button").click()


def _order(page: Page, correct: list[str]) -> None:
    for place, text in enumerate(correct):
        while True:
            steps = [_squeeze(step) for step in page.locator("[data-step]").all_inner_texts()]
            current = steps.index(text)
            if current == place:
                break
            page.locator(".ordering__row").nth(current).locator("[data-move=up]").click()
            wait_until(
                page,
                "([text, place]) => [...document.querySelectorAll('[data-step]')]"
                ".findIndex(step => step.innerText.replace(/\\s+/g, ' ').trim() === text) === place",
                [text, current - 1],
            )


def take_quiz(page: Page) -> int:
    """Start the quiz, answer everything rightly, and return how many questions were asked. Ends on the result."""
    answers = right_answers()
    page.goto("/learn/assessments/digital-ai-quiz/")
    page.locator("main form[method=post] button").first.click()
    page.wait_for_load_state("load")
    count = 0
    while page.locator("form#answer").count():
        answer_question(page, answers)
        count += 1
    return count


def expert_trace() -> list[dict[str, Any]]:
    """Return the steps of the scenario's scripted expert."""
    trace: list[dict[str, Any]] = yaml.safe_load(SCENARIO.read_text(encoding="utf-8"))["personas"]["expert"]["trace"]
    return trace


def play_simulation(page: Page) -> None:
    """Play the simulation as its expert does, through the page's own forms. Ends on the result."""
    page.goto("/learn/assessments/one-stop-reply/")
    page.locator("main form[method=post] button").first.click()
    page.wait_for_load_state("load")
    for step in expert_trace():
        take_step(page, step["action"], step.get("params", {}))
    page.locator("#desk a.btn", has_text="").last.click()
    page.wait_for_load_state("load")


def take_step(page: Page, action: str, params: dict[str, Any]) -> None:
    """Do one action: fill the form that carries it and wait until the desk has moved on."""
    form = page.locator(f"form:has(input[name=action][value='{action}'])")
    for name, value in params.items():
        if isinstance(value, dict):
            form = form.filter(has=page.locator(f"input[name='param-{name}-segment'][value='{value['segment']}']"))
        elif form.locator(f"button[name='param-{name}']").count():
            form = form.filter(has=page.locator(f"button[name='param-{name}'][value='{value}']"))
    form = form.first
    sequence = form.locator("input[name=sequence]").input_value()
    form.evaluate(
        "form => { for (let at = form; at; at = at.parentElement) if (at.tagName === 'DETAILS') at.open = true }"
    )
    press = form.locator("button").last
    for name, value in params.items():
        if isinstance(value, dict):
            form.locator(f"input[name='param-{name}-change'][value='{value['change']}']").check()
        elif form.locator(f"button[name='param-{name}'][value='{value}']").count():
            press = form.locator(f"button[name='param-{name}'][value='{value}']")
        else:
            _fill(form, name, value)
    press.click()
    wait_until(
        page,
        "sequence => { const field = document.querySelector('#desk input[name=sequence]');"
        " return !field || field.value !== sequence }",
        sequence,
    )


def _fill(form: Any, name: str, value: str) -> None:
    field = form.locator(f"[name='param-{name}']")
    kind = field.first.evaluate("field => field.tagName + (field.type || '')")
    if kind == "INPUTradio":
        form.locator(f"[name='param-{name}'][value='{value}']").check()
    elif kind.startswith("SELECT"):
        field.select_option(value)
    else:
        field.fill(value)
