"""What running the target's tests takes, whichever program does it: a process that tests cannot reach into, a throw-away copy, an end."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

TREE = Path("/w/tree")
COPY = Path("/copy")
OUT = Path("/out")
JUNIT = OUT / "junit.xml"
PYTHON = "/opt/venv/bin/python"
COVERAGE_DATA = OUT / "coverage.data"
UNPREPARED = 97

ENVIRONMENT = {
    "PATH": "/opt/venv/bin:/usr/bin:/bin",
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "PYTHONSAFEPATH": "1",
    "PYTHONNOUSERSITE": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "COVERAGE_FILE": str(COVERAGE_DATA),
}

PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER = 4, 36


def stand_apart() -> None:
    """Tests run as the same user: keep them out of this process's memory, and inherit what they leave running."""
    libc = ctypes.CDLL(None, use_errno=True)
    for option, value in ((PR_SET_DUMPABLE, 0), (PR_SET_CHILD_SUBREAPER, 1)):
        if libc.prctl(option, value, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), f"prctl({option}) failed")


def copy_tree() -> None:
    subprocess.run(["/bin/cp", "-dR", f"{TREE}/.", str(COPY)], check=True, env={})


def run_tests(arguments: list[str], *, seconds: float | None = None, quiet: bool = False) -> int | None:
    """pytest's exit code, 128 + n when a signal ended it, None when the time was up; what it printed goes through, or nowhere."""
    command = [PYTHON, "-P", "-m", "pytest", *arguments, "-p", "append_tree"]
    # The plugin's folder is on the path of this one interpreter; the plugin takes the variable over for the tests.
    environment = ENVIRONMENT | {"PYTHONPATH": str(Path(__file__).parent / "plugins")}
    output = subprocess.DEVNULL if quiet else None
    process = subprocess.Popen(command, cwd=COPY, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        code = process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return None
    return code if code >= 0 else 128 - code


def end_descendants() -> None:
    """Nothing that the tests started may go on and rewrite the reports."""
    for _ in range(100):
        children = list(descendants())
        if not children:
            return
        for child in children:
            try:
                os.kill(child, signal.SIGKILL)
            except ProcessLookupError:
                pass
        reap()
        time.sleep(0.01)


def reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def descendants() -> Iterator[int]:
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(folder.name)] = int(fields[1])
    for process in parents:
        above = parents.get(process)
        while above and above != os.getpid():
            above = parents.get(above)
        if above:
            yield process
