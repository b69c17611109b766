"""A browser as far as a load needs one: a connection kept open, cookies, forms with their tokens."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import urlencode

from bench.delivery.installation import Examinee
from bench.delivery.load import Outcome

_CSRF = re.compile(rb'name="csrfmiddlewaretoken" value="(\w+)"')
_FIELD = re.compile(rb'<input type="hidden" name="(key|sequence|version|kind)" value="([^"]*)"')


class Browser:
    """One person's browser. Times each request into an outcome, where anything but `expected` is wrong."""

    def __init__(self, examinee: Examinee, port: int, outcome: Outcome) -> None:
        self.examinee = examinee
        self.port = port
        self.outcome = outcome
        self.cookies = {"sessionid": examinee.session, "django_language": "vi"}
        self.body = b""
        self.location = ""

    async def open(self) -> None:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)

    async def get(self, path: str) -> bytes:
        """Open a page and return it."""
        return await self._ask(f"GET {path} HTTP/1.1", b"", b"200")

    async def post(self, path: str, fields: Iterable[tuple[str, str]]) -> str:
        """Post a form with the token of the page that is open; return where it leads."""
        token = _CSRF.search(self.body)
        assert token is not None, self.body[:200]
        body = urlencode([("csrfmiddlewaretoken", token[1].decode()), *fields]).encode()
        await self._ask(f"POST {path} HTTP/1.1", body, b"302")
        return self.location

    def hidden_fields(self) -> list[tuple[str, str]]:
        """What the answer form of the open page carries beside the answer."""
        return [(name.decode(), value.decode()) for name, value in _FIELD.findall(self.body)]

    async def _ask(self, line: str, body: bytes, expected: bytes) -> bytes:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        head = f"{line}\r\nHost: localhost\r\nCookie: {cookies}\r\n"
        if body:
            head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        begin = time.perf_counter()
        self.writer.write(head.encode() + b"\r\n" + body)
        answer = await self.reader.readuntil(b"\r\n\r\n")
        lines = answer.split(b"\r\n")
        headers = [line.split(b": ", 1) for line in lines[1:] if b": " in line]
        length = next(int(value) for name, value in headers if name.lower() == b"content-length")
        given = await self.reader.readexactly(length)
        self.outcome.seconds.append(time.perf_counter() - begin)
        for name, value in headers:
            if name.lower() == b"set-cookie":
                cookie, _equals, kept = value.split(b";")[0].decode().partition("=")
                self.cookies[cookie] = kept
            elif name.lower() == b"location":
                self.location = value.decode()
        if lines[0].split(b" ")[1] != expected:
            self.outcome.wrong.append(f"{line} {lines[0].decode()}")
        self.body = given or self.body
        return given


async def take_page(browser: Browser) -> None:
    """A sitting of a form on one page: rules, start, page, save, check, hand in, review."""
    rules = f"/learn/assessments/{browser.examinee.page_form}/"
    await browser.open()
    await browser.get(rules)
    attempt = await browser.post(rules, [])
    await browser.get(attempt)
    check = await browser.post(f"{attempt}page/", [*browser.hidden_fields(), *browser.examinee.page_fields])
    await browser.get(check)
    result = await browser.post(f"{attempt}submit/", [])
    await browser.get(result)
    browser.writer.close()


def take_all(
    port: int, examinees: list[Examinee], sitting: Callable[[Browser], Awaitable[None]], clients: int
) -> tuple[Outcome, Outcome]:
    """Let so many at a time sit until all have; return the outcome by sitting and by request."""
    sittings, requests = Outcome(), Outcome()
    waiting = list(examinees)

    async def seat() -> None:
        while waiting:
            browser = Browser(waiting.pop(), port, requests)
            begin = time.perf_counter()
            await sitting(browser)
            sittings.seconds.append(time.perf_counter() - begin)

    async def all_seats() -> None:
        await asyncio.gather(*(seat() for _ in range(clients)))

    start = time.perf_counter()
    asyncio.run(all_seats())
    sittings.wall = requests.wall = time.perf_counter() - start
    return sittings, requests
