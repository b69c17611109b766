"""CEL expressions: what is accepted, what is refused with a place, what an evaluation may cost."""

import pytest

from assessments.simulations.expressions import ExpressionError, compile_expression
from assessments.simulations.selectors import Entry

LOG = [
    Entry("read", {"part": "fee"}),
    Entry("edit", {"edit": {"segment": "s1", "change": "r1"}}),
    Entry("read", {"part": "time"}),
    Entry("edit", {"edit": {"segment": "s2", "change": "keep"}}),
]


def refusal(source: str) -> str:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(source)
    return str(caught.value)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("number + 1", 4),
        ("number * 2.5 > 7.0", "No such overload"),
        ("words + ['c']", ["a", "b", "c"]),
        ("'a' in words && !('z' in words)", True),
        ("words.exists(word, word == 'b')", True),
        ("words.filter(word, word != 'b')", ["a"]),
        ("parts.s1 == 'keep' ? 'yes' : 'no'", "yes"),
        ("contains_number('Phí 15.000đ', 15000)", True),
        ("contains_text('LỆ PHÍ', 'le phi')", True),
        ("normalise(' Đã  GỬI ')", "da gui"),
    ],
)
def test_expression_gives_plain_values(source: str, value: object) -> None:
    values = {"number": 3, "words": ["a", "b"], "parts": {"s1": "keep"}}
    if value == "No such overload":
        with pytest.raises(ExpressionError, match="No such overload"):
            compile_expression(source).evaluate(values)
    else:
        assert compile_expression(source).evaluate(values) == value


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("before('read', 'edit')", True),
        ("before('edit', 'read')", False),
        ("before('read[part=time]', 'edit[edit.segment=s1]')", False),
        ("before('read[part=time]', 'edit[edit.segment=s2]')", True),
        ("before('read', 'send')", False),
        ("before('send', 'read')", False),
        ("count('read')", 2),
        ("count('edit[edit.segment=s1][edit.change=r1]')", 1),
        ("count('edit[edit.segment=s1][edit.change=r2]')", 0),
        ("never('send')", True),
        ("never('read[part=fee]')", False),
    ],
)
def test_log_helpers_answer_for_the_ordered_log(source: str, value: object) -> None:
    assert compile_expression(source).evaluate({}, LOG) == value


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("a >", "not a valid CEL expression: mismatched input '<EOF>' (character 4)"),
        ("", "not a valid CEL expression: mismatched input '<EOF>' (character 1)"),
        ("name.matches('(a+)+$')", "unknown or not allowed: matches()"),
        ("open('/etc/passwd')", "unknown or not allowed: open()"),
        ("words.map(w, w + w)", "map() is not allowed; use exists(), all(), exists_one() or filter()"),
        ("words. //\nmap(w, w)", None),
        (
            "a.all(x, b.all(y, c.all(z, x == z)))",
            "more than 2 loops (all, exists, exists_one, filter) in one expression",
        ),
        ("a" * 501, "the expression has 501 characters; at most 500 are allowed"),
        ("(" * 200 + "1" + ")" * 200, None),
        ("count(action)", "count() takes one quoted action"),
        ("before('a')", "before() takes two quoted actions"),
        ("never(('a'))", "before(), count() and never() take quoted action names only"),
        ("never('Not An Action')", "'Not An Action' does not name an action (write name or name[parameter=value])"),
    ],
)
def test_expression_is_refused_before_it_can_run(source: str, message: str | None) -> None:
    assert refusal(source) == message if message else refusal(source).startswith("not a valid CEL expression")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("missing.part", "there is no 'part'"),
        ("1 / 0", "division by zero in CEL expression"),
        ("9223372036854775807 + 1", "Arithmetic overflow in 'add' on 9223372036854775807 and 1."),
    ],
)
def test_failing_evaluation_says_why(source: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(source).evaluate({"missing": {}})
    assert str(caught.value) == message


def test_condition_must_be_true_or_false() -> None:
    with pytest.raises(ExpressionError, match=r"^must be true or false, gives 3$"):
        compile_expression("1 + 2").holds({})


def test_expression_is_compiled_once() -> None:
    assert compile_expression("a == 1 && b") is compile_expression("a == 1 && b")


def test_expression_names_what_it_reads_without_loop_variables() -> None:
    assert compile_expression("words.exists(w, w == wanted)").names == {"words", "wanted"}


def test_costliest_allowed_evaluation_is_answered() -> None:
    words = [f"{number:04}" for number in range(200)]
    expression = compile_expression("a.all(x, b.all(y, x + y != 'never'))")
    assert expression.evaluate({"a": words, "b": words}) is True
