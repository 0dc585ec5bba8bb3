"""`network:`: the layers of another spec stand here, as a backbone."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from running import Command, git
from test_identities import same_layers

import cnncalc
from cnncalc.language.library import MAX_CHAIN, MAX_FILES

BACKBONE = """\
name: small
input: 32x32x3
vars: {w: 8, k: 3}
rounding: ceil
defaults: {conv: {padding: 1}}
blocks:
  Stage:
    args: {f}
    layers: [{conv: {filters: $f, kernel: $k}, name: c}, {max_pool: 2, name: p}]
layers:
  - {Stage: $w, name: s1}
  - {conv: {filters: 2*$in, kernel: $k}, name: c2, expect: {output: 1x1x1}}
  - {max_pool: 2}
  - {fc: 10, name: head}
outputs: [head]
expect: {parameters: 1}
variants:
  wide: {vars: {w: 16}}
"""
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """`write("net.yaml", item, ...)`: a spec of these items beside backbone.yaml."""

    def write(name: str, *items: str, top: str = "input: 30x30x1\n") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(top + "layers:\n" + "".join(f"  - {item}\n" for item in items))
        return path

    (tmp_path / "backbone.yaml").write_text(BACKBONE)
    return write


def errors(path: Path) -> list[tuple[str, int, str]]:
    """The file, line and text of each error."""
    with pytest.raises(cnncalc.SpecError) as failed:
        cnncalc.load(path)
    return [
        (Path(problem.span.source.name).name, problem.line, problem.message)
        for problem in failed.value.problems
        if problem.severity == "error"
    ]


def only_error(path: Path) -> str:
    found = errors(path)
    assert len(found) == 1, found
    assert found[0][0] == path.name
    return found[0][2]


# "the items of another spec in a scope of their own, up to and including the item called `to` at
# its top level".


def test_all_items_of_another_spec_stand_here(write: Write) -> None:
    here = cnncalc.load(
        write("net.yaml", "{network: ./backbone.yaml, name: b}", top="input: 32x32x3\n")
    )
    there = cnncalc.loads(BACKBONE)
    same_layers(here, there)
    assert [layer.path for layer in here] == [f"b.{layer.path}" for layer in there]


@pytest.mark.parametrize(
    ("to", "last"), [("s1", "b.s1.p"), ("c2", "b.c2"), ("max_pool1", "b.max_pool1")]
)
def test_up_to_and_including_an_item_at_its_top(to: str, last: str, write: Write) -> None:
    network = cnncalc.load(
        write("net.yaml", f"{{network: {{spec: ./backbone.yaml, to: {to}}}, name: b}}")
    )
    assert network.layers[-1].path == last


@pytest.mark.parametrize("to", ["c3", "s1.c", "prev", "input"])
def test_to_names_an_item_at_its_top(to: str, write: Write) -> None:
    path = write("net.yaml", f"{{network: {{spec: ./backbone.yaml, to: {to}}}}}")
    assert only_error(path) == f"./backbone.yaml has no item {to} at its top"


def test_a_scope_of_its_own(write: Write) -> None:
    """Its items see neither the names nor the vars around it, and its blocks are not seen here."""
    items = ("{relu: null, name: c2}", "{network: {spec: ./backbone.yaml, to: c2}, name: b}")
    top = "input: 30x30x1\nvars: {w: 4}\n"
    network = cnncalc.load(write("net.yaml", *items, "{conv: {filters: $w, kernel: 1}}", top=top))
    assert network["b.s1"].output == cnncalc.Volume((15, 15), 8)
    assert network["conv1"].output == cnncalc.Volume((15, 15), 4)
    assert "neither" in only_error(write("net.yaml", items[1], "{Stage: 4}"))


# "A word is always a bundled name."


def test_a_word_is_a_bundled_name_whatever_files_there_are(write: Write) -> None:
    write("lenet", "relu")
    network = cnncalc.load(write("net.yaml", "{network: lenet, name: b}", top="input: 32x32x1\n"))
    assert network.parameters == cnncalc.load("lenet").parameters
    assert (
        cnncalc.loads("input: 32x32x1\nlayers: [network: lenet]\n").parameters == network.parameters
    )


def test_a_variant_of_a_bundled_family(write: Write) -> None:
    text = "input: 64x64x3\nlayers: [network: resnet101]\n"
    assert cnncalc.loads(text).parameters == cnncalc.load("resnet101").parameters


@pytest.mark.parametrize("name", ["lenett", "backbone", "/etc/passwd", "../lenet", "a/b", "*", "-"])
def test_no_bundled_network(name: str) -> None:
    with pytest.raises(cnncalc.SpecError, match="no bundled network is called"):
        cnncalc.loads(f"input: 32x32x1\nlayers: [network: '{name}']\n")


# "A path ... is relative to this file".


def test_a_path_is_relative_to_the_file_it_stands_in(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("parts/inner.yaml", "{conv: 2@1x1, name: c}")
    write("parts/outer.yaml", "{network: ./inner.yaml}")
    assert len(cnncalc.load(write("net.yaml", "{network: parts/outer.yaml}"))) == 1
    monkeypatch.chdir(tmp_path / "parts")
    assert len(cnncalc.load("../net.yaml")) == 1
    (tmp_path / ".git").mkdir()
    assert len(cnncalc.load(write("parts/net.yaml", "{network: ../parts/inner.yaml}"))) == 1


# "and, links resolved, a regular file below the nearest folder that holds .git (else below this
# file's folder), no part of it beginning with a dot".


SPEC = "input: 30x30x1\nlayers: [relu]\n"


def refused(write: Write, path: str) -> str:
    return only_error(write("repo/net.yaml", f"{{network: {path}}}"))


@pytest.mark.parametrize("git", [False, True])
def test_it_does_not_leave_the_repository_or_folder(
    git: bool, write: Write, tmp_path: Path
) -> None:
    (tmp_path / "out.yaml").write_text(SPEC)
    (tmp_path / "repo").mkdir()
    if git:
        (tmp_path / "repo" / ".git").mkdir()
    (tmp_path / "repo" / "link.yaml").symlink_to(tmp_path / "out.yaml")
    (tmp_path / "repo" / "folder").symlink_to(tmp_path)
    outs = [
        "../out.yaml",
        str(tmp_path / "out.yaml"),
        "link.yaml",
        "folder/out.yaml",
        "x/../../out.yaml",
    ]
    for out in outs:
        assert "it leads out of its repository or folder" in refused(write, out), out


def test_a_link_that_stays_inside_is_followed(write: Write, tmp_path: Path) -> None:
    write("repo/parts/b.yaml", "relu")
    (tmp_path / "repo" / "link.yaml").symlink_to(tmp_path / "repo" / "parts" / "b.yaml")
    assert len(cnncalc.load(write("repo/net.yaml", "{network: link.yaml}"))) == 1


@pytest.mark.parametrize("path", [".hidden.yaml", ".git/config.yaml", "a/.b/c.yaml"])
def test_no_part_of_it_begins_with_a_dot(path: str, write: Write, tmp_path: Path) -> None:
    place = tmp_path / "repo" / path
    place.parent.mkdir(parents=True)
    place.write_text(SPEC)
    assert "a part of its path begins with a dot" in refused(write, path)
    (tmp_path / "repo" / "link.yaml").symlink_to(place)
    assert "a part of its path begins with a dot" in refused(write, "link.yaml")


def test_a_link_to_another_suffix(write: Write, tmp_path: Path) -> None:
    (tmp_path / "repo").mkdir()
    (tmp_path / "repo" / "secret.txt").write_text(SPEC)
    (tmp_path / "repo" / "link.yaml").symlink_to("secret.txt")
    assert "its name does not end in .yaml or .yml" in refused(write, "link.yaml")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names on this system")
def test_a_pipe_a_folder_and_a_device_are_not_read(write: Write, tmp_path: Path) -> None:
    (tmp_path / "repo").mkdir()
    os.mkfifo(tmp_path / "repo" / "pipe.yaml")
    (tmp_path / "repo" / "folder.yaml").mkdir()
    (tmp_path / "repo" / "loop.yaml").symlink_to("loop.yaml")
    (tmp_path / "repo" / "zero.yaml").symlink_to("/dev/zero")
    (tmp_path / "repo" / "self.yaml").symlink_to("/proc/self/environ")
    assert "it is not a regular file" in refused(write, "pipe.yaml")
    assert "it is not a regular file" in refused(write, "folder.yaml")
    assert "cannot read loop.yaml" in refused(write, "loop.yaml")
    for out in ("zero.yaml", "self.yaml", "/proc/self/environ.yaml"):
        assert "it leads out of its repository or folder" in refused(write, out)


def test_a_path_with_a_zero_byte(write: Write) -> None:
    assert "cannot read" in refused(write, '"a\\0.yaml"')


# "a file without `input` and `layers` at its top is refused without an excerpt".


@pytest.mark.parametrize(
    "text", ["password: hunter2\n", "- hunter2\n", "hunter2: [", "layers: hunter2\n", ""]
)
def test_what_is_no_spec_is_refused_without_an_excerpt(
    text: str, write: Write, tmp_path: Path, run: Command
) -> None:
    (tmp_path / "secret.yaml").write_text(text)
    path = write("net.yaml", "{network: ./secret.yaml}")
    assert "is no spec: it has no input: and layers: at its top" in only_error(path)
    for words in (("check", path), ("describe", path), ("check", path, "--format", "json")):
        found = run(*words)
        assert found.code == 1
        assert "hunter2" not in found.out + found.err


def test_bytes_that_are_no_text(write: Write, tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_bytes(b"input: 1\nlayers: \xff\n")
    assert "is no spec" in only_error(write("net.yaml", "{network: ./b.yaml}"))


# "`diff REV:` reads it from REV".


def test_diff_of_a_revision_reads_it_from_there(
    write: Write, tmp_path: Path, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("nets/parts/b.yaml", "{conv: 2@1x1}")
    write("nets/net.yaml", "{network: ./parts/b.yaml}")
    (tmp_path / "out.yaml").write_text(SPEC)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    write("nets/parts/b.yaml", "{conv: 3@1x1}")
    monkeypatch.chdir(tmp_path)
    assert "filters 2 → 3" in run("diff", "HEAD:nets/net.yaml", "nets/net.yaml").out
    monkeypatch.chdir(tmp_path / "nets")
    assert "filters 2 → 3" in run("diff", "HEAD:net.yaml", "net.yaml").out
    write("nets/net.yaml", "{network: ../../out.yaml}")
    git(tmp_path, "commit", "-qam", "second")
    assert "it leads out of the repository" in run("diff", "HEAD:net.yaml", "lenet").err


# "from stdin, `loads()` and the page only bundled names can be used (`loads(base=)` opens paths)".


def test_a_text_opens_no_file(write: Write, here: Path) -> None:
    text = "input: 30x30x1\nlayers: [network: ./backbone.yaml]\n"
    with pytest.raises(cnncalc.SpecError, match="cannot be opened from here: this spec is no file"):
        cnncalc.loads(text)
    assert cnncalc.loads(text, base=here).output == cnncalc.Volume((), 10)
    assert cnncalc.build(cnncalc.read_text(text, base=here)).network.output.channels == 10


def test_standard_input_opens_no_file(
    write: Write, tmp_path: Path, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("net.yaml", "{network: ./backbone.yaml}")
    monkeypatch.chdir(tmp_path)
    with path.open() as file:
        monkeypatch.setattr("sys.stdin", file)
        found = run("check", "-")
    assert found.code == 1
    assert "this spec is no file" in found.out


# "At most 16 files, a chain of 8, cycles shown; limits of size, items and nesting are shared."


def test_sixteen_files_and_no_more(write: Write) -> None:
    for number in range(MAX_FILES + 1):
        write(f"b{number}.yaml", "relu")
    items = [f"{{network: ./b{number}.yaml}}" for number in range(MAX_FILES)]
    assert len(cnncalc.load(write("net.yaml", *items, *items))) == 2 * MAX_FILES
    path = write("net.yaml", *items, f"{{network: ./b{MAX_FILES}.yaml}}")
    assert only_error(path) == "more than 16 specs are taken in"


def test_other_defaults_are_another_reading(write: Write) -> None:
    item = "{network: {spec: ./backbone.yaml, to: s1, rounding: floor}, from: input}"
    assert only_error(write("net.yaml", *[item] * (MAX_FILES + 1))).startswith("more than 16")


def test_a_chain_of_eight_and_no_more(write: Write) -> None:
    write("b0.yaml", "relu")
    for number in range(1, MAX_CHAIN + 1):
        write(f"b{number}.yaml", f"{{network: ./b{number - 1}.yaml}}")
    assert len(cnncalc.load(write("net.yaml", f"{{network: ./b{MAX_CHAIN - 1}.yaml}}"))) == 1
    found = errors(write("net.yaml", f"{{network: ./b{MAX_CHAIN}.yaml}}"))
    assert [message for *_, message in found] == ["a chain of more than 8 specs"]


def test_a_cycle_is_shown(write: Write) -> None:
    write("b.yaml", "{network: ./c.yaml}")
    write("c.yaml", "{network: ./b.yaml}")
    found = errors(write("net.yaml", "{network: ./b.yaml}"))
    assert found == [("c.yaml", 3, "a spec that takes itself in: b.yaml → c.yaml → b.yaml")]
    alone = errors(write("alone.yaml", "{network: ./alone.yaml}"))
    assert [message for *_, message in alone] == [
        "a spec that takes itself in: alone.yaml → alone.yaml"
    ]


def test_sizes_are_shared(write: Write, tmp_path: Path, run: Command) -> None:
    path = write("net.yaml", "{network: ./backbone.yaml}")
    size = path.stat().st_size + (tmp_path / "backbone.yaml").stat().st_size
    assert run("describe", path, "--limit", f"size={size}").code == 0
    found = run("describe", path, "--limit", f"size={size - 1}")
    assert "the specs are larger than" in found.err
    found = run("describe", path, "--limit", f"size={path.stat().st_size + 1}")
    assert "is larger than" in found.err


def test_items_are_shared(write: Write, run: Command) -> None:
    path = write(
        "net.yaml", "{network: ./backbone.yaml, repeat: 2}", "relu", top="input: 32x32x3\n"
    )
    write("small.yaml", "{repeat: 10, relu: null}")
    path = write("net.yaml", "{network: ./small.yaml, repeat: 10}")
    assert run("describe", path, "--limit", "layers=200").code == 0
    assert "expands to more than 100 items" in run("describe", path, "--limit", "layers=100").err


def test_nesting_is_shared(write: Write) -> None:
    deep = "{layers: [" * 20 + "relu" + "]}" * 20
    write("b0.yaml", deep)
    for number in range(1, 6):
        write(f"b{number}.yaml", deep.replace("relu", f"network: ./b{number - 1}.yaml"))
    found = errors(write("net.yaml", "{network: ./b5.yaml}"))
    assert [message for *_, message in found] == ["nested deeper than 100 levels when expanded"]


# "It must have one input."


def test_it_must_have_one_input(write: Write) -> None:
    write("two.yaml", "{add: [a, b]}", top="input: {a: 8x8x1, b: 8x8x1}\n")
    path = write("net.yaml", "{network: ./two.yaml}")
    assert only_error(path) == "./two.yaml has 2 inputs, and can have one here"
    write("one.yaml", "{relu: null, from: picture}", top="input: {picture: 8x8x1}\n")
    assert len(cnncalc.load(write("net.yaml", "{network: ./one.yaml}"))) == 1


# "Its vars, blocks, rounding and defaults are its own, keys beside `spec` override them".


def test_vars_beside_it_are_worked_out_where_they_stand(write: Write) -> None:
    item = "{network: {spec: ./backbone.yaml, to: s1, vars: {w: 2*$n}}, name: b}"
    network = cnncalc.load(write("net.yaml", item, top="input: 30x30x1\nvars: {n: 6}\n"))
    assert network["b"].output == cnncalc.Volume((15, 15), 12)


def test_vars_in_a_block_are_the_calls(write: Write) -> None:
    block = "{args: {n}, layers: [network: {spec: ./backbone.yaml, to: s1, vars: {w: $n}}]}"
    top = f"input: 30x30x1\nblocks:\n  Back: {block}\n"
    network = cnncalc.load(write("net.yaml", "{Back: 5}", "{Back: 7}", top=top))
    assert network.output == cnncalc.Volume((8, 8), 7)


def test_defaults_and_rounding_beside_it(write: Write) -> None:
    key = "spec: ./backbone.yaml, to: s1"
    own = cnncalc.load(write("net.yaml", f"{{network: {{{key}}}}}", top="input: 31x31x1\n"))
    assert own.output == cnncalc.Volume((16, 16), 8)
    assert own.biases == 8
    item = f"{{network: {{{key}, rounding: floor, defaults: {{conv: {{bias: false}}}}}}}}"
    other = cnncalc.load(write("net.yaml", item, top="input: 31x31x1\n"))
    assert other.output == cnncalc.Volume((15, 15), 8)
    assert other.biases == 0
    assert other.weights == own.weights


def test_strict_is_about_its_windows_too(write: Write, run: Command) -> None:
    write("b.yaml", "{max_pool: 2}")
    path = write("net.yaml", "{network: ./b.yaml}", top="input: 31x31x1\n")
    assert run("describe", path).code == 0
    assert run("describe", path, "--strict").code == 1


def test_a_variant_of_it(write: Write) -> None:
    item = "{network: {spec: ./backbone.yaml, to: s1, variant: wide}}"
    assert cnncalc.load(write("net.yaml", item)).output.channels == 16
    item = item.replace("variant: wide", "variant: wide, vars: {w: 3}")
    assert cnncalc.load(write("net.yaml", item)).output.channels == 3


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("vars: {x: 3}", "that spec has no var x"),
        ("variant: deep", "that spec has no variant deep"),
        ("defaults: {conv: {biass: true}}", "conv has no argument biass"),
        ("defaults: {Conf: {bias: true}}", "Conf is neither a kind of layer nor a block"),
        ("rounding: up", "rounding takes"),
        ("to: [a]", "to takes the name of an item of that spec, not a list"),
        ("until: c2", "until is not a key of network"),
    ],
)
def test_what_is_wrong_beside_it(key: str, message: str, write: Write) -> None:
    found = only_error(write("net.yaml", f"{{network: {{spec: ./backbone.yaml, {key}}}}}"))
    assert message in found


def test_a_default_that_does_not_fit_is_blamed_where_it_stands(write: Write) -> None:
    item = "{network: {spec: ./b.yaml, defaults: {conv: {kernel: 99}}}}"
    write("b.yaml", "{conv: {filters: 3, kernel: 3}}", "{conv: {filters: 3}}")
    found = errors(write("net.yaml", item))
    assert ("net.yaml", 3) in [place[:2] for place in found]


# "its expectations, outputs and variants are not judged".


def test_its_expectations_are_not_judged(write: Write, run: Command) -> None:
    found = run(
        "check", "-v", write("net.yaml", "{network: {spec: ./backbone.yaml, to: max_pool1}}")
    )
    assert found.code == 0, found.out


def test_its_other_outputs_are_not_called_unread(write: Write, run: Command) -> None:
    top = "input: 8x8x1\noutputs: [a, b]\n"
    write("b.yaml", "{relu: null, name: a}", "{relu: null, name: b, from: input}", top=top)
    found = run("check", "-v", write("net.yaml", "{network: ./b.yaml}"))
    assert "nothing reads" not in found.out


# "`$in` is as in its own file."


def test_dollar_in_is_as_in_its_own_file(write: Write) -> None:
    write(
        "b.yaml",
        "{conv: {filters: 3*$in, kernel: 1}, name: a}",
        "{conv: {filters: 2*$in, kernel: 1}, name: b}",
    )
    block = "blocks:\n  B: {layers: [network: ./b.yaml]}\n"
    for item in ("{network: ./b.yaml}", "{B: null}"):
        network = cnncalc.load(write("net.yaml", item, top=f"input: 8x8x5\n{block}"))
        assert network.output.channels == 2 * 3 * 5


# "Names inside are read as `backbone.Stage3`."


def test_names_inside_are_read_with_a_dot(write: Write) -> None:
    network = cnncalc.load(
        write(
            "net.yaml",
            "{network: {spec: resnet50, to: Stage4}, name: backbone}",
            "{conv: 8@1x1, from: backbone.Stage3, name: l4}",
            "{conv: 8@1x1, from: backbone, name: l5}",
            "{upsample: 2, name: up}",
            "{add: [l4, up]}",
            top="input: 224x224x3\n",
        )
    )
    assert network["l4"].inputs == (cnncalc.Volume((14, 14), 1024),)
    assert network["l5"].inputs == (cnncalc.Volume((7, 7), 2048),)
    assert network["backbone"].parameters == cnncalc.load("resnet50").parameters - 2_049_000


def test_copies_of_an_item_at_its_top_are_read_too(write: Write) -> None:
    """Those of `repeat`, and the rows of `each`."""
    write("twice.yaml", "{conv: {filters: 2*$in, kernel: 1}, name: c, repeat: 2}")
    network = cnncalc.load(
        write(
            "net.yaml",
            "{network: {spec: darknet53, to: stage}, name: darknet}",
            "{conv: 8@1x1, from: darknet.stage.4, name: four}",
            "{conv: 8@1x1, from: darknet.stage.5, name: last}",
            "{network: ./twice.yaml, name: twice, from: input}",
            "{conv: 8@1x1, from: twice.c.1, name: once}",
            top="input: 416x416x3\noutputs: [four, last, once]\n",
        )
    )
    assert network["four"].inputs == (cnncalc.Volume((26, 26), 512),)
    assert network["last"].inputs == (cnncalc.Volume((13, 13), 1024),)
    assert network["once"].inputs == (cnncalc.Volume((416, 416), 6),)


def test_no_deeper_name_inside_is_read(write: Write) -> None:
    items = ("{network: ./backbone.yaml, name: b}", "{relu: null, from: b.s1.c}")
    assert "b has no output s1.c" in only_error(write("net.yaml", *items))


# "`trainable: false` beside it freezes them."


def test_trainable_false_beside_it_freezes(write: Write) -> None:
    item = "{network: {spec: ./backbone.yaml, to: c2}, name: b, trainable: false}"
    network = cnncalc.load(write("net.yaml", item, "{fc: 3, name: head}"))
    assert network.trainable == network["head"].parameters
    assert network["b"].parameters > 0


# "Problems and ignore comments belong to the file they stand in."

FORMATS = ["text", "concise", "json", "github", "sarif", "junit", "gitlab"]


@pytest.fixture
def broken(write: Write, tmp_path: Path) -> Path:
    """A spec that takes in one whose second layer does not fit."""
    write("parts/broken.yaml", "{max_pool: 8}", "{conv: {filters: 3, kernel: 9}, name: big}")
    (tmp_path / ".git").mkdir()
    return write("net.yaml", "relu", "{network: ./parts/broken.yaml, name: b}")


def test_a_problem_stands_in_its_own_file(broken: Path) -> None:
    found = errors(broken)
    assert [place[:2] for place in found] == [("broken.yaml", 4)]
    with pytest.raises(cnncalc.SpecError) as failed:
        cnncalc.load(broken)
    facts = failed.value.problems[0].facts
    assert any(fact.startswith("in: network ./parts/broken.yaml on 30×30×1") for fact in facts)


@pytest.mark.parametrize("format_", FORMATS)
def test_every_report_names_its_file(
    format_: str, broken: Path, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(broken.parent)
    found = run("check", "net.yaml", "--format", format_)
    assert found.code == 1
    assert "parts/broken.yaml" in found.out


def test_comments_of_this_file_do_not_silence_the_other(write: Write, run: Command) -> None:
    path = write("net.yaml", "{network: ./backbone.yaml} # cnncalc: ignore[CNN308]")
    assert "CNN317" in run("check", "-v", path).out


def test_rules_leave_its_layers_to_its_own_file(write: Write, run: Command) -> None:
    path = write("net.yaml", "{network: ./backbone.yaml}", top="input: 32x32x3\n")
    assert "CNN" not in run("check", "-v", path).out
    assert "CNN308" in run("check", "-v", path.parent / "backbone.yaml").out


# "`check` of a folder counts" both, "and `--update` never writes the other file".


def test_a_folder_counts_each_file(write: Write, run: Command) -> None:
    path = write("net.yaml", "{network: ./backbone.yaml}")
    assert run("check", path.parent, "--isolated").out.splitlines()[-1].startswith("2 files")


def test_update_writes_this_file_alone(write: Write, run: Command) -> None:
    path = write(
        "net.yaml", "{network: ./backbone.yaml}", top="input: 32x32x3\nexpect: {macs: 1}\n"
    )
    before = (path.parent / "backbone.yaml").read_bytes()
    run("check", path, "--update")
    assert (path.parent / "backbone.yaml").read_bytes() == before
    assert f"macs: {cnncalc.load(path).macs}" in path.read_text()


# With the keys of other items: repeat, reuse, when, only, from.


def test_it_is_repeated_reused_and_skipped(write: Write) -> None:
    write("b.yaml", "{conv: {filters: 4, kernel: 3, padding: 1}, name: c}", "relu")
    network = cnncalc.load(
        write(
            "net.yaml",
            "{network: ./b.yaml, name: b, repeat: 2}",
            "{reuse: b, name: again}",
            "{network: ./b.yaml, when: false, name: no}",
            "{network: ./b.yaml, only: training, name: aux}",
            "{concat: [b.c, again.c]}",
            top="input: 30x30x4\n",
        )
    )
    assert network["b"].parameters == 2 * 148
    assert network["again"].parameters == 0
    assert network["aux"].macs == 0
    assert network.output == cnncalc.Volume((30, 30), 8)


def test_a_label_of_a_skipped_one_is_an_error(write: Write) -> None:
    items = ("{network: ./backbone.yaml, name: b, when: false}", "{relu: null, from: b.c2}")
    assert "b is skipped (line 3), so it has no output c2" in only_error(write("net.yaml", *items))


def test_fields_go_through_it(write: Write) -> None:
    network = cnncalc.load(
        write(
            "net.yaml", "{network: {spec: resnet50, to: Stage4}, name: b}", top="input: 224x224x3\n"
        )
    )
    field: Any = network["b"].receptive_field
    assert field.sizes == {"input": (427, 427)}


def test_diff_and_explain_see_its_layers(write: Write, run: Command) -> None:
    one = write("one.yaml", "{network: {spec: ./backbone.yaml, to: c2}, name: b}")
    two = write("two.yaml", "{network: {spec: ./backbone.yaml, to: c2, vars: {w: 4}}, name: b}")
    assert "filters 8 → 4" in run("diff", one, two).out
    assert "b.s1.c" in run("explain", one).out
    assert "4·(3·3·1 + 1)" in run("explain", two, "b.s1.c", "parameters").out


def test_an_automatic_name_of_another_file_is_that_files_affair(run: Command, write: Write) -> None:
    """`outputs:` may name what `from:` may, without a warning about a name in another file."""
    items = "{network: backbone.yaml, name: net}", "{relu: null, from: net.max_pool1, name: last}"
    path = write("net.yaml", *items)
    path.write_text(path.read_text() + "outputs: [net.max_pool1, last]\n")
    assert "CNN316" not in run("check", path).out
