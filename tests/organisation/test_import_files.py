"""Reading tables: good files of every kind are read the same, hostile and broken ones are refused where they break."""

import random
import resource
import zipfile
from datetime import date, datetime
from io import BytesIO

import openpyxl
import pytest
import python_calamine

from organisation.importing import csv_rows, tables, xlsx_workbook
from organisation.importing.faults import FileRefused, column_letter
from organisation.importing.staff_rows import COLUMNS, REQUIRED
from organisation.importing.tables import LEFT_OUT, Row, open_table
from organisation.importing.xlsx_rows import ErrorValue, read_xlsx_rows
from tests.organisation.staff_files import AN, csv_file, part_of, with_part, xlsx_file

SHEET = "xl/worksheets/sheet1.xml"


def read(file: BytesIO) -> list[Row]:
    return list(open_table(file, COLUMNS, REQUIRED).rows)


def refusal(file: BytesIO) -> tuple[int, str, str]:
    with pytest.raises(FileRefused) as caught:
        read(file)
    return caught.value.fault.row, caught.value.fault.column, caught.value.fault.reason


# --- good files -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bom", [False, True])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_read_with_any_separator(delimiter, bom):
    rows = read(csv_file([{"unit_code": "A", "unit_name": "Sở; Ban, Ngành"}], delimiter=delimiter, bom=bom))
    assert rows == [(2, ["A", "Sở; Ban, Ngành", *[""] * (len(COLUMNS) - 2)])]


def test_csv_keeps_line_breaks_in_quotes_and_counts_rows_as_a_spreadsheet():
    table = open_table(BytesIO('unit_code,unit_name\r\nA,"Sở\r\nNội vụ"\r\n\r\nB,Hai\r\n'.encode()), COLUMNS, REQUIRED)
    assert table.columns == ["unit_code", "unit_name"]
    assert list(table.rows) == [(2, ["A", "Sở\r\nNội vụ"]), (4, ["B", "Hai"])]


def test_xlsx_gives_texts_numbers_and_dates():
    day = datetime(2020, 2, 29)
    rows = read(xlsx_file([{"unit_code": 17, "full_name": "Ánh", "birth_date": day, "from": "2020-01-01"}]))
    assert rows == [(2, ["17", "", "", "", "", "", "Ánh", "", "", date(2020, 2, 29), "", "2020-01-01", "", ""])]


def test_xlsx_skips_empty_rows_and_keeps_their_numbers():
    rows = read(xlsx_file([{"unit_code": "A"}, {}, {}, {"unit_code": "B"}]))
    assert [(number, cells[0]) for number, cells in rows] == [(2, "A"), (5, "B")]


def test_xlsx_reads_the_first_sheet_whatever_its_part_is_called():
    book = openpyxl.Workbook()
    book.create_sheet("first", 0).append(["unit_code"])
    book.worksheets[0].append(["A"])
    buffer = BytesIO()
    book.save(buffer)
    assert read(buffer) == [(2, ["A"])]


def test_xlsx_reads_rich_text_and_leaves_readings_out():
    strings = (
        '<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        "<si><r><t>unit_</t></r><r><t>code</t></r><rPh><t>đọc</t></rPh></si></sst>"
    )
    sheet = (
        '<?xml version="1.0"?><x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        '<x:sheetData><x:row><x:c t="s"><x:v>0</x:v></x:c></x:row><x:row><x:c t="inlineStr"><x:is><x:t>A</x:t>'
        "<x:rPh><x:t>đọc</x:t></x:rPh></x:is></x:c></x:row></x:sheetData></x:worksheet>"
    )
    file = with_part(xlsx_file([]), "xl/sharedStrings.xml", strings.encode())
    assert read(with_part(file, SHEET, sheet.encode())) == [(2, ["A"])]


