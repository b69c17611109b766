"""What the form of a type is made of, and how its value and a content are made of one another."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from assessments.items.problems import ContentProblem
from frontend.author.forms.media import MEDIA_PLACES
from frontend.author.forms.nodes import Group, Node, Problems, Words
from frontend.author.forms.rows import Rows, reshape

Value = dict[str, Any]


def _same(value: Value) -> Value:
    return value


def _same_action(value: Value, action: str) -> Value:
    return value


@dataclass(frozen=True, kw_only=True)
class Shape:
    """The form of one type.

    parts: between the question with its media and the principle to remember. last: after these, such as a good answer.
    from_content, to_content: what the parts cannot do alone. settle: what is put right after reading and reshaping.
    before: what else an action changes. places: patterns of content paths and what they are called in the form.
    """

    parts: tuple[Node, ...]
    last: tuple[Node, ...] = ()
    stem: Words
    media: Rows
    rationale: Words
    from_content: Callable[[Value], Value] = _same
    to_content: Callable[[Value], Value] = _same
    settle: Callable[[Value], Value] = _same
    before: Callable[[Value, str], Value] = _same_action
    places: tuple[tuple[str, str], ...] = ()
    find_place: Callable[[str, Value], str] = field(default=lambda path, value: path)

    @property
    def whole(self) -> Group:
        return Group(parts=(self.stem, self.media, *self.parts, *self.last, self.rationale))

    def blank(self) -> Value:
        """Return the value of an empty form."""
        return self.settle(self.whole.load(None))

    def load(self, content: Mapping[str, Any]) -> Value:
        """Return the form's value of a stored content."""
        return self.settle(self.whole.load(self.from_content(dict(content))))

    def read(self, post: QueryDict) -> Value:
        """Return the form's value as it was posted."""
        return self.settle(self.whole.read(post, ""))

    def dump(self, kind: str, value: Value, problems: Problems) -> Value:
        """Return the content that the form's value says; what cannot be read is noted and left as it is."""
        return {"kind": kind, **self.to_content(self.whole.dump(value, "", problems))}

    def change(self, value: Value, action: str) -> tuple[Value, str]:
        """Return the value after a button that adds, removes or moves, and the anchor to go on at."""
        changed, anchor = reshape(self.whole, self.before(value, action), action)
        return self.settle(changed), anchor

    def place(self, problem: ContentProblem, value: Value) -> str:
        """Return the name of the field that a problem of a content is about, as far as patterns tell."""
        path = self.find_place(problem.path, value)
        for pattern, name in (*self.places, *MEDIA_PLACES):
            path = re.sub(pattern, name, path)
        return path
