"""A computer room: everybody opens the same assessment at eight o'clock and answers at a human pace."""

import asyncio
import random
import time

from bench.delivery.browser import Browser
from bench.delivery.installation import Examinee
from bench.delivery.load import Outcome

OPENING_SECONDS = 10.0
PACE_SECONDS = (15.0, 35.0)
"""Between two answers of a person: reading, thinking, choosing."""


def sit_together(port: int, examinees: list[Examinee], seconds: float) -> Outcome:
    """Let all open the form of single questions within OPENING_SECONDS, then answer for so long; times of requests."""
    requests = Outcome()
    chance = random.Random(1)

    async def sit(examinee: Examinee, delay: float, until: float) -> None:
        await asyncio.sleep(delay)
        browser = Browser(examinee, port, requests)
        rules = f"/learn/assessments/{examinee.single_form}/"
        await browser.open()
        await browser.get(rules)
        attempt = await browser.post(rules, [])
        await browser.get(attempt)
        await asyncio.sleep(chance.uniform(0.0, PACE_SECONDS[1]))
        while time.perf_counter() < until:
            hidden = dict(browser.hidden_fields())
            if "version" not in hidden:
                break
            answer = [*hidden.items(), *examinee.single_fields[hidden["version"]]]
            browser.writer.close()  # nobody's connection stays open that long
            await browser.open()
            await browser.get(await browser.post(f"{attempt}answer/", answer))
            await asyncio.sleep(chance.uniform(*PACE_SECONDS))
        browser.writer.close()

    async def everybody() -> None:
        until = time.perf_counter() + OPENING_SECONDS + seconds
        delays = [OPENING_SECONDS * place / len(examinees) for place in range(len(examinees))]
        await asyncio.gather(*(sit(*pair, until) for pair in zip(examinees, delays, strict=True)))

    start = time.perf_counter()
    asyncio.run(everybody())
    requests.wall = time.perf_counter() - start
    return requests
