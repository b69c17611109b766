"""Why a publication is not taken, in the reader's language."""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext

from reports.domain.publication_format import WORDS, PublicationRefused

_LONGEST = 100


def explain_refusal(refused: PublicationRefused) -> str:
    """Return the reason in words, without the line. What a file says of itself is cut to a hundred characters."""
    values = {name: _written(value) for name, value in refused.values.items()}
    return gettext(WORDS[refused.reason]).format(**values)


def _written(value: object) -> str:
    if isinstance(value, datetime):
        return date_format(localtime(value), "DATETIME_FORMAT")
    return str(value)[:_LONGEST]
