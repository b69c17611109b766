"""What every test may use."""

from collections.abc import Iterator

import pytest
from django.utils import translation
from hypothesis import settings

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("project", deadline=None)
settings.load_profile("project")


@pytest.fixture(autouse=True)
def _default_language() -> Iterator[None]:
    """A request leaves its language behind in the thread: begin and end each test with the default one."""
    translation.deactivate()
    yield
    translation.deactivate()
