"""Guards, effects and evidence rules as CEL expressions: compiled once, checked before use, bounded in cost.

CEL always ends, but a nested loop over lists can be slow and `map` or `+` inside one can grow memory. So an
expression has a limited length, may use only the operations in `ALLOWED`, may loop at most twice, and never
builds a list in a loop. With variables of at most 200 entries no evaluation exceeds about 40,000 steps.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from .selectors import Entry, Selector, SelectorError, before, count, never, parse_selector
from .wording import contains_number, contains_text, normalise

if TYPE_CHECKING:
    import cel

MAX_LENGTH = 500
MAX_LOOPS = 2

_OPERATORS = (
    "_+_ _-_ _*_ _/_ _%_ -_ _==_ _!=_ _<_ _<=_ _>_ _>=_ _&&_ _||_ !_ _?_:_ _[_] @in @not_strictly_false"
    " size contains startsWith endsWith int double string"
)
TEXT_HELPERS: dict[str, Callable[..., Any]] = {
    "contains_number": lambda text, number: contains_number(str(text), number),
    "contains_text": lambda text, phrase: contains_text(str(text), str(phrase)),
    "normalise": lambda text: normalise(str(text)),
}
LOG_HELPERS = ("before", "count", "never")
ALLOWED = frozenset(_OPERATORS.split()) | frozenset(TEXT_HELPERS)

_LOOP = re.compile(r"\.\s*(all|exists|exists_one|filter)\s*\(\s*(\w+)\s*,")
_BUILDING_LOOP = re.compile(r"\.\s*map\s*\(")
_LOG_CALL = re.compile(r"\b(before|count|never)\s*\(([^()]*)\)")
_LOG_NAME = re.compile(r"\b(?:before|count|never)\s*\(")
_QUOTED = re.compile(r"\s*(?:'([^']*)'|\"([^\"]*)\")\s*(?:,|$)")


class ExpressionError(ValueError):
    """An expression that cannot be used, or that failed on the values it was given."""


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """One compiled expression, the names it reads and the log selectors it mentions."""

    source: str
    names: frozenset[str]
    functions: frozenset[str]
    selectors: tuple[Selector, ...]
    _program: "cel.Program"

    def evaluate(self, values: Mapping[str, Any], log: Sequence[Entry] = ()) -> Any:
        """The expression's value as plain Python; ExpressionError when it has none for these values."""
        functions: dict[str, Callable[..., Any]] = {
            name: helper for name, helper in TEXT_HELPERS.items() if name in self.functions
        }
        if self.selectors:
            functions |= {
                "before": lambda first, second: before(log, first, second),
                "count": lambda selector: count(log, selector),
                "never": lambda selector: never(log, selector),
            }
        import cel  # with its command line 10 MiB, which a web worker without simulations does without

        try:
            return self._program.execute(cel.Context({name: values[name] for name in self.names}, functions))
        except KeyError as error:
            raise ExpressionError(f"there is no {error}") from None
        except (TypeError, ValueError, ArithmeticError, LookupError, RuntimeError) as error:
            raise ExpressionError(_first_sentence(error)) from None

    def holds(self, values: Mapping[str, Any], log: Sequence[Entry] = ()) -> bool:
        """Evaluate a condition; ExpressionError unless it gives true or false."""
        result = self.evaluate(values, log)
        if not isinstance(result, bool):
            raise ExpressionError(f"must be true or false, gives {result!r}")
        return result


@lru_cache(maxsize=4096)
def compile_expression(source: str) -> Expression:
    """Compile CEL `source`; ExpressionError with the author's position when it is not acceptable."""
    source = re.sub(r"\s*[\r\n]+\s*", " ", source.strip())
    if len(source) > MAX_LENGTH:
        raise ExpressionError(f"the expression has {len(source)} characters; at most {MAX_LENGTH} are allowed")
    if _BUILDING_LOOP.search(source):
        raise ExpressionError("map() is not allowed; use exists(), all(), exists_one() or filter()")
    loops = _LOOP.findall(source)
    if len(loops) > MAX_LOOPS:
        raise ExpressionError(f"more than {MAX_LOOPS} loops (all, exists, exists_one, filter) in one expression")
    import cel

    try:
        program = cel.compile(source)
    except ValueError as error:
        raise ExpressionError(_syntax_message(error)) from None
    functions = frozenset(program.functions())
    unknown = sorted(functions - ALLOWED - set(LOG_HELPERS))
    if unknown:
        raise ExpressionError(f"unknown or not allowed: {', '.join(unknown)}()")
    bound = {name for _, name in loops}
    return Expression(source, frozenset(program.variables()) - bound, functions, _selectors(source), program)


def _selectors(source: str) -> tuple[Selector, ...]:
    """Every log selector named in the source; each helper takes quoted text only, so all can be checked."""
    calls = _LOG_CALL.findall(source)
    if len(calls) != len(_LOG_NAME.findall(source)):
        raise ExpressionError("before(), count() and never() take quoted action names only")
    selectors = []
    for helper, inside in calls:
        quoted = [single or double for single, double in _QUOTED.findall(inside)]
        if len(quoted) != (2 if helper == "before" else 1) or _QUOTED.sub("", inside).strip():
            raise ExpressionError(
                f"{helper}() takes {'two quoted actions' if helper == 'before' else 'one quoted action'}"
            )
        try:
            selectors += [parse_selector(text) for text in quoted]
        except SelectorError as error:
            raise ExpressionError(str(error)) from None
    return tuple(selectors)


def _syntax_message(error: Exception) -> str:
    found = re.search(r"ERROR: <input>:\d+:(\d+): (?:Syntax error: )?([^\n]*)", str(error))
    if not found:
        return "not a valid CEL expression"
    message = re.sub(r" expecting \{.*", "", found[2])
    return f"not a valid CEL expression: {message} (character {found[1]})"


def _first_sentence(error: Exception) -> str:
    return re.split(r"(?<=[.:]) (?=[A-Z])", str(error).splitlines()[0])[0]
