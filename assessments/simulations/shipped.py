"""The scenarios that come with the project."""

from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "content" / "simulations"


def shipped_simulations() -> dict[str, Path]:
    """The file of each shipped scenario by its code, in the order of codes."""
    return {path.stem: path for path in sorted(FOLDER.glob("*.yaml"))}
