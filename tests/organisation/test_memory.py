"""What is remembered of content, until it changes."""

from functools import partial

import pytest
from django.db import transaction

from organisation.domain.memory import MOST_KEPT, content_read, note_content_version, reading_content, remember

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def asked():
    """A function that remembers, with what it was called with."""
    calls: list[int] = []

    @remember
    def double(number: int) -> int:
        calls.append(number)
        return 2 * number

    return double, calls


def test_nothing_is_remembered_outside_of_reading(asked):
    double, calls = asked
    assert (double(1), double(1), calls) == (2, 2, [1, 1])


def test_an_answer_is_remembered_while_the_version_stays(asked):
    double, calls = asked
    for version in ("a", "a", "b", "b", "a"):
        with reading_content(partial(str, version)):
            assert (double(1), double(2), double(1)) == (2, 4, 2)
    assert calls == [1, 2] * 3


def test_the_version_is_asked_for_once_and_only_when_it_is_needed(asked):
    double, _calls = asked
    versions: list[str] = []

    def ask() -> str:
        versions.append("a")
        return "a"

    with reading_content(ask):
        pass
    assert versions == []
    with reading_content(ask):
        double(1), double(2)
    assert versions == ["a"]


def test_a_version_that_was_met_on_the_way_need_not_be_asked_for(asked):
    double, calls = asked
    with reading_content(lambda: pytest.fail("asked")):
        note_content_version("a")
        note_content_version("b")
        assert (double(1), content_read()) == (2, "a")
    note_content_version("c")
    with reading_content(partial(str, "b")):
        assert (double(1), content_read()) == (2, "b")
    assert calls == [1, 1]


def test_nothing_is_remembered_inside_a_transaction(asked):
    double, calls = asked
    with transaction.atomic(), reading_content(lambda: "a"):
        assert (double(1), double(1)) == (2, 2)
    assert calls == [1, 1]


def test_memory_is_bounded(asked):
    double, calls = asked
    with reading_content(lambda: "a"):
        for number in range(MOST_KEPT + 1):
            double(number)
        double(0)
    assert calls == [*range(MOST_KEPT + 1), 0]
