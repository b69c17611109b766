"""Charts as numbers for an SVG template: lines, dots with error bars, bars and marks on two axes.

A chart carries no colour and no style: classes of the design system colour it, and dashes and shapes tell its lines
apart where colour cannot. Positions are strings, for templates print numbers in the reader's language.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.formats import number_format

WIDTH, HEIGHT = 400, 280
LEFT, RIGHT, TOP, BOTTOM = 46, 14, 14, 46
DASHES = ("", "7 4", "2 4", "10 3 2 3", "5 2", "1 3")


@dataclass(frozen=True, slots=True)
class Tick:
    """at: position along the axis, in the drawing's units."""

    at: str
    label: str


@dataclass(frozen=True)
class Axis:
    """A linear axis from low to high with ticks at these values, each with so many decimals; percent: shares 0..1."""

    low: float
    high: float
    values: Sequence[float]
    title: str
    decimals: int = 0
    percent: bool = False

    def label(self, value: float) -> str:
        if self.percent:
            return f"{round(value * 100)}%"
        return number_format(round(value, self.decimals), self.decimals)


@dataclass(frozen=True, slots=True)
class Line:
    """css: a colour class. label stands at the line's right end."""

    points: str
    css: str = "text-primary"
    dash: str = ""
    width: str = "2"
    label: str = ""
    label_y: str = ""


@dataclass(frozen=True, slots=True)
class Dot:
    x: str
    y: str
    low: str = ""
    high: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    x: str
    y: str
    width: str
    height: str
    css: str = "text-primary"


@dataclass(frozen=True, slots=True)
class Mark:
    """A line across the drawing: upright at x, or level at y."""

    label: str
    x: str = ""
    y: str = ""


@dataclass
class Chart:
    """What a picture shows; `description` says in words what a reader would see in it."""

    name: str
    title: str
    description: str
    x_axis: Axis
    y_axis: Axis
    lines: list[Line] = field(default_factory=list)
    dots: list[Dot] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    view_box = f"0 0 {WIDTH} {HEIGHT}"
    left, right = str(LEFT), str(WIDTH - RIGHT)
    top, bottom = str(TOP), str(HEIGHT - BOTTOM)
    x_title_at = (str((LEFT + WIDTH - RIGHT) // 2), str(HEIGHT - 6))
    y_title_at = (str(12), str((TOP + HEIGHT - BOTTOM) // 2))
    tick_y = str(HEIGHT - BOTTOM + 17)
    label_x = str(WIDTH - RIGHT - 2)

    def x(self, value: float) -> float:
        """Position of a value along the lower axis, kept within the drawing."""
        share = (value - self.x_axis.low) / (self.x_axis.high - self.x_axis.low)
        return LEFT + min(max(share, 0.0), 1.0) * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        """Position of a value along the upright axis, kept within the drawing."""
        share = (value - self.y_axis.low) / (self.y_axis.high - self.y_axis.low)
        return HEIGHT - BOTTOM - min(max(share, 0.0), 1.0) * (HEIGHT - TOP - BOTTOM)

    @property
    def x_ticks(self) -> list[Tick]:
        return [Tick(_text(self.x(value)), self.x_axis.label(value)) for value in self.x_axis.values]

    @property
    def y_ticks(self) -> list[Tick]:
        return [Tick(_text(self.y(value)), self.y_axis.label(value)) for value in self.y_axis.values]

    def add_line(
        self,
        xs: Sequence[float],
        ys: Sequence[float],
        *,
        css: str = "text-primary",
        dash: str = "",
        width: str = "2",
        label: str = "",
    ) -> None:
        """Add a line through the points, in order."""
        points = " ".join(f"{_text(self.x(x))},{_text(self.y(y))}" for x, y in zip(xs, ys, strict=True))
        label_y = _text(self._free_label_y(self.y(ys[-1]) - 5)) if label else ""
        self.lines.append(Line(points, css, dash, width, label, label_y))

    def add_dot(self, x: float, y: float, error: float | None = None) -> None:
        """Add a dot; error: half of its error bar."""
        ends = ("", "") if error is None else (_text(self.y(y - error)), _text(self.y(y + error)))
        self.dots.append(Dot(_text(self.x(x)), _text(self.y(y)), *ends))

    def add_bar(self, low: float, high: float, value: float, css: str = "text-primary") -> None:
        """Add an upright bar from low to high along the lower axis, as tall as the value."""
        left, top = self.x(low), self.y(value)
        width = max(self.x(high) - left - 2, 1)
        self.bars.append(Bar(_text(left + 1), _text(top), _text(width), _text(HEIGHT - BOTTOM - top), css))

    def add_mark(self, label: str, *, x: float | None = None, y: float | None = None) -> None:
        """Add a dashed line across the drawing at a value of either axis."""
        self.marks.append(
            Mark(label, _text(self.x(x)) if x is not None else "", _text(self.y(y)) if y is not None else "")
        )

    def _free_label_y(self, wanted: float) -> float:
        """The wanted height of a label, moved up or down until it stands clear of those already there."""
        taken = [float(line.label_y) for line in self.lines if line.label]
        for shift in (0, 14, -14, 28, -28, 42, -42, 56, -56):
            height = min(max(wanted + shift, TOP + 10), HEIGHT - BOTTOM - 3)
            if all(abs(height - other) >= 13 for other in taken):
                return height
        return wanted


def _text(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
