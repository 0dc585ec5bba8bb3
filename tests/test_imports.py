"""Pay only for what you use: which modules each command loads, and which file imports what."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import cnncalc

PACKAGE = Path(cnncalc.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
IDS = [path.relative_to(PACKAGE).as_posix() for path in FILES]

# Slow to import, or a sign that something was imported that a command does not need.
SLOW = {
    "asyncio", "difflib", "email", "http", "importlib.metadata", "jsonschema", "logging",
    "multiprocessing", "numpy", "pkg_resources", "pydantic", "pydoc", "ssl", "subprocess",
    "unittest", "xml",
}  # fmt: skip


def loaded(code: str, *words: str) -> set[str]:
    """The modules that a fresh interpreter has loaded after `code`, but not before it."""
    program = (
        "import atexit, sys\n"
        "before = set(sys.modules)\n"
        "atexit.register(lambda: sys.stderr.write(' '.join(set(sys.modules) - before)))\n" + code
    )
    result = subprocess.run(
        [sys.executable, "-c", program, *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(PACKAGE.parent)},
        check=True,
    )
    return set(result.stderr.decode().split())


def after(*words: str) -> set[str]:
    return loaded("from cnncalc.commands.main import main\nmain(sys.argv[1:])", *words)


def others(modules: set[str]) -> set[str]:
    """The packages among them that come neither with Python nor with cnncalc."""
    tops = {name.partition(".")[0] for name in modules}
    found = tops - set(sys.stdlib_module_names) - {"cnncalc"}
    # PyYAML's C loader brings _yaml and cython's modules; rich before 15 looks for attrs.
    return {name for name in found - {"_yaml", "attr"} if "cython" not in name}


def test_import_is_free() -> None:
    modules = loaded("import cnncalc")
    assert {name for name in modules if name.startswith("cnncalc")} == {"cnncalc"}
    assert others(modules) == set()
    assert SLOW.isdisjoint(modules)


def test_the_library_needs_neither_click_nor_rich() -> None:
    modules = loaded("import cnncalc\ncnncalc.to_dict(cnncalc.load('lenet'))")
    assert others(modules) == {"yaml"}
    assert SLOW.isdisjoint(modules)


# The packages beside cnncalc that a command loads.
NEEDS = {
    "--version": {"click"},
    "--help": {"click"},
    "specs": {"click"},
    "layers": {"click"},
    "quantities": {"click"},
    "describe lenet": {"click", "yaml"},  # without colours there is nothing for rich to do
    "describe resnet50 --expand all --color always": {"click", "yaml", "rich"},
    "describe lenet --format json": {"click", "yaml"},
    "describe trace-two-filters --format json": {"click", "yaml"},
    "describe lenet --format csv": {"click", "yaml"},
    "describe lenet --format markdown": {"click", "yaml"},
    "describe lenet --format latex": {"click", "yaml"},
    "trace trace-two-filters --steps": {"click", "yaml"},
}


@pytest.mark.parametrize("words", NEEDS)
def test_a_command_loads_what_it_needs(words: str) -> None:
    modules = after(*words.split())
    assert others(modules) == NEEDS[words]
    of_rich = {"logging"} if "rich" in NEEDS[words] else set()  # before its release 15
    assert (SLOW - of_rich).isdisjoint(modules)
    # Messages are for specs that have something wrong with them.
    assert "cnncalc.render.diagnostics" not in modules


def test_a_command_loads_no_other_command() -> None:
    modules = after("describe", "lenet", "--format", "json")
    assert "cnncalc.commands.describe.command" in modules
    assert (
        not {"cnncalc.commands.lookup.vocabulary_command", "cnncalc.commands.lookup.specs_command"}
        & modules
    )
    assert not {"cnncalc.render.table", "cnncalc.render.csv"} & modules


LIST = {"cnncalc.commands.main", "cnncalc.commands.entries"}


def test_the_list_of_commands_loads_none_of_them() -> None:
    assert not [
        name
        for name in after("--help")
        if name.startswith("cnncalc.commands.") and name not in LIST
    ]


def test_check_loads_only_what_a_plain_spec_needs(tmp_path: Path) -> None:
    spec = tmp_path / "net.yaml"
    spec.write_text("input: 8x8x1\nlayers:\n  - conv: {filters: 2, kernel: 3}\n")
    modules = after("check", str(spec))
    assert others(modules) == {"click", "yaml"}
    assert SLOW.isdisjoint(modules)
    assert not {"fractions", "decimal", "heapq", "json", "cnncalc.commands.check.budgets"} & modules


# What the source says.


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path, *, at_start: bool = False) -> Iterator[str]:
    """The names of the modules that a file imports, anywhere or only when it is itself imported."""
    waiting: list[ast.AST] = [tree_of(path)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        inside_later = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for_types = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        if not (at_start and (inside_later or for_types)):
            waiting += ast.iter_child_nodes(node)


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_named_tuples_have_real_annotations(path: Path) -> None:
    """Postponed ones are texts, each of which NamedTuple compiles at every start."""
    tree = tree_of(path)
    bases = {
        ast.unparse(base)
        for node in tree.body
        if isinstance(node, ast.ClassDef)
        for base in node.bases
    }
    assert "NamedTuple" not in bases or "__future__" not in imports(path)


# Late for one reason wherever they stand.
LATE = {
    "fractions",  # few specs have numbers that are not whole
    "rich",  # only tables on terminals are drawn with it
}


def late_imports(path: Path) -> Iterator[ast.Import | ast.ImportFrom]:
    """The imports inside functions."""
    for function in ast.walk(tree_of(path)):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    yield node


def top_package(node: ast.Import | ast.ImportFrom) -> str:
    name = node.names[0].name if isinstance(node, ast.Import) else node.module or ""
    return name.partition(".")[0]


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_a_late_import_says_its_reason(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    silent = {
        f"line {node.lineno}: {lines[node.lineno - 1].strip()}"
        for node in late_imports(path)
        if "  # " not in lines[node.lineno - 1] and top_package(node) not in LATE
    }
    assert not silent


def importers(package: str) -> set[str]:
    return {
        name
        for name, path in zip(IDS, FILES, strict=True)
        if any(module.partition(".")[0] == package for module in imports(path))
    }


def test_only_the_language_knows_yaml_nodes() -> None:
    """Everybody else sees located values (language/located.py) and plain data."""
    found = {
        name
        for name, path in zip(IDS, FILES, strict=True)
        if "cnncalc.language.nodes" in imports(path)
    }
    assert {room(PACKAGE / name) for name in found} == {"language"}


def test_no_modules_import_one_another_in_a_circle() -> None:
    """Late imports and those for type checkers counted."""
    names = {
        ".".join(("cnncalc", *path.relative_to(PACKAGE).with_suffix("").parts)): path
        for path in FILES
        if path.name != "__init__.py"
    }
    edges = {name: imports(path) for name, path in names.items()}
    sorter = TopologicalSorter({name: {*known} & names.keys() for name, known in edges.items()})
    try:
        sorter.prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def test_only_one_file_knows_yaml() -> None:
    assert importers("yaml") == {"language/syntax.py"}


def test_only_one_file_knows_rich() -> None:
    assert importers("rich") == {"render/table.py"}


def test_only_the_command_line_and_the_colours_know_click() -> None:
    beside = re.compile(
        r"commands/(main|completion|options|output|short_help|\w+/(options|(\w+_)?command))\.py"
    )
    others = {name for name in importers("click") if not beside.fullmatch(name)}
    assert others == {"render/stream.py"}


def writing_calls(path: Path) -> set[str]:
    """The calls in a file that make or change a file."""
    found = set()
    for node in ast.walk(tree_of(path)):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        modes = [arg.value for arg in node.args[1:2] if isinstance(arg, ast.Constant)]
        if name == "open" and any(set("wax+") & set(str(mode)) for mode in modes):
            found.add(name)
        if name.endswith((".write_text", ".write_bytes", "os.replace", "os.rename", "os.chmod")):
            found.add(name)
    return found


def test_only_one_file_writes_files() -> None:
    assert {name for name, path in zip(IDS, FILES, strict=True) if writing_calls(path)} == {
        "files.py"
    }


# The optional extra, for files of numbers.
EXTRAS = {"commands/trace/file_formats.py": {"numpy", "PIL"}}


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0]


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_no_other_package_is_imported(path: Path) -> None:
    extra = EXTRAS.get(path.relative_to(PACKAGE).as_posix(), set())
    assert others(set(imports(path))) <= {"click", "rich", "yaml"} | extra


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_nothing_slow_is_imported_at_the_start(path: Path) -> None:
    assert SLOW.isdisjoint(imports(path, at_start=True))


# What each room may import beside itself and the modules that stand in no room.
ROOMS = {
    "layers": set[str](),
    "language": {"layers"},
    "network": {"layers", "language"},
    "checks": {"layers", "language", "network"},
    "render": {"network"},  # the names of its types
    "exchange": {"layers", "language", "network", "render"},
}


# Commands whose models another one takes: pictures show what trace works out and diff finds.
MODELS = {"draw": {"trace", "diff"}}


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_arrows_go_down(path: Path) -> None:
    """Of the rooms, and from a command to what all commands share but to no other command."""
    above = {*ROOMS, "commands"} - {room(path)} - ROOMS.get(room(path), set())
    if room(path) in ROOMS:
        found = {name.split(".")[1] for name in imports(path) if name.startswith("cnncalc.")}
        assert found.isdisjoint(above)
    if room(path) == "commands" and len(path.relative_to(PACKAGE).parts) > 2:
        others = {
            name.split(".")[2] for name in imports(path) if name.startswith("cnncalc.commands.")
        }
        shared = {file.stem for file in (PACKAGE / "commands").glob("*.py")} - {"main"}
        assert others <= {path.parent.name, "lookup", *shared, *MODELS.get(path.parent.name, ())}
