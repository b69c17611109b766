"""The forms of all types of questions."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from assessments.items import matching, multiple_choice, ordering, single_choice, true_false_reason
from assessments.items.content import LOCALES, Text
from assessments.items.file_upload import TYPES
from assessments.items.highlight import PROBLEMS
from assessments.items.personal_data import PATTERNS
from frontend.author.forms.accepted import accepted_parts
from frontend.author.forms.cloze import GAPS, find_gap, gaps_from_content, gaps_to_content, settle_gaps
from frontend.author.forms.media import MEDIA
from frontend.author.forms.nodes import (
    Choice,
    Flag,
    Group,
    Hidden,
    Lines,
    Names,
    Node,
    Number,
    OneOf,
    Picks,
    TruthChoice,
    Whole,
    Words,
)
from frontend.author.forms.number import number_parts
from frontend.author.forms.pictures import PictureNode, Pixels
from frontend.author.forms.rows import MANY, ONE, Rows
from frontend.author.forms.shapes import Shape, Value
from frontend.author.forms.sheet import (
    SHEET_PLACES,
    drop_column,
    settle_sheet,
    sheet_from_content,
    sheet_parts,
    sheet_to_content,
)

STEM = Words(name="stem", label=_("Question"), rows=6)
RATIONALE = Words(name="rationale", label=_("Principle to remember"), rows=3)
TEXT = Words(rows=2)
WHY = Words(name="why", label=_("Why it is right or wrong"), rows=2)
MAYBE_WHY = Words(name="why", label=_("Why"), rows=2, optional=True)
EXAMPLE = Words(name="example", label=_("A good answer, shown after submission"), rows=6)


def shape_of(*parts: Node, **more: Any) -> Shape:
    """Return a shape between the question and the principle to remember."""
    return Shape(parts=parts, stem=STEM, media=MEDIA, rationale=RATIONALE, **more)


def _options(start: int, most: int, mark: str) -> Rows:
    label, one, add = _("Options"), _("Option"), _("Add an option")
    return Rows(name="options", label=label, one=one, add=add, start=start, most=most, mark=mark, parts=(TEXT, WHY))


def _rubric() -> Rows:
    level = Rows(
        name="levels",
        label=_("Levels, from the lowest, which earns 0 points"),
        one=pgettext_lazy("of a rubric", "Level"),
        add=_("Add a level"),
        start=3,
        most=6,
        parts=(TEXT, Words(name="anchor", label=_("An answer at this level"), optional=True)),
    )
    label, one, add = _("What markers look at"), _("Criterion"), _("Add a criterion")
    return Rows(name="rubric", label=label, one=one, add=add, start=2, most=6, parts=(TEXT, level))


def _locale() -> str:
    return "en" if get_language() == "en" else "vi"


def _named(names: Mapping[str, Text]) -> list[tuple[str, str]]:
    return [(key, text.at(_locale())) for key, text in names.items()]


def _problem_choices(root: Any) -> list[tuple[str, str]]:
    return [("", _now("No problem")), *_named(PROBLEMS)]


def _category_choices(root: Any) -> list[tuple[str, str]]:
    categories = root["categories"]
    shown = [(row["name"], f"{number}. {row[_locale()]}") for number, row in enumerate(categories, start=1)]
    return [("", _now("Choose…")), *shown]


def _name_categories(value: Value) -> Value:
    """Give every category a name of its own, by which cards refer to it."""
    taken = {row["name"] for row in value["categories"]}
    for row in value["categories"]:
        if not row["name"]:
            row["name"] = next(name for number in range(1, 100) if (name := f"category{number}") not in taken)
            taken.add(row["name"])
    return value


def _units_to_content(value: Value) -> Value:
    """The first unit is the answer's; a later one without a factor is of another kind."""
    units = [{"factor": "1" if not place else None, **unit} for place, unit in enumerate(value["units"])]
    return value | {"units": units}


