"""Which files a path stands for, and what becomes of everything else in a folder."""

import json
import os
import shutil
from pathlib import Path
from threading import Thread
from time import process_time

import pytest
from running import Command, git
from systems import needs_devices, needs_git, needs_links, needs_named_pipes, needs_names_of_bytes

from cnncalc.commands.check.discovery import (
    BY_KEYS,
    BY_NAME,
    EXCLUDED,
    IGNORED,
    NO_SPEC,
    PACKAGES,
    Excluded,
    Found,
    discover,
    discover_patterns,
    matches,
    show_path,
)
from cnncalc.language import bundled, recognition
from cnncalc.language.recognition import has_both_keys
from cnncalc.repository import repository_root

SPEC = "input: 8x8x1\nlayers:\n  - relu\n"


def tree(top: Path, *names: str, text: str = SPEC) -> None:
    for name in names:
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def find(*paths: str) -> Found:
    return discover(paths or (".",), os.getcwd())


def shown(found: Found) -> list[str]:
    return [target.shown for target in found.targets]


def refused(found: Found) -> dict[str, str]:
    return {what.shown: what.reason for what in found.unreadable}


# What is a spec.


def test_specs_by_name_and_by_text(here: Path) -> None:
    tree(here, "net.yaml", "sub/net.yml", "sub/UPPER.YAML", "net.txt", "net.json")
    tree(here, "named.cnn.yaml", "named.cnn.yml", text="what: ever\n")
    tree(here, "other.yaml", "sub/data.yml", text="what: ever\n")
    found = find()
    assert shown(found) == [
        "named.cnn.yaml", "named.cnn.yml", "net.yaml", "sub/UPPER.YAML", "sub/net.yml",
    ]  # fmt: skip
    assert found.count(NO_SPEC) == 2
    assert found.unreadable == found.remarks == []


@pytest.mark.parametrize(
    "text",
    [
        "input: 3\nlayers: []",
        "layers: []\ninput: 3",
        "name: x\r\ninput: 3\r\nlayers:",
        "name: x\rinput: 3\rlayers:",
        "name: x\u2028input: 3\u0085layers:",
        "\ufeffinput: 3\nlayers:",
        "'input': 3\n\"layers\" : []",
        "name: [unclosed\ninput: 3\nlayers:\n\t- x",
        "input: 3\nlayers\n  - conv",
        " input: 3\n layers: []",
        "    name: x\n    input: 3\n    layers: []",
        "    name: x\n  input: 3\nlayers: []",
        "\tinput: 3\n\tlayers: []",
        "? input\n: 3\n? layers\n: []",
        "? # a comment\n  input\n: 3\n?\n  'layers' # another\n: []",
        "{input: 3, layers: []}",
        "{input: 3, layers: [fc: {input: 3}]}",
        '{"input":"3","layers":[]}',
        "{name: it's, input: 3, layers: []}",
        '{note: "} ]", input: 3, # }\n\n layers: []}',
        "{\n  ? input\n  : 3,\n  ? layers : []\n}",
        '{name: "unclosed, \ninput: 3,\nlayers: []',
        "--- {input: 3, layers: []}",
        "---\ninput: 3\nlayers: []",
        "%YAML 1.2\n--- # a comment\n\n  input: 3\n  layers: []",
        "!!map {input: 3, layers: []}",
        "&all\ninput: 3\nlayers: []",
        "#" * 70_000 + "\ninput: 3\nlayers:",
        "# a comment\n" * 10_000 + "{input: 3, layers: []}",
        "input: 3\n" + "# a comment\n" * 10_000 + "layers: []",
        "a: 1\n---\ninput: 3\nlayers: []",
    ],
)
def test_a_text_that_shows_a_spec(text: str, here: Path) -> None:
    (here / "net.yaml").write_bytes(text.encode("utf-8"))
    assert shown(find()) == ["net.yaml"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "layers: []",
        "input: 3",
        "input:\n  kafka: {}\noutput: {}",
        "layers:\n- base\n- dev\ninputs: 3",
        "- input: 3\n  layers: []",
        "-\n  input: 3\n  layers: []",
        "a:\n  input: 3\n  layers: []",
        "a: {input: 3, layers: []}",
        "input: {layers: []}",
        "input: |\n  layers: []",
        "{a: {input: 3, layers: []}}",
        "{input: {layers: []}}",
        "[{input: 3, layers: []}]",
        "{a: 'input: 3', b: \"layers: 4\", # input: 3, layers: 4\n c: 5}",
        "# input: 3\n# layers: []",
        "inputs: 3\nlayers_: []",
        "my_input: 3\nmy_layers: []",
        "input layers",
    ],
)
def test_a_text_that_shows_none(text: str, here: Path) -> None:
    tree(here, "net.yaml", text=text)
    assert find() == Found([], [], {"net.yaml": NO_SPEC}, [])


