"""Reading pages: tables as rows of text."""

from html.parser import HTMLParser


class _Tables(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self._depth += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._depth -= 1

    def handle_data(self, data: str) -> None:
        if self._depth:
            row = self.tables[-1][-1]
            row[-1] = " ".join(f"{row[-1]} {data}".split())


def tables(html: str) -> list[list[list[str]]]:
    """Return every table of the page as rows of cell texts."""
    parser = _Tables()
    parser.feed(html)
    return parser.tables


def figures(html: str) -> str:
    """Return the part of a page that refreshes itself."""
    return html[html.index('<div id="figures"') : html.index("</main>")]
