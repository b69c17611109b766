"""The engine runs where there is no Django and no database."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_engine_imports_no_django() -> None:
    program = """
import sys
from assessments.simulations import load_simulation, shipped_simulations, start, render
for path in shipped_simulations().values():
    simulation = load_simulation(path.read_text(encoding="utf-8"))
    render(simulation, start(simulation, 1), "vi")
print(sorted(name for name in sys.modules if name.split(".")[0] in ("django", "rest_framework", "celery", "psycopg")))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == "[]\n"