def test_every_spec_shows_itself() -> None:
    """Those of the tests too, of which many do not parse."""
    cases = Path(__file__).parent / "cases"
    specs = [*Path(bundled.folder()).rglob("*.yaml"), *cases.rglob("*.yaml")]
    texts = {path.name: path.read_bytes() for path in specs}
    whole = {name: text for name, text in texts.items() if b"input" in text and b"layers" in text}
    assert len(whole) > 500
    assert {name for name, text in whole.items() if not has_both_keys(text)} == {
        # Where a key is missing, the word stands somewhere else.
        "argument-input-shape.yaml", "item-input.yaml", "top-key-misspelt-input.yaml",
        "yaml-braces-before-a-key.yaml",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        b"#\n", b"\n", b" ", b"? \n", b"?", b"input:\n", b"---\n", b"!x ", b"\r", b"- ",
        b"{input", b"{ input: ", b"{[", b"{][", b"{ \"", b"{ '", b"{ \"\\\"", b"{#", b"{a ",
    ],
)  # fmt: skip
def test_the_work_grows_with_the_size_and_no_faster(text: bytes) -> None:
    def work(size: int) -> float:
        data = text[:1] + text[1:] * size if text[:1] == b"{" and text[1:] else text * size
        start = process_time()
        has_both_keys(b"# input layers\n" + data)
        return process_time() - start

    assert work(200_000) < 1  # some hundred times more, were it quadratic


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_spec_in_another_encoding_is_found_to_be_refused(encoding: str, here: Path) -> None:
    (here / "net.yaml").write_text(SPEC, encoding=encoding)
    assert shown(find()) == ["net.yaml"]


def test_as_much_is_read_as_a_spec_may_have(here: Path) -> None:
    with open(here / "large.yaml", "wb") as file:
        file.truncate(2**40)  # a terabyte, of which the disk holds nothing
    assert find() == Found([], [], {"large.yaml": NO_SPEC}, [])
    tree(here, "large.yaml", text="#" * 100_000 + f"\n{SPEC}")
    assert shown(discover(["."], str(here), max_size=100_100)) == ["large.yaml"]
    assert discover(["."], str(here), max_size=99_999) == Found([], [], {"large.yaml": NO_SPEC}, [])


def test_skipped_folders(here: Path) -> None:
    tree(here, ".git/net.yaml", ".hidden/net.yaml", "node_modules/a/net.yaml", ".venv/net.yaml")
    tree(here, "lib/site-packages/net.yaml", "kept/net.yaml")
    found = find()
    assert shown(found) == ["kept/net.yaml"]
    assert found.left_out == dict.fromkeys(("lib/site-packages", "node_modules"), PACKAGES)
    assert shown(find("node_modules", ".hidden")) == [".hidden/net.yaml", "node_modules/a/net.yaml"]


def test_no_file_has_its_folder_skipped(here: Path) -> None:
    tree(here, "env/pyvenv.cfg", "env/net.yaml", "env/lib/python3.11/site-packages/net.yaml")
    found = find()
    assert shown(found) == ["env/net.yaml"]
    assert found.left_out == {"env/lib/python3.11/site-packages": PACKAGES}


def test_ten_thousand_files(here: Path) -> None:
    for number in range(100):
        (here / f"{number:02}").mkdir()
        for other in range(100):
            (here / f"{number:02}" / f"{other:02}.yaml").touch()
    tree(here, "50/50.yaml")
    found = find()
    assert (shown(found), found.count(NO_SPEC)) == (["50/50.yaml"], 9_999)


