"""Walk every page that a person of some role can reach by links."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve
from playwright.sync_api import Page

FILES = (".xlsx", ".csv", ".pdf")


def route_of(path: str) -> str:
    """Return the name of the route that a path belongs to, or the path where none does."""
    try:
        return resolve(path).view_name or path
    except Resolver404:
        return path


def walk(page: Page, starts: list[str], base: str, per_route: int) -> Iterator[str]:
    """Yield paths after opening each in the page: breadth first, at most so many of each route, no files, no API.

    An address that leads on to a page already opened is not yielded again.
    """
    queue, seen, samples, opened = list(starts), set(starts), dict[str, int](), set[str]()
    while queue:
        path = queue.pop(0)
        route = route_of(urlsplit(path).path)
        if samples.get(route, 0) >= per_route:
            continue
        samples[route] = samples.get(route, 0) + 1
        response = page.goto(path)
        assert response is not None and response.status == 200, f"{path}: {response and response.status}"
        if page.url in opened:
            continue
        opened.add(page.url)
        yield path
        for link in page.eval_on_selector_all("a[href]:not([download])", "links => links.map(link => link.href)"):
            target = urlsplit(link)
            if not link.startswith(base) or target.path.endswith(FILES) or target.path.startswith("/static/"):
                continue
            found = target.path + (f"?{target.query}" if target.query else "")
            if found not in seen and not target.path.startswith("/api/"):
                seen.add(found)
                queue.append(found)
