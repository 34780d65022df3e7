"""Write the OpenAPI document of the target's app, or {"failed": why}, to a file. Runs code of the target: nothing it says is trusted.

    openapi_of.py ANSWER object|factory|fixture PATH NAME      (in the copy of the target)
"""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path, PurePosixPath
from typing import Any

TREE = Path("/copy")


def main(answer: Path, kind: str, path: str, name: str) -> None:
    try:
        if kind == "fixture":
            through_fixture(answer, path, name)
            return
        told = through_import(kind, path, name).openapi()
    except BaseException as error:  # noqa: BLE001  whatever the target's code does, the caller gets a reason
        told = {"failed": f"{type(error).__name__}: {error}"}
    answer.write_text(json.dumps(told))


def through_import(kind: str, path: str, name: str) -> Any:
    parts = PurePosixPath(path).with_suffix("").parts
    # The usual two layouts: packages beside pyproject.toml, or under src/.
    sys.path.append(str(TREE))
    if parts[0] == "src":
        sys.path.append(str(TREE / "src"))
        parts = parts[1:]
    dotted = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    found = getattr(importlib.import_module(dotted), name)
    return found() if kind == "factory" else found


def through_fixture(answer: Path, path: str, name: str) -> None:
    """The tests know how to make the app: ask for it in a test of our own beside their conftest.py."""
    test = (TREE / path).with_name("test_factory_card.py")
    test.write_text(FIXTURE_TEST.format(name=name, answer=str(answer)))
    options = ["-q", "-x", "-o", "addopts=", f"--rootdir={TREE}", "--import-mode=importlib"]
    command = [sys.executable, "-P", "-m", "pytest", *options, str(test)]
    environment = {**os.environ, "PYTHONPATH": str(TREE)}
    done = subprocess.run(command, check=False, cwd=TREE, env=environment, capture_output=True, text=True)
    if not answer.exists():
        reasons = [line for line in done.stdout.splitlines() if line.startswith("E ")] or [f"pytest ended with {done.returncode}"]
        answer.write_text(json.dumps({"failed": reasons[-1].lstrip("E ")}))


FIXTURE_TEST = """\
import json
from pathlib import Path


def test_openapi(request):
    given = request.getfixturevalue({name!r})
    app = given if hasattr(given, "openapi") else given.app
    Path({answer!r}).write_text(json.dumps(app.openapi()))
"""

main(Path(sys.argv[1]), *sys.argv[2:5])
