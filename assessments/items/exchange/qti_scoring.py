"""How QTI says what is near enough: tolerances of numbers, capitals of texts; read from either generation.

The standard: https://www.imsglobal.org/spec/qti/v3p0/impl (equal, equalRounded, stringMatch, mapEntry).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from xml.etree.ElementTree import Element

from assessments.items.exchange.numbers import decimal_of
from assessments.items.exchange.xml_input import local
from assessments.items.question import MOST_DECIMALS, plain_number

_PLAIN = frozenset(
    [
        *("responsecondition", "responseif", "responseelse", "setoutcomevalue", "sum", "mapresponse"),
        *("match", "stringmatch", "equal", "equalrounded", "variable", "correct", "basevalue"),
    ]
)
"""What processing may be made of that says nothing beyond the right response and how near one has to come to it."""


@lru_cache(maxsize=1024)
def plain_name(name: str) -> str:
    """A name of either generation in one form."""
    return name.rpartition("}")[2].removeprefix("qti-").replace("-", "").lower()


def named(element: Element, *names: str) -> Iterator[Element]:
    """Every element below (and itself) of one of the names."""
    return (each for each in element.iter() if plain_name(local(each)) in names)


def attribute(element: Element, name: str) -> str:
    return next((value for key, value in element.attrib.items() if plain_name(key) == name), "")


def comparisons(root: Element, identifier: str, *names: str) -> Iterator[Element]:
    """Comparisons of one of the kinds in which the response takes part."""
    for processing in named(root, "responseprocessing"):
        for each in named(processing, *names):
            if any(variable.get("identifier") == identifier for variable in named(each, "variable")):
                yield each


def compares_with_key(root: Element, identifier: str) -> bool:
    """Whether processing gives the score for the very response that is declared as right."""
    return any(next(named(each, "correct"), None) is not None for each in comparisons(root, identifier, "match"))


def is_plain(processing: Element) -> bool:
    """Whether processing only compares with the declared key, or adds up what mappings give."""
    if any(plain_name(local(each)) not in _PLAIN for each in processing.iter() if each is not processing):
        return False
    compared = named(processing, "match", "stringmatch", "equal", "equalrounded")
    return all(next(named(each, "basevalue"), None) is None and len(each) == 2 for each in compared)


@dataclass(frozen=True, slots=True)
class NearNumber:
    """A number, how far off is right, in its unit or in percent. reason: what was simplified, "" for nothing."""

    answer: str
    tolerance: str = "0"
    percent: bool = False
    reason: str = ""


def near_number(root: Element, identifier: str, answer: str) -> NearNumber:
    """The number with the tolerance with which the processing compares it; what is no number stays as it is."""
    value = decimal_of(answer)
    if value is None:
        return NearNumber(answer)
    exact = NearNumber(plain_number(value))
    for each in comparisons(root, identifier, "equalrounded"):
        figures = attribute(each, "figures")
        if attribute(each, "roundingmode") != "decimalPlaces" or not (figures.isascii() and figures.isdigit()):
            return NearNumber(exact.answer, reason="own_processing")
        half = Decimal(5).scaleb(-1 - min(int(figures[:3]), MOST_DECIMALS - 1))
        return NearNumber(exact.answer, plain_number(half), reason="rounding_as_tolerance")
    for each in comparisons(root, identifier, "equal"):
        mode, amounts = attribute(each, "tolerancemode").lower() or "exact", attribute(each, "tolerance").split()
        found = [decimal_of(amount) for amount in amounts[:2]]
        if mode == "exact" or not found:
            return exact
        low, high = abs(found[0] or Decimal(0)), abs(found[-1] or Decimal(0))
        reason = "own_processing" if None in found or mode not in ("absolute", "relative") else ""
        if "false" in (attribute(each, "includelowerbound"), attribute(each, "includeupperbound")):
            reason = reason or "bounds_included"
        if low == high:
            return NearNumber(exact.answer, plain_number(low), mode == "relative", reason)
        if mode == "relative":
            low, high = abs(value) * low / 100, abs(value) * high / 100
        middle, off = value + (high - low) / 2, (low + high) / 2
        return NearNumber(plain_number(middle), plain_number(off), reason="tolerance_centred")
    return _between_limits(root, identifier, value) or exact


def _between_limits(root: Element, identifier: str, value: Decimal) -> NearNumber | None:
    """The middle of the two limits that the processing compares the number with, where the right one lies between."""
    limits: dict[bool, list[Decimal]] = {True: [], False: []}
    names = {"gte": True, "gt": True, "lte": False, "lt": False}
    for each in comparisons(root, identifier, *names):
        if len(each) != 2 or plain_name(local(each[1])) != "basevalue":
            return None
        limit = decimal_of(each[1].text or "")
        if limit is None:
            return None
        limits[names[plain_name(local(each))]].append(limit)
    if [len(limits[side]) for side in (True, False)] != [1, 1]:
        return None
    (low,), (high,) = limits[True], limits[False]
    if not low <= value <= high:
        return None
    return NearNumber(plain_number((low + high) / 2), plain_number((high - low) / 2), reason="tolerance_centred")


def case_rule(root: Element, declaration: Element | None, identifier: str) -> tuple[str, bool]:
    """`any` or `exact`, and whether that simplifies: of comparisons, else of the mapping; exact without either."""
    compared = [attribute(each, "casesensitive") for each in comparisons(root, identifier, "stringmatch")]
    entries = (
        [] if declaration is None else [attribute(each, "casesensitive") for each in named(declaration, "mapentry")]
    )
    said = {word != "false" for word in compared or entries}
    return ("any" if False in said else "exact"), len(said) > 1
