"""QTI 3 items for other tools: the question, its right response, and standard response processing.

What QTI has no interaction for goes out as a text to write, so that no question is lost on the way.
"""

import json
from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from assessments.items.content import LOCALES
from assessments.items.exchange.qti_conditions import (
    add_if_near,
    add_if_right,
    add_mapped,
    map_shares,
    map_wordings,
    use_template,
    wording_marks,
)

NAMESPACE = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
_PACKAGE = "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"
Options = list[Mapping[str, Any]]


def item_xml(code: str, content: Mapping[str, Any], locale: str = "vi") -> str:
    """The XML of an item in one language."""
    root = Element(
        "qti-assessment-item",
        {
            "xmlns": NAMESPACE,
            "identifier": f"item-{code}",
            "title": code,
            "adaptive": "false",
            "time-dependent": "false",
            "xml:lang": locale,
        },
    )
    body = Element("qti-item-body")
    scoring = Element("scoring")
    for line in content["stem"][locale].splitlines():
        SubElement(body, "p").text = line
    for medium in content.get("media", []):
        _write_medium(body, medium, locale)
    _WRITERS.get(content["kind"], _write_text)(root, body, content, locale)
    _score(scoring, root, content)
    outcome = SubElement(
        root,
        "qti-outcome-declaration",
        {"identifier": "SCORE", "cardinality": "single", "base-type": "float"},
    )
    SubElement(SubElement(outcome, "qti-default-value"), "qti-value").text = "0"
    root.append(body)
    root.extend(scoring)
    feedback = {"outcome-identifier": "SCORE", "show-hide": "show", "identifier": "rationale"}
    modal = SubElement(root, "qti-modal-feedback", feedback)
    SubElement(SubElement(modal, "qti-content-body"), "p").text = content["rationale"][locale]
    return _text(root)


def _write_medium(body: Element, medium: Mapping[str, Any], locale: str) -> None:
    """A picture, sound or film below the stem, a recording with its words after it."""
    place = SubElement(body, "div")
    address = {"src": _address(medium["file"][locale])}
    if medium["type"] == "picture":
        words = {"alt": "", "role": "presentation"} if "decorative" in medium else {"alt": medium["alt"][locale]}
        SubElement(place, "img", {**address, **words, **{side: str(medium[side]) for side in ("width", "height")}})
        return
    player = SubElement(place, medium["type"], {**address, "controls": "controls", "preload": "none"})
    if "captions" in medium:
        SubElement(
            player, "track", {"kind": "captions", "src": _address(medium["captions"][locale]), "srclang": locale}
        )
    details = SubElement(place, "details")
    SubElement(details, "summary").text = {"vi": "Lời thoại", "en": "Transcript"}[locale]
    for line in medium["transcript"][locale].splitlines():
        SubElement(details, "p").text = line


def _address(path: str) -> str:
    """Where a file lies in a package, from the folder of the items."""
    return f"../media/{path}"


def _score(scoring: Element, root: Element, content: Mapping[str, Any]) -> None:
    """Say what gives points: by a template for one response, else by conditions that are added up."""
    kind = content["kind"]
    declared = {each.get("identifier", ""): each for each in root.findall("qti-response-declaration")}
    if kind == "numeric":
        add_if_near(scoring, "RESPONSE", content["tolerance"])
    elif kind == "cloze":
        for name in declared:
            gap = content["gaps"][name]
            if "answer" in gap:
                add_if_near(scoring, name, gap["tolerance"])
            elif "options" in gap:
                add_if_right(scoring, name)
            else:
                add_mapped(scoring, name)
    elif len(declared) > 1:
        for name in declared:
            add_if_right(scoring, name)
    elif root.find("qti-response-declaration/qti-mapping") is not None:
        use_template(scoring, "map_response")
    elif root.find("qti-response-declaration/qti-correct-response") is not None:
        use_template(scoring, "match_correct")


def manifest_xml(items: Mapping[str, list[str]]) -> str:
    """The manifest of a package of items, by code the files of their media, each of which is a resource of its own."""
    root = Element("manifest", {"xmlns": _PACKAGE, "identifier": "bank"})
    metadata = SubElement(root, "metadata")
    SubElement(metadata, "schema").text = "QTI Package"
    SubElement(metadata, "schemaversion").text = "3.0.0"
    SubElement(root, "organizations")
    resources = SubElement(root, "resources")
    for path in sorted({path for paths in items.values() for path in paths}):
        attributes = {"identifier": _resource(path), "type": "webcontent", "href": f"media/{path}"}
        SubElement(SubElement(resources, "resource", attributes), "file", {"href": f"media/{path}"})
    for code, paths in items.items():
        attributes = {"identifier": f"r-{code}", "type": "imsqti_item_xmlv3p0", "href": f"items/{code}.xml"}
        resource = SubElement(resources, "resource", attributes)
        for ending in ("xml", "json"):
            SubElement(resource, "file", {"href": f"items/{code}.{ending}"})
        for path in paths:
            SubElement(resource, "dependency", {"identifierref": _resource(path)})
    return _text(root)


