#!/usr/bin/python3 -IS
"""Say what the target's code is made of, into /out/card.json (`codeCardSchema` in orchestrator/domain/card.ts).

Fixtures and outline are read from the syntax tree of /w/tree; nothing of it runs here. Routes are the app's own OpenAPI, asked for in
processes of their own on a copy (`openapi_of.py`), with a time limit. The same tree gives the same bytes, without absolute paths.
"""

import ast
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.append(str(Path(__file__).parent))  # not there by itself in an isolated interpreter

from openapi_text import routes_of

TREE = Path("/w/tree")
COPY = Path("/copy")
OUT = Path("/out/card.json")
PYTHON = "/opt/venv/bin/python"

MAX_SOURCE_BYTES = 1_000_000
MAX_FILES, MAX_SYMBOLS, MAX_FIXTURES, MAX_INSTALLED = 2000, 400, 200, 3000
MAX_OPENAPI_BYTES = 8_000_000
ONE_TRY_S, ALL_TRIES_S = 60.0, 150.0

ENVIRONMENT = {
    "PATH": "/opt/venv/bin:/usr/bin:/bin",
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "PYTHONSAFEPATH": "1",
    "PYTHONNOUSERSITE": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
}

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DEFINITIONS = (ast.ClassDef, *FUNCTIONS)

type Function = ast.FunctionDef | ast.AsyncFunctionDef
type Json = dict[str, object]


def main() -> None:
    modules = list(parsed_modules())
    fixtures = [fixture for path, _, tree in modules for fixture in fixtures_of(path, tree)][:MAX_FIXTURES]
    outline = [{"path": path, "lines": lines, "symbols": list(symbols_of(tree))[:MAX_SYMBOLS]} for path, lines, tree in modules]
    routes = find_routes(modules, fixtures)
    told = {"fixtures": fixtures, "outline": outline, "routes": routes, "installed": sorted(installed())[:MAX_INSTALLED]}
    OUT.write_text(json.dumps(told, indent=1))
    known = "routes unavailable" if isinstance(routes, dict) else f"{len(routes)} routes"
    print(f"{len(outline)} files, {len(fixtures)} fixtures, {known}")


def installed() -> set[str]:
    """Top-level modules of the packages in the image: names that no module of the tree may take."""
    folders = Path(PYTHON).parents[1].glob("lib/python*/site-packages")
    names = {entry.name.split(".")[0] for folder in folders for entry in folder.iterdir() if not entry.name.endswith((".pth", "-info"))}
    return {name for name in names if name.isidentifier() and len(name) <= 100 and name != "__pycache__"}


# --- What the syntax tree says ---


def parsed_modules() -> Iterator[tuple[str, int, ast.Module]]:
    """Path, number of lines and tree of every Python file, by path; one that does not parse has an empty tree."""
    count = 0
    for folder, folders, files in os.walk(TREE):
        folders[:] = sorted(name for name in folders if name not in {"__pycache__", ".git"})
        for name in sorted(files):
            file = Path(folder, name)
            path = file.relative_to(TREE).as_posix()
            if not name.endswith(".py") or file.is_symlink() or not path.isprintable() or len(path) > 300:
                continue
            source = file.read_bytes()[: MAX_SOURCE_BYTES + 1]
            count += 1
            if count > MAX_FILES:
                return
            yield path, len(source.splitlines()), parse(source)


def parse(source: bytes) -> ast.Module:
    try:
        tree = ast.parse(source) if len(source) <= MAX_SOURCE_BYTES else ast.Module([], [])
        ast.unparse(tree)  # what parses may still be nested too deep to be written down
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])
    return tree


def symbols_of(tree: ast.Module) -> Iterator[Json]:
    for node in tree.body:
        if isinstance(node, DEFINITIONS):
            yield from definition(node, "")
        elif constant := constant_name(node):
            yield symbol(constant, "constant", node, ast.unparse(node))


def definition(node: ast.ClassDef | Function, prefix: str) -> Iterator[Json]:
    name = prefix + node.name
    if not isinstance(node, ast.ClassDef):
        yield symbol(name, "function", node, signature(node))
        return
    bases = [ast.unparse(base) for base in node.bases] + [ast.unparse(keyword) for keyword in node.keywords]
    yield symbol(name, "class", node, f"class {node.name}({', '.join(bases)})" if bases else f"class {node.name}")
    for inner in node.body:
        if isinstance(inner, DEFINITIONS):
            yield from definition(inner, f"{name}.")


def symbol(name: str, kind: str, node: ast.stmt, text: str) -> Json:
    first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))])
    return {"name": cut(name, 200), "kind": kind, "from": first, "to": node.end_lineno or node.lineno, "signature": cut(text, 400)}


def signature(node: Function) -> str:
    word = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{word} {node.name}({ast.unparse(node.args)}){returns}"


