"""The benches' own environment: one thread, and the pinned peers in build/bench/venv, apart from the product's."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "bench"
REQUIREMENTS = ROOT / "bench" / "requirements.txt"
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "RAYON_NUM_THREADS"), "1"
)


def enter(module: str) -> None:
    """Start `module` again in the benches' environment unless this process already runs there.

    Must be called before numpy is imported: the number of threads is fixed when its library loads.
    """
    home = BUILD / "venv"
    if Path(sys.prefix) == home and all(os.environ.get(key) == value for key, value in ONE_THREAD.items()):
        return
    python = home / "bin" / "python"
    stamp = home / "requirements.sha256"
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        print("Installing the peers into build/bench/venv ...", flush=True)
        venv.create(home, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--requirement", REQUIREMENTS], check=True)
        stamp.write_text(wanted)
    environment = os.environ | ONE_THREAD | {"PYTHONPATH": str(ROOT)}
    sys.exit(subprocess.run([python, "-m", module, *sys.argv[1:]], cwd=ROOT, env=environment, check=False).returncode)


def versions(*packages: str) -> dict[str, str]:
    """Installed versions of Python and these packages."""
    found = {"python": ".".join(map(str, sys.version_info[:3]))}
    for package in ("numpy", "scipy", *packages):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found
