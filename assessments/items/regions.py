"""Regions of an image: rectangles, circles and polygons in pixels from the top left corner."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assessments.items.question import QuestionReading

FEWEST_CORNERS, MOST_CORNERS = 3, 20
_NUMBERS = {"rectangle": 4, "circle": 3}


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape: `rectangle` x, y, width, height; `circle` centre x, y, radius; `polygon` x, y of each corner."""

    kind: str
    numbers: tuple[int, ...]

    @property
    def corners(self) -> list[tuple[int, int]]:
        """Corners of a polygon or rectangle."""
        if self.kind == "rectangle":
            x, y, width, height = self.numbers
            return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
        return list(zip(self.numbers[::2], self.numbers[1::2], strict=True))

    @property
    def bounds(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom."""
        if self.kind == "circle":
            x, y, radius = self.numbers
            return x - radius, y - radius, x + radius, y + radius
        across, down = zip(*self.corners, strict=True)
        return min(across), min(down), max(across), max(down)

    @property
    def area(self) -> float:
        """Area in square pixels (of a polygon by the shoelace formula)."""
        if self.kind == "circle":
            return 3.141592653589793 * self.numbers[2] ** 2
        corners = self.corners
        turns = zip(corners, [*corners[1:], corners[0]], strict=True)
        return abs(sum(ax * by - bx * ay for (ax, ay), (bx, by) in turns)) / 2

    def contains(self, x: float, y: float) -> bool:
        """Whether a point lies within; on the edge of a polygon either answer may come (even-odd rule)."""
        if self.kind == "circle":
            cx, cy, radius = self.numbers
            return (x - cx) ** 2 + (y - cy) ** 2 <= radius**2
        if self.kind == "rectangle":
            left, top, right, bottom = self.bounds
            return left <= x <= right and top <= y <= bottom
        inside = False
        corners = self.corners
        for (ax, ay), (bx, by) in zip(corners, [*corners[1:], corners[0]], strict=True):
            if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
                inside = not inside
        return inside

    def to_dict(self) -> dict[str, list[int]]:
        return {self.kind: list(self.numbers)}


def read_shape(reading: QuestionReading, raw: Any, path: str, width: int, height: int) -> Shape:
    """Read `{rectangle | circle | polygon: [numbers]}` that lies on an image of this size and is not empty."""
    nothing = Shape("rectangle", (0, 0, 0, 0))
    if not isinstance(raw, Mapping) or len(raw) != 1 or next(iter(raw)) not in (*_NUMBERS, "polygon"):
        reading.problem(path, "one_of", "rectangle, circle, polygon")
        return nothing
    kind, numbers = next(iter(raw.items()))
    if not isinstance(numbers, list) or any(isinstance(each, bool) or not isinstance(each, int) for each in numbers):
        reading.problem(f"{path}.{kind}", "not_whole_numbers")
        return nothing
    even = len(numbers) % 2 == 0 and FEWEST_CORNERS * 2 <= len(numbers) <= MOST_CORNERS * 2
    if not (even if kind == "polygon" else len(numbers) == _NUMBERS[kind]):
        reading.problem(f"{path}.{kind}", "wrong_number", len(numbers))
        return nothing
    shape = Shape(str(kind), tuple(numbers))
    sizes = {"rectangle": numbers[2:], "circle": numbers[2:], "polygon": []}[shape.kind]
    left, top, right, bottom = shape.bounds
    if min(sizes, default=1) < 1 or shape.area == 0:
        reading.problem(f"{path}.{kind}", "no_area")
    elif left < 0 or top < 0 or right > width or bottom > height:
        reading.problem(f"{path}.{kind}", "outside_the_image")
    return shape
