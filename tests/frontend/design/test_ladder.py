"""The ladder's drawing: where the person, the flag and the words stand."""

import itertools

import pytest

from frontend.design.ladder import CAPSULE_HEIGHT, FLAG_HEIGHT, LABEL_WIDTH, band_of, band_probabilities, build_ladder


@pytest.mark.parametrize(("level", "band"), [(1, 1), (2, 1), (3, 2), (6, 3), (7, 4), (8, 4)])
def test_band_of_level(level: int, band: int) -> None:
    assert band_of(level) == band


@pytest.mark.parametrize("level", [0, 9])
def test_level_off_the_ladder_is_refused(level: int) -> None:
    with pytest.raises(ValueError, match="a level is 1 to 8"):
        build_ladder(level=level)


def test_band_probabilities_add_pairs() -> None:
    assert band_probabilities([0.0, 0.25, 0.25, 0.0, 0.5, 0.0, 0.0, 0.0]) == [0.25, 0.25, 0.5, 0.0]


def test_band_lights_both_steps_and_level_lights_one() -> None:
    assert [step.level for step in build_ladder(band=3).steps if step.is_here] == [5, 6]
    assert [step.level for step in build_ladder(level=5, band=1).steps if step.is_here] == [5]


def test_nothing_known_lights_nothing() -> None:
    drawn = build_ladder(required=4)
    assert [step.css for step in drawn.steps if step.css != "ladder__step"] == ["ladder__step ladder__step--required"]
    assert drawn.capsule is None


@pytest.mark.parametrize(
    ("place", "required"),
    itertools.product([{"level": n} for n in range(1, 9)] + [{"band": n} for n in range(1, 5)], range(1, 9)),
)
def test_flag_never_lies_under_the_persons_sign(place: dict[str, int], required: int) -> None:
    drawn = build_ladder(**place, required=required)
    flag, capsule = drawn.flag, drawn.capsule
    assert flag is not None
    assert capsule is not None
    left, right = (flag.x - LABEL_WIDTH, flag.x) if flag.anchor == "end" else (flag.x, flag.x + LABEL_WIDTH)
    beside = right <= capsule.x or left >= capsule.x + capsule.width
    above = flag.top + FLAG_HEIGHT <= capsule.y
    below = flag.top >= capsule.y + CAPSULE_HEIGHT
    assert beside or above or below
    assert drawn.top <= min(flag.top, capsule.y)
    assert left >= 0
    assert right <= 320
