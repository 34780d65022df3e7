#!/usr/bin/python3 -IS
"""Run the target's tests on a throw-away copy and leave the reports in /out.

    run_pytest.py ARGUMENTS-OF-PYTEST...

Reads /w/tree (the target) and /w/gate (the host's configuration). Writes /out/junit.xml (pytest's own, when asked for with --junitxml),
/out/coverage.data (raw) and /out/coverage.json. What pytest prints goes through. Ends with pytest's exit code, 128 + n when a
signal ended it, or UNPREPARED. It says nothing about whether the tests are to be believed: that is decided on the host.
"""

import os
import subprocess
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))  # not there by itself in an isolated interpreter

from running import COPY, COVERAGE_DATA, ENVIRONMENT, JUNIT, OUT, PYTHON, UNPREPARED, copy_tree, end_descendants, run_tests, stand_apart

REPORTS = (JUNIT, OUT / "coverage.json", COVERAGE_DATA)


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
    return UNPREPARED if code is None else code


def write_coverage(arguments: list[str]) -> None:
    """Count in a fresh process that never ran the target, by the host's configuration and never the tree's."""
    settings = [word.partition("=")[2] for word in arguments if word.startswith("--cov-config=")]
    rcfile = settings[-1] if settings else os.devnull
    command = [PYTHON, "-I", "-m", "coverage", "json", "--quiet", f"--rcfile={rcfile}", "-o", str(OUT / "coverage.json")]
    done = subprocess.run(command, cwd=COPY, env=ENVIRONMENT, stdin=subprocess.DEVNULL)
    if done.returncode not in (0, 2):  # 2: below the configuration's own threshold, which the host judges for itself
        print(f"coverage json ended with {done.returncode}", file=sys.stderr)


sys.exit(main(sys.argv[1:]))
