"""Geometry of the level ladder: eight steps in four bands, where a person stands, and what a post requires."""

from dataclasses import dataclass

LEVELS = 8
BANDS = 4

# Units of the drawing; the page scales it.
WIDTH, HEIGHT, BASE = 320, 214, 186
LEFT, PITCH, STEP_WIDTH = 4, 39, 36
FIRST_HEIGHT, RISE = 26, 13
POLE_HEIGHT, TALL_POLE_HEIGHT = 38, 60
FLAG_HEIGHT, LABEL_WIDTH, AIR = 12, 80, 5
CAPSULE_WIDTH, CAPSULE_HEIGHT, CAPSULE_GAP = 56, 20, 5
"""The width holds the longer of the two languages' words."""


@dataclass(frozen=True, slots=True)
class Step:
    """One of the eight steps: its box, its number's centre and baseline, and CSS modifiers (space-joined)."""

    level: int
    x: int
    y: int
    height: int
    centre: int
    is_here: bool
    is_below: bool
    is_required: bool

    @property
    def css(self) -> str:
        """Return the step's classes."""
        names = ["ladder__step"]
        if self.is_here:
            names.append("ladder__step--here")
        elif self.is_below:
            names.append("ladder__step--below")
        if self.is_required:
            names.append("ladder__step--required")
        return " ".join(names)


@dataclass(frozen=True, slots=True)
class BandMark:
    """A band's name under its two steps: band number 1 to 4 and the centre's x."""

    band: int
    centre: int
    is_here: bool


@dataclass(frozen=True, slots=True)
class Flag:
    """The flag on the required step: pole from (x, top) to (x, bottom); text starts or ends at ``text_x``."""

    level: int
    x: int
    top: int
    bottom: int
    text_x: int
    text_y: int
    anchor: str
    pennant: str


@dataclass(frozen=True, slots=True)
class Capsule:
    """The sign "You" over one step (a level) or two (a band)."""

    x: int
    y: int
    width: int
    centre: int
    text_y: int


@dataclass(frozen=True, slots=True)
class Ladder:
    """Everything that the template draws."""

    steps: list[Step]
    bands: list[BandMark]
    flag: Flag | None
    capsule: Capsule | None

    @property
    def top(self) -> int:
        """Return the y of the highest thing drawn, with a little air: where the picture is cut."""
        tops = [
            self.steps[-1].y,
            *(part for part in (self.flag and self.flag.top, self.capsule and self.capsule.y) if part),
        ]
        return min(tops) - AIR

    @property
    def view_box(self) -> str:
        """Return the SVG's viewBox."""
        return f"0 {self.top} {WIDTH} {HEIGHT - self.top}"


def band_of(level: int) -> int:
    """Return the band, 1 to 4, of a level, 1 to 8; ValueError outside."""
    if not 1 <= level <= LEVELS:
        raise ValueError(f"a level is 1 to {LEVELS}, not {level}")
    return (level + 1) // 2


def band_probabilities(levels: list[float]) -> list[float]:
    """Return the four bands' probabilities from the eight levels' (shape (8,) to (4,)); ValueError on another shape."""
    if len(levels) != LEVELS:
        raise ValueError(f"{LEVELS} probabilities are needed, not {len(levels)}")
    return [levels[2 * band] + levels[2 * band + 1] for band in range(BANDS)]


def build_ladder(level: int | None = None, band: int | None = None, required: int | None = None) -> Ladder:
    """Return the drawing for a person at ``level``, or in ``band`` when only that is known, or at neither.

    ``required`` is the level that the post asks for. A level wins over a band. ValueError on numbers off the ladder.
    """
    if level is not None:
        here = {level}
        band = band_of(level)
    elif band is not None:
        here = {2 * band - 1, 2 * band}
        band_of(max(here))
    else:
        here = set()
    steps = [_step(number, here, required) for number in range(1, LEVELS + 1)]
    bands = [
        BandMark(number, LEFT + (2 * number - 1) * PITCH - (PITCH - STEP_WIDTH) // 2, number == band)
        for number in range(1, BANDS + 1)
    ]
    capsule = _capsule([step for step in steps if step.is_here])
    flag = _flag(steps[required - 1], capsule) if required and band_of(required) else None
    return Ladder(steps, bands, flag, capsule)


def _step(level: int, here: set[int], required: int | None) -> Step:
    height = FIRST_HEIGHT + (level - 1) * RISE
    x = LEFT + (level - 1) * PITCH
    return Step(
        level=level,
        x=x,
        y=BASE - height,
        height=height,
        centre=x + STEP_WIDTH // 2,
        is_here=level in here,
        is_below=bool(here) and level < min(here),
        is_required=level == required,
    )


def _flag(step: Step, capsule: Capsule | None) -> Flag:
    # Left of the pole lie lower steps and free room; only the first two levels have none there, so their pole is
    # taller and its words go right, over the heads of the next steps.
    to_left = step.level > 2
    x = step.x + STEP_WIDTH - 3
    top = step.y - (POLE_HEIGHT if to_left else TALL_POLE_HEIGHT)
    tip = x - 13 if to_left else x + 13
    left, right = (x - LABEL_WIDTH, x) if to_left else (x, x + LABEL_WIDTH)
    if capsule and left < capsule.x + capsule.width and right > capsule.x and top + FLAG_HEIGHT + AIR > capsule.y:
        top = min(top, capsule.y - FLAG_HEIGHT - AIR)
    return Flag(
        level=step.level,
        x=x,
        top=top,
        bottom=step.y,
        text_x=tip - 5 if to_left else tip + 5,
        text_y=top + 10,
        anchor="end" if to_left else "start",
        pennant=f"{x},{top} {tip},{top + FLAG_HEIGHT // 2} {x},{top + FLAG_HEIGHT}",
    )


def _capsule(here: list[Step]) -> Capsule | None:
    if not here:
        return None
    left, right = here[0].x, here[-1].x + STEP_WIDTH
    width = max(right - left - 8, CAPSULE_WIDTH)
    x = min(max((left + right - width) // 2, 0), WIDTH - width)
    y = here[-1].y - CAPSULE_HEIGHT - CAPSULE_GAP
    return Capsule(x=x, y=y, width=width, centre=x + width // 2, text_y=y + 14)
