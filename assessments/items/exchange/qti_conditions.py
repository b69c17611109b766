"""What gives points, written as QTI 3: mappings of responses, and conditions that are added up."""

from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from assessments.items.wording import comparable

_TEMPLATES = "https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/"


def use_template(root: Element, name: str) -> None:
    """Score RESPONSE by a template of the standard: match_correct or map_response."""
    SubElement(root, "qti-response-processing", {"template": f"{_TEMPLATES}{name}.xml"})


def map_shares(declaration: Element, shares: Iterable[tuple[str, str]]) -> None:
    """Give each response its points, none below 0 in all."""
    mapping = SubElement(declaration, "qti-mapping", {"default-value": "0", "lower-bound": "0"})
    for key, points in shares:
        SubElement(mapping, "qti-map-entry", {"map-key": key, "mapped-value": points})


def map_wordings(declaration: Element, rules: Mapping[str, Any], locale: str) -> None:
    """Give every accepted wording a point; one that is near but wrong is named with none.

    A wording whose diacritics do not matter stands there without them too, which is as near as the standard comes.
    """
    mapping = SubElement(declaration, "qti-mapping", {"default-value": "0"})
    case = "true" if rules["case"] == "exact" else "false"
    accepted = list(rules["accepted"][locale])
    if rules["diacritics"] == "any":
        accepted += [comparable(each, case=True, diacritics=False) for each in accepted]
    wrong = rules.get("rejected", {}).get(locale, [])
    points = dict.fromkeys(wrong, "0") | dict.fromkeys(accepted, "1")
    for key in [*dict.fromkeys(accepted), *(each for each in wrong if each not in accepted)]:
        SubElement(mapping, "qti-map-entry", {"map-key": key, "mapped-value": points[key], "case-sensitive": case})


def wording_marks(rules: Mapping[str, Any]) -> dict[str, str]:
    """Attributes of the house for what the standard has no word for."""
    return {"data-thang-diacritics": rules["diacritics"], "data-thang-edits": str(rules["edits"])}


def processing(root: Element) -> Element:
    """The element that conditions are added to."""
    found = root.find("qti-response-processing")
    return SubElement(root, "qti-response-processing") if found is None else found


def add_if_right(root: Element, name: str) -> None:
    """A point for the declared response."""
    condition = _condition(root)
    _compare(SubElement(condition, "qti-match"), name)
    _add(condition, "1")


def add_if_near(root: Element, name: str, tolerance: Mapping[str, str]) -> None:
    """A point for a number within the tolerance of the declared one."""
    ((way, amount),) = tolerance.items()
    mode = "exact" if amount == "0" else "relative" if way == "percent" else "absolute"
    attributes = {"tolerance-mode": mode} | ({} if mode == "exact" else {"tolerance": f"{amount} {amount}"})
    condition = _condition(root)
    _compare(SubElement(condition, "qti-equal", attributes), name)
    _add(condition, "1")


def add_mapped(root: Element, name: str) -> None:
    """The points that the mapping of a response gives."""
    total = _sum(processing(root))
    SubElement(total, "qti-map-response", {"identifier": name})


def _condition(root: Element) -> Element:
    return SubElement(SubElement(processing(root), "qti-response-condition"), "qti-response-if")


def _compare(comparison: Element, name: str) -> None:
    SubElement(comparison, "qti-variable", {"identifier": name})
    SubElement(comparison, "qti-correct", {"identifier": name})


def _sum(place: Element) -> Element:
    total = SubElement(SubElement(place, "qti-set-outcome-value", {"identifier": "SCORE"}), "qti-sum")
    SubElement(total, "qti-variable", {"identifier": "SCORE"})
    return total


def _add(condition: Element, points: str) -> None:
    SubElement(_sum(condition), "qti-base-value", {"base-type": "float"}).text = points
