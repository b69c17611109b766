"""Every way by which figures reach an HR officer: pages, files and the JSON interface, read as text."""

import csv
import io
import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django.http import QueryDict
from django.test import Client
from django.utils.http import urlencode
from openpyxl import load_workbook
from pypdf import PdfReader

from reports.domain.exports import run_export
from reports.domain.publication_format import read_publication
from reports.models import SavedView, SubtreeExport
from tests.frontend.hr.reading import tables

GAPS = "/api/v1/reports/gaps/"
OWN = ": người làm việc trực tiếp"
COUNTS = re.compile(r"(\d+)/(\d+)")


class Figure(NamedTuple):
    """How many people of a set have a requirement and were assessed, as some door says.

    unit: its code. own: of its own staff alone. group: the code of a position group, empty for all together.
    """

    door: str
    unit: str
    own: bool
    group: str
    competency: str
    required: int
    assessed: int


class Doors:
    """An officer's way to the figures. units, groups: codes by name, as pages show these."""

    def __init__(self, client: Client, headers: Mapping[str, str], units: Mapping[str, str], groups: Mapping[str, str]):
        self.client, self.headers, self.units, self.groups = client, headers, units, groups

    def read(self, unit: str, query: Mapping[str, str], others: list[str]) -> Iterator[Figure]:
        """Yield what is said of the unit and its parts. others: codes of units to compare it with; with none of them
        the page is not kept as a view either."""
        page = self._get(f"/hr/units/{unit}/", query)
        if page is None:
            return
        group = query.get("group", "")
        yield from self._page(page.content.decode(), unit, group)
        if "kind" in query:
            return
        yield from self._files(unit, query, group)
        yield from self._json(unit, query, group)
        if others:
            yield from self._saved(unit, query)
        if not group:
            yield from self._compared(unit, query, others)

    def view(self, view: SavedView) -> Iterator[Figure]:
        """Yield what the page says that a saved view leads to."""
        page = self.client.get(f"/hr/views/{view.pk}/", follow=True)
        address, _mark, query = page.redirect_chain[-1][0].partition("?") if page.redirect_chain else ("", "", "")
        if page.status_code == 200 and address.startswith("/hr/units/"):
            group = QueryDict(query).get("group", "")
            for figure in self._page(page.content.decode(), address.split("/")[3], group):
                yield figure._replace(door="saved view")

    def home(self) -> Iterator[Figure]:
        """Yield the greatest gaps of each unit that the account begins with."""
        page = self._get("/hr/", {})
        for card in re.split('class="card__title"', page.content.decode())[1:] if page else ():
            unit = re.search(r'href="/hr/units/([^/"]+)/"', card)
            for name, assessed, required in re.findall(r"<li>(\d\.\d) [^<]*<strong>.*?(\d+)/(\d+) người", card):
                assert unit
                yield Figure("home", unit[1], False, "", name, int(required), int(assessed))

    def workbook(self, unit: str) -> Iterator[Figure]:
        """Yield what the workbook of the unit and of all below it says."""
        if self.client.post(f"/hr/units/{unit}/workbook/").status_code == 302:
            for *row, required, assessed in self._rows(self._exported("/hr/exports/{}/workbook.xlsx"), 7):
                if isinstance(required, int):
                    yield Figure("workbook", row[0], ": " in row[1], "", row[3], required, assessed)

    def plan(self, unit: str, asked: Mapping[str, str]) -> Iterator[Figure]:
        """Yield what a training plan of the unit says, by its page and its workbook. asked: fields of its form."""
        answer = self.client.post(f"/hr/units/{unit}/plans/new/", asked)
        assert answer.status_code == 302
        told = self.client.get(answer["Location"]).content.decode()
        for row in self._rows(self.client.get(f"{answer['Location']}plan.xlsx").content, 7):
            name, code, _course, _seats, competency, required, assessed = row
            if isinstance(required, int):
                assert f"trong {assessed} người đã đánh giá" in told
                found = re.fullmatch(r"(.*?)(?: \((.*)\))?", name)
                assert found
                part = code, OWN in found[1], self.groups[found[2]] if found[2] else ""
                yield Figure("plan's page", *part, competency.split()[0], required, assessed)

    def publication(self, unit: str) -> Iterator[Figure]:
        """Yield what the signed file of the unit says, of an administrator."""
        self.client.post("/hr/publishing/", {"action": "make-key"})
        self.client.post("/hr/publishing/", {"action": "publish", "unit": unit})
        content = self._exported("/hr/publishing/{}/publication.jsonl")
        key = re.search(r'id="public-key" value="([^"]+)"', self.client.get("/hr/publishing/").content.decode())
        assert key
        for each in read_publication(content, b64decode(key[1]))[1]:
            for own, cells in ((False, each.cells), (True, each.own or {})):
                for name, cell in cells.items():
                    if cell is not None:
                        yield Figure("publication", each.code, own, "", name, cell.required, cell.assessed)

    def trend(self, unit: str, competency: str) -> Iterator[tuple[str, Figure]]:
        """Yield each day of the unit's trend, as 31/12/2025, with the figure of that day."""
        page = self._get(f"/hr/units/{unit}/", {"trend": competency})
        html = page.content.decode() if page else ""
        for table in tables(html) if f'value="{competency}" selected' in html else ():
            if table[0][0] == "Cuối ngày":
                for day, required, *rest in table[1:]:
                    if required.isdigit():  # else words stand for the figures of too few people
                        yield day, Figure("trend", unit, False, "", competency, int(required), int(rest[0]))

    def _page(self, html: str, unit: str, group: str) -> Iterator[Figure]:
        found = [each for each in tables(html) if each[0][0] in ("Đơn vị", "Nhóm vị trí")]
        for table in found[:1]:
            for label, *cells in table[1:]:
                yield from self._cells("heat map", table[0][1:], cells, self._part(unit, label, group))
        for table in tables(html):
            if table[0][0] == "Năng lực" and len(table[0]) > 3:
                for name, required, assessed, *_rest in table[1:]:
                    if required.isdigit():
                        yield Figure("list", unit, False, group, name.split()[0], int(required), _first(assessed))

    def _saved(self, unit: str, query: Mapping[str, str]) -> Iterator[Figure]:
        """Keep the page with what its address asks, and read it by the view."""
        address = f"/hr/units/{unit}/views/" + (f"?{urlencode(query)}" if query else "")
        self.client.post(address, {"name": f"{unit}, {urlencode(query)}"})
        view = SavedView.objects.latest("pk")
        yield from self.view(view)
        view.delete()

    def _exported(self, address: str) -> bytes:
        """Have the newest export written, and return its file."""
        export = SubtreeExport.objects.latest("created_at")
        run_export(export.pk)
        answer: Any = self.client.get(address.format(export.key))
        return b"".join(answer.streaming_content)

    def _rows(self, book: bytes, columns: int) -> Iterator[list[Any]]:
        """Yield the rows of the first sheet below its heads, to a width."""
        sheet = load_workbook(io.BytesIO(book), read_only=True).worksheets[0]
        yield from (list(row[:columns]) for row in sheet.iter_rows(min_row=2, values_only=True))

    def _files(self, unit: str, query: Mapping[str, str], group: str) -> Iterator[Figure]:
        text = self._get(f"/hr/units/{unit}/gap.csv", query)
        book = self._get(f"/hr/units/{unit}/gap.xlsx", query)
        if text is None or book is None:
            return
        rows: list[tuple[Any, ...]] = [*map(tuple, csv.reader(io.StringIO(text.content.decode("utf-8-sig"))))]
        for sheet in load_workbook(io.BytesIO(book.content), read_only=True).worksheets:
            rows += sheet.iter_rows(values_only=True)
        for row in rows:
            if len(row) > 6 and re.fullmatch(r"\d\.\d", f"{row[2]}") and f"{row[4]}{row[5]}".isdigit():
                part = self._part(unit, str(row[1]), group)
                yield Figure("file", *part, str(row[2]), int(row[4]), int(row[5]))
        document = self._get(f"/hr/units/{unit}/gap.pdf", query)
        assert document is not None
        told = " ".join(each.extract_text() for each in PdfReader(io.BytesIO(document.content)).pages)
        for name, required, assessed in re.findall(
            r"(\d\.\d) Năng lực \d+ (\d+) (\d+) \(\d+%\)", " ".join(told.split())
        ):
            yield Figure("PDF", unit, False, group, name, int(required), int(assessed))

    def _json(self, unit: str, query: Mapping[str, str], group: str) -> Iterator[Figure]:
        answer = self._get(GAPS, {"unit": unit, **query})
        if answer is None:
            return
        report = answer.json()
        parts = [((unit, False, group), report["competencies"])]
        parts += [((each["unit"]["code"], False, group), each["competencies"]) for each in report["children"]]
        parts += [((unit, True, group), report["own"]["competencies"])] if report["own"] else []
        for part, cells in parts:
            for cell in cells:
                if cell["required"] is not None:
                    yield Figure("JSON", *part, cell["code"], cell["required"], cell["assessed"])

    def _compared(self, unit: str, query: Mapping[str, str], others: list[str]) -> Iterator[Figure]:
        page = self._get(f"/hr/units/{unit}/compare/", {**query, "with": others})
        for table in tables(page.content.decode()) if page else ():
            for name, *cells in table[1:] if table[0][0] == "Năng lực" else ():
                for label, cell in zip(table[0][1:], cells, strict=True):
                    yield from self._cells(
                        "comparison",
                        [name],
                        [cell],
                        (self.units[re.split(" (?:số liệu )?công bố", label)[0]], False, ""),
                    )

    def _part(self, unit: str, label: str, group: str) -> tuple[str, bool, str]:
        if label in self.groups:
            return unit, False, self.groups[label]
        if ": " in label:
            return unit, True, group
        return self.units.get(label) or self.units.get(label.split(", ")[0], unit), False, group

    def _cells(self, door: str, heads: list[str], cells: list[str], part: tuple[str, bool, str]) -> Iterator[Figure]:
        for head, cell in zip(heads, cells, strict=True):
            if counts := COUNTS.search(cell):
                yield Figure(door, *part, head.split()[0], int(counts[2]), int(counts[1]))

    def _get(self, address: str, query: Mapping[str, Any]) -> Any:
        answer = self.client.get(address, query, headers=self.headers if address == GAPS else None)
        return answer if answer.status_code == 200 else None


def _first(text: str) -> int:
    return int(text.split()[0])
