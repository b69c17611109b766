"""Which days a form takes."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from organisation.api import EARLIEST, LATEST


def within_calendar(value: date) -> None:
    """Refuse a day, or a moment on a day, that files of staff could not name either: nothing can be counted from it."""
    day = value.date() if isinstance(value, datetime) else value
    if not EARLIEST <= day <= LATEST:
        span = {"first": date_format(EARLIEST, "SHORT_DATE_FORMAT"), "last": date_format(LATEST, "SHORT_DATE_FORMAT")}
        raise ValidationError(_("Give a day between %(first)s and %(last)s.") % span)
