#!/usr/bin/python3 -IS
"""Run the target's tests on a throw-away copy and leave the reports in /out.

    run_pytest.py ARGUMENTS-OF-PYTEST...

Reads /w/tree (the target) and /w/gate (the host's configuration). Writes /out/junit.xml (pytest's own, when asked for with --junitxml),
/out/coverage.data (raw) and /out/coverage.json. What pytest prints goes through. Ends with pytest's exit code, 128 + n when a
signal ended it, or UNPREPARED. It says nothing about whether the tests are to be believed: that is decided on the host.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

TREE = Path("/w/tree")
COPY = Path("/copy")
OUT = Path("/out")
PYTHON = "/opt/venv/bin/python"
COVERAGE_DATA = OUT / "coverage.data"
REPORTS = (OUT / "junit.xml", OUT / "coverage.json", COVERAGE_DATA)
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


def main(arguments: list[str]) -> int:
    try:
        stand_apart()
        for report in REPORTS:
            report.unlink(missing_ok=True)
        copy_tree()
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"could not prepare the copy: {error}", file=sys.stderr)
        return UNPREPARED
    code = run_tests(arguments)
    end_descendants()
    if COVERAGE_DATA.exists():
        write_coverage(arguments)
    return code


def stand_apart() -> None:
    """Tests run as the same user: keep them out of this process's memory, and inherit what they leave running."""
    libc = ctypes.CDLL(None, use_errno=True)
    for option, value in ((PR_SET_DUMPABLE, 0), (PR_SET_CHILD_SUBREAPER, 1)):
        if libc.prctl(option, value, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), f"prctl({option}) failed")


def copy_tree() -> None:
    subprocess.run(["/bin/cp", "-dR", f"{TREE}/.", str(COPY)], check=True, env={})


def run_tests(arguments: list[str]) -> int:
    command = [PYTHON, "-P", "-m", "pytest", *arguments, "-p", "append_tree"]
    # The plugin's folder is on the path of this one interpreter; the plugin takes the variable over for the tests.
    environment = ENVIRONMENT | {"PYTHONPATH": str(Path(__file__).parent / "plugins")}
    code = subprocess.run(command, cwd=COPY, env=environment, stdin=subprocess.DEVNULL).returncode
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


def write_coverage(arguments: list[str]) -> None:
    """Count in a fresh process that never ran the target, by the host's configuration and never the tree's."""
    settings = [word.partition("=")[2] for word in arguments if word.startswith("--cov-config=")]
    rcfile = settings[-1] if settings else os.devnull
    command = [PYTHON, "-I", "-m", "coverage", "json", "--quiet", f"--rcfile={rcfile}", "-o", str(OUT / "coverage.json")]
    done = subprocess.run(command, cwd=COPY, env=ENVIRONMENT, stdin=subprocess.DEVNULL)
    if done.returncode not in (0, 2):  # 2: below the configuration's own threshold, which the host judges for itself
        print(f"coverage json ended with {done.returncode}", file=sys.stderr)


sys.exit(main(sys.argv[1:]))
