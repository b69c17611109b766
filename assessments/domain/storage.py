"""Keeping bytes: what is acknowledged lies on the disk, whole, under the name that the database knows."""

import os
from pathlib import Path
from typing import IO

from django.core.files.base import File
from django.core.files.storage import default_storage


def store(name: str, file: IO[bytes]) -> None:
    """Write the file to the storage under a name that nothing has yet, and wait until the disk has it."""
    saved = default_storage.save(name, File(file, name=name))
    if saved != name:
        default_storage.delete(saved)
        raise FileExistsError(name)
    try:
        path = Path(default_storage.path(name))
    except NotImplementedError:
        return  # a storage elsewhere has its own word on durability
    for each in (path, path.parent):
        handle = os.open(each, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