def test_xlsx_reads_as_another_reader_does():
    """Against calamine, on a workbook of random cells by another writer than the one above."""
    randoms = random.Random(8)
    book = openpyxl.Workbook()
    for row in range(300):
        book.worksheets[0].append(
            [
                randoms.choice(
                    [
                        'Ánh <&> "x"',
                        "  hai ",
                        "Đỗ\nba",
                        randoms.randrange(10**9),
                        date(1950 + row % 100, 1, 9),
                        True,
                        None,
                    ]
                )
                for _column in range(12)
            ]
        )
    buffer = BytesIO()
    book.save(buffer)
    expected = []
    for cells in python_calamine.load_workbook(BytesIO(buffer.getvalue())).get_sheet_by_index(0).iter_rows():
        shown = [
            str(cell).upper() if isinstance(cell, bool) else str(int(cell)) if isinstance(cell, float) else cell
            for cell in cells
        ]
        while shown and shown[-1] == "":
            shown.pop()
        expected.append(shown)
    assert [cells for _number, cells in read_xlsx_rows(BytesIO(buffer.getvalue()))] == expected


def test_xlsx_error_values_are_told_from_texts():
    sheet = part_of(xlsx_file([{"unit_code": "A"}]), SHEET).replace(b'<row r="2"', b'<row r="2" ht="9"')
    sheet = sheet.replace(b'<c r="A2" t="s"><v>%d</v></c>' % len(COLUMNS), b'<c r="A2" t="e"><v>#N/A</v></c>')
    [(_number, cells)] = read(with_part(xlsx_file([{"unit_code": "A"}]), SHEET, sheet))
    assert cells[0] == ErrorValue("#N/A") != "#N/A"


# --- the wrong kind of file -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty_file"),
        (b"%PDF-1.7 ...", "not_a_table"),
        (b"\x89PNG\r\n\x1a\n....", "not_a_table"),
        (b"\x7fELF........", "not_a_table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "old_excel"),
        ("unit_code\nA".encode("utf-16"), "wrong_encoding"),
        (b"PK\x03\x04 not really a zip", "broken_workbook"),
        (b"<html><body>unit_code</body></html>", "no_header"),
        (b"AB-01,Xa Hoa Binh\n", "no_header"),
        (b"\n\n", "no_header"),
    ],
)
def test_wrong_kind_of_file_is_refused_by_its_content(content, reason):
    assert refusal(BytesIO(content)) == (1, "A", reason)


def test_zip_without_a_workbook_is_refused():
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("staff.csv", "unit_code\nA")
    assert refusal(buffer) == (1, "A", "not_a_table")


def test_workbook_with_macros_is_refused():
    assert refusal(with_part(xlsx_file([AN]), "xl/vbaProject.bin", b"x")) == (1, "A", "macros")


@pytest.mark.parametrize("position", [200, 1000, -300])
def test_damaged_workbook_is_refused(position):
    content = bytearray(xlsx_file([AN] * 50).getvalue())
    content[position : position + 40] = b"\xff" * 40
    assert refusal(BytesIO(bytes(content))) == (1, "A", "broken_workbook")


