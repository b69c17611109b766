"""Numbers, times, states and accounts in words."""

from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from organisation.api import english_unit_name


def percent(share: float | None) -> str:
    """Return a share from 0 to 1 as a whole percentage: "42%"; an empty string for None."""
    if share is None:
        return ""
    if 0 < share < 0.005:
        return "<1%"
    return f"{round(share * 100)}%"


_PERCENTAGES = [f"{number}%" for number in range(101)]


def safe_percent(share: float) -> str:
    """Return `percent` as markup, without escaping each: a page draws thousands."""
    return _PERCENTAGES[round(share * 100)] if share >= 0.005 or not share else "&lt;1%"


def whole(count: int | None) -> str:
    """Return a whole number with its thousands apart, as the reader's language writes it: "2.000.000", "2,000,000".

    An empty string for None.
    """
    if count is None or count < 1000:
        return "" if count is None else str(count)
    grouped = f"{count:,}"
    return grouped if get_language() == "en" else grouped.replace(",", ".")


def unit_name(unit: Any) -> str:
    """Return the name of a unit, one yet to be made too, in the reader's language. It has name_vi and name_en."""
    return str(unit.name_vi if get_language() != "en" else unit.name_en or english_unit_name(unit.name_vi))


def minutes(count: int | None) -> str:
    """Return a number of minutes in words: "25 minutes", "1 hour 20 minutes"; an empty string for None."""
    if count is None:
        return ""
    hours, rest = divmod(int(count), 60)
    parts = []
    if hours:
        parts.append(ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours})
    if rest or not hours:
        parts.append(ngettext("%(count)d minute", "%(count)d minutes", rest) % {"count": rest})
    return " ".join(parts)


def band_levels(band: int) -> str:
    """The two levels of a band, as `3–4`."""
    return f"{2 * band - 1}–{2 * band}"


def band_name(band: int) -> str:
    """Return the name of a band, 1 to 4."""
    return [_("Foundation"), _("Intermediate"), _("Advanced"), _("Specialised")][band - 1]


def account_name(account: Any) -> str:
    """Return what an account is called: family name first, else its username."""
    return f"{account.last_name} {account.first_name}" if account.last_name else str(account.get_username())


def status_label(state: str) -> str:
    """Return the words of a state known to ``status``."""
    return {
        "done": _("Done"),
        "in-progress": _("In progress"),
        "to-do": _("Not started"),
        "late": _("Overdue"),
        "locked": _("Locked"),
        "draft": _("Draft"),
        "published": _("Published"),
        "provisional": _("Provisional"),
        "retired": _("Retired"),
    }[state]
