"""Fill a virtual environment: the target's own dependencies first, then the factory's tools where the target pins none.

    install.py BUILD VENV

BUILD holds tools.in, tools.lock and target/ (whatever lock files the host chose). Wheels only: nothing of a package runs here.
The target itself is never installed. `UV` names the uv to use.
"""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

UV = os.environ["UV"]
# Groups and extras that hold what a target's tests need, by their usual names.
TEST_EXTRAS = {"dev", "develop", "test", "tests", "testing"}


def main(build: Path, venv: Path) -> None:
    run(UV, "venv", "--quiet", "--python", "/usr/bin/python3", str(venv))
    locked = target_requirements(build / "target", venv)
    if locked is not None:
        install(venv, locked)
    install_tools(build, venv)
    report(venv)


def target_requirements(target: Path, venv: Path) -> Path | None:
    """One pip-style file with all that the target needs, or None when it names nothing."""
    if (target / "requirements.lock").exists():
        return without_project(target / "requirements.lock")
    if (target / "uv.lock").exists():
        return exported(target)
    written = [target / name for name in ("requirements-dev.txt", "requirements.txt")]
    if present := [path for path in written if path.exists()]:
        for path in target.rglob("*.txt"):
            without_project(path)
        both = target / "all-requirements.txt"
        both.write_text("".join(f"-r {path.name}\n" for path in present))
        return both
    if (target / "pyproject.toml").exists():
        return resolved(target, venv)
    return None


def without_project(path: Path) -> Path:
    """The same file with the lines that would install the target itself taken out."""
    own = re.compile(r"^\s*(-e\b|--editable\b|\.{1,2}(/|\[|\s*$)|file:)")
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not own.match(line)))
    return path


def exported(target: Path) -> Path:
    out = target / "exported.txt"
    extras = [word for name in test_extras(target) for word in ("--extra", name)]
    run(
        *(UV, "export", "--quiet", "--frozen", "--no-cache", "--directory", str(target), "--python", "/usr/bin/python3"),
        *("--no-emit-workspace", "--no-emit-local", "--all-groups", "--no-header", "--no-annotate", *extras, "--output-file", str(out)),
    )
    return out


def resolved(target: Path, venv: Path) -> Path | None:
    """No lock at all: resolve the declared dependencies now."""
    project = tomllib.loads((target / "pyproject.toml").read_text())
    groups = sorted(project.get("dependency-groups", {}))
    if "project" not in project and not groups:
        print("the target's pyproject.toml declares no dependencies that are understood here")
        return None
    out = target / "resolved.txt"
    words = [word for name in groups for word in ("--group", f"{target / 'pyproject.toml'}:{name}")]
    words += [word for name in test_extras(target) for word in ("--extra", name)]
    sources = [str(target / "pyproject.toml")] if "project" in project else []
    run(
        *(UV, "pip", "compile", "--quiet", "--no-cache", "--python", str(venv / "bin/python"), "--only-binary", ":all:"),
        *("--generate-hashes", "--no-header", "--no-annotate", *words, "--output-file", str(out), *sources),
    )
    return out


def test_extras(target: Path) -> list[str]:
    pyproject = target / "pyproject.toml"
    project = tomllib.loads(pyproject.read_text()).get("project", {}) if pyproject.exists() else {}
    return sorted(TEST_EXTRAS & set(project.get("optional-dependencies", {})))


def install(venv: Path, requirements: Path, *more: str) -> None:
    hashed = ["--require-hashes"] if "--hash=" in requirements.read_text() else []
    run(
        *(UV, "pip", "install", "--no-cache", "--python", str(venv / "bin/python"), "--only-binary", ":all:"),
        *("--compile-bytecode", *hashed, *more, "-r", str(requirements)),
    )


def install_tools(build: Path, venv: Path) -> None:
    """Where the target brings a tool or one of its parts, the target's version stays."""
    there = installed(venv)
    missing = [text for name, text in entries((build / "tools.lock").read_text()) if name not in there]
    if missing:
        wanted = build / "missing.txt"
        wanted.write_text("".join(missing))
        install(venv, wanted, "--no-deps")
    if subprocess.run([UV, "pip", "check", "--python", str(venv / "bin/python")]).returncode == 0:
        return
    # The pinned tools do not fit what the target pins: let the resolver find versions that do, the target's own untouched.
    print("the pinned tools do not fit the target's pins; resolving them against those")
    ours = {name for name, _ in entries((build / "tools.lock").read_text())} - there.keys()
    if ours:
        run(UV, "pip", "uninstall", "--python", str(venv / "bin/python"), *sorted(ours & installed(venv).keys()))
    tools = [re.split(r"[<>=]", line)[0].strip() for line in (build / "tools.in").read_text().split()]
    (build / "fitting.txt").write_text("".join(f"{name}\n" for name in tools if normal(name) not in there))
    (build / "theirs.txt").write_text("".join(f"{name}=={version}\n" for name, version in there.items()))
    install(venv, build / "fitting.txt", "-c", str(build / "theirs.txt"))


def entries(lock: str) -> Iterator[tuple[str, str]]:
    """Each requirement of a lock with the lines that belong to it."""
    for text in re.findall(r"^[A-Za-z0-9].*(?:\n[ \t]+.*)*\n?", lock, re.MULTILINE):
        match = re.match(r"[A-Za-z0-9._-]+", text)
        assert match is not None
        yield normal(match[0]), text


def installed(venv: Path) -> dict[str, str]:
    """Name and version of all that the environment holds."""
    found: dict[str, str] = {}
    for folder in venv.glob("lib/python3*/site-packages/*.dist-info"):
        name, _, version = folder.name.removesuffix(".dist-info").partition("-")
        found[normal(name)] = version
    return found


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def report(venv: Path) -> None:
    there = installed(venv)
    print("tools: " + ", ".join(f"{name} {there[name]}" for name in ("ruff", "mypy", "pytest", "pytest-cov")))
    print(f"{len(there)} packages in {venv}")


def run(*command: str) -> None:
    done = subprocess.run(command)
    if done.returncode != 0:
        sys.exit(f"failed with {done.returncode}: {' '.join(command)}")


main(Path(sys.argv[1]), Path(sys.argv[2]))