def test_cut_workbook_is_refused():
    content = xlsx_file([AN] * 50).getvalue()
    assert refusal(BytesIO(content[: len(content) // 2])) == (1, "A", "broken_workbook")


# --- headers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("write", [csv_file, xlsx_file])
def test_header_is_checked(write):
    assert refusal(write([], columns=["unit_code", "salary"])) == (1, "salary", "unknown_column")
    assert refusal(write([], columns=["unit_code", "position", "unit_code"])) == (1, "unit_code", "repeated_column")
    assert refusal(write([], columns=["unit_name", "position"])) == (1, "unit_code", "missing_column")
    assert read(write([], columns=["Unit_Code", " POSITION "])) == []


def test_columns_of_other_names_are_read_as_chosen_and_left_out():
    file = csv_file([{"Mã  ĐV": "A", "x": "no", "unit_name": "Sở"}, {"x": "no"}], columns=["Mã  ĐV", "x", "unit_name"])
    table = open_table(file, COLUMNS, REQUIRED, {"mã đv": "unit_code", "x": LEFT_OUT, "unit_name": "position"})
    assert (table.columns, table.foreign) == (["unit_code", "unit_name"], ("mã đv", "x"))
    assert list(table.rows) == [(2, ["A", "Sở"])]
    with pytest.raises(FileRefused) as caught:
        open_table(file, COLUMNS, REQUIRED, {"mã đv": "unit_code"})
    assert (caught.value.fault.reason, caught.value.foreign) == ("unknown_column", ("mã đv", "x"))


def test_cell_beyond_the_header_is_refused():
    assert refusal(BytesIO(b"unit_code,unit_name\nA,B,\nA,B,C\n")) == (3, "C", "cell_without_column")


# --- bytes that are no text -----------------------------------------------------------------------------------------


def test_windows_1252_is_refused_at_its_first_letter():
    content = "unit_code,unit_name,position\nA,Hai,clerk\nB,Hànoi,clerk\n".encode("windows-1252")
    assert refusal(BytesIO(content)) == (3, "unit_name", "wrong_encoding")


def test_windows_1252_in_the_header_is_refused():
    assert refusal(BytesIO("unit_code,unité\nA,B\n".encode("windows-1252"))) == (1, "B", "wrong_encoding")


def test_nul_byte_is_refused_where_it_stands():
    content = b'unit_code,unit_name,position\nA,"Hai, Ba",cl\0erk\n'
    assert refusal(BytesIO(content)) == (2, "position", "nul_byte")


def test_unclosed_quotation_is_refused():
    assert refusal(BytesIO(b'unit_code,unit_name\nA,"Hai\nB,Ba\n')) == (2, "A", "broken_row")


@pytest.mark.parametrize(("bad", "reason"), [(b"\xe0", "wrong_encoding"), (b"\0", "nul_byte")])
def test_bad_byte_behind_a_stray_line_break_is_refused_where_it_stands(bad, reason):
    content = b"unit_code,unit_name\nA,Hai\nB,B\ra" + bad + b"\n"
    assert refusal(BytesIO(content)) == (3, "unit_name", reason)


def test_endless_line_is_refused_without_reading_it():
    assert refusal(BytesIO(b"unit_code\n" + b"x" * 70_000)) == (2, "unit_code", "line_too_long")


# --- too much -------------------------------------------------------------------------------------------------------


def test_two_million_rows_are_refused_before_they_are_read():
    file = BytesIO(b"unit_code\n" + b"AB-01\n" * 2_000_000)
    assert refusal(file) == (600_002, "A", "too_many_rows")


def test_rows_up_to_the_limit_are_read(monkeypatch):
    monkeypatch.setattr(csv_rows, "MAX_ROWS", 3)
    assert len(read(BytesIO(b"unit_code\nA\nB\nC\n"))) == 3
    assert refusal(BytesIO(b"unit_code\nA\nB\nC\nD\n")) == (5, "A", "too_many_rows")


def test_workbook_row_beyond_the_limit_is_refused():
    sheet = part_of(xlsx_file([AN]), SHEET).replace(b'<row r="2"', b'<row r="1048576"').replace(b'2"', b'1048576"')
    assert refusal(with_part(xlsx_file([AN]), SHEET, sheet)) == (600_002, "A", "too_many_rows")


def test_workbook_cell_in_a_far_column_takes_no_memory():
    sheet = part_of(xlsx_file([AN]), SHEET).replace(b'r="L2"', b'r="XFD2"')
    assert refusal(with_part(xlsx_file([AN]), SHEET, sheet)) == (2, "XFD", "cell_without_column")


def test_big_file_is_refused_unread(monkeypatch):
    monkeypatch.setattr(tables, "MAX_BYTES", 1000)
    assert refusal(BytesIO(b"unit_code\n" + b"A\n" * 600)) == (1, "A", "too_big")


def test_zip_bomb_is_refused_by_its_declared_size():
    bomb = with_part(xlsx_file([AN]), "xl/media/image1.png", b"\0" * (xlsx_workbook.MAX_UNPACKED + 1))
    assert len(bomb.getvalue()) < 1024 * 1024
    assert refusal(bomb) == (1, "A", "unpacks_too_big")


def test_zip_bomb_that_lies_about_its_size_is_not_unpacked():
    honest = with_part(xlsx_file([AN]), SHEET, b"<worksheet>" + b" " * 200_000_000)
    content = bytearray(honest.getvalue())
    lie = (200_000_011).to_bytes(4, "little")
    assert content.count(lie) == 2
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    file = BytesIO(bytes(content).replace(lie, (5000).to_bytes(4, "little")))
    assert refusal(file) == (1, "A", "broken_workbook")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # KiB


@pytest.mark.parametrize("shared", [True, False])
def test_a_cell_of_a_book_is_refused_before_it_is_held_whole(shared):
    letters = b"x" * 60_000_000
    if shared:
        file = with_part(xlsx_file([AN]), "xl/sharedStrings.xml", b"<sst><si><t>" + letters + b"</t></si></sst>")
    else:
        row = b'<row r="2"><c r="B2" t="inlineStr"><is><t>' + letters + b"</t></is></c></row>"
        file = with_part(xlsx_file([AN]), SHEET, b"<worksheet><sheetData>" + row + b"</sheetData></worksheet>")
    assert len(file.getvalue()) < 200_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert refusal(file) == ((1, "A", "too_long") if shared else (2, "B", "too_long"))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # KiB


def test_shared_strings_have_a_limit_of_their_own(monkeypatch):
    monkeypatch.setattr(xlsx_workbook, "MAX_STRINGS_UNPACKED", 100)
    assert refusal(xlsx_file([AN])) == (1, "A", "unpacks_too_big")


# --- XML attacks ----------------------------------------------------------------------------------------------------

XXE = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
LAUGHS = '<!DOCTYPE r [<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize("doctype", [XXE, LAUGHS, "<!DOCTYPE r>"])
@pytest.mark.parametrize(
    "part", [SHEET, "xl/sharedStrings.xml", "xl/workbook.xml", "[Content_Types].xml", "docProps/core.xml"]
)
def test_document_type_is_refused_in_every_part(part, doctype):
    xml = part_of(xlsx_file([AN]), part).decode()
    _declaration, _mark, root = xml.partition("?>") if xml.startswith("<?xml") else ("", "", xml)
    attacked = f'<?xml version="1.0"?>{doctype}{root}'
    assert refusal(with_part(xlsx_file([AN]), part, attacked.encode())) == (1, "A", "doctype")
    assert refusal(
        with_part(xlsx_file([AN]), part, attacked.replace("?>", ' encoding="utf-16"?>', 1).encode("utf-16"))
    ) == (
        1,
        "A",
        "doctype",
    )


def test_undefined_entity_is_refused():
    sheet = part_of(xlsx_file([AN]), SHEET).replace(b"<v>", b"<v>&x;", 1)
    assert refusal(with_part(xlsx_file([AN]), SHEET, sheet)) == (1, "A", "broken_workbook")


def test_external_relationship_is_not_followed():
    relations = part_of(xlsx_file([AN]), "xl/_rels/workbook.xml.rels").replace(
        b'Target="worksheets/sheet1.xml"', b'Target="http://127.0.0.1:9/x.xml" TargetMode="External"'
    )
    assert b"External" in relations
    file = with_part(xlsx_file([AN]), "xl/_rels/workbook.xml.rels", relations)
    assert refusal(file) == (1, "A", "broken_workbook")


def test_column_letter():
    assert [column_letter(index) for index in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


# --- sheets read by patterns ----------------------------------------------------------------------------------------


def rows_of(workbook: BytesIO) -> list[tuple[int, list[str | date]]]:
    workbook.seek(0)
    return list(read_xlsx_rows(workbook))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<sheetData>", b"<sheetData><!-- a comment -->"),
        (b"</sheetData>", b"<!-- a comment --></sheetData>"),
        (b'<row r="3"', b'<row  r="3"'),
        (b'<row r="4"', b"<row r='4'"),
        (b'<c r="G3"', b'<c cm="1" r="G3"'),
        (b"<v>4</v>", b"<v><![CDATA[4]]></v>"),
    ],
)
def test_a_sheet_written_otherwise_gives_the_same_rows(old: bytes, new: bytes) -> None:
    values = [{"unit_code": f"U{n}", "full_name": f'A & "B" <{n}>', "from": date(2020, 1, n + 1)} for n in range(5)]
    workbook = xlsx_file(values)
    plain = rows_of(workbook)
    assert plain[4][0] == 5
    assert {'A & "B" <3>', date(2020, 1, 4)} <= set(plain[4][1])
    sheet = part_of(workbook, SHEET)
    assert old in sheet
    assert rows_of(with_part(workbook, SHEET, sheet.replace(old, new, 1))) == plain


def test_a_sheet_cut_off_behind_good_rows_is_refused() -> None:
    workbook = xlsx_file([{"unit_code": f"U{n}"} for n in range(50)])
    sheet = part_of(workbook, SHEET)
    with pytest.raises(FileRefused):
        rows_of(with_part(workbook, SHEET, sheet[: sheet.index(b"</sheetData>")]))
