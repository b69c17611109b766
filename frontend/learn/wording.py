"""What the kinds of questions are called, what a cell says that has no number, and shares in percent."""

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

KIND_NAMES: dict[str, Promise] = {
    "single_choice": _("single choice"),
    "multiple_choice": _("multiple choice"),
    "true_false_reason": _("true or false with a reason"),
    "matching": _("matching"),
    "ordering": _("ordering"),
    "categorise": _("categorise"),
    "cloze": _("fill the gaps"),
    "short_text": _("short answer"),
    "numeric": _("number with unit"),
    "table": _("spreadsheet"),
    "highlight": _("find the problems"),
    "hotspot": _("places on a picture"),
    "essay": _("essay"),
    "file_upload": _("files to hand in"),
    "prompt": _("write a prompt"),
    "simulation": _("simulation"),
}

RESULT_FAULTS: dict[str, Promise] = {
    "text_in_arithmetic": _("text in arithmetic"),
    "too_large": _("number too large"),
    "division_by_zero": _("division by zero"),
    "bad_digits": _("digits to round to that cannot be"),
}


def percent_of(share: float) -> str:
    """Return a share in percent, cut off after one decimal: what is short of a limit never reads as the limit."""
    tenths = int(1000 * share + 1e-9)
    return number_format(tenths / 10, decimal_pos=1 if tenths % 10 else 0)
