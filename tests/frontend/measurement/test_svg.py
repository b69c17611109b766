"""Charts as numbers: where things stand on the drawing."""

import numpy as np
import pytest

from assessments.measurement import ItemParameters
from frontend.author.measurement.charts import draw_curve, draw_exposure, draw_judges
from frontend.author.measurement.svg import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Axis, Chart


@pytest.fixture
def chart():
    return Chart("c", "t", "d", Axis(-1, 1, [-1, 0, 1], "x"), Axis(0, 1, [0, 1], "y", percent=True))


def test_the_corners_of_the_axes_are_the_corners_of_the_drawing(chart):
    assert (chart.x(-1), chart.x(1)) == (LEFT, WIDTH - RIGHT)
    assert (chart.y(0), chart.y(1)) == (HEIGHT - BOTTOM, TOP)


def test_values_beyond_the_axes_stay_within_the_drawing(chart):
    assert (chart.x(-9), chart.y(9)) == (LEFT, TOP)


def test_ticks_read_as_numbers_of_the_language(chart, settings):
    assert [tick.label for tick in chart.y_ticks] == ["0%", "100%"]
    assert Axis(0, 1, [0.25], "y", decimals=2).label(0.25) == "0,25"


def test_labels_of_lines_that_end_together_stand_apart(chart):
    for label in "ABC":
        chart.add_line([-1, 1], [0.5, 0.5], label=label)
    heights = sorted(float(line.label_y) for line in chart.lines)
    assert np.diff(heights).min() >= 13


def test_a_curve_has_a_dot_with_its_interval_for_each_group():
    curve = {"ability": [-1.0, None, 1.0], "observed": [0.3, 0.5, 0.7], "error": [0.05, 0.05, None]}
    chart = draw_curve(ItemParameters("2pl", 1.0, 0.0), curve)
    assert len(chart.dots) == 2
    first = chart.dots[0]
    assert float(first.low) - float(first.high) == pytest.approx(2 * 1.96 * 0.05 * (HEIGHT - TOP - BOTTOM), abs=0.2)


def test_bars_above_the_limit_are_told_apart():
    chart = draw_exposure([{"rate": 0.5}, {"rate": 0.3}, {"rate": 0.0}], 0.3)
    assert [bar.css for bar in chart.bars] == ["text-danger", "text-primary", "text-primary"]
    assert len(chart.marks) == 1


def test_judges_far_out_widen_the_scale():
    chart = draw_judges(["a", "b"], [[-5.0] * 7, [0.0] * 7], [0.0] * 7)
    assert chart.x_axis.low == -5.0
