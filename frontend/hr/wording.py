"""Words of HR's pages for what the rooms below say in codes."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.api import PersonBehind


def verdict_words(person: PersonBehind) -> str:
    """Return what may be said of a person against the requirement."""
    return {
        "meets": _("Meets the requirement"),
        "likely_meets": _("Likely meets the requirement"),
        "likely_below": _("Likely below the requirement"),
        "insufficient": _("Not enough evidence yet"),
        "not_assessed": _("Not assessed"),
    }[person.verdict]


VERDICT_TAGS = {"meets": "success", "likely_meets": "success", "likely_below": "warning"}
VERDICT_ICONS = {"meets": "check", "likely_meets": "check", "likely_below": "target"}
AGE_BAND_NAMES = {
    "under_35": gettext_lazy("Under 35"),
    "35_to_49": gettext_lazy("35 to 49"),
    "50_and_over": gettext_lazy("50 and over"),
}