def _resource(path: str) -> str:
    return "m-" + path.replace("/", "-")


def _text(root: Element) -> str:
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _declare(root: Element, name: str, cardinality: str, base: str, values: list[str]) -> Element:
    attributes = {"identifier": name, "cardinality": cardinality, "base-type": base}
    declaration = SubElement(root, "qti-response-declaration", attributes)
    if values:
        correct = SubElement(declaration, "qti-correct-response")
        for value in values:
            SubElement(correct, "qti-value").text = value
    return declaration


def _name(option: Mapping[str, Any]) -> str:
    return f"o{option['id']}"


def _write_choice(root: Element, body: Element, content: Mapping[str, Any], locale: str) -> None:
    right = [_name(option) for option in content["options"] if option["correct"]]
    many = content["kind"] == "multiple_choice"
    declaration = _declare(root, "RESPONSE", "multiple" if many else "single", "identifier", right)
    if content.get("scoring") == "plus_minus":
        map_shares(declaration, [(_name(each), "1" if each["correct"] else "-1") for each in content["options"]])
    attributes = {"response-identifier": "RESPONSE", "max-choices": "0" if many else "1", "shuffle": "true"}
    interaction = SubElement(body, "qti-choice-interaction", attributes)
    for option in content["options"]:
        SubElement(interaction, "qti-simple-choice", {"identifier": _name(option)}).text = option[locale]


def _write_judgement(root: Element, body: Element, content: Mapping[str, Any], locale: str) -> None:
    name = "ANSWER" if content["options"] else "RESPONSE"
    _declare(root, name, "single", "identifier", ["true" if content["answer"] else "false"])
    words = {"true": {"vi": "Đúng", "en": "True"}, "false": {"vi": "Sai", "en": "False"}}
    interaction = SubElement(body, "qti-choice-interaction", {"response-identifier": name, "max-choices": "1"})
    for word, text in words.items():
        SubElement(interaction, "qti-simple-choice", {"identifier": word}).text = text[locale]
    if content["options"]:
        _write_choice(root, body, content, locale)


def _write_order(root: Element, body: Element, content: Mapping[str, Any], locale: str) -> None:
    _declare(root, "RESPONSE", "ordered", "identifier", [_name(option) for option in content["options"]])
    attributes = {"response-identifier": "RESPONSE", "shuffle": "true"}
    interaction = SubElement(body, "qti-order-interaction", attributes)
    # Sorted by their opaque ids, for a tool that does not shuffle must not show the key.
    for option in sorted(content["options"], key=_name):
        SubElement(interaction, "qti-simple-choice", {"identifier": _name(option)}).text = option[locale]


def _match(
    root: Element,
    body: Element,
    sides: tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]],
    pairs: list[str],
    locale: str,
) -> None:
    map_shares(_declare(root, "RESPONSE", "multiple", "directedPair", pairs), [(pair, "1") for pair in pairs])
    attributes = {"response-identifier": "RESPONSE", "max-associations": str(len(sides[0])), "shuffle": "true"}
    interaction = SubElement(body, "qti-match-interaction", attributes)
    for side, most in zip(sides, ("1", "0"), strict=True):
        group = SubElement(interaction, "qti-simple-match-set")
        for option in side:
            attributes = {"identifier": _name(option), "match-max": most}
            SubElement(group, "qti-simple-associable-choice", attributes).text = option[locale]


def _write_matching(root: Element, body: Element, content: Mapping[str, Any], locale: str) -> None:
    prompts = [pair["prompt"] for pair in content["pairs"]]
    matches = sorted([*(pair["match"] for pair in content["pairs"]), *content["spare"]], key=_name)
    pairs = [f"{_name(pair['prompt'])} {_name(pair['match'])}" for pair in content["pairs"]]
    _match(root, body, (prompts, matches), pairs, locale)


def _write_categories(root: Element, body: Element, content: Mapping[str, Any], locale: str) -> None:
    names = {category["name"]: _name(category) for category in content["categories"]}
    pairs = [f"{_name(card)} {names[card['category']]}" for card in content["cards"]]
    _match(root, body, (content["cards"], content["categories"]), pairs, locale)


