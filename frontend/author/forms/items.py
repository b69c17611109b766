"""A question in both languages as a form that grows and shrinks by submit buttons, without JavaScript."""

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from assessments.items.problems import ContentError, ContentProblem
from assessments.items.registry import item_type
from competencies.models import LEVELS
from frontend.author.forms.kinds import SHAPES
from frontend.author.forms.nodes import Group, Node, Problems, part_of
from frontend.author.forms.problems import describe_problem
from frontend.author.forms.rows import Rows
from frontend.author.forms.shapes import Shape

SETTINGS = ("base", "level", "seconds")
_NUMBERED = re.compile(r"\[(\d+)\]")


class ItemVersionForm(forms.Form):
    """The content of a question, its level and its time. What is right is judged by the item type itself.

    `value` is what the kind's `Shape` made of a stored content or of what was posted; `settings` are base, level and
    seconds as text. With `bound` all are checked, else only shown. `problems` are those found before.
    """

    use_required_attribute = False

    base = forms.CharField(widget=forms.HiddenInput, required=False)
    level = forms.TypedChoiceField(
        label=gettext_lazy("Author's level"),
        help_text=gettext_lazy("The level of a person who would answer rightly about half the time."),
        coerce=int,
        choices=[(level, level) for level in range(1, LEVELS + 1)],
    )
    seconds = forms.IntegerField(label=gettext_lazy("Expected time in seconds"), min_value=5, max_value=1800)

    def __init__(
        self,
        kind: str,
        value: dict[str, Any],
        settings: dict[str, Any],
        *,
        bound: bool = False,
        problems: Problems | None = None,
    ) -> None:
        self.kind = kind
        self.value = value
        self.shape: Shape = SHAPES[kind]
        self.found: Problems = problems or []
        self.content: dict[str, Any] = {}
        made = self.shape.whole.fields(value, "", value)
        values = {name: each for name, (_field, each) in made.items()} | settings
        super().__init__(data=values if bound else None, initial=values)
        for name, (field, _value) in made.items():
            self.fields[name] = field
        # The question comes first on the page and so among the errors; level and time come last.
        self.order_fields([*made, *SETTINGS])

    @property
    def stem(self) -> dict[str, Any]:
        return self._view(self.shape.stem)

    @property
    def beside(self) -> dict[str, Any]:
        return self._view(self.shape.media)

    @property
    def rationale(self) -> dict[str, Any]:
        return self._view(self.shape.rationale)

    @property
    def parts(self) -> list[dict[str, Any]]:
        return [self._view(part) for part in self.shape.parts]

    @property
    def last(self) -> list[dict[str, Any]]:
        return [self._view(part) for part in self.shape.last]

    def _view(self, part: Node) -> dict[str, Any]:
        return part.view(self, part_of(self.value, part), part.name)

    def clean(self) -> dict[str, Any]:
        problems = list(self.found)
        raw = self.shape.dump(self.kind, self.value, problems)
        try:
            self.content = item_type(self.kind).parse_content(raw).to_dict()
        except ContentError as error:
            told = {problem.path for problem in problems}
            problems += [problem for problem in error.problems if self._name(problem) not in told]
        for problem in problems:
            self.add_error(*self._place(problem))
        return self.cleaned_data

    def _name(self, problem: ContentProblem) -> str:
        return self.shape.place(problem, self.value)

    def _place(self, problem: ContentProblem) -> tuple[str | None, str]:
        """Return the field that a problem is about, None for the whole form, and the problem in words."""
        name = self._name(problem)
        said = describe_problem(problem)
        where = [*_titles(self.shape.whole, name)]
        if name in self.fields:
            where.append(str(self.fields[name].label))
        return (name if name in self.fields else None), ": ".join([", ".join(filter(None, where)), said]).lstrip(": ")


def _titles(node: Node, path: str) -> list[str]:
    """Return what the rows on the way to a path are called: "Criterion 2", "Level 1"."""
    titles: list[str] = []
    walked = ""
    for step in path.split("."):
        name, *numbers = _NUMBERED.split(step)
        parts = node.parts if isinstance(node, (Group, Rows)) else ()
        found = next((part for part in parts if part.name == name), None)
        if found is None:
            break
        node = found
        walked = f"{walked}.{name}" if walked else name
        if numbers and isinstance(node, Rows):
            titles.append(node.title(walked, int(numbers[0])))
            walked = f"{walked}[{numbers[0]}]"
        elif path.endswith(step) and isinstance(node, (Group, Rows)) and str(node.label):
            titles.append(str(node.label))
    return titles


def label_of_path(kind: str, path: str, content: dict[str, Any]) -> str:
    """Return what the place of a path in a content is called in the form of its type."""
    value = SHAPES[kind].load(content)
    name = SHAPES[kind].place(ContentProblem(path, ""), value)
    form = ItemVersionForm(kind, value, {})
    parts = _titles(SHAPES[kind].whole, name)
    if name in form.fields:
        parts.append(str(form.fields[name].label))
    elif name.endswith(".correct"):
        parts.append(str(gettext_lazy("Right answer")))
    return ", ".join(filter(None, parts)) or path


def problems_in_words(kind: str, problems: Iterable[ContentProblem], content: dict[str, Any]) -> list[str]:
    """Return each problem of a stored content with the name of its place."""
    return [f"{label_of_path(kind, each.path, content)}: {describe_problem(each)}" for each in problems]


def settings_of_post(post: QueryDict) -> dict[str, Any]:
    """Return what was posted beside the content."""
    return {name: post.get(name, "") for name in SETTINGS}
