"""An answer is kept on the device until the server has said that it is saved, whatever happens in between."""

from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import BrowserContext, Dialog, Error, Page, Route

from tests.e2e.conftest import axe_violations, sign_in, wait_until, wait_until_changed
from tests.e2e.stack import Stack, connect

KEPT = """async store => {
    const databases = (await indexedDB.databases()).filter(each => each.name.startsWith('thang-answers-'));
    let kept = 0;
    for (const { name } of databases) {
        const database = await new Promise(done => {
            const opening = indexedDB.open(name);
            opening.onsuccess = () => done(opening.result);
        });
        kept += await new Promise(done => {
            const counting = database.transaction(store).objectStore(store).count();
            counting.onsuccess = () => done(counting.result);
        });
        database.close();
    }
    return kept;
}"""


@pytest.fixture(scope="module")
def learner(stack: Stack) -> str:
    """Somebody whom no other test knows: the learner of the journeys may sit the same quiz at this moment."""
    stack.add_learner("queue")
    return "queue"


@pytest.fixture
def quiz(learner: str, open_as: Callable[..., Page]) -> Iterator[Page]:
    """A learner's page on the question that waits, on a phone."""
    page = open_as(learner, width=360)
    page.goto("/learn/assessments/digital-ai-quiz/")
    with page.expect_navigation():
        page.locator("main form[method=post] button").first.click()
    page.wait_for_selector("answer-queue", state="attached")
    yield page


def choose(page: Page) -> None:
    """Answer somehow; steps that are to be put in order are an answer as they lie."""
    choices = page.locator("form#answer .choice input")
    if choices.count():
        choices.first.check()


def press_save(page: Page) -> None:
    page.locator("form#answer .btn-row button").click()


def said(page: Page, when: str) -> bool:
    return page.locator(f"answer-queue [data-when={when}]").first.is_visible()


def saved(stack: Stack, key: str) -> list[str]:
    """Statuses of the answers in the database under this key."""
    with connect() as database:
        rows = database.execute("SELECT status FROM assessments_response WHERE key = %s", [key]).fetchall()
    return [row[0] for row in rows]


def key_of(page: Page) -> str:
    return page.locator("form#answer input[name=key]").input_value()


def leave_offline(page: Page) -> str:
    """Answer without a network; return the key of the answer, which the server does not have."""
    choose(page)
    key = key_of(page)
    page.context.set_offline(True)
    press_save(page)
    page.locator("answer-queue [data-when=offline]").wait_for()
    assert page.evaluate(KEPT, "events") == 1
    return key


def crash(page: Page) -> None:
    """End the page at once: one that is closed lives on for a moment, and would send what waits."""
    with page.expect_event("crash"), suppress(Error):
        page.goto("chrome://crash")
    page.close()


def test_ten_minutes_without_a_network_lose_nothing(quiz: Page, stack: Stack) -> None:
    quiz.clock.install()
    number = quiz.locator("h1").inner_text()
    key = leave_offline(quiz)
    assert saved(stack, key) == []
    quiz.clock.fast_forward("10:00")
    assert said(quiz, "offline")
    quiz.context.set_offline(False)
    wait_until_changed(quiz, "h1", number)
    assert saved(stack, key) == ["accepted"]
    assert quiz.evaluate(KEPT, "events") == quiz.evaluate(KEPT, "drafts") == 0


def test_a_crash_without_a_network_loses_nothing(quiz: Page, stack: Stack) -> None:
    key = leave_offline(quiz)
    context: BrowserContext = quiz.context
    crash(quiz)
    context.set_offline(False)
    assert saved(stack, key) == []
    page = context.new_page()
    page.goto("/")
    page.locator("answer-queue [data-when=sent]").wait_for()
    assert saved(stack, key) == ["accepted"]
    assert page.evaluate(KEPT, "events") == 0


def test_an_acknowledgement_that_is_lost_saves_the_answer_once(quiz: Page, stack: Stack) -> None:
    """The server saves it, the network drops the reply: the same answer goes out again and is the same."""
    calls = []

    def drop_first(route: Route) -> None:
        calls.append(route.request.url)
        if len(calls) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    quiz.route("**/answer/", drop_first)
    number, key = quiz.locator("h1").inner_text(), key_of(quiz)
    choose(quiz)
    press_save(quiz)
    wait_until_changed(quiz, "h1", number)
    assert len(calls) == 2
    assert saved(stack, key) == ["accepted"]


