"""Staff files for tests, as people's programs write them."""

import csv
from collections.abc import Iterable, Mapping
from io import BytesIO, StringIO
from zipfile import ZIP_DEFLATED, ZipFile

from xlsxwriter import Workbook

from organisation.importing.staff_rows import COLUMNS

Values = Mapping[str, object]

AN: Values = {
    "unit_code": "AB-01",
    "employee_code": "NV1",
    "full_name": "Nguyễn Thị An",
    "position": "clerk",
    "from": "2020-01-01",
}


def csv_file(
    rows: Iterable[Values], *, columns: Iterable[str] = COLUMNS, delimiter: str = ",", bom: bool = False
) -> BytesIO:
    """A CSV file of these rows; a column that a row leaves out stays empty."""
    text = StringIO()
    writer = csv.DictWriter(text, list(columns), delimiter=delimiter, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return BytesIO(text.getvalue().encode("utf-8-sig" if bom else "utf-8"))


def xlsx_file(rows: Iterable[Values], *, columns: Iterable[str] = COLUMNS) -> BytesIO:
    """A workbook of these rows, its texts shared and its dates formatted as dates."""
    buffer = BytesIO()
    columns = list(columns)
    with Workbook(buffer, {"in_memory": True, "default_date_format": "dd/mm/yyyy"}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, columns)
        for number, row in enumerate(rows, start=1):
            sheet.write_row(number, 0, [row.get(column) for column in columns])
    buffer.seek(0)
    return buffer


def with_part(workbook: BytesIO, part: str, content: bytes) -> BytesIO:
    """The workbook with one part replaced or added."""
    buffer = BytesIO()
    with ZipFile(workbook) as old, ZipFile(buffer, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != part:
                new.writestr(name, old.read(name))
        new.writestr(part, content)
    buffer.seek(0)
    return buffer


def part_of(workbook: BytesIO, part: str) -> bytes:
    workbook.seek(0)
    with ZipFile(workbook) as archive:
        return archive.read(part)
