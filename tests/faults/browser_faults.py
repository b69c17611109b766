"""Faults of the browser's side, in Chromium. Each returns its verdict and whether its control was caught."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Browser, Page, Route

from bench.delivery.installation import Sitter
from tests.e2e.conftest import wait_until
from tests.e2e.test_answer_queue import KEPT, choose, key_of, press_save
from tests.faults.cluster import Cluster
from tests.faults.ledger import Ledger, Verdict

Scenario = Callable[[Cluster, int, list[Sitter], Browser], tuple[Verdict, bool]]


def clock_wrong_by_a_day(cluster: Cluster, port: int, sitters: list[Sitter], browser: Browser) -> tuple[Verdict, bool]:
    """The device's clock is a day ahead. Control: a server that believed it would call the answer late."""
    ledger, believing = Ledger(), Ledger()
    page = _sit(browser, port, sitters[2], clock=datetime.now(UTC) + timedelta(days=1))
    key, number = _answer(page, ledger)
    press_save(page)
    _wait_for_next(page, number)
    ledger.note_told(key, "accepted")
    with cluster.connect() as connection:
        (deadline,) = connection.execute(
            "SELECT deadline FROM assessments_attempt WHERE id = %s", [sitters[2].attempt]
        ).fetchone() or (None,)
    now = datetime.fromtimestamp(page.evaluate("Date.now()") / 1000, UTC)
    believing.note_sent(key)
    believing.note_told(key, "late" if deadline is not None and now > deadline else "accepted")
    return _judge(cluster, ledger), _judge(cluster, believing).false_acknowledgements == 1


def ten_minutes_offline(cluster: Cluster, port: int, sitters: list[Sitter], browser: Browser) -> tuple[Verdict, bool]:
    """No network for ten minutes; the tab is closed and the site opened anew. Control: a page without the queue."""
    ledger, without = Ledger(), Ledger()
    page = _sit(browser, port, sitters[3], clock=datetime.now(UTC))
    key, _number = _answer(page, ledger)
    page.context.set_offline(True)
    press_save(page)
    page.locator("answer-queue [data-when=offline]").wait_for()
    page.clock.fast_forward("10:00")
    context = page.context
    page.close()
    context.set_offline(False)
    page = context.new_page()
    page.goto("/")
    wait_until(page, f"async () => await ({KEPT})('events') === 0")
    ledger.note_told(key, "accepted")
    bare = _sit(browser, port, sitters[4], without_queue=True)
    lost, _number = _answer(bare, without)
    bare.context.set_offline(True)
    press_save(bare)
    bare.wait_for_timeout(500)
    bare.context.set_offline(False)
    without.note_told(lost, "accepted")
    return _judge(cluster, ledger), _judge(cluster, without).acknowledged_lost == 1


def another_person_signs_in(
    cluster: Cluster, port: int, sitters: list[Sitter], browser: Browser
) -> tuple[Verdict, bool]:
    """The session ends with an answer queued, and another person signs in. Control: the queue is taken for theirs."""
    ledger = Ledger()
    owner, other = sitters[5], sitters[6]
    page = _sit(browser, port, owner)
    key, _number = _answer(page, ledger)
    sent: list[str] = []
    page.context.on("request", lambda each: sent.append(each.url) if each.method == "POST" else None)
    page.context.set_offline(True)
    press_save(page)
    page.locator("answer-queue [data-when=offline]").wait_for()
    person = page.locator("answer-queue").first.get_attribute("data-person")
    page.goto("about:blank")
    sent.clear()
    _become(page, port, other)
    page.context.set_offline(False)
    page.goto("/")
    page.wait_for_timeout(1000)
    as_another = [url for url in sent if url.endswith("/answer/")]
    stranger = page.locator("answer-queue").first.get_attribute("data-person")
    # What the page sent as it was left may have come through: it was its owner's, under the owner's session.
    before, told = _rows(cluster, ledger), list[int]()
    page.on("response", lambda each: told.append(each.status) if each.url.endswith("/answer/") else None)
    page.evaluate(_TAKE_OVER, [person, stranger])
    page.goto("/")
    page.locator("answer-queue [data-when=refused]").first.wait_for()
    caught = any(url.endswith("/answer/") for url in sent)
    assert told == [404], f"the server took an answer from another person: {told}"
    assert _rows(cluster, ledger) == before, "the server took an answer from another person"
    _become(page, port, owner)
    page.goto("/")
    wait_until(page, f"async () => await ({KEPT})('events') <= 1")
    page.wait_for_timeout(500)
    ledger.note_told(key, "accepted")
    return _judge(cluster, ledger) + Verdict(0, 0, len(as_another)), caught


_TAKE_OVER = """async ([owner, other]) => {
    const open = person => new Promise((done, failed) => {
        const opening = indexedDB.open(`thang-answers-${person}`, 1);
        opening.onupgradeneeded = () => ["events", "drafts"].forEach(
            name => opening.result.createObjectStore(name, { keyPath: "id" }));
        opening.onsuccess = () => done(opening.result);
        opening.onerror = () => failed(opening.error);
    });
    const [from, to] = [await open(owner), await open(other)];
    const kept = await new Promise(done => {
        const reading = from.transaction("events").objectStore("events").getAll();
        reading.onsuccess = () => done(reading.result);
    });
    await new Promise(done => {
        const writing = to.transaction("events", "readwrite");
        kept.forEach(each => writing.objectStore("events").put(each));
        writing.oncomplete = done;
    });
    from.close();
    to.close();
}"""


def _sit(
    browser: Browser, port: int, sitter: Sitter, *, clock: datetime | None = None, without_queue: bool = False
) -> Page:
    """A phone on the question that waits for this person."""
    context = browser.new_context(
        base_url=f"http://127.0.0.1:{port}", viewport={"width": 360, "height": 800}, service_workers="block"
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    _become(page, port, sitter)
    if clock is not None:
        page.clock.install(time=clock)
    if without_queue:
        page.route("**/answer-queue*.js", _refuse)
    page.goto(f"/learn/attempts/{sitter.attempt}/")
    page.locator("form#answer").wait_for()
    return page


def _refuse(route: Route) -> None:
    route.abort()


def _become(page: Page, port: int, sitter: Sitter) -> None:
    page.context.clear_cookies()
    url = f"http://127.0.0.1:{port}"
    page.context.add_cookies(
        [
            {"name": "sessionid", "value": sitter.session, "url": url},
            {"name": "django_language", "value": "vi", "url": url},
        ]
    )


def _answer(page: Page, ledger: Ledger) -> tuple[str, str]:
    """Choose an answer; return its key and the number of the question."""
    choose(page)
    key = key_of(page)
    ledger.note_sent(key)
    return key, page.locator("h1").inner_text()


def _wait_for_next(page: Page, number: str) -> None:
    wait_until(page, "number => document.querySelector('h1').innerText !== number", number)


def _rows(cluster: Cluster, ledger: Ledger) -> list[tuple[str, str]]:
    return [(key, status) for key, status in cluster.rows() if key in ledger.answer_of]


def _judge(cluster: Cluster, ledger: Ledger) -> Verdict:
    return ledger.judge(_rows(cluster, ledger))
