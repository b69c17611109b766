"""The health of items in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

from frontend.author.measurement.words.flags import Flag, Words, read_flag

_HEALTH: Words = {
    "few_answers": (
        "neutral",
        gettext_lazy("Few answers"),
        gettext_lazy("Fewer than 30 people have answered: the figures say little yet. Wait for more answers."),
    ),
    "too_easy": (
        "warning",
        gettext_lazy("Too easy"),
        gettext_lazy(
            "Nearly everybody answers rightly, so it tells people apart badly. Make the wrong options "
            "more plausible or retire it."
        ),
    ),
    "too_hard": (
        "warning",
        gettext_lazy("Too hard"),
        gettext_lazy(
            "Hardly anybody answers rightly, not even as often as by guessing. Check the key first, then the wording."
        ),
    ),
    "negative_discrimination": (
        "danger",
        gettext_lazy("Works the wrong way"),
        gettext_lazy(
            "Abler people answer it wrongly more often. The key is probably wrong: take it out of use "
            "until that is clear."
        ),
    ),
    "low_discrimination": (
        "warning",
        gettext_lazy("Tells people apart badly"),
        gettext_lazy(
            "Able and less able people do about equally well. Look for ambiguity in the stem and the options."
        ),
    ),
    "misfit": (
        "warning",
        gettext_lazy("Answers do not fit the curve"),
        gettext_lazy(
            "Scores vary otherwise than the parameters expect. Calibrate anew; if it stays, the item "
            "measures something else too."
        ),
    ),
    "poor_fit": (
        "warning",
        gettext_lazy("Curve fits badly (S-X2)"),
        gettext_lazy(
            "Observed shares depart from the curve by more than chance. Compare dots and line in the "
            "picture, then calibrate anew."
        ),
    ),
    "surprising_answers": (
        "warning",
        gettext_lazy("Surprising answers"),
        gettext_lazy(
            "Able people miss it or weak people get it more often than chance allows: carelessness, "
            "guessing, or the answer is known."
        ),
    ),
    "overexposed": (
        "warning",
        gettext_lazy("Met too often"),
        gettext_lazy(
            "More than 30% of sittings meet it, so its answer gets around. Write more items of this level"
            " for the competency."
        ),
    ),
    "depends_on_another": (
        "warning",
        gettext_lazy("Depends on another item"),
        gettext_lazy(
            "Whoever gets one gets the other beyond what ability explains. Do not give both in one "
            "sitting; reword or retire one."
        ),
    ),
    "unfair_to_a_group": (
        "danger",
        gettext_lazy("Differs between groups"),
        gettext_lazy(
            "People of equal ability from one group do clearly worse. Have the wording reviewed; take it "
            "out of use until then."
        ),
    ),
    "maybe_unfair_to_a_group": (
        "warning",
        gettext_lazy("May differ between groups"),
        gettext_lazy(
            "People of equal ability from one group do somewhat worse. Have someone of that group read the wording."
        ),
    ),
    "drifting": (
        "warning",
        gettext_lazy("Changes over time"),
        gettext_lazy(
            "It became easier or harder than its parameters say. The answer may have leaked, or practice "
            "has changed: calibrate anew or replace it."
        ),
    ),
    "rapid_answers": (
        "warning",
        gettext_lazy("Answered too fast"),
        gettext_lazy(
            "More than one in ten answers came too fast to have been read. Compare with other items: "
            "guessing, or the item is known."
        ),
    ),
    "option_idle": (
        "neutral",
        gettext_lazy("An option nobody takes"),
        gettext_lazy(
            "A wrong option that under 2% choose does no work. Replace it by a mistake that people really make."
        ),
    ),
    "option_attracts_able": (
        "warning",
        gettext_lazy("A wrong option attracts able people"),
        gettext_lazy("Those who choose it are abler than the rest: it may be defensible. Review it with a specialist."),
    ),
    "option_key_weak": (
        "danger",
        gettext_lazy("The right option attracts weak people"),
        gettext_lazy("Those who choose the key are weaker than the rest. Check the key."),
    ),
}

_GROUPS: dict[str, Promise] = {
    "gender": gettext_lazy("Gender"),
    "age": gettext_lazy("Age"),
    "language": gettext_lazy("Language"),
    "unit_kind": gettext_lazy("Kind of unit"),
    "f": gettext_lazy("women"),
    "m": gettext_lazy("men"),
    "under_35": gettext_lazy("under 35"),
    "35_to_49": pgettext_lazy("group", "35 to 49"),
    "50_and_over": pgettext_lazy("group", "50 and over"),
    "vi": gettext_lazy("Vietnamese"),
    "en": gettext_lazy("English"),
    "nation": gettext_lazy("nation"),
    "ministry": gettext_lazy("ministry"),
    "province": gettext_lazy("province"),
    "department": gettext_lazy("department"),
    "district": gettext_lazy("district"),
    "commune": gettext_lazy("commune"),
    "office": gettext_lazy("office"),
}


def health_flag(code: str) -> Flag:
    """Return a flag of item health in words. KeyError for an unknown one."""
    return read_flag(_HEALTH, code)


def health_choices() -> list[tuple[str, str]]:
    """Return every flag of item health with its words, for a filter."""
    return [(code, str(label)) for code, (_kind, label, _advice) in _HEALTH.items()]


def group_name(code: str) -> str:
    """Return the name of a group, or of a kind of groups, that fairness is looked at by."""
    return str(_GROUPS.get(code, code))
