"""Hostile and broken YAML is refused with what and where, and costs next to nothing."""

import pytest
import yaml

from assessments.simulations.document import MAX_BYTES, MAX_DEPTH, MAX_VALUES, parse_document, path_text
from assessments.simulations.problems import SimulationError


def refusal(text: str) -> str:
    with pytest.raises(SimulationError) as caught:
        parse_document(text)
    assert len(caught.value.problems) == 1
    return str(caught.value.problems[0])


def test_document_keeps_plain_scalars_of_yaml_1_2() -> None:
    document = parse_document("a: no\nb: 15:40\nc: [1, -2.5, true, null, 007]\n6.3: '1'\n")
    assert document.data == {"a": "no", "b": "15:40", "c": [1, -2.5, True, None, "007"], "6.3": "1"}


def test_document_keeps_the_line_of_every_value() -> None:
    document = parse_document("a:\n  b: 1\n  c:\n    - x\n    - y: 2\n")
    assert document.lines == {
        (): 1,
        ("a",): 2,
        ("a", "b"): 2,
        ("a", "c"): 4,
        ("a", "c", 0): 4,
        ("a", "c", 1): 5,
        ("a", "c", 1, "y"): 5,
    }


def test_billion_laughs_is_refused_at_its_first_anchor() -> None:
    laughs = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)}, *{chr(97 + i)}]\n" for i in range(20)
    )
    assert refusal(laughs) == "line 1: anchors (&a) are not allowed; write the value out"


def test_alias_is_refused() -> None:
    assert refusal("a: 1\nb:\n  - *x\n") == "line 3, b: aliases (*x) are not allowed; write the value out"


def test_python_tag_is_refused_and_not_run() -> None:
    message = refusal("a: !!python/object/apply:os.system ['echo hacked']")
    assert message == "line 1: tags (tag:yaml.org,2002:python/object/apply:os.system) are not allowed"


def test_ten_megabytes_are_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml, "parse", lambda *arguments, **options: pytest.fail("it was read"))
    text = "a: " + "x" * 10_000_000
    assert refusal(text) == f"the document has 10,000,003 bytes; at most {MAX_BYTES:,} are read"


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 500, 50_000])
def test_deep_nesting_is_refused(depth: int) -> None:
    assert refusal("[" * depth + "]" * depth).endswith(f"nested more than {MAX_DEPTH} levels deep")


def test_nesting_at_the_limit_is_read() -> None:
    value = parse_document("[" * MAX_DEPTH + "]" * MAX_DEPTH).data
    for _ in range(MAX_DEPTH - 1):
        value = value[0]
    assert value == []


def test_too_many_values_are_refused() -> None:
    assert refusal("[" + "1," * (MAX_VALUES + 1) + "]") == f"line 1: more than {MAX_VALUES:,} values"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the document is empty"),
        ("# nothing\n", "the document is empty"),
        ("a: 1\nb: 2\na: 3\n", "line 3, a: this key is given twice"),
        ("a: 1\n---\nb: 2\n", "line 2: a simulation is one YAML document; a second one begins here"),
        ("a: 1\n[b]: 2\n", "line 2: a key must be a plain word"),
        ("a: [1, 2\nb: 3\n", "line 2: not valid YAML: did not find expected ',' or ']'"),
        ("a: 1\n\tb: 2\n", "line 2: not valid YAML: found a tab character that violates indentation"),
        ("a: 9.9e999", "line 1, a: the number is too large"),
        ("a: \ud800", "the text is not valid Unicode"),
    ],
)
def test_broken_yaml_is_refused_with_its_place(text: str, message: str) -> None:
    assert refusal(text) == message


def test_bytes_are_refused() -> None:
    assert refusal(b"a: 1") == "expected text, found bytes"  # type: ignore[arg-type]  # what is tested


def test_path_is_spelled_as_authors_read_it() -> None:
    assert path_text(("personas", "expert", "trace", 3, "params")) == "personas.expert.trace[3].params"
