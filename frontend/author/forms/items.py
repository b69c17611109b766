"""A question in both languages as a form that grows and shrinks by submit buttons, without JavaScript."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.forms.boundfield import BoundWidget
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.items.problems import ContentError, ContentProblem
from assessments.items.registry import item_type
from competencies.models import LEVELS
from frontend.author.forms.fields import TextArea

ORDERING = "ordering"
SINGLE = "single_choice"
MOST_OPTIONS = 8
_PATH = re.compile(r"^options\[(\d+)\]\.(why\.)?(vi|en)$")


@dataclass(frozen=True, slots=True)
class OptionRow:
    """The controls of one option; `correct` and the reasons are None in ordering items."""

    index: int
    number: int
    vi: BoundField
    en: BoundField
    correct: BoundWidget | None
    why_vi: BoundField | None
    why_en: BoundField | None


def _area(label: Any, locale: str, rows: int) -> TextArea:
    return TextArea(label=label, widget=forms.Textarea(attrs={"rows": rows, "lang": locale, "spellcheck": "true"}))


class ItemVersionForm(forms.Form):
    """Stem, options, reasons and rationale. What is right is judged by the item type itself.

    `values` are the fields' values as `values_of_content` or `reshape_values` give them; with `bound` they are
    checked, else only shown.
    """

    use_required_attribute = False

    base = forms.CharField(widget=forms.HiddenInput)
    level = forms.TypedChoiceField(
        label=gettext_lazy("Author's level"),
        help_text=gettext_lazy("The level of a person who would answer rightly about half the time."),
        coerce=int,
        choices=[(level, level) for level in range(1, LEVELS + 1)],
    )
    seconds = forms.IntegerField(label=gettext_lazy("Expected time in seconds"), min_value=5, max_value=1800)

    def __init__(self, kind: str, values: Mapping[str, Any], *, bound: bool = False) -> None:
        super().__init__(data=values if bound else None, initial=dict(values))
        self.kind = kind
        self.count = _count(values)
        self.content: dict[str, Any] = {}
        self.fields["stem_vi"] = _area(_("Question in Vietnamese"), "vi", 6)
        self.fields["stem_en"] = _area(_("Question in English"), "en", 6)
        for index in range(self.count):
            self._add_option(index)
        if kind != ORDERING:
            self.fields["correct"] = self._correct_field()
        self.fields["rationale_vi"] = _area(_("Principle to remember, in Vietnamese"), "vi", 3)
        self.fields["rationale_en"] = _area(_("Principle to remember, in English"), "en", 3)

    def _add_option(self, index: int) -> None:
        self.fields[f"option_{index}_vi"] = _area(_("Vietnamese"), "vi", 2)
        self.fields[f"option_{index}_en"] = _area(_("English"), "en", 2)
        if self.kind != ORDERING:
            self.fields[f"option_{index}_why_vi"] = _area(_("Why it is right or wrong, in Vietnamese"), "vi", 2)
            self.fields[f"option_{index}_why_en"] = _area(_("Why it is right or wrong, in English"), "en", 2)

    def _correct_field(self) -> forms.Field:
        choices = [(str(index), _("Right answer")) for index in range(self.count)]
        if self.kind == SINGLE:
            return forms.ChoiceField(choices=choices, required=False, widget=forms.RadioSelect)
        return forms.MultipleChoiceField(choices=choices, required=False, widget=forms.CheckboxSelectMultiple)

    @property
    def option_rows(self) -> list[OptionRow]:
        keyed = self.kind != ORDERING
        marks = list(self["correct"]) if keyed else []
        return [
            OptionRow(
                index=index,
                number=index + 1,
                vi=self[f"option_{index}_vi"],
                en=self[f"option_{index}_en"],
                correct=marks[index] if keyed else None,
                why_vi=self[f"option_{index}_why_vi"] if keyed else None,
                why_en=self[f"option_{index}_why_en"] if keyed else None,
            )
            for index in range(self.count)
        ]

    @property
    def can_add(self) -> bool:
        return self.count < MOST_OPTIONS

    def clean(self) -> dict[str, Any]:
        try:
            self.content = item_type(self.kind).parse_content(self._raw_content()).to_dict()
        except ContentError as error:
            for problem in error.problems:
                self.add_error(*self._place(problem))
        return self.cleaned_data

    def _raw_content(self) -> dict[str, Any]:
        def pair(name: str) -> dict[str, str]:
            return {locale: _plain_lines(self.cleaned_data.get(f"{name}_{locale}", "")) for locale in ("vi", "en")}

        right = _marked(self.cleaned_data)
        options = []
        for index in range(self.count):
            option: dict[str, Any] = pair(f"option_{index}")
            if self.kind != ORDERING:
                option |= {"correct": str(index) in right, "why": pair(f"option_{index}_why")}
            options.append(option)
        return {"kind": self.kind, "stem": pair("stem"), "options": options, "rationale": pair("rationale")}

    def _place(self, problem: ContentProblem) -> tuple[str | None, str]:
        """Return the field that a problem is about, None for the whole form, and the problem in words."""
        option = _PATH.match(problem.path)
        if option:
            name = f"option_{option[1]}_{'why_' if option[2] else ''}{option[3]}"
            where = {"number": int(option[1]) + 1, "field": self.fields[name].label, "problem": _describe(problem)}
            return name, _("Option %(number)d, %(field)s: %(problem)s") % where
        name = problem.path.replace(".", "_")
        if name in self.fields:
            return name, f"{self.fields[name].label}: {_describe(problem)}"
        if problem.reason in {"one_correct_option", "some_correct_options"}:
            return "correct", _describe(problem)
        return None, _describe(problem)


def values_of_content(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the form's values of a stored content."""
    values: dict[str, Any] = {"option_count": len(content["options"])}
    right = []
    for locale in ("vi", "en"):
        values[f"stem_{locale}"] = content["stem"][locale]
        values[f"rationale_{locale}"] = content["rationale"][locale]
        for index, option in enumerate(content["options"]):
            values[f"option_{index}_{locale}"] = option[locale]
            if "why" in option:
                values[f"option_{index}_why_{locale}"] = option["why"][locale]
    for index, option in enumerate(content["options"]):
        if option.get("correct"):
            right.append(str(index))
    values["correct"] = right[0] if content["kind"] == SINGLE and right else right
    return values


