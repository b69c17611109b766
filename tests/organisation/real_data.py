"""Where the real data file of the reform is: too big for the repository, so tests look beside it."""

import os
from pathlib import Path

import pytest

BASE = Path(__file__).resolve().parent.parent.parent
NAME = "vietnam_reorganisation_2025.csv"


def reform_file() -> Path:
    """Return the path of the reform's table.

    Looks in the folder THANG_DATA_DIR, else in `shared/data` beside the project. Where the file is missing the test is
    skipped, but on the integration server (CI=true) it fails: there the guarantee must be shown.
    """
    folder = Path(os.environ.get("THANG_DATA_DIR", BASE.parent / "shared" / "data"))
    path = folder / NAME
    if not path.exists():
        reason = f"{NAME} is not in {folder}; set THANG_DATA_DIR to the folder that has it"
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path
