"""Where the services keep their data and programs."""

import hashlib
import shutil
from pathlib import Path

from lms.services.processes import give_to_service_account, running_as_root


def _open_to_others(path: Path) -> bool:
    """Say whether any account may walk down to the path."""
    return all(parent.stat().st_mode & 0o001 for parent in [path, *path.parents] if parent.exists())


def service_home(state_dir: Path) -> Path:
    """Return the directory for the services' data, made when missing.

    It is the state directory itself, except for root in a place that other accounts cannot enter
    (such as root's home): there it is a directory under /var/tmp named after the state directory.
    """
    state_dir.mkdir(parents=True, exist_ok=True)
    if not running_as_root() or _open_to_others(state_dir):
        return state_dir
    home = Path("/var/tmp") / f"thang-{hashlib.sha256(str(state_dir).encode()).hexdigest()[:12]}"  # noqa: S108 - owned by root, name is fixed
    home.mkdir(mode=0o755, exist_ok=True)
    if home.stat().st_uid != 0:
        raise PermissionError(f"{home} belongs to another account")
    return home


def reachable_programs(programs: Path, home: Path) -> Path:
    """Return a copy of the programs' directory that the service account may run, or the directory itself."""
    if not running_as_root() or _open_to_others(programs):
        return programs
    copy = home / "programs" / programs.name
    if not copy.exists():
        shutil.copytree(programs, copy, symlinks=True)
    return copy


def data_directory(home: Path, name: str) -> Path:
    """Return a private directory of the service, made when missing and owned by its account."""
    directory = home / name
    if not directory.exists():
        directory.mkdir(mode=0o700)
        give_to_service_account(directory)
    return directory