def values_of_post(post: QueryDict, kind: str) -> dict[str, Any]:
    """Return the form's values as they were posted."""
    values: dict[str, Any] = post.dict()
    values["correct"] = post.get("correct", "") if kind == SINGLE else post.getlist("correct")
    return values


def reshape_values(values: Mapping[str, Any], action: str) -> dict[str, Any]:
    """Return the values after `add`, `remove-N`, `up-N` or `down-N` (N from 0); as they are for any other action."""
    order: list[int | None] = list(range(_count(values)))
    verb, _dash, number = action.partition("-")
    place = int(number) if number.isdecimal() and int(number) < len(order) else None
    if verb == "add" and len(order) < MOST_OPTIONS:
        order.append(None)
    elif verb == "remove" and place is not None:
        del order[place]
    elif verb in {"up", "down"} and place is not None:
        other = place - 1 if verb == "up" else place + 1
        if 0 <= other < len(order):
            order[place], order[other] = order[other], order[place]
    return _take(values, order)


def _take(values: Mapping[str, Any], order: list[int | None]) -> dict[str, Any]:
    """Return the values with the options in this order; None stands for a new one."""
    taken = {name: value for name, value in values.items() if not name.startswith("option_") and name != "correct"}
    chosen = _marked(values)
    kept = []
    for index, old in enumerate(order):
        for part in ("vi", "en", "why_vi", "why_en"):
            taken[f"option_{index}_{part}"] = "" if old is None else values.get(f"option_{old}_{part}", "")
        if old is not None and str(old) in chosen:
            kept.append(str(index))
    taken["option_count"] = len(order)
    taken["correct"] = "".join(kept[:1]) if isinstance(values.get("correct"), str) else kept
    return taken


def _count(values: Mapping[str, Any]) -> int:
    try:
        return max(0, min(int(values.get("option_count", 0)), MOST_OPTIONS))
    except ValueError:
        return 0


def _marked(values: Mapping[str, Any]) -> set[str]:
    """Return the numbers of the options marked as right, whether one was to be marked or several."""
    right = values.get("correct") or []
    return {right} if isinstance(right, str) else set(right)


def _plain_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _describe(problem: ContentProblem) -> str:
    return {
        "empty": _("write something here"),
        "too_long": _("too long; at most %(count)s characters") % {"count": problem.value},
        "control_character": _("a character that cannot be printed"),
        "repeated": _("says the same as another option"),
        "wrong_number": _("A question of this kind has %(range)s options.")
        % {"range": problem.value.replace("..", "–")},
        "one_correct_option": _("Mark exactly one option as the right answer."),
        "some_correct_options": _("Mark at least two options as right, and leave at least one that is not."),
    }.get(problem.reason, problem.reason)
