"""What must hold on every page that links lead to: axe, language, tags, targets, width, a silent console."""

import re
from functools import cache
from pathlib import Path

import polib
from django.conf import settings
from playwright.sync_api import Page

from lms.catalogues import catalogue_files
from tests.e2e.conftest import AXE, axe_violations
from tests.e2e.crawl import walk

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


@cache
def foreign_texts() -> dict[str, set[str]]:
    """Return, by language, whole messages that must not stand on a page of that language."""
    pairs = wording()
    english, vietnamese = {pair[0] for pair in pairs}, {pair[1] for pair in pairs}
    # Each language calls itself by its own name on every page.
    english, vietnamese = english - {"English"}, vietnamese - {"Tiếng Việt"}
    return {"vi": english - vietnamese, "en": vietnamese - english}


def faults_of_pages(
    page: Page, starts: list[str], *, base: str, language: str, per_route: int, also_at: int | None = None
) -> tuple[int, list[str]]:
    """Walk from the starts; return how many pages were opened and a line for each fault found on one.

    also_at: another width in pixels at which each page is looked at before the next one is opened.
    """
    faults: list[str] = []
    page.add_init_script(path=AXE)
    page.on(
        "console", lambda message: faults.append(f"{page.url}: {message.text}") if message.type == "error" else None
    )
    page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
    opened = 0
    for path in walk(page, starts, base, per_route):
        opened += 1
        faults += [f"{path}: {fault}" for fault in faults_of_page(page, language)]
        if also_at:
            before = page.viewport_size
            assert before
            page.set_viewport_size({**before, "width": also_at})
            faults += [f"{path} at {also_at}: {fault}" for fault in faults_of_page(page, language)]
            page.set_viewport_size(before)
    return opened, faults


def faults_of_page(page: Page, language: str) -> list[str]:
    """Return a line for each fault found on the page as it stands."""
    texts = page.evaluate(TEXTS)
    faults = [f"unrendered {text!r}" for text in texts if UNRENDERED.search(text)]
    faults += [f"not in {language}: {text!r}" for text in texts if text in foreign_texts()[language]]
    if page.get_attribute("html", "lang") != language:
        faults.append(f"lang is not {language}")
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"):
        faults.append(f"the page scrolls sideways at {page.viewport_size}")
    return faults + axe_violations(page)
