"""Hotspots: shapes, clicks, and the list in words that measures the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.items import hotspot
from assessments.items.media import SAMPLE_IMAGES
from assessments.items.regions import Shape
from tests.assessments.items.content import text
from tests.assessments.items_more.refusals import earned, problems_of, refusal_of
from tests.assessments.items_more.test_assigning_types import changed
from tests.assessments.items_more.twins import frame

SHAPES = [
    {"rectangle": [0, 0, 200, 100]},
    {"circle": [50, 50, 20]},
    {"polygon": [300, 0, 400, 0, 350, 100]},
    {"rectangle": [0, 120, 400, 60]},
]
RAW = frame(
    "hotspot",
    image={"file": {"vi": "mail/a.png", "en": "mail/b.png"}, "width": 400, "height": 200, "alt": text("alt")},
    regions=[
        {**text(f"region {place}"), "shape": shape, "correct": place in (1, 2), "why": text("why")}
        for place, shape in enumerate(SHAPES)
    ],
)


@pytest.mark.parametrize(
    ("point", "place"),
    [((50, 50), 1), ((70, 50), 1), ((71, 50), 0), ((199, 99), 0), ((350, 50), 2), ((305, 90), None), ((10, 150), 3)],
)
def test_click_counts_as_the_smallest_region_that_holds_it(point, place):
    content = hotspot.parse_content(RAW)
    ids = [region.option.id for region in content.regions]
    if place is None:
        assert refusal_of(content, {"points": [list(point)]}) == ("points", "no_region")
    else:
        assert hotspot.parse_response(content, {"points": [list(point)]}) == (ids[place],)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=4, unique=True))
def test_clicks_and_list_measure_the_same(places):
    content = hotspot.parse_content(RAW)
    centres = [[150, 10], [50, 50], [350, 30], [10, 150]]
    ids = [region.option.id for region in content.regions]
    by_list = earned(content, {"regions": [ids[place] for place in places]})
    by_click = earned(content, {"points": [centres[place] for place in places]})
    hits = len({1, 2} & set(places))
    assert by_list == by_click == max(0, 2 * hits - len(places))


def test_one_right_region_takes_one_choice():
    raw = changed(RAW, ["regions", 2, "correct"], False)
    content = hotspot.parse_content(raw)
    ids = [region.option.id for region in content.regions]
    assert hotspot.player_view(content, "vi", 1)["many"] is False
    assert (earned(content, {"regions": [ids[1]]}), earned(content, {"regions": [ids[0]]})) == (1, 0)
    assert refusal_of(content, {"regions": ids[:2]}) == ("regions", "choose_one")
    assert refusal_of(content, {"points": [[50, 50], [10, 150]]}) == ("points", "choose_one")


@pytest.mark.parametrize(
    ("answer", "refusal"),
    [
        ({"regions": []}, ("regions", "nothing_chosen")),
        ({"regions": ["x"]}, ("regions", "unknown_option")),
        ({"points": []}, ("points", "not_a_list")),
        ({"points": [[1]]}, ("points", "not_a_point")),
        ({"points": [[True, 1]]}, ("points", "not_a_point")),
        ({"points": [["1", "2"]]}, ("points", "not_a_point")),
        ({"points": [[float("nan"), 1]]}, ("points", "outside_the_image")),
        ({"points": [[401, 1]]}, ("points", "outside_the_image")),
        ({"points": [[1, 1]], "regions": []}, ("regions", "unknown_field")),
    ],
)
def test_answer_names_what_is_wrong(answer, refusal):
    assert refusal_of(hotspot.parse_content(RAW), answer) == refusal


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (["image", "file", "vi"], "../secret.png", ("image.file.vi", "bad_path")),
        (["image", "file", "vi"], "https://x.vn/a.png", ("image.file.vi", "bad_path")),
        (["image", "file", "en"], "a.html", ("image.file.en", "bad_path")),
        (["image", "file", "en"], "/etc/a.png", ("image.file.en", "bad_path")),
        (["image", "alt", "en"], " ", ("image.alt.en", "empty")),
        (["image", "width"], 4001, ("image.width", "not_in_range")),
        (["regions", 0, "shape"], {"rectangle": [0, 0, 401, 10]}, ("regions[0].shape.rectangle", "outside_the_image")),
        (["regions", 0, "shape"], {"rectangle": [0, 0, 0, 10]}, ("regions[0].shape.rectangle", "no_area")),
        (["regions", 0, "shape"], {"rectangle": [50, 50, -5, -5]}, ("regions[0].shape.rectangle", "no_area")),
        (["regions", 0, "shape"], {"rectangle": [0, 0, 5]}, ("regions[0].shape.rectangle", "wrong_number")),
        (["regions", 0, "shape"], {"rectangle": [0, 0, 5, "5"]}, ("regions[0].shape.rectangle", "not_whole_numbers")),
        (["regions", 0, "shape"], {"circle": [5, 5, 6]}, ("regions[0].shape.circle", "outside_the_image")),
        (["regions", 0, "shape"], {"circle": [5, 5, 0]}, ("regions[0].shape.circle", "no_area")),
        (["regions", 0, "shape"], {"polygon": [0, 0, 10, 10, 20, 20]}, ("regions[0].shape.polygon", "no_area")),
        (["regions", 0, "shape"], {"polygon": [0, 0, 10, 10]}, ("regions[0].shape.polygon", "wrong_number")),
        (["regions", 0, "shape"], {"star": [1]}, ("regions[0].shape", "one_of")),
        (["regions", 1, "vi"], "region 0 (vi)", ("regions[1].vi", "repeated")),
    ],
)
def test_content_names_problems(path, value, problem):
    assert problems_of(changed(RAW, path, value), "hotspot") == [problem]


@pytest.mark.parametrize("right", [[], [0, 1, 2, 3]])
def test_some_regions_are_right_and_some_are_not(right):
    raw = RAW | {"regions": [region | {"correct": place in right} for place, region in enumerate(RAW["regions"])]}
    assert problems_of(raw, "hotspot") == [("regions", "some_correct_regions")]


@given(st.integers(1, 50), st.integers(1, 50), st.floats(-60, 60), st.floats(-60, 60))
def test_rectangle_and_its_polygon_hold_the_same_points(width, height, x, y):
    rectangle = Shape("rectangle", (0, 0, width, height))
    polygon = Shape("polygon", (0, 0, width, 0, width, height, 0, height))
    assert rectangle.area == polygon.area
    assert rectangle.bounds == polygon.bounds
    if x not in (0, width) and y not in (0, height):
        assert rectangle.contains(x, y) == polygon.contains(x, y) == (0 < x < width and 0 < y < height)


def test_every_shipped_sample_image_is_there():
    image = hotspot.SAMPLE["image"]
    for locale in ("vi", "en"):
        folder, name = image["file"][locale].split("/")
        assert folder == "samples"
        assert f'width="{image["width"]}" height="{image["height"]}"' in (SAMPLE_IMAGES / name).read_text("utf-8")