def _without_blank_reasons(value: Value) -> Value:
    """A judgement none of whose reasons says anything is asked for alone."""
    blank = all(not any(each.get(locale) for locale in LOCALES) for each in value["options"])
    return value | {"options": []} if blank else value


def _mentions(name: str, label: Any, one: Any, add: Any) -> Rows:
    phrases = Lines(name="phrases", label=_("Words to look for"), hint=_("One a line; one of them is enough."), rows=3)
    return Rows(name=name, label=label, one=one, add=add, most=8, parts=(TEXT, phrases))


SHAPES: dict[str, Shape] = {
    "single_choice": shape_of(_options(4, single_choice.MOST, ONE)),
    "multiple_choice": shape_of(
        Choice(
            name="scoring",
            label=_("Scoring"),
            hint=_(
                "All or nothing: 1 point for every right option and no wrong one, else 0. "
                "In parts: each right option adds a point and each wrong one takes one away, never below 0."
            ),
            choices=[("all_or_nothing", _("all or nothing")), ("plus_minus", _("in parts"))],
            start="all_or_nothing",
        ),
        _options(5, multiple_choice.MOST, MANY),
    ),
    "true_false_reason": shape_of(
        TruthChoice(
            name="answer",
            label=_("The statement is"),
            choices=[("", _("Choose…")), ("true", _("true")), ("false", _("false"))],
        ),
        Rows(
            name="options",
            label=_("Reasons"),
            hint=_("Leave all of them empty where only the judgement is asked for."),
            one=_("Reason"),
            add=_("Add a reason"),
            start=4,
            most=true_false_reason.MOST,
            mark=ONE,
            parts=(TEXT, WHY),
        ),
        to_content=_without_blank_reasons,
    ),
    "matching": shape_of(
        Rows(
            name="pairs",
            label=_("Pairs"),
            one=_("Pair"),
            add=_("Add a pair"),
            start=4,
            most=matching.MOST,
            parts=(Words(name="prompt", label=_("What is given")), Words(name="match", label=_("Its match"))),
        ),
        Rows(
            name="spare",
            label=_("Matches left over"),
            hint=_("They belong to nothing, so that the last pair cannot be guessed."),
            one=_("Match left over"),
            add=_("Add a match left over"),
            most=matching.MOST_SPARE,
            parts=(TEXT,),
        ),
    ),
    "ordering": shape_of(
        Rows(
            name="options",
            label=_("Steps in the right order"),
            one=_("Step"),
            add=_("Add a step"),
            start=4,
            most=ordering.MOST,
            movable=True,
            parts=(TEXT,),
        )
    ),
    "categorise": shape_of(
        Rows(
            name="categories",
            label=_("Categories, in the order in which they are shown"),
            one=_("Category"),
            add=_("Add a category"),
            start=2,
            most=6,
            movable=True,
            parts=(Hidden(name="name"), TEXT),
        ),
        Rows(
            name="cards",
            label=_("Cards"),
            one=_("Card"),
            add=_("Add a card"),
            start=4,
            most=16,
            parts=(TEXT, Choice(name="category", label=_("Category"), choices=_category_choices), MAYBE_WHY),
        ),
        settle=_name_categories,
    ),
    "cloze": shape_of(
        Words(
            name="text",
            label=_("Text with gaps"),
            hint=_("Mark each gap as [[name]], with small Latin letters, once in each language."),
            rows=6,
        ),
        GAPS,
        from_content=gaps_from_content,
        to_content=gaps_to_content,
        settle=settle_gaps,
        find_place=find_gap,
    ),
    "short_text": shape_of(*accepted_parts()),
    "numeric": shape_of(
        *number_parts(_("Right answer"), _("In the first unit, when there are units.")),
        Flag(name="whole", label=_("Only whole numbers are taken")),
        Rows(
            name="units",
            label=_("Units"),
            hint=_("The unit of the answer first. Without units only the number counts."),
            one=_("Unit"),
            add=_("Add a unit"),
            most=8,
            parts=(
                TEXT,
                Names(name="aliases", label=_("Other ways to write it"), hint=_("With semicolons between.")),
                Number(
                    name="factor",
                    label=_("How many of the first unit it is"),
                    hint=_("1 for the first. Leave it empty for a unit in which no answer is right."),
                    optional=True,
                ),
            ),
        ),
        to_content=_units_to_content,
        places=((r"^tolerance\.(absolute|percent)$", "tolerance.amount"),),
    ),
    "table": shape_of(
        *sheet_parts(),
        from_content=sheet_from_content,
        to_content=sheet_to_content,
        settle=settle_sheet,
        before=drop_column,
        places=SHEET_PLACES,
    ),
    "highlight": shape_of(
        Picks(name="offered", label=_("Problems that people choose from"), choices=lambda root: _named(PROBLEMS)),
        Rows(
            name="segments",
            label=_("The text, piece by piece"),
            hint=_("More sound pieces than pieces with a problem."),
            one=_("Piece"),
            add=_("Add a piece"),
            start=6,
            most=40,
            movable=True,
            parts=(TEXT, Choice(name="problem", label=_("Problem"), choices=_problem_choices), MAYBE_WHY),
        ),
    ),
    "hotspot": shape_of(
        PictureNode(name="image"),
        Rows(
            name="regions",
            label=_("Places"),
            hint=_(
                "All are shown, right and wrong ones, in the list and on the picture. A rectangle lies at: left, top, "
                "width, height. A circle: left and top of its middle, radius. A polygon: left and top of each corner."
            ),
            one=_("Place"),
            add=_("Add a place"),
            start=4,
            most=12,
            mark=MANY,
            parts=(
                TEXT,
                OneOf(
                    name="shape",
                    parts=(
                        Choice(
                            name="way",
                            label=_("Shape"),
                            choices=[
                                ("rectangle", _("rectangle")),
                                ("circle", _("circle")),
                                ("polygon", _("polygon")),
                            ],
                            start="rectangle",
                        ),
                        Pixels(
                            name="amount",
                            label=_("Where it lies"),
                            hint=_("Whole pixels with commas between, such as 20, 40, 200, 60."),
                        ),
                    ),
                ),
                MAYBE_WHY,
            ),
        ),
        places=(
            (r"\.shape(\.(rectangle|circle|polygon))?$", ".shape.amount"),
            (r"^image\.file\.(vi|en)$", r"image.upload.\1"),
            (r"^image\.(width|height)$", "image.upload.vi"),
        ),
    ),
    "essay": shape_of(
        Group(
            name="words",
            label=_("How many words are asked for"),
            parts=(Whole(name="least", label=_("At least")), Whole(name="most", label=_("At most"), start=300)),
        ),
        _rubric(),
        last=(EXAMPLE,),
    ),
    "file_upload": shape_of(
        Group(
            name="files",
            label=_("What may be handed in"),
            parts=(
                Picks(name="types", label=_("Types of files"), choices=lambda root: [(each, each) for each in TYPES]),
                Whole(name="most", label=_("Files at most"), start=1),
                Whole(name="megabytes", label=_("Megabytes of one file at most"), start=5),
            ),
        ),
        _rubric(),
    ),
    "prompt": shape_of(
        Group(
            name="constraints",
            label=_("What a machine checks"),
            parts=(
                Group(
                    name="characters",
                    label=_("How many characters are asked for"),
                    parts=(
                        Whole(name="least", label=_("At least"), start=50),
                        Whole(name="most", label=_("At most"), start=1500),
                    ),
                ),
                _mentions("include", _("What must be in it"), _("Must be in it"), _("Add what must be in it")),
                _mentions(
                    "exclude", _("What must not be in it"), _("Must not be in it"), _("Add what must not be in it")
                ),
                Picks(
                    name="personal_data",
                    label=_("Personal data that must not be in it"),
                    choices=lambda root: _named({kind: name for kind, (name, _form) in PATTERNS.items()}),
                    optional=True,
                ),
            ),
        ),
        _rubric(),
        last=(EXAMPLE,),
    ),
}
"""By kind; a test holds this to the registry of item types."""
