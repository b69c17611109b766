"""What a heat map's cell says."""

import re

import pytest
from django.utils.translation import override

from frontend.design.heat import cell_drawer


def drawn(*said: float | bool | None) -> tuple[str, str]:
    """The class that colours the cell, and its words."""
    with override("en"):
        html = cell_drawer()(*said)
    return re.findall(r'class="need (need-\w+)"', html)[0], re.sub("<[^>]+>", "", html)


@pytest.mark.parametrize(
    ("share", "step"),
    [(0.0, 0), (0.0999, 0), (0.1, 1), (0.2, 2), (0.35, 3), (0.5, 4), (0.6999, 4), (0.7, 5), (1.0, 5)],
)
def test_share_is_coloured_by_its_step(share: float, step: int) -> None:
    assert drawn(share, None, None, None, None, False) == (f"need-{step}", f"{round(share * 100)}%")


def test_measured_cell_says_share_interval_and_people() -> None:
    assert drawn(0.4, 0.004, 0.5, 3, 4, False) == ("need-3", "40% &lt;1%–50% 3/4 people assessed")


def test_suppressed_cell_keeps_nothing_of_its_numbers() -> None:
    assert drawn(0.4, 0.3, 0.5, 3, 4, True) == ("need-suppressed", "Too few people")


@pytest.mark.parametrize(
    ("estimate", "assessed", "required", "said"),
    [
        (0.0, 5, 5, ("need-0", "0% 5/5 people assessed")),
        (None, 0, 12, ("need-none", "Not assessed 0/12")),
        (0.3, 0, 12, ("need-none", "Not assessed 0/12")),
        (None, 0, 0, ("need-blank", "Not required")),
    ],
)
def test_not_assessed_is_never_zero(
    estimate: float | None, assessed: int, required: int, said: tuple[str, str]
) -> None:
    assert drawn(estimate, None, None, assessed, required, False) == said
