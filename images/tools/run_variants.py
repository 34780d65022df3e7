#!/usr/bin/python3 -IS
"""Run the same tests on variants of the target one after the other, each in a fresh copy and a fresh process.

    run_variants.py SECONDS-IN-ALL ARGUMENTS-OF-PYTEST...

Reads /w/tree (the target), /w/gate (the host's configuration) and /w/gate/variants.json: a list of variants, each a list of alternatives,
each a list of {"path", "file"}: a file of /w/gate/variants that replaces that path of the tree, or null where the path is to be absent. The first
alternative in which all Python files parse is run. The first variant is the tree itself; it says how long the others may take.

Writes /out/variants.json, for each variant {"state", "alternative", "exit", "ms"} (state: ended, timed_out, unparsable, not_run), and
/out/<n>.xml, pytest's report of the n-th. They are kept in this process until the last test has ended: no variant can write another's.
It says nothing about whether any of it is to be believed: that is decided on the host.
"""

import json
import shutil
import subprocess
import sys
import time
import warnings
from pathlib import Path

sys.path.append(str(Path(__file__).parent))  # not there by itself in an isolated interpreter

from running import COPY, JUNIT, OUT, UNPREPARED, copy_tree, end_descendants, run_tests, stand_apart

PLAN = Path("/w/gate/variants.json")
FILES = Path("/w/gate/variants")
SCRATCH = (COPY, OUT, Path("/tmp"), Path("/dev/shm"))

MAX_REPORT_BYTES = 4_000_000
MAX_REPORTS_BYTES = 48_000_000
FIRST_S = 120.0

type Alternative = list[dict[str, str | None]]
type Told = dict[str, str | int | None]


def main(seconds: float, arguments: list[str]) -> int:
    end = time.monotonic() + seconds
    told: list[Told] = []
    reports: dict[int, bytes] = {}
    limit = FIRST_S
    try:
        stand_apart()
        for number, alternatives in enumerate(json.loads(PLAN.read_text())):
            began = time.monotonic()
            one, report = run_variant(alternatives, arguments, min(limit, end - began))
            ms = round((time.monotonic() - began) * 1000)
            told.append(one | {"ms": ms})
            print(f"{number}: {one['state']}, exit code {one['exit']}, {ms} ms")
            if report is not None and sum(map(len, reports.values())) + len(report) <= MAX_REPORTS_BYTES:
                reports[number] = report
            if number == 0:
                limit = 10 + 5 * ms / 1000
        empty(OUT)
        for number, report in reports.items():
            (OUT / f"{number}.xml").write_bytes(report)
        (OUT / "variants.json").write_text(json.dumps(told))
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"could not go through the variants: {error}", file=sys.stderr)
        return UNPREPARED
    return 0


def run_variant(alternatives: list[Alternative], arguments: list[str], seconds: float) -> tuple[Told, bytes | None]:
    nothing = {"alternative": None, "exit": None}
    if seconds <= 0:
        return nothing | {"state": "not_run"}, None
    chosen = next((n for n, alternative in enumerate(alternatives) if parses(alternative)), None)
    if chosen is None:
        return nothing | {"state": "unparsable"}, None
    for folder in SCRATCH:
        empty(folder)
    copy_tree()
    for change in alternatives[chosen]:
        replace(change)
    code = run_tests(arguments, seconds=seconds, quiet=True)
    end_descendants()
    told = {"alternative": chosen, "exit": code, "state": "timed_out" if code is None else "ended"}
    return told, read(JUNIT)


def parses(alternative: Alternative) -> bool:
    return all(is_python(FILES / str(change["file"])) for change in alternative if change["file"] and str(change["path"]).endswith(".py"))


def is_python(file: Path) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(file.read_bytes(), file.name, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def empty(folder: Path) -> None:
    """Tests may have left folders that cannot be entered."""
    subprocess.run(["/bin/chmod", "-R", "u+rwX", "--", str(folder)], check=False, env={}, stderr=subprocess.DEVNULL)
    subprocess.run(["/usr/bin/find", str(folder), "-mindepth", "1", "-delete"], check=True, env={})


def replace(change: dict[str, str | None]) -> None:
    place = COPY / str(change["path"])
    if change["file"] is None:
        place.unlink(missing_ok=True)
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    shutil.copyfile(FILES / change["file"], place)


def read(report: Path) -> bytes | None:
    """A report that a test made something else of, or very large, is none."""
    try:
        if report.is_symlink() or not report.is_file() or report.stat().st_size > MAX_REPORT_BYTES:
            return None
        return report.read_bytes()
    except OSError:
        return None


sys.exit(main(float(sys.argv[1]), sys.argv[2:]))
