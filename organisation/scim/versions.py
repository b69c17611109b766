"""Entity tags: what a resource says, hashed."""

import hashlib
from typing import Any


def version_of(resource: Any, beside: str = "") -> str:
    """Return a weak entity tag that changes whenever anything in the resource does, its `meta` aside.

    beside: stands for what belongs to the resource and is not in it.
    """
    content = resource.model_dump_json(exclude={"meta"}) + beside
    return f'W/"{hashlib.sha256(content.encode()).hexdigest()[:24]}"'
