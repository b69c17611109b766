"""What each reason for refusing a cell or a file says to a person."""

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from organisation.domain.reorganisations.messages import reason_message
from organisation.importing.faults import Fault

OF_STEP = "step: "
"""Before the reason of what is wrong with a reorganisation's step rather than with a cell."""

_MESSAGES = {
    # the file
    "empty_file": _("The file is empty."),
    "not_a_table": _("The file is neither an Excel workbook (.xlsx) nor a CSV table."),
    "old_excel": _("The file is an old or password-protected Excel workbook. Save it as .xlsx without a password."),
    "macros": _("The workbook contains macros. Save it as .xlsx, which has none."),
    "broken_workbook": _("The workbook is damaged and cannot be read. Open it in Excel, save it again and retry."),
    "doctype": _("The workbook declares a document type, which no spreadsheet program writes. It was not read."),
    "too_big": _("The file is bigger than %(megabytes)s MB. Split it into several files."),
    "unpacks_too_big": _("The workbook unpacks to more than %(megabytes)s MB. It was not read."),
    "too_many_rows": _("The file has more than %(limit)s rows. Split it into several files."),
    "wrong_encoding": _("The text is not in UTF-8. Save the file as “CSV UTF-8” or as .xlsx."),
    "nul_byte": _("The text holds a NUL character, which no table has. The file may be damaged."),
    "line_too_long": _("The line is longer than 64 KB. The file may be damaged or not a table."),
    "broken_row": _("The row cannot be read (%(detail)s). Look for a quotation mark that is not closed."),
    "no_header": _("The first row must hold the names of the columns, at least: %(columns)s."),
    "unknown_column": _("There is no column “%(name)s”. Use the names of the template."),
    "repeated_column": _("The column “%(name)s” appears twice."),
    "missing_column": _("The column “%(name)s” is missing."),
    "cell_without_column": _("The cell lies outside the table: its column has no name in the first row."),
    # one cell
    "no_rows": _("The table has no rows below its header."),
    "formula": _("“%(value)s” begins like a formula (=, +, - or @). Enter plain text."),
    "error_value": _("The cell shows the error %(value)s. Correct its formula or enter the value."),
    "date_in_text": _("The cell holds the date %(value)s, but text is expected here. Format the cell as text."),
    "too_long": _("The text is longer than %(limit)s characters."),
    "control_character": _("The text holds an invisible control character. Type it anew."),
    "bad_code": _("“%(value)s” is not a code: use letters without diacritics, digits, full stops and hyphens."),
    "bad_email": _("“%(value)s” is not an e-mail address."),
    "bad_gender": _("“%(value)s” is not a gender: enter nam or nữ, or leave it empty."),
    "bad_kind": _("“%(value)s” is not a kind of unit. Use one of: %(kinds)s."),
    "bad_posting_kind": _("“%(value)s” is not a kind of posting. Use one of: chính thức, kiêm nhiệm, biệt phái."),
    "bad_date": _("“%(value)s” is not a date. Write it as 31/12/2024 or 2024-12-31."),
    "date_out_of_range": _("The date %(value)s lies outside %(earliest)s to %(latest)s."),
    "bad_number": _("“%(value)s” is not a unit's number."),
    "missing_value": _("The cell is empty, but a value is needed here."),
    # one row
    "missing_unit": _("The unit's code is missing."),
    "missing_employee": _("The row describes a person, but the employee code is missing."),
    "missing_position": _("The position is missing."),
    "missing_from": _("The first day of the posting is missing."),
    "ends_before_it_begins": _("The posting ends before it begins."),
    "secondment_without_end": _("A secondment ends: give its last day."),
    # units
    "differs_from_row": _("This differs from row %(other)s, which describes the same unit or person."),
    "unknown_unit": _("There is no unit %(code)s. Correct the code, or give its name, kind and parent to create it."),
    "unit_not_in_force": _("Unit %(code)s is no longer in force and cannot be changed."),
    "missing_kind": _("Unit %(code)s is new: its kind is missing."),
    "missing_parent": _("Unit %(code)s is new: the code of its parent is missing."),
    "unknown_parent": _("There is no unit %(code)s to be the parent."),
    "under_itself": _("Unit %(code)s would lie under itself."),
    "too_deep": _("Unit %(code)s would lie more than %(limit)s levels deep."),
    "out_of_scope": _("Unit %(code)s is not among the units you answer for."),
    # people and postings
    "unknown_person": _("There is no person with the code %(code)s. To add them, give name, position and first day."),
    "missing_name": _("Person %(code)s is new: the full name is missing."),
    "duplicate_employee": _("Employee code %(code)s is already in row %(other)s, for %(name)s."),
    "differs_in_case": _("Employee code %(code)s differs only in case from %(other)s. Write it the same way."),
    "repeated_posting": _("Employee code %(code)s is already in row %(other)s, with the same posting."),
    "person_out_of_scope": _("The employee code %(code)s belongs to a person outside the units you answer for."),
    "unknown_position": _("There is no position “%(value)s”. Use a code or name from the list in the template."),
    "outlasts_unit": _("Unit %(code)s lasted until %(day)s: no posting there lasts longer."),
    "unit_never_was": _("Unit %(code)s was never in force: nobody can be posted there."),
    "overlaps_row": _("The posting overlaps the one in row %(other)s: a person has one primary posting at a time."),
    "overlaps_posting": _("The posting overlaps the one in unit %(unit)s since %(since)s. End that one first."),
    "overlaps_secondment": _("The secondment overlaps the one in unit %(unit)s since %(since)s."),
    "repeated_secondary": _("The person already holds this secondary post since %(since)s."),
    "without_primary": _("On its first day the person has no primary posting: a further posting needs one."),
    "seconded_home": _("The person's primary posting is in unit %(code)s on that day: nobody is seconded there."),
    "is_seconded_there": _("The person is seconded to unit %(code)s until %(day)s: end that before."),
    "leaves_behind": _(
        "The posting in unit %(unit)s from %(since)s on would be without a primary one. Take it back first."
    ),
    "born_later": _("The date of birth lies after today."),
}


def message_of(fault: Fault) -> str:
    """Return the fault's message in the active language."""
    if fault.reason.startswith(OF_STEP):
        return reason_message(fault.reason.removeprefix(OF_STEP), fault.values)
    return gettext(_MESSAGES[fault.reason]) % fault.values