def test_a_folder_deeper_than_any_stack(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(1_200):
        os.mkdir("d")
        os.chdir("d")
    Path("net.yaml").write_text(SPEC)
    monkeypatch.chdir(here)
    deepest = "d/" * 1_200
    assert shown(find()) == [f"{deepest}net.yaml"]
    os.unlink(f"{deepest}net.yaml")
    os.removedirs(deepest)  # before pytest tries to, by recursion


# What is named.


def test_a_named_file_is_checked_whatever_it_is_called(here: Path) -> None:
    tree(here, "net.txt", "net", "data.yaml", "-odd", text="what: ever\n")
    assert shown(find("net.txt", "net", "data.yaml", "./-odd")) == [
        "-odd", "data.yaml", "net", "net.txt",
    ]  # fmt: skip


def test_a_file_that_is_reached_twice(here: Path) -> None:
    tree(here, "a/net.yaml")
    assert shown(find("a/net.yaml", "a", ".", "./a/../a/net.yaml", f"{here}/a")) == ["a/net.yaml"]


def test_a_named_file_was_not_passed_over(here: Path) -> None:
    tree(here, "data.yaml", text="what: ever\n")
    assert find(".", "data.yaml").count(NO_SPEC) == 0


def test_what_is_not_there(here: Path) -> None:
    tree(here, "net.yaml")
    found = find("nett.yaml", "gone/net.yaml", "nothing", "lenett", "net.yaml")
    assert shown(found) == ["net.yaml"]
    assert [(what.shown, what.reason, what.help) for what in found.unreadable] == [
        ("gone/net.yaml", "no such file or folder", ""),
        ("lenett", "no file and no bundled network has this name", "did you mean lenet?"),
        ("nett.yaml", "no such file or folder", "did you mean net.yaml?"),
        ("nothing", "no file and no bundled network has this name", ""),
    ]


def test_bundled_names(here: Path) -> None:
    lenet, resnet = discover(["resnet101", "lenet"], bundled.folder()).targets
    assert (lenet.shown, lenet.variant) == ("lenet.yaml", None)
    assert (resnet.shown, resnet.variant) == ("resnet.yaml", "resnet101")


def test_a_file_goes_before_a_bundled_name(here: Path) -> None:
    tree(here, "lenet")
    assert shown(find("lenet")) == ["lenet"]


def test_a_path_that_the_system_refuses(here: Path) -> None:
    null, long = refused(find("a" * 5_000 + ".yaml", "a\0b.yaml")).values()
    assert "embedded null" in null  # followed by other words in other releases of Python
    assert long == "file name too long"


@needs_named_pipes
def test_a_named_pipe_is_read_once(here: Path) -> None:
    os.mkfifo(here / "pipe")
    writer = Thread(target=(here / "pipe").write_text, args=(SPEC,))
    writer.start()
    (target,) = find("pipe").targets
    writer.join()
    assert (target.shown, target.data) == ("pipe", SPEC.encode())


@needs_devices
def test_an_endless_device_is_read_up_to_the_limit() -> None:
    (target,) = discover(["/dev/zero"], os.getcwd(), max_size=100).targets
    assert target.data == bytes(101)


# Links and other things in a folder.


@needs_links
def test_links(here: Path) -> None:
    outside = here / "outside"
    tree(outside, "net.yaml", "data.yaml")
    tree(outside, "data.yaml", text="what: ever\n")
    inside = here / "inside"
    tree(inside, "sub/net.yaml")
    (inside / "near.yaml").symlink_to("sub/net.yaml")
    (inside / "far.yaml").symlink_to(outside / "net.yaml")
    (inside / "data.yaml").symlink_to(outside / "data.yaml")
    (inside / "gone.yaml").symlink_to("nowhere")
    (inside / "gone.cnn.yaml").symlink_to("nowhere")
    (inside / "round.yaml").symlink_to("round.yaml")
    (inside / "folder").symlink_to(outside)
    (inside / "again").symlink_to(inside)
    (inside / "folder.yaml").symlink_to(outside)
    found = discover([str(inside)], str(inside))
    assert shown(found) == ["near.yaml", "sub/net.yaml"]
    assert refused(found) == {
        "far.yaml": "a link that leaves the folder",
        "gone.cnn.yaml": "no such file or directory",
    }
    follow = "links to folders are not followed; name it to check it"
    assert found.remarks == [
        f"skipped again: {follow}",
        f"skipped folder: {follow}",
        f"skipped folder.yaml: {follow}",
        "skipped gone.yaml: a link that leads nowhere",
        "skipped round.yaml: a link that leads nowhere",
    ]
    assert found.count(NO_SPEC) == 1
    assert shown(discover([str(inside)], str(here))) == [
        "inside/far.yaml", "inside/near.yaml", "inside/sub/net.yaml",
    ]  # fmt: skip


@needs_links
def test_named_links_are_followed(here: Path) -> None:
    tree(here, "outside/net.yaml")
    (here / "inside").mkdir()
    (here / "inside" / "net.yaml").symlink_to(here / "outside" / "net.yaml")
    (here / "inside" / "folder").symlink_to(here / "outside")
    (here / "inside" / "gone.yaml").symlink_to("nowhere")
    os.chdir("inside")
    found = find("net.yaml", "folder", "gone.yaml")
    assert shown(found) == ["folder/net.yaml", "net.yaml"]
    assert refused(found) == {"gone.yaml": "a link that leads nowhere"}


@needs_named_pipes
def test_pipes_and_sockets(here: Path) -> None:
    os.mkfifo(here / "pipe.yaml")
    os.mkfifo(here / "pipe.cnn.yaml")
    os.mkfifo(here / "pipe")
    found = find()
    assert found.targets == found.unreadable == []
    assert found.remarks == [
        "skipped pipe.cnn.yaml: not a regular file; name it to read it",
        "skipped pipe.yaml: not a regular file; name it to read it",
    ]


def test_what_may_not_be_read(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not as with chmod, which means nothing to a superuser."""
    tree(here, "open/net.yaml", "shut/net.yaml", "open/secret.yaml")
    scandir, looks = os.scandir, recognition.looks_like_spec

    def refuse(path: str) -> None:
        if "shut" in path or "secret" in path:
            raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", lambda path: refuse(path) or scandir(path))
    monkeypatch.setattr(
        recognition, "looks_like_spec", lambda path, limit: refuse(path) or looks(path, limit)
    )
    found = find()
    assert shown(found) == ["open/net.yaml"]
    assert refused(found) == {"open/secret.yaml": "permission denied", "shut": "permission denied"}


@needs_names_of_bytes
def test_names_that_are_no_text(here: Path) -> None:
    (here / os.fsdecode(b"\xff.yaml")).write_text(SPEC)
    (target,) = find().targets
    assert target.shown == "\\udcff.yaml"
    assert Path(target.path).read_text() == SPEC


# Patterns.


def test_patterns_of_a_project(here: Path) -> None:
    tree(here, "a/net.yaml", "a/sub/net.yaml", "b/x.cnn.yaml", "b/y.yaml", "c/net.yaml")
    found = discover_patterns(["a", "b/*.cnn.yaml", "c/n?t.yaml"], str(here), str(here))
    assert shown(found) == ["a/net.yaml", "a/sub/net.yaml", "b/x.cnn.yaml", "c/net.yaml"]


def test_patterns_that_match_nothing(here: Path) -> None:
    tree(here, "a/net.yaml")
    found = discover_patterns(["a/*.cnn.yaml", "b/*.yaml", "c", "a"], str(here), str(here))
    assert shown(found) == ["a/net.yaml"]
    assert refused(found) == {
        "a/*.cnn.yaml": "no spec matches this pattern",
        "b": "no such folder, for the pattern b/*.yaml",
        "c": "no such file or folder",
    }


def test_a_file_that_looks_like_a_pattern(here: Path) -> None:
    tree(here, "net[1].yaml", "net1.yaml")
    assert shown(discover_patterns(["net[1].yaml"], str(here), str(here))) == ["net[1].yaml"]


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("specs/net.yaml", "specs/net.yaml", True),
        ("specs", "specs/a/net.yaml", True),
        ("specs/", "specs/net.yaml", True),
        ("specs/*", "specs/a/net.yaml", True),
        ("mobile*.yaml", "specs/mobile_v2.yaml", True),
        ("*/mobile/*", "specs/mobile/net.yaml", True),
        ("specs", "old/specs/net.yaml", False),
        ("spec", "specs/net.yaml", False),
        ("specs/mobile*", "specs/net.yaml", False),
        ("net.yaml", "specs/other-net.yaml", False),
        ("NET.yaml", "net.yaml", False),
    ],
)
def test_patterns(pattern: str, path: str, expected: bool) -> None:
    assert matches(path, pattern) is expected


# Reported paths.


def test_reported_paths(here: Path) -> None:
    root = str(here)
    assert show_path("net.yaml", root) == "net.yaml"
    assert show_path("./a//b/../net.yaml", root) == "a/net.yaml"
    assert show_path(f"{root}/net.yaml", root) == "net.yaml"
    assert show_path(f"{root}beside/net.yaml", root) == f"{root}beside/net.yaml"
    assert show_path("../net.yaml", root) == f"{here.parent}/net.yaml"
    assert show_path(root, root) == "."
    assert show_path("/net.yaml", "/") == "net.yaml"


@needs_links
def test_repository_root(here: Path) -> None:
    (here / "a" / "b").mkdir(parents=True)
    assert repository_root(str(here / "a")) is None
    (here / ".git").mkdir()
    assert repository_root(str(here / "a" / "b")) == str(here)
    (here / "a" / ".git").symlink_to("nowhere")
    assert repository_root(str(here / "a" / "b")) == str(here / "a")


# What is left out.


OTHERS = {
    "benthos.yaml": "input:\n  kafka: {topics: [a]}\noutput:\n  stdout: {}\n",
    "compose.yaml": "services:\n  web:\n    image: x\n    layers: []\n    input: y\n",
    "kas.yml": "header: {version: 14}\nrepos:\n  a:\n    layers:\n      meta: null\n",
    "mapproxy.yaml": "layers:\n  - name: osm\n    sources: [c]\nsources:\n  c: {type: wms}\n",
    "values.yaml": "{{- if .Values.input }}\nlayers: {{ .Values.layers }}\n{{- end }}\n",
    "workflow.yml": "on:\n  workflow_dispatch:\n    inputs: {layers: {type: string}}\njobs: {}\n",
}


def test_yaml_of_other_programs(here: Path) -> None:
    for name, text in OTHERS.items():
        tree(here, name, text=text)
    assert find() == Found([], [], dict.fromkeys(sorted(OTHERS), NO_SPEC), [])


def test_why_a_file_is_checked(here: Path) -> None:
    tree(here, "a.cnn.yaml", "b.yaml", "c.yaml")
    assert [(t.shown, t.why) for t in find("c.yaml", ".").targets] == [
        ("a.cnn.yaml", BY_NAME), ("b.yaml", BY_KEYS), ("c.yaml", "named"),
    ]  # fmt: skip
    assert find(".", "c.yaml") == find("c.yaml", ".")


def excluding(folder: Path, *patterns: str, paths: tuple[str, ...] = (".",)) -> Found:
    return discover(paths, os.getcwd(), excluded=[Excluded(patterns, str(folder))])


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("drafts", ["drafts.yaml", "net.yaml", "sub/old.cnn.yaml"]),
        ("drafts/", ["drafts.yaml", "net.yaml", "sub/old.cnn.yaml"]),
        ("./drafts", ["drafts.yaml", "net.yaml", "sub/old.cnn.yaml"]),
        ("old*", ["drafts.yaml", "drafts/net.yaml", "net.yaml"]),
        ("*/*.yaml", ["drafts.yaml", "net.yaml"]),
        ("nothing", ["drafts.yaml", "drafts/net.yaml", "net.yaml", "sub/old.cnn.yaml"]),
    ],
)
def test_excluded(here: Path, pattern: str, left: list[str]) -> None:
    names = ["drafts.yaml", "drafts/net.yaml", "net.yaml", "sub/old.cnn.yaml"]
    tree(here, *names)
    found = excluding(here, pattern)
    assert shown(found) == left
    assert found.left_out == {name: EXCLUDED for name in names if name not in left}


def test_what_is_named_is_not_excluded(here: Path) -> None:
    tree(here, "drafts/net.yaml")
    assert shown(excluding(here, "drafts", paths=("drafts/net.yaml",))) == ["drafts/net.yaml"]


@pytest.fixture
def repository(here: Path) -> Path:
    """One file that git tracks and ignores, and two that it only ignores."""
    git(here, "init", "-q")
    tree(here, "build/tracked.yaml", "net.yaml")
    git(here, "add", "build", "net.yaml")
    tree(here, "build/made.yaml", ":*odd: [name].cnn.yaml", "new.yaml")
    (here / ".gitignore").write_text("build/\n*odd*\n")
    return here


@needs_git
def test_ignored_by_git(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = find()
    assert shown(found) == ["build/tracked.yaml", "net.yaml", "new.yaml"]
    assert found.left_out == dict.fromkeys([":*odd: [name].cnn.yaml", "build/made.yaml"], IGNORED)
    assert shown(find("build/made.yaml")) == ["build/made.yaml"]
    assert shown(discover_patterns(["build/*"], str(repository), str(repository))) == [
        "build/tracked.yaml"
    ]
    monkeypatch.chdir(repository / "build")
    assert shown(discover(["."], str(repository))) == ["build/tracked.yaml"]


@needs_git
def test_ignored_in_a_submodule(repository: Path) -> None:
    """Each repository has its own say."""
    inner = repository / "inner"
    tree(inner, "net.yaml", "build/made.yaml", "made.yaml")
    git(inner, "init", "-q")
    (inner / ".gitignore").write_text("made.yaml\n")
    assert find("inner").left_out == dict.fromkeys(
        ["inner/build/made.yaml", "inner/made.yaml"], IGNORED
    )


@needs_git
@pytest.mark.parametrize("trouble", ["no git", "a damaged repository", "no repository"])
def test_nothing_is_left_out_without_a_usable_git(
    repository: Path, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    if trouble == "no git":
        monkeypatch.setenv("PATH", "")
    elif trouble == "a damaged repository":
        (repository / ".git/HEAD").unlink()
    else:
        shutil.rmtree(repository / ".git")
    assert len(find().targets) == 5
    assert find().left_out == {}


@needs_git
def test_git_runs_nothing_for_a_repository(repository: Path) -> None:
    git(repository, "config", "core.fsmonitor", f"touch '{repository}/ran'")
    assert find().count(IGNORED) == 2
    assert not (repository / "ran").exists()


# On the command line.


@needs_git
def test_show_files(repository: Path, run: Command) -> None:
    tree(repository, "data.yaml", text="what: ever\n")
    tree(repository, "node_modules/net.yaml")
    result = run("check", "--show-files", "--exclude", "new*")
    assert (result.code, result.err) == (0, "")
    assert result.out.splitlines() == [
        ":*odd: [name].cnn.yaml: left out: ignored by git",
        "build/made.yaml: left out: ignored by git",
        "build/tracked.yaml: checked: has input and layers at its top",
        "data.yaml: left out: has not both input and layers at its top",
        "net.yaml: checked: has input and layers at its top",
        "new.yaml: left out: excluded",
        "node_modules: left out: a folder of installed packages",
    ]
    assert run("check", "--exclude", "new*", "--ignore", "CNN3").out == (
        "2 files, 2 layers: no problems; 1 other YAML file passed over; 1 excluded; "
        "2 ignored by git; 1 folder of packages skipped\n"
    )
    assert run("check", "--show-files", "gone.yaml").code == 2


def test_exclude_of_a_project(here: Path, run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(here, "specs/net.yaml", "specs/drafts/net.yaml")
    (here / "pyproject.toml").write_text('[tool.cnncalc]\nexclude = ["specs/drafts"]\n')
    assert run("check", "--ignore", "CNN3").out == "1 file, 1 layer: no problems; 1 excluded\n"
    monkeypatch.chdir(here / "specs")
    assert run("check", "--ignore", "CNN3").out == "1 file, 1 layer: no problems; 1 excluded\n"
    assert run("check", "--isolated", "--ignore", "CNN3").out == "2 files, 2 layers: no problems\n"
    result = run("check", "drafts")
    assert result.code == 2
    assert "no specs in drafts (1 excluded)" in result.err


def test_no_added_settings_exclude(here: Path, run: Command) -> None:
    """A pyproject.toml further down has no say in what is looked for."""
    tree(here, "specs/net.yaml", text=SPEC.replace("relu", "covn"))
    (here / "specs/pyproject.toml").write_text('[tool.cnncalc]\nexclude = ["*"]\n')
    assert run("check").code == 1


def test_exit_zero(here: Path, run: Command) -> None:
    tree(here, "net.yaml", text=SPEC.replace("relu", "covn"))
    assert run("check").code == 1
    result = run("check", "--exit-zero", "--json")
    assert (result.code, json.loads(result.out)["summary"]["exit_code"]) == (0, 0)
    assert run("check", "--exit-zero", "gone.yaml").code == 2


def test_paths_are_those_of_the_repository_wherever_check_runs(
    here: Path, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree(here, "repo/specs/net.yaml", "repo/specs/sub/net.yaml")
    (here / "repo/.git").mkdir()
    (here / "elsewhere").mkdir()
    for folder, path in (("repo/specs", "."), ("repo", "specs"), ("elsewhere", "../repo/specs")):
        monkeypatch.chdir(here / folder)
        files = json.loads(run("check", "--json", path).out)["files"]
        assert [file["path"] for file in files] == ["specs/net.yaml", "specs/sub/net.yaml"]
