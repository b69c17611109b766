"""Every page that links lead to, as each role: axe, language, tags, targets, width."""

import re
from collections.abc import Callable
from pathlib import Path

import polib
import pytest
from django.conf import settings
from playwright.sync_api import Page

from lms.catalogues import catalogue_files
from tests.e2e.conftest import axe_violations
from tests.e2e.crawl import walk
from tests.e2e.stack import Stack

STARTS = {
    None: ["/account/login/", "/account/password/reset/"],
    "learner": ["/", "/learn/courses/", "/account/profile/", "/account/password/change/", "/design/"],
    "trainer": ["/author/", "/account/profile/"],
    "hr": ["/hr/"],
    "admin": ["/hr/", "/author/"],
}
UNRENDERED = re.compile(r"\{%|%\}|\{\{|\}\}|\{#")
TEXTS = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (element.closest('code, pre, script, style, [lang]:not(html), .living__frame')) continue;
    const text = walker.currentNode.textContent.replace(/\\s+/g, ' ').trim();
    if (text) texts.push(text);
  }
  for (const element of document.querySelectorAll('[aria-label], [placeholder], [alt]'))
    if (!element.closest('[lang]:not(html)'))
      texts.push(element.getAttribute('aria-label') || element.placeholder || element.alt || '');
  return [document.title, ...texts];
}"""


def wording() -> list[tuple[str, str]]:
    """Return pairs (English, Vietnamese) of whole messages that differ between the languages."""
    pairs = []
    for path in catalogue_files(Path(settings.BASE_DIR)):
        for entry in polib.pofile(str(path)):
            if entry.msgstr and entry.msgid != entry.msgstr and "%" not in entry.msgid and len(entry.msgid) > 3:
                pairs.append((entry.msgid, entry.msgstr))
    return pairs


@pytest.fixture(scope="module")
def foreign_texts() -> dict[str, set[str]]:
    """Return, by language, whole messages that must not stand on a page of that language."""
    pairs = wording()
    english, vietnamese = {pair[0] for pair in pairs}, {pair[1] for pair in pairs}
    # Each language calls itself by its own name on every page.
    english, vietnamese = english - {"English"}, vietnamese - {"Tiếng Việt"}
    return {"vi": english - vietnamese, "en": vietnamese - english}


@pytest.mark.parametrize("role", list(STARTS))
@pytest.mark.parametrize(("language", "width"), [("vi", 360), ("en", 1280)])
def test_every_page_is_whole(
    open_as: Callable[..., Page],
    stack: Stack,
    foreign_texts: dict[str, set[str]],
    role: str | None,
    language: str,
    width: int,
) -> None:
    page = open_as(role, width=width, language=language)
    problems: list[str] = []
    page.on(
        "console", lambda message: problems.append(f"{page.url}: {message.text}") if message.type == "error" else None
    )
    page.on("pageerror", lambda error: problems.append(f"{page.url}: {error}"))
    visited = []
    # An administrator sees the pages of trainers and HR again: one of each will do.
    for path in walk(page, STARTS[role], stack.url, per_route=1 if role == "admin" else 2):
        visited.append(path)
        texts = page.evaluate(TEXTS)
        problems += [f"{path}: unrendered {text!r}" for text in texts if UNRENDERED.search(text)]
        problems += [f"{path}: not in {language}: {text!r}" for text in texts if text in foreign_texts[language]]
        if page.get_attribute("html", "lang") != language:
            problems.append(f"{path}: lang is not {language}")
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"):
            problems.append(f"{path}: the page scrolls sideways at {width} px")
        problems += axe_violations(page)
    assert problems == []
    assert len(visited) >= len(STARTS[role])


def test_the_checks_catch_a_fault(open_as: Callable[..., Page], foreign_texts: dict[str, set[str]]) -> None:
    page = open_as(None)
    page.goto("/account/login/")
    english = sorted(foreign_texts["vi"])[0]
    page.evaluate(
        """english => {
            const main = document.querySelector('main');
            main.innerHTML = `<img src="/static/x.png"><p>{{ raw }}</p><p>${english}</p>`;
        }""",
        english,
    )
    texts = page.evaluate(TEXTS)
    assert [text for text in texts if UNRENDERED.search(text)] == ["{{ raw }}"]
    assert english in texts
    assert any("image-alt" in line for line in axe_violations(page))