def _write_cloze(root: Element, body: Element, content: Mapping[str, Any], locale: str) -> None:
    place = SubElement(body, "p")
    before, last = content["text"][locale], None
    while "[[" in before:
        text, _, rest = before.partition("[[")
        name, _, before = rest.partition("]]")
        _append(place, last, text)
        gap = content["gaps"][name]
        if "options" in gap:
            right = [_name(option) for option in gap["options"] if option["correct"]]
            _declare(root, name, "single", "identifier", right)
            last = SubElement(place, "qti-inline-choice-interaction", {"response-identifier": name})
            for option in gap["options"]:
                SubElement(last, "qti-inline-choice", {"identifier": _name(option)}).text = option[locale]
        elif "answer" in gap:
            _declare(root, name, "single", "float", [gap["answer"]])
            last = SubElement(place, "qti-text-entry-interaction", {"response-identifier": name})
        else:
            map_wordings(_declare(root, name, "single", "string", gap["accepted"][locale][:1]), gap, locale)
            attributes = {"response-identifier": name} | wording_marks(gap)
            last = SubElement(place, "qti-text-entry-interaction", attributes)
    _append(place, last, before)


def _append(place: Element, last: Element | None, text: str) -> None:
    if last is None:
        place.text = text
    else:
        last.tail = text


def _write_entry(root: Element, body: Element, content: Mapping[str, Any], locale: str) -> None:
    attributes = {"response-identifier": "RESPONSE"}
    if content["kind"] == "numeric":
        _declare(root, "RESPONSE", "single", "integer" if content["whole"] else "float", [content["answer"]])
        if content["units"]:
            # The unit stands in the empty field for other tools; the house's own attribute holds all of them.
            kept = [{name: each[name] for name in (*LOCALES, "aliases", "factor")} for each in content["units"]]
            attributes["placeholder-text"] = content["units"][0][locale]
            attributes["data-thang-units"] = json.dumps(kept, ensure_ascii=False)
    else:
        declaration = _declare(root, "RESPONSE", "single", "string", content["accepted"][locale][:1])
        map_wordings(declaration, content, locale)
        attributes |= wording_marks(content)
    SubElement(SubElement(body, "p"), "qti-text-entry-interaction", attributes)


def _write_hottext(root: Element, body: Element, content: Mapping[str, Any], locale: str) -> None:
    right = [_name(segment) for segment in content["segments"] if "problem" in segment]
    _declare(root, "RESPONSE", "multiple", "identifier", right)
    interaction = SubElement(body, "qti-hottext-interaction", {"response-identifier": "RESPONSE", "max-choices": "0"})
    place = SubElement(interaction, "p")
    for segment in content["segments"]:
        hottext = SubElement(place, "qti-hottext", {"identifier": _name(segment)})
        hottext.text, hottext.tail = segment[locale], " "


def _write_text(root: Element, body: Element, content: Mapping[str, Any], locale: str) -> None:
    _declare(root, "RESPONSE", "single", "string", [])
    SubElement(body, "qti-extended-text-interaction", {"response-identifier": "RESPONSE"})


def _write_upload(root: Element, body: Element, content: Mapping[str, Any], locale: str) -> None:
    _declare(root, "RESPONSE", "single", "file", [])
    SubElement(body, "qti-upload-interaction", {"response-identifier": "RESPONSE"})


def _write_hotspot(root: Element, body: Element, content: Mapping[str, Any], locale: str) -> None:
    right = [_name(region) for region in content["regions"] if region["correct"]]
    _declare(root, "RESPONSE", "multiple" if len(right) > 1 else "single", "identifier", right)
    attributes = {"response-identifier": "RESPONSE", "max-choices": "0" if len(right) > 1 else "1"}
    interaction = SubElement(body, "qti-hotspot-interaction", attributes)
    image = content["image"]
    size = {side: str(image[side]) for side in ("width", "height")}
    SubElement(interaction, "img", {"src": _address(image["file"][locale]), "alt": image["alt"][locale], **size})
    for region in content["regions"]:
        ((kind, numbers),) = region["shape"].items()
        if kind == "rectangle":
            x, y, width, height = numbers
            numbers = [x, y, x + width, y + height]
        shape = {"rectangle": "rect", "polygon": "poly"}.get(kind, kind)
        place = {"identifier": _name(region), "shape": shape, "coords": ",".join(map(str, numbers))}
        SubElement(interaction, "qti-hotspot-choice", {**place, "hotspot-label": region[locale]})


_WRITERS = {
    "single_choice": _write_choice,
    "multiple_choice": _write_choice,
    "true_false_reason": _write_judgement,
    "ordering": _write_order,
    "matching": _write_matching,
    "categorise": _write_categories,
    "cloze": _write_cloze,
    "short_text": _write_entry,
    "numeric": _write_entry,
    "highlight": _write_hottext,
    "hotspot": _write_hotspot,
    "file_upload": _write_upload,
}
