"""Forms of the rules by which questions are chosen and a sitting stops, and of what holds of single items."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from assessments.domain.bank import PublishedBank
from assessments.models import Assessment, Item
from competencies.models import Competency
from frontend.choices import offer
from frontend.learn.wording import KIND_NAMES

SPARE_ROWS = 3
MOST_ROWS = 60
SHARES = ("error_rate", "error_rate_below", "max_exposure", "randomness", "pretest_share")
"""Stored as parts of one, asked for in percent."""


def _percent(label: Any, low: float, high: float, hint: Any = "", *, required: bool = True) -> forms.FloatField:
    return forms.FloatField(
        label=label, help_text=hint, min_value=low, max_value=high, localize=True, required=required
    )


class DeliveryRulesForm(forms.Form):
    """The rules of an adaptive assessment. `settings` gives them as `set_delivery_rules` takes them.

    bank: the limits offer what it has and refuse a minimum that it cannot meet.
    """

    minutes = forms.IntegerField(label=_("Time allowed (minutes)"), min_value=1, max_value=600)
    max_items = forms.IntegerField(label=_("Most questions in a sitting"), min_value=1, max_value=200)
    max_items_per_competency = forms.IntegerField(label=_("Most questions on a competency"), min_value=1, max_value=50)
    target_se = forms.FloatField(
        label=_("Precise enough at a standard error of"),
        help_text=_("From 0.05 to 1. The smaller, the more questions; 0.35 is usual."),
        min_value=0.05,
        max_value=1.0,
        localize=True,
    )
    error_rate = _percent(
        _("Accepted error: said to meet the requirement though below it (%)"), 0.1, 49, _("From 0.1 to 49.")
    )
    error_rate_below = _percent(
        _("Accepted error: said to be below though meeting it (%)"),
        0.1,
        49,
        _("Leave it empty for the same as above."),
        required=False,
    )
    max_exposure = _percent(
        _("Largest share of sittings that may meet an item (%)"), 1, 100, _("From 1 to 100. 30 keeps answers secret.")
    )
    randomness = _percent(
        _("Part of chance in the first choice (%)"), 0, 100, _("From 0 to 100. It falls to 0 during the sitting.")
    )
    pretest_share = _percent(
        _("Share of pretest questions (%)"), 0, 90, _("From 0 to 90. They are given to be calibrated and not scored.")
    )
    reading_minutes = forms.FloatField(
        label=_("Most expected answering time of all questions (minutes)"),
        help_text=_("Leave it empty for no limit."),
        min_value=1,
        max_value=600,
        required=False,
        localize=True,
    )

    def __init__(self, data: Any = None, *, assessment: Assessment, bank: PublishedBank) -> None:
        stored = assessment.blueprint
        initial: dict[str, Any] = {
            name: getattr(assessment, name) for name in self.base_fields if hasattr(assessment, name)
        }
        initial |= {name: _short(100 * initial[name]) for name in SHARES if initial[name] is not None}
        if stored.get("max_seconds") is not None:
            initial["reading_minutes"] = _short(stored["max_seconds"] / 60)
        limits = stored.get("limits", [])
        for row, limit in enumerate(limits):
            initial |= {f"{name}_{row}": limit.get(name) for name in ("minimum", "maximum")}
            initial[f"what_{row}"] = f"{limit['attribute']}:{limit['value']}"
        super().__init__(data, initial=initial)
        self.available, choices = _limited(bank, [initial[f"what_{row}"] for row in range(len(limits))])
        self.rows = len(limits) + SPARE_ROWS
        while data is not None and f"what_{self.rows}" in data and self.rows < MOST_ROWS:
            self.rows += 1
        for row in range(self.rows):
            number = {"number": row + 1}
            self.fields[f"what_{row}"] = forms.ChoiceField(
                label=_("Limit %(number)d: of what") % number, required=False
            )
            offer(self, f"what_{row}", choices)
            for name, label in (
                ("minimum", _("Limit %(number)d: at least")),
                ("maximum", _("Limit %(number)d: at most")),
            ):
                self.fields[f"{name}_{row}"] = forms.IntegerField(
                    label=label % number, min_value=0, max_value=200, required=False
                )

    @property
    def plain_fields(self) -> list[BoundField]:
        """The fields that are no limits."""
        return [self[name] for name in self.base_fields]

    @property
    def limit_rows(self) -> Iterator[tuple[BoundField, BoundField, BoundField]]:
        """What is limited, the minimum and the maximum, by row."""
        return ((self[f"what_{row}"], self[f"minimum_{row}"], self[f"maximum_{row}"]) for row in range(self.rows))

    def clean(self) -> None:
        seen: set[str] = set()
        needed: Counter[str] = Counter()
        for row in range(self.rows):
            what, low, high = (self.cleaned_data.get(f"{name}_{row}") for name in ("what", "minimum", "maximum"))
            if not what:
                if low is not None or high is not None:
                    self.add_error(f"what_{row}", gettext("Choose what is limited."))
                continue
            if what in seen:
                self.add_error(f"what_{row}", gettext("This is limited in another row already."))
            seen.add(what)
            if low is None and high is None:
                self.add_error(f"minimum_{row}", gettext("Give the least or the most number of questions."))
            if low is not None and high is not None and high < low:
                self.add_error(f"maximum_{row}", gettext("The most is less than the least."))
            have = self.available.get(what, 0)
            if low is not None and low > have:
                self.add_error(
                    f"minimum_{row}",
                    ngettext("The bank has only %(n)d such item.", "The bank has only %(n)d such items.", have)
                    % {"n": have},
                )
            needed[what.partition(":")[0]] += low or 0
            length = self.cleaned_data.get("max_items")
            too_many = length is not None and needed[what.partition(":")[0]] > length
            if too_many and not self.has_error(f"minimum_{row}"):
                self.add_error(
                    f"minimum_{row}",
                    gettext("With this limit the least numbers exceed the questions of a sitting."),
                )

    def settings(self) -> dict[str, Any]:
        """Return the fields of the assessment, once the form is valid."""
        found = {name: self.cleaned_data[name] for name in self.base_fields if name != "reading_minutes"}
        found |= {name: found[name] / 100 for name in SHARES if found[name] is not None}
        limits = []
        for row in range(self.rows):
            what, low, high = (self.cleaned_data[f"{name}_{row}"] for name in ("what", "minimum", "maximum"))
            if what:
                attribute, _colon, value = what.partition(":")
                limits.append({"attribute": attribute, "value": value, "minimum": low or 0, "maximum": high})
        blueprint: dict[str, Any] = {"limits": limits} if limits else {}
        if self.cleaned_data["reading_minutes"] is not None:
            blueprint["max_seconds"] = 60 * self.cleaned_data["reading_minutes"]
        return found | {"blueprint": blueprint}


class ItemRulesForm(forms.Form):
    """What holds of one item in every assessment. `enemy_items`: the items named, once the form is valid."""

    pretest = forms.BooleanField(
        label=_("Pretest item"),
        help_text=_("It is given only as part of the share of pretest questions, and never scored."),
        required=False,
    )
    testlet = forms.CharField(
        label=_("Testlet"),
        help_text=_("A name that items with the same material share: they are given one after another."),
        max_length=60,
        required=False,
    )
    enemies = forms.CharField(
        label=_("Enemies"),
        help_text=_("Codes of items that must not meet this one in a sitting, one in each line."),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )

    def __init__(self, data: Any = None, *, item: Item) -> None:
        enemies = "\n".join(item.enemies.order_by("code").values_list("code", flat=True))
        super().__init__(data, initial={"pretest": item.pretest, "testlet": item.testlet, "enemies": enemies})
        self.enemy_items: list[Item] = []

    def clean_enemies(self) -> str:
        text: str = self.cleaned_data["enemies"]
        codes = list(dict.fromkeys(text.replace(",", " ").split()))
        self.enemy_items = list(Item.objects.filter(code__in=codes))
        known = {item.code for item in self.enemy_items}
        unknown = [code for code in codes if code not in known]
        if unknown:
            raise forms.ValidationError(gettext("There is no such item: %(codes)s.") % {"codes": ", ".join(unknown)})
        return text


def _short(value: float) -> float | int:
    """The number without the dust of binary fractions, and without a point where it is whole."""
    rounded = round(value, 6)
    return int(rounded) if rounded.is_integer() else rounded


def _limited(bank: PublishedBank, stored: list[str]) -> tuple[Mapping[str, int], list[Any]]:
    """Number of scored items by what a limit may be about, and the choices of it; what is stored stays a choice."""
    items = [item for item in bank.items.items if item is not None and not item.pretest]
    found = Competency.objects.filter(pk__in={int(item.competency) for item in items}).select_related("domain")
    competencies = {str(each.pk): each for each in found.order_by("domain__order", "order")}
    counts: Counter[str] = Counter()
    for item in items:
        counts.update(
            [f"competency:{competencies[item.competency].code}", f"domain:{item.domain}", f"kind:{item.kind}"]
        )
    names = {each.code: f"{each.code} {each.name}" for each in competencies.values()}
    domains = {each.domain.code: each.domain.name for each in competencies.values()}
    kinds = {item.kind: str(KIND_NAMES[item.kind]) for item in items}

    def named(attribute: str, names: Mapping[str, str]) -> list[tuple[str, str]]:
        return [
            (key, f"{name} ({counts[key]})")
            for key, name in ((f"{attribute}:{value}", name) for value, name in names.items())
        ]

    groups = [
        (
            gettext("Competencies"),
            named("competency", names),
        ),
        (gettext("Domains"), named("domain", domains)),
        (gettext("Kinds of question"), named("kind", kinds)),
    ]
    gone = [(key, f"{key.partition(':')[2]} (0)") for key in stored if not counts[key]]
    return counts, [("", gettext("no limit")), *groups, *gone]
