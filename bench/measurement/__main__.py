"""`python -m bench.measurement [--quick]`: build/bench/measurement.json and a table; --quick leaves slow peers out."""

from __future__ import annotations

import sys

from bench.environment import enter

enter("bench.measurement")

from bench.environment import BUILD, versions  # noqa: E402  # numpy loads below, after the threads are fixed
from bench.measurement import calibration, person, units  # noqa: E402  # as above
from bench.report import write  # noqa: E402  # as above


def main() -> None:
    quick = "--quick" in sys.argv[1:]
    records = [*person.run(), *calibration.run(quick), *units.run()]
    for record in records:
        record.versions = versions(*record.peers)
    write(records, BUILD / "measurement.json")


main()
