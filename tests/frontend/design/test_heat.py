"""What a heat map's cell says."""

import pytest

from frontend.design.heat import describe_cell, need_step


@pytest.mark.parametrize(
    ("share", "step"),
    [(0.0, 0), (0.0999, 0), (0.1, 1), (0.2, 2), (0.35, 3), (0.5, 4), (0.6999, 4), (0.7, 5), (1.0, 5)],
)
def test_need_step_of_share(share: float, step: int) -> None:
    assert need_step(share) == step


def test_suppressed_cell_keeps_nothing_of_its_numbers() -> None:
    cell = describe_cell(0.4, 0.3, 0.5, 3, 4, True)
    assert (cell.css, cell.estimate, cell.low, cell.high, cell.assessed, cell.required) == (
        "need-suppressed",
        None,
        None,
        None,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("estimate", "assessed", "required", "css"),
    [(0.0, 5, 5, "need-0"), (None, 0, 12, "need-none"), (0.3, 0, 12, "need-none"), (None, 0, 0, "need-blank")],
)
def test_not_assessed_is_never_zero(estimate: float | None, assessed: int, required: int, css: str) -> None:
    assert describe_cell(estimate, None, None, assessed, required, False).css == css
