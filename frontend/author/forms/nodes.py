"""The parts that the form of a question is built of.

A part knows how to read its value from posted fields, how to make it from a stored content (`load`) and a content from
it (`dump`), which form fields it needs, and how templates see it. Fields are named by the path of what they hold in the
content (`options[2].why.en`), so that a problem found there finds its field.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from assessments.items.content import LOCALES
from assessments.items.decimal_forms import NumberFormError, read_number
from assessments.items.problems import ContentProblem
from assessments.items.question import plain_number
from frontend.author.forms.loose import Loose, LooseChoice, LoosePicks, text_area
from frontend.numbers import read_whole

Problems = list[ContentProblem]
LANGUAGE_NAMES: dict[str, Any] = {"vi": _("Vietnamese"), "en": _("English")}


def join(path: str, name: str) -> str:
    """Return the path of `name` within `path`; an empty name is the place itself."""
    return f"{path}.{name}" if path and name else path or name


@dataclass(frozen=True, kw_only=True)
class Node:
    """A part of a form. name: its key in the mapping that holds it; "" merges its keys into that mapping."""

    name: str = ""
    label: Any = ""
    hint: Any = ""
    kind: str = "field"

    def read(self, post: QueryDict, path: str) -> Any:
        """Return what was posted at a path."""
        return post.get(path, "").strip()

    def load(self, value: Any) -> Any:
        """Return the form's value of a content's; None makes a blank one."""
        return "" if value is None else value

    def dump(self, value: Any, path: str, problems: Problems) -> Any:
        """Return the content's value of the form's; None is left out of the content."""
        return value

    def fields(self, value: Any, path: str, root: Any) -> dict[str, tuple[forms.Field, Any]]:
        """Return the form fields with their values, by name."""
        return {path: (self.field(root), value)}

    def field(self, root: Any) -> forms.Field:
        """Return the one field of a simple part."""
        return Loose(label=self.label, help_text=self.hint, required=True)

    def view(self, form: Any, value: Any, path: str) -> dict[str, Any]:
        """Return what templates need to draw the part."""
        return {"kind": self.kind, "field": form[path], "css": ""}


@dataclass(frozen=True, kw_only=True)
class Words(Node):
    """A text in both languages."""

    rows: int = 2
    optional: bool = False
    kind: str = "words"

    def read(self, post: QueryDict, path: str) -> Any:
        return {locale: plain_lines(post.get(join(path, locale), "")) for locale in LOCALES}

    def load(self, value: Any) -> Any:
        source = value if isinstance(value, Mapping) else {}
        return {locale: source.get(locale, "") for locale in LOCALES}

    def dump(self, value: Any, path: str, problems: Problems) -> Any:
        found = {locale: value[locale] for locale in LOCALES}
        return None if self.optional and not any(found.values()) else found

    def fields(self, value: Any, path: str, root: Any) -> dict[str, tuple[forms.Field, Any]]:
        found: dict[str, tuple[forms.Field, Any]] = {}
        for locale in LOCALES:
            language = LANGUAGE_NAMES[locale]
            label = f"{self.label}: {language}" if self.label else language
            area = text_area(label, locale, self.rows, required=not self.optional, hint=self.hint)
            found[join(path, locale)] = area, value[locale]
        return found

    def view(self, form: Any, value: Any, path: str) -> dict[str, Any]:
        return {"kind": self.kind, "fields": [form[join(path, locale)] for locale in LOCALES]}


@dataclass(frozen=True, kw_only=True)
class Lines(Words):
    """Lists of wordings in both languages, one a line."""

    rows: int = 4

    def load(self, value: Any) -> Any:
        source = value if isinstance(value, Mapping) else {}
        return {locale: "\n".join(source.get(locale, [])) for locale in LOCALES}

    def dump(self, value: Any, path: str, problems: Problems) -> Any:
        found = {locale: [line.strip() for line in value[locale].splitlines() if line.strip()] for locale in LOCALES}
        return None if self.optional and not any(found.values()) else found


@dataclass(frozen=True, kw_only=True)
class Line(Node):
    """A short text."""

    optional: bool = False
    css: str = ""

    def field(self, root: Any) -> forms.Field:
        return Loose(label=self.label, help_text=self.hint, required=not self.optional, widget=forms.TextInput())

    def view(self, form: Any, value: Any, path: str) -> dict[str, Any]:
        return {"kind": self.kind, "field": form[path], "css": self.css}


@dataclass(frozen=True, kw_only=True)
class Names(Line):
    """Short texts on one line, with semicolons between."""

    optional: bool = True

    def load(self, value: Any) -> Any:
        return "; ".join(value or [])

    def dump(self, value: Any, path: str, problems: Problems) -> Any:
        return [part.strip() for part in value.split(";") if part.strip()]


@dataclass(frozen=True, kw_only=True)
class Whole(Line):
    """A whole number."""

    start: int = 0
    css: str = "form-control--short"

    def load(self, value: Any) -> Any:
        return str(self.start if value is None else value)

    def dump(self, value: Any, path: str, problems: Problems) -> Any:
        return value if (number := read_whole(value)) is None else number

    def field(self, root: Any) -> forms.Field:
        attrs = {"inputmode": "numeric"}
        return Loose(label=self.label, help_text=self.hint, required=True, widget=forms.TextInput(attrs=attrs))


@dataclass(frozen=True, kw_only=True)
class Number(Line):
    """A number with decimals, written in either notation, refused where it could be read two ways."""

    css: str = "form-control--short"

    def load(self, value: Any) -> Any:
        return unambiguous("" if value is None else str(value))

    def dump(self, value: Any, path: str, problems: Problems) -> Any:
        if self.optional and not value:
            return None
        return read_plain(value, path, problems)


@dataclass(frozen=True, kw_only=True)
class Choice(Node):
    """One of a few words. choices: pairs, or a function that makes them from the whole form's value."""

    choices: Sequence[tuple[str, Any]] | Callable[[Any], Sequence[tuple[str, Any]]] = ()
    start: str = ""

    def load(self, value: Any) -> Any:
        return self.start if value is None else str(value)

    def dump(self, value: Any, path: str, problems: Problems) -> Any:
        return value or None

    def field(self, root: Any) -> forms.Field:
        choices = self.choices(root) if callable(self.choices) else self.choices
        return LooseChoice(label=self.label, help_text=self.hint, required=True, choices=list(choices))

    def view(self, form: Any, value: Any, path: str) -> dict[str, Any]:
        return {"kind": self.kind, "field": form[path], "css": "form-control--medium"}


