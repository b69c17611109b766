"""What a QTI item declares as right: correct responses, mappings, conditions that compare with a fixed value."""

from xml.etree.ElementTree import Element

from assessments.items.exchange.outcomes import Draft
from assessments.items.exchange.qti_scoring import attribute, named, plain_name
from assessments.items.exchange.xml_input import local


class Keys:
    """The keys of one item's interactions. What they simplify is noted in the draft."""

    def __init__(self, root: Element, draft: Draft) -> None:
        self.root, self.draft = root, draft

    def declaration(self, interaction: Element) -> Element | None:
        """The response declaration of the interaction, if it has one."""
        wanted = attribute(interaction, "responseidentifier")
        declared = named(self.root, "responsedeclaration")
        return next((each for each in declared if each.get("identifier") == wanted), None)

    def correct(self, interaction: Element) -> list[str]:
        """The responses that are right, else those that a condition compares with."""
        declaration = self.declaration(interaction)
        if declaration is not None:
            for correct in named(declaration, "correctresponse"):
                return [" ".join((value.text or "").split()) for value in named(correct, "value")]
        return self._compared(attribute(interaction, "responseidentifier"))

    def right_pairs(self, interaction: Element) -> list[str]:
        """The pairs that are declared as right, else those that the mapping gives points for, the best last."""
        points = sorted((value, pair) for pair, value in self.mapped(interaction).items() if value > 0)
        if points and points[0][0] < points[-1][0]:
            self.draft.note("weights")
        if self.is_whole():
            self.draft.note("parts_count")
        return self.correct(interaction) or [pair for _value, pair in points]

    def is_whole(self) -> bool:
        """Whether the template of the standard is used that gives points for the whole key alone."""
        return any(
            each.get("template", "").rpartition("/")[2].startswith("match_correct")
            for each in named(self.root, "responseprocessing")
        )

    def _compared(self, identifier: str) -> list[str]:
        """Fixed values that the response condition which gives the most points compares this response with."""
        best: tuple[float, list[str]] = (0.0, [])
        for condition in self.root.iter():
            points = (
                _points_given(condition) if plain_name(local(condition)) in ("responseif", "responseelseif") else 0.0
            )
            if points <= best[0]:
                continue
            found = [
                (value.text or "").strip()
                for match in named(condition[0], "match", "stringmatch", "equal", "equalrounded")
                if any(each.get("identifier") == identifier for each in named(match, "variable"))
                for value in named(match, "basevalue")
            ]
            if found:
                best = (points, found)
        return best[1]

    def shares(self, interaction: Element) -> dict[str, float]:
        """The share of each option that has one; a mapping alone says too what is right."""
        correct, mapped = self.correct(interaction), self.mapped(interaction)
        if not correct:
            declaration = self.declaration(interaction)
            is_single = declaration is not None and declaration.get("cardinality") == "single"
            least = max(mapped.values(), default=0.0) if is_single else 0.0
            correct = [key for key, value in mapped.items() if value >= least and value > 0]
        right = set(correct)
        if any(value > 0 and key not in right for key, value in mapped.items()):
            self.draft.note("weights")
        if len({mapped[key] for key in correct if key in mapped}) > 1:
            self.draft.note("weights")
        shares = dict.fromkeys(correct, 1.0 / max(1, len(correct)))
        return {key: -1.0 for key, value in mapped.items() if value < 0} | shares

    def mapped(self, interaction: Element) -> dict[str, float]:
        """What the declaration's mapping gives, by response."""
        declaration = self.declaration(interaction)
        entries = named(declaration, "mapentry") if declaration is not None else ()
        return {attribute(each, "mapkey"): points_of(attribute(each, "mappedvalue")) for each in entries}

    def accepted(self, interaction: Element) -> list[str]:
        """What is right or has the greatest points of the mapping."""
        mapped = self.mapped(interaction)
        best = max(mapped.values(), default=0.0)
        return self.correct(interaction) + [key for key, value in mapped.items() if value == best > 0]


def _points_given(condition: Element) -> float:
    """The points that a condition sets, 1 where it names none; 0 for one that turns something round."""
    if not len(condition) or next(named(condition[0], "not"), None) is not None:
        return 0.0
    scores = [
        points_of(value.text or "")
        for change in condition
        if plain_name(local(change)) == "setoutcomevalue"
        for value in named(change, "basevalue")
        if attribute(value, "basetype") in ("float", "integer")
    ]
    return max(scores, default=1.0)


def points_of(text: str) -> float:
    """The points that a text of a package names; 0 for what is no number."""
    try:
        return float(text)
    except ValueError:
        return 0.0
