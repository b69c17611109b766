"""Words of HR's pages for what the rooms below say in codes."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.api import Standing


def verdict_words(standing: Standing) -> str:
    """Return what may be said of a person against the requirement."""
    return {
        "meets": _("Meets the requirement"),
        "likely_meets": _("Likely meets the requirement"),
        "likely_below": _("Likely below the requirement"),
        "insufficient": _("Not enough evidence yet"),
        "not_assessed": _("Not assessed"),
    }[standing.verdict]


def verdict(standing: Standing) -> tuple[str, str, str | None]:
    """Return what may be said of a person against the requirement, with the kind and the icon of its tag."""
    said = standing.verdict
    return verdict_words(standing), VERDICT_TAGS.get(said, "outline"), VERDICT_ICONS.get(said)


VERDICT_TAGS = {"meets": "success", "likely_meets": "success", "likely_below": "warning"}
VERDICT_ICONS = {"meets": "check", "likely_meets": "check", "likely_below": "target"}
AGE_BAND_NAMES = {
    "under_35": gettext_lazy("Under 35"),
    "35_to_49": gettext_lazy("35 to 49"),
    "50_and_over": gettext_lazy("50 and over"),
}