def constant_name(node: ast.stmt) -> str | None:
    """The name that a module-level assignment gives, where it gives one."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return targets[0].id if len(targets) == 1 and isinstance(targets[0], ast.Name) else None


def fixtures_of(path: str, tree: ast.Module) -> Iterator[Json]:
    for node in ast.walk(tree):
        if not isinstance(node, FUNCTIONS):
            continue
        for decorator in node.decorator_list:
            call = decorator if isinstance(decorator, ast.Call) else None
            if ast.unparse(call.func if call else decorator) not in {"pytest.fixture", "fixture", "pytest_asyncio.fixture"}:
                continue
            words = call.keywords if call else []
            named = [word.value.value for word in words if word.arg == "name" and isinstance(word.value, ast.Constant)]
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            doc = (ast.get_docstring(node) or "").strip().split("\n")[0]
            yield {
                "name": cut(str(named[0] if named else node.name), 100),
                "file": path,
                "line": node.lineno,
                "returns": cut(ast.unparse(node.returns), 200) if node.returns else None,
                "parameters": [cut(argument.arg, 100) for argument in arguments][:30],
                "doc": cut(doc, 300) or None,
            }


def cut(text: str, most: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"


# --- What the app itself says ---


def find_routes(modules: list[tuple[str, int, ast.Module]], fixtures: list[Json]) -> list[Json] | Json:
    """Ask each place that may hold the app, until one answers: objects, then factories, then the tests' own fixtures."""
    places = [*app_objects(modules), *app_factories(modules), *app_fixtures(fixtures)]
    if not places:
        return {"unavailable": "no FastAPI application was found in the code"}
    subprocess.run(["/bin/cp", "-dR", f"{TREE}/.", str(COPY)], check=False, env={}, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + ALL_TRIES_S
    why = []
    for place in places[:8]:
        answer = ask(place, min(ONE_TRY_S, deadline - time.monotonic()))
        if not isinstance(answer, str):
            return routes_of(answer)
        why.append(f"{place}: {answer}")
    return {"unavailable": cut("; ".join(why), 500)}


def app_objects(modules: list[tuple[str, int, ast.Module]]) -> Iterator[str]:
    """`X = FastAPI(...)` in a module, as `object path name`."""
    for path, _, tree in modules:
        for node in tree.body:
            value = getattr(node, "value", None)
            if (name := constant_name(node)) and isinstance(value, ast.Call) and ast.unparse(value.func).split(".")[-1] == "FastAPI":
                yield f"object {path} {name}"


def app_factories(modules: list[tuple[str, int, ast.Module]]) -> Iterator[str]:
    """A function that returns a FastAPI and needs no argument, as `factory path name`."""
    for path, _, tree in modules:
        for node in tree.body:
            if not isinstance(node, ast.FunctionDef) or not node.returns or node.decorator_list:
                continue
            needed = len(node.args.args) + len(node.args.posonlyargs) - len(node.args.defaults) + node.args.kw_defaults.count(None)
            if ast.unparse(node.returns).strip("'\"").split(".")[-1] == "FastAPI" and needed == 0:
                yield f"factory {path} {node.name}"


def app_fixtures(fixtures: list[Json]) -> list[str]:
    """Fixtures of a conftest.py that give an app or a client of one, the likeliest first, as `fixture path name`."""

    def rank(fixture: Json) -> int:
        returns, name = str(fixture["returns"] or ""), fixture["name"]
        likely = ["FastAPI" in returns, name == "app", "TestClient" in returns, name == "client"]
        return likely.index(True) if True in likely else -1

    known = [(rank(fixture), f"fixture {fixture['file']} {fixture['name']}") for fixture in fixtures]
    return [place for order, place in sorted(known) if order >= 0 and place.split()[1].endswith("conftest.py")]


def ask(place: str, seconds: float) -> Json | str:
    """The app's OpenAPI document, or why there is none. The answer comes from code of the target and is checked as such."""
    if seconds <= 0:
        return "no time left"
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        answer = Path(folder, "answer.json")
        helper = Path(__file__).with_name("openapi_of.py")
        command = [PYTHON, "-P", str(helper), str(answer), *place.split(" ")]
        null = subprocess.DEVNULL
        child = subprocess.Popen(command, cwd=COPY, env=ENVIRONMENT, stdin=null, stdout=null, stderr=null, start_new_session=True)
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            return f"no answer within {ONE_TRY_S:.0f} s"
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        try:
            if answer.stat().st_size > MAX_OPENAPI_BYTES:
                return "its OpenAPI document is too large"
            told = json.loads(answer.read_bytes())
        except (OSError, ValueError, RecursionError):
            return f"ended with {child.returncode} and no answer"
    if not isinstance(told, dict):
        return "its answer is not a document"
    if isinstance(told.get("failed"), str):
        return cut(told["failed"], 240).replace(f"{COPY}/", "").replace(folder, "")
    return told


main()