@dataclass(frozen=True, kw_only=True)
class WholeChoice(Choice):
    """One of a few whole numbers."""

    start: str = "0"

    def dump(self, value: Any, path: str, problems: Problems) -> Any:
        return value if (number := read_whole(value)) is None else number


@dataclass(frozen=True, kw_only=True)
class TruthChoice(Choice):
    """True or false, chosen from two words."""

    start: str = ""

    def load(self, value: Any) -> Any:
        return {True: "true", False: "false"}.get(value, "")

    def dump(self, value: Any, path: str, problems: Problems) -> Any:
        return {"true": True, "false": False}.get(value, value)


@dataclass(frozen=True, kw_only=True)
class Flag(Node):
    """A tick."""

    def read(self, post: QueryDict, path: str) -> Any:
        return path in post

    def load(self, value: Any) -> Any:
        return bool(value)

    def field(self, root: Any) -> forms.Field:
        return Loose(label=self.label, help_text=self.hint, required=False, widget=forms.CheckboxInput())


@dataclass(frozen=True, kw_only=True)
class Picks(Node):
    """Some of a few words, each with a tick."""

    choices: Callable[[Any], Sequence[tuple[str, Any]]]
    optional: bool = False

    def read(self, post: QueryDict, path: str) -> Any:
        return post.getlist(path)

    def load(self, value: Any) -> Any:
        return list(value or [])

    def field(self, root: Any) -> forms.Field:
        return LoosePicks(
            label=self.label,
            help_text=self.hint,
            required=not self.optional,
            choices=list(self.choices(root)),
            widget=forms.CheckboxSelectMultiple,
        )


@dataclass(frozen=True, kw_only=True)
class Hidden(Node):
    """What the author need not see, such as the name by which parts refer to another."""

    kind: str = "hidden"

    def field(self, root: Any) -> forms.Field:
        return Loose(required=False, widget=forms.HiddenInput())


@dataclass(frozen=True, kw_only=True)
class Group(Node):
    """Parts that make a mapping."""

    parts: Sequence[Node] = ()
    kind: str = "group"

    def read(self, post: QueryDict, path: str) -> Any:
        return _gather((part, part.read(post, join(path, part.name))) for part in self.parts)

    def load(self, value: Any) -> Any:
        source = value if isinstance(value, Mapping) else {}
        return _gather((part, part.load(source if part.name == "" else source.get(part.name))) for part in self.parts)

    def dump(self, value: Any, path: str, problems: Problems) -> Any:
        dumped = ((part, part.dump(part_of(value, part), join(path, part.name), problems)) for part in self.parts)
        return _gather((part, each) for part, each in dumped if each is not None)

    def fields(self, value: Any, path: str, root: Any) -> dict[str, tuple[forms.Field, Any]]:
        found: dict[str, tuple[forms.Field, Any]] = {}
        for part in self.parts:
            found |= part.fields(part_of(value, part), join(path, part.name), root)
        return found

    def view(self, form: Any, value: Any, path: str) -> dict[str, Any]:
        parts = [part.view(form, part_of(value, part), join(path, part.name)) for part in self.parts]
        return {"kind": self.kind, "label": self.label, "hint": self.hint, "parts": parts}


@dataclass(frozen=True, kw_only=True)
class OneOf(Group):
    """A mapping of one key, which is chosen, to a value: `{"percent": 5}`. parts: the choice `way`, then `amount`."""

    def load(self, value: Any) -> Any:
        way, amount = self.parts
        key, inner = next(iter(value.items())) if isinstance(value, Mapping) and value else (None, None)
        return {way.name: way.load(key), amount.name: amount.load(inner)}

    def dump(self, value: Any, path: str, problems: Problems) -> Any:
        way, amount = self.parts
        return {value[way.name]: amount.dump(value[amount.name], join(path, amount.name), problems)}


def part_of(value: Any, part: Node) -> Any:
    """Return the value of a part within the mapping that holds it."""
    return value if part.name == "" else value[part.name]


def _gather(pairs: Iterable[tuple[Node, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part, value in pairs:
        found |= value if part.name == "" else {part.name: value}
    return found


def plain_lines(text: str) -> str:
    """Return a text with line feeds alone, without blanks round it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def read_plain(text: str, path: str, problems: Problems) -> str:
    """Return a typed number as contents store it; what is none comes back as it is, with a problem."""
    try:
        return plain_number(read_number(text))
    except NumberFormError as error:
        problems.append(ContentProblem(path, error.reason, text))
        return text


def unambiguous(text: str) -> str:
    """Return a stored number so that it reads one way only: 1.234 as 1.2340."""
    whole, point, decimals = text.partition(".")
    return f"{text}0" if point and len(decimals) == 3 and len(whole.lstrip("-")) <= 3 else text
