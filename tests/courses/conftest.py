import shutil
from pathlib import Path

import pytest

from competencies.api import import_framework
from competencies.models import Framework

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def framework(db: None) -> Framework:
    """The framework that ships with the project, published."""
    return import_framework(ROOT / "competencies/content", publish=True)


@pytest.fixture
def course_files(tmp_path: Path) -> Path:
    """A copy of the course that ships with the project, to be edited."""
    return Path(shutil.copytree(ROOT / "courses/content/ai_safe_use", tmp_path / "ai_safe_use"))
