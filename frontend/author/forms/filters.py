"""The filters of the item list."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assessments.items.translations import FIELDS
from assessments.models import ItemVersion
from competencies.models import LEVELS
from frontend.author.bank import ItemFilter
from frontend.author.forms.nodes import LANGUAGE_NAMES
from frontend.author.wording import FIELD_NAMES
from frontend.choices import offer
from frontend.learn.wording import KIND_NAMES


def missing_choices() -> list[tuple[str, str]]:
    """Return what may be missing: a language in any part, or in one part of the question."""
    found = []
    for locale in ("en", "vi"):
        language = str(LANGUAGE_NAMES[locale])
        found.append((locale, language))
        found += [(f"{field}.{locale}", f"{language}: {FIELD_NAMES[field]}") for field in FIELDS]
    return found


class ItemFilterForm(forms.Form):
    """Every field may stay empty. What does not fit narrows nothing."""

    use_required_attribute = False

    q = forms.CharField(
        label=_("Search, with or without diacritics"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    competency = forms.ChoiceField(label=_("Competency"), required=False)
    level = forms.TypedChoiceField(
        label=_("Level"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", _("all")), *((level, level) for level in range(1, LEVELS + 1))],
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("all")), *KIND_NAMES.items()])
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[
            ("", _("all")),
            (ItemVersion.Status.PUBLISHED, _("in use")),
            ("uncalibrated", _("in use, difficulty provisional")),
            (ItemVersion.Status.DRAFT, _("with a draft")),
            ("review", _("waiting for review")),
            ("untranslated", _("not translated yet")),
            (ItemVersion.Status.RETIRED, _("retired")),
        ],
    )

    tag = forms.ChoiceField(label=_("Tag"), required=False)
    missing = forms.ChoiceField(label=_("Translation missing"), required=False)

    def __init__(self, *args: Any, competencies: list[tuple[str, str]], tags: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "tag", [("", _("all")), *((tag, tag) for tag in tags)])
        offer(self, "missing", [("", _("all")), *missing_choices()])
        offer(self, "competency", [("", _("all")), *competencies])

    def wanted(self) -> ItemFilter:
        """Return the filter that the valid fields make."""
        self.is_valid()
        found = self.cleaned_data
        for field in self.fields.values():
            field.required = True  # only so that a filter's label need not say that it is optional
        return ItemFilter(
            words=found.get("q", ""),
            competency=found.get("competency", ""),
            level=found.get("level"),
            kind=found.get("kind", ""),
            status=found.get("status", ""),
            tag=found.get("tag", ""),
            missing=found.get("missing", ""),
        )