def test_what_was_begun_is_filled_in_again(quiz: Page) -> None:
    while not quiz.locator("form#answer .choice input").count():
        with quiz.expect_navigation():
            press_save(quiz)
    last = quiz.locator("form#answer .choice input").last
    last.check()
    wait_until(quiz, f"async () => await ({KEPT})('drafts') === 1")
    quiz.reload()
    quiz.locator("answer-queue [data-when=restored]").wait_for()
    assert quiz.locator("form#answer .choice input").last.is_checked()
    assert axe_violations(quiz) == []


def test_another_person_never_sends_it_and_its_owner_does(quiz: Page, stack: Stack) -> None:
    key = leave_offline(quiz)
    quiz.context.clear_cookies(name="sessionid")
    quiz.context.set_offline(False)
    quiz.locator("answer-queue [data-when=signed-out]").wait_for()
    sign_in(quiz, stack.accounts["trainer"])
    quiz.goto("/")
    quiz.wait_for_timeout(500)
    assert quiz.evaluate(KEPT, "events") == 1
    assert saved(stack, key) == []
    quiz.context.clear_cookies(name="sessionid")
    sign_in(quiz, stack.accounts["queue"])
    wait_until(quiz, f"async () => await ({KEPT})('events') === 0")
    assert saved(stack, key) == ["accepted"]


def test_signing_out_asks_before_it_deletes(quiz: Page, stack: Stack) -> None:
    key = leave_offline(quiz)
    questions: list[str] = []

    def decide(dialog: Dialog) -> None:
        questions.append(dialog.message)
        if len(questions) == 1:
            dialog.dismiss()
        else:
            dialog.accept()

    quiz.on("dialog", decide)
    quiz.set_viewport_size({"width": 1280, "height": 800})
    quiz.locator("header details[data-menu] summary").last.click()
    sign_out = quiz.locator("form[data-sign-out] button")
    sign_out.click()
    assert quiz.evaluate(KEPT, "events") == 1
    quiz.route("**/answer/", lambda route: route.abort())
    quiz.context.set_offline(False)
    with quiz.expect_navigation():
        sign_out.click()
    assert len(questions) == 2
    wait_until(quiz, f"async () => await ({KEPT})('events') === 0")
    assert saved(stack, key) == []


LEAVE = """async url => {
    const [{ name }] = (await indexedDB.databases()).filter(each => each.name.startsWith('thang-answers-'));
    const database = await new Promise(done => {
        const opening = indexedDB.open(name);
        opening.onsuccess = () => done(opening.result);
    });
    const transaction = database.transaction("events", "readwrite");
    const event = { id: crypto.randomUUID(), url: location.origin + url, entries: [], at: Date.now() };
    transaction.objectStore("events").put(event);
    await new Promise(done => { transaction.oncomplete = done; });
    database.close();
}"""
ELSEWHERE = "/learn/attempts/019a0000-0000-7000-8000-000000000000/answer/"


def test_an_answer_handed_on_while_another_is_sent_has_its_turn(quiz: Page, stack: Stack) -> None:
    held: list[Route] = []

    def refuse(route: Route) -> None:
        """The first of them when the test says so, each later one at once."""
        if held:
            route.fulfill(status=404)
        else:
            held.append(route)

    quiz.route(f"**{ELSEWHERE}", refuse)
    quiz.evaluate(LEAVE, ELSEWHERE)
    with quiz.expect_request(f"**{ELSEWHERE}"):
        quiz.reload()
    number, key = quiz.locator("h1").inner_text(), key_of(quiz)
    choose(quiz)
    press_save(quiz)
    quiz.locator("answer-queue [data-when=saving]").wait_for()
    held[0].fulfill(status=404)
    wait_until_changed(quiz, "h1", number)
    assert saved(stack, key) == ["accepted"]


def test_what_another_sitting_refused_does_not_keep_this_one_from_its_end(quiz: Page) -> None:
    quiz.evaluate(LEAVE, ELSEWHERE)
    with quiz.expect_response(f"**{ELSEWHERE}"):
        quiz.reload()
    assert quiz.evaluate(KEPT, "events") == 1
    button = quiz.locator("form[data-hand-in] button")
    if not button.is_visible():
        quiz.locator("details:has(form[data-hand-in]) > summary").click()
    button.click()
    quiz.wait_for_url("**/result/")


def test_an_answer_kept_under_a_wrong_clock_is_sent_and_what_is_not_taken_is_told(quiz: Page) -> None:
    quiz.route(f"**{ELSEWHERE}", lambda route: route.fulfill(status=422))
    quiz.evaluate(LEAVE.replace("Date.now()", "0"), ELSEWHERE)
    with quiz.expect_response(f"**{ELSEWHERE}"):
        quiz.reload()
    quiz.locator("answer-queue [data-when=dropped]").wait_for()
    assert quiz.evaluate(KEPT, "events") == 0
