"""`python -m bench.adaptive [--people N]`: build/bench/adaptive.json, the whole curve, and a table.

The question put to every rule is the same: does this person meet the level that the post requires in this competency?
"""

from __future__ import annotations

import argparse

from bench.environment import enter

enter("bench.adaptive")

import json  # noqa: E402  # everything below loads numpy after the threads are fixed

from bench.adaptive import ours, peers  # noqa: E402  # as above
from bench.adaptive.world import Point, make_world  # noqa: E402  # as above
from bench.environment import BUILD, versions  # noqa: E402  # as above
from bench.report import Record, write  # noqa: E402  # as above

SE_STOP, FIXED = 0.30, 32


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=1000)
    world = make_world(parser.parse_args().people)
    curves: dict[str, list[Point]] = {}
    for name, run in {
        "fixed form": peers.fixed_form,
        "Pix flash": peers.flash,
        "catsim, SE stop": peers.catsim_se_stop,
        "EAP, SE stop, no exposure limit": peers.eap_se_stop,
        "ours, one competency at a time": ours.separate,
        "ours": ours.joint,
    }.items():
        print(f"{name} ...", flush=True)
        curves[name] = run(world)
        for point in curves[name]:
            print(
                f"  {point.setting:<12} items {point.items:6.2f}  accuracy {point.accuracy:.4f}"
                f"  false meets {point.false_meets:.4f}  false below {point.false_below:.4f}"
                f"  exposure {point.max_exposure:.2f}"
            )
    fixed = next(p for p in curves["fixed form"] if p.setting == str(FIXED))
    stop = next(p for p in curves["catsim, SE stop"] if p.setting == f"{SE_STOP:.2f}")
    best, cheapest = (_shortest(curves["ours"], peer) for peer in (stop, fixed))
    found = versions("catsim")
    records = [
        Record("items_vs_se_stop", best.items / stop.items, "", {"catsim": 1.0}, None, found),
        Record("items_vs_fixed", cheapest.items / FIXED, "", {"fixed form": 1.0}, None, found),
        Record("accuracy_ours", best.accuracy, "", {"catsim": stop.accuracy}, None, found),
        Record("accuracy_ours_vs_fixed", cheapest.accuracy, "", {"fixed form": fixed.accuracy}, None, found),
        Record("accuracy_se_stop", stop.accuracy, "", {}, None, found),
        Record("max_exposure", best.max_exposure, "", {"catsim": stop.max_exposure}, None, found),
        Record("items_ours", best.items, "items", {"catsim": stop.items}, None, found),
    ]
    write(records, BUILD / "adaptive.json")
    curve = {name: [vars(point) for point in points] for name, points in curves.items()}
    (BUILD / "adaptive_curve.json").write_text(json.dumps(curve, indent=1) + "\n")


def _shortest(ours: list[Point], peer: Point) -> Point:
    """Our setting with the fewest items that is as accurate as the peer."""
    enough = [point for point in ours if point.accuracy >= peer.accuracy]
    if not enough:
        raise RuntimeError(f"no setting of ours is as accurate as {peer.setting}")
    return min(enough, key=lambda point: point.items)


main()
