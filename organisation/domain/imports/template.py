"""The empty staff file that people fill in, with a sheet that explains every column."""

from datetime import date
from io import BytesIO

import xlsxwriter
from django.utils.translation import gettext as _

from organisation.importing.cells import KINDS
from organisation.importing.staff_rows import COLUMNS
from organisation.models import Position


def import_template() -> bytes:
    """Return an XLSX workbook: an empty sheet with the columns' names, and a guide in the active language."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        heading = book.add_format({"bold": True, "bg_color": "#E8EEF4", "border": 1})
        text = book.add_format({"num_format": "@"})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        rows = book.add_worksheet(_("Staff"))
        for index, column in enumerate(COLUMNS):
            is_date = column in ("birth_date", "from", "to")
            rows.set_column(index, index, 28 if "name" in column else 16, day if is_date else text)
            rows.write_string(0, index, column, heading)
        rows.freeze_panes(1, 0)
        guide = book.add_worksheet(_("Guide"))
        guide.set_column(0, 0, 18)
        guide.set_column(1, 1, 70, wrapped)
        guide.set_column(2, 2, 34, wrapped)
        lines = [(_("Column"), _("What to enter"), _("Example")), *_guide()]
        for row, line in enumerate(lines):
            for index, value in enumerate(line):
                guide.write_string(row, index, value, heading if row == 0 else None)
        positions = book.add_worksheet(_("Positions"))
        positions.set_column(0, 2, 40)
        for index, name in enumerate((_("Code"), _("Vietnamese name"), _("English name"))):
            positions.write_string(0, index, name, heading)
        known = Position.objects.values_list("code", "name_vi", "name_en")
        for row, values in enumerate(known, start=1):
            for index, value in enumerate(values):
                positions.write_string(row, index, value)
    return buffer.getvalue()


def _guide() -> list[tuple[str, str, str]]:
    today = date.today().replace(month=1, day=1)
    return [
        ("unit_code", _("The unit's code. Needed in every row."), "AB-01"),
        ("unit_name", _("The unit's name. Needed once for a new unit; elsewhere it may stay empty."), "Xã Hòa Bình"),
        ("unit_name_en", _("The English name. When empty it is made from the Vietnamese one."), "Hoa Binh Commune"),
        ("unit_kind", _("The kind of a new unit: %(kinds)s.") % {"kinds": ", ".join(KINDS)}, "commune"),
        ("parent_code", _("The code of the unit above. It may be a unit of this file."), "AB"),
        ("employee_code", _("The person's code. Empty in a row that only describes a unit."), "CB00123"),
        ("full_name", _("Family name, middle name and given name."), "Nguyễn Thị Hồng Ánh"),
        ("email", _("Work e-mail address. May be empty."), "anh.nth@anbinh.example.vn"),
        ("gender", _("nam or nữ. May be empty."), "nữ"),
        ("birth_date", _("Date of birth. May be empty."), "1990-05-21"),
        ("position", _("Code or name of the position, from the sheet “Positions”."), ""),
        ("from", _("First day of the posting."), today.isoformat()),
        (
            "to",
            _(
                "Last day of the posting. Empty while it lasts: a recorded end is then taken back."
                " Without this column recorded ends stay."
            ),
            "",
        ),
        (
            "posting_kind",
            _(
                "The kind of posting: chính thức (primary), kiêm nhiệm (secondary) or biệt phái (secondment)."
                " Empty: primary."
            ),
            "kiêm nhiệm",
        ),
    ]
