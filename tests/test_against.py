"""check --against: with what a spec is compared, where that may be, and what is reported."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from collections.abc import Callable
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest
from running import Command

import cnncalc
from cnncalc.render.formats import formats_of

FILES = Path(__file__).parent / "exchange" / "files"
Write = Callable[[str, str], Path]

SPEC = """\
name: ResNet-18 without its blocks
input: 224x224x3
layers:
  - conv: {filters: 64, kernel: 7, stride: 2, padding: 3, bias: false}
  - batch_norm
"""


pytestmark = pytest.mark.usefixtures("here")


@pytest.fixture
def write(here: Path) -> Write:
    def write_file(name: str, text: str) -> Path:
        path = here / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write_file


def copy(name: str, to: str) -> None:
    Path(to).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(FILES / name, to)


def imported(run: Command, name: str, to: str, *words: str) -> str:
    """The spec that `cnncalc import` makes of a file; its text without expectations."""
    assert run("import", FILES / name, "-o", to, *words).code == 0
    return Path(to).read_text(encoding="utf-8").partition("expect:")[0]


# Networks that are the same.

SAME = {
    "resnet18.pt2": "resnet18", "resnet50.pt2": "resnet50", "densenet121.pt2": "densenet121",
    "efficientnet_b0.pt2": "efficientnet_b0", "googlenet.pt2": "googlenet",
    "inception_v3.pt2": "inception_v3", "mobilenet_v2.pt2": "mobilenet_v2",
    "mobilenet_v3_small.pt2": "mobilenet_v3_small", "squeezenet1_1.pt2": "squeezenet1_1",
    "shufflenet_v2_x1_0.pt2": "shufflenet_v2_x1_0", "vgg11_bn.pt2": "vgg11_bn",
    "convnext_tiny.pt2": "convnext_tiny", "vit_b_16.pt2": "vit_b_16",
    "DenseNet121.keras": "densenet121",
    "ResNet50.keras": "resnet50_keras", "Xception.keras": "xception",
    "resnet18_ts.onnx": "resnet18", "resnet18_dyn.onnx": "resnet18",
    "resnet18_noopt.onnx": "resnet18", "mobilenet_v2_ts.onnx": "mobilenet_v2",
}  # fmt: skip


@pytest.mark.parametrize("name", SAME)
def test_a_spec_is_that_of_the_framework_s_model(name: str, run: Command) -> None:
    result = run("check", SAME[name], "--against", FILES / name, "-v")
    assert (result.code, "CNN4" in result.out) == (0, False)
    assert f" layers as in {FILES / name}" in result.out


READABLE = sorted(path.name for path in FILES.iterdir())
SHORT = ("resnet18.pt2", "squeezenet1_1.pt2", "resnet18_ts.onnx", "Xception.keras")
CUSTOM = ("convnextv2_atto.pt2", "levit_128s.pt2", "swin_t.pt2")


@pytest.mark.parametrize("name", READABLE)
def test_an_imported_spec_is_that_of_its_model(name: str, run: Command) -> None:
    """With batch norms put back, if they were folded away."""
    words = ["--input", "224x224x3"] if name == "MobileNetV3Small.keras" else []
    if name in ("resnet18_ts.onnx", "resnet18_dyn.onnx", "mobilenet_v2_ts.onnx"):
        words.append("--unfold-batch-norm")
    custom = ["--allow-custom"] if name in CUSTOM else []
    for more in ([], ["--flat"]) if name in SHORT else ([],):
        imported(run, name, "net.yaml", *words, *more, *custom)
        result = run("check", "net.yaml", "--against", FILES / name, *custom)
        assert (result.code, "CNN4" in result.out) == (0, False)


def test_padding_of_keras_is_another_one_than_pytorch_s(run: Command) -> None:
    """`same` pads strided layers on one side only."""
    result = run("check", "efficientnet_b0", "--against", FILES / "EfficientNetB0.keras")
    assert result.code == 1
    assert result.out.count("error[CNN405]") == 2
    assert "has padding 1, in the code [[0, 1], [0, 1]] (stem_conv)" in result.out


def test_all_members_of_a_family_have_a_model_each(run: Command) -> None:
    for name in ("resnet18", "resnet34"):
        copy("resnet18.pt2", f"nets/{name}.pt2")
    text = imported(run, "resnet18.pt2", "net.yaml").replace("fc: 1000", "fc: $classes")
    variants = "variants: {resnet18: {}, resnet34: {vars: {classes: 10}}}"
    Path("net.yaml").write_text(f"vars: {{classes: 1000}}\n{text}{variants}\n")
    result = run("check", "net.yaml", "--against", "nets/{variant}.pt2", "--select", "CNN405")
    assert result.code == 1
    assert "fc1 has units 10, in the code 1,000 (fc) (in resnet34)" in result.out
    assert "= code: nets/resnet34.pt2" in result.out
    one = run("check", "net.yaml", "--against", "nets/{variant}.pt2", "--variant", "resnet18")
    assert one.code == 0
    os.remove("nets/resnet34.pt2")
    result = run("check", "net.yaml", "--against", "nets/{variant}.pt2")
    assert result.code == 2
    assert "cannot compare with nets/resnet34.pt2: no such file or directory" in result.out


def test_of_a_family_one_network_is_that_of_one_model(run: Command) -> None:
    assert run("check", "resnet", "--against", FILES / "resnet50.pt2").code == 1
    assert run("check", "resnet50", "--against", FILES / "resnet50.pt2").code == 0
    assert (
        run("check", "resnet", "--variant", "resnet18", "--against", FILES / "resnet18.pt2").code
        == 0
    )


def test_another_input_is_that_of_both(run: Command) -> None:
    words = ("check", "resnet18", "--against", FILES / "resnet18.pt2")
    assert run(*words, "--input", "96x96x3").code == 0
    words = ("check", "resnet18", "--against", FILES / "resnet18.pt2", "--select", "CNN405")
    assert "CNN405" not in run(*words, "--input", "96x96x3").out


def test_budgets_and_the_code_are_checked_together(run: Command) -> None:
    words = ("check", "resnet18", "--against", FILES / "resnet18.pt2")
    result = run(*words, "--max", "parameters=5M")
    assert result.code == 1
    assert "error[CNN404]: parameters of the network is 11,689,512" in result.out


def test_what_an_onnx_file_lacks_is_said(run: Command) -> None:
    result = run("check", "resnet18", "--against", FILES / "resnet18_ts.onnx")
    assert "note: 20 batch norms are folded into convolutions" in result.err


# Reports.


def test_every_format_has_the_finding_at_its_line(run: Command, write: Write) -> None:
    write("net.yaml", imported(run, "resnet18.pt2", "net.yaml").replace("fc: 1000", "fc: 10"))
    for name in formats_of("check"):
        result = run("check", "net.yaml", "--against", FILES / "resnet18.pt2", "--format", name)
        assert result.code == 1
        assert "CNN405" in result.out
        assert "in the code 1,000" in result.out
    found = json.loads(run("check", "net.yaml", "--against", FILES / "resnet18.pt2", "--json").out)
    lines = Path("net.yaml").read_text(encoding="utf-8").splitlines()
    drift = [each for each in found["problems"] if each["code"] == "CNN405"]
    assert [(each["expected"], each["actual"]) for each in drift] == [("10", "1,000")]
    assert lines[drift[0]["line"] - 1] == "  - fc: 10"


def test_a_comment_says_that_a_difference_is_meant(run: Command, write: Write) -> None:
    text = SPEC.replace(
        "stride: 2, padding: 3, bias: false}", "stride: 2, padding: 3}  # cnncalc: ignore[CNN405]"
    )
    write("one.yaml", SPEC)
    write("net.yaml", text)
    result = run("check", "net.yaml", "--against", "one.yaml")
    assert (result.code, "1 ignored" in result.out) == (0, True)
    plain = run("check", "net.yaml")
    assert (plain.code, "CNN317" in plain.out) == (0, False)  # nothing was compared
    assert "CNN317" in run("check", "net.yaml", "--against", "net.yaml").out
    write("net.yaml", SPEC.replace("blocks", "blocks  # cnncalc: ignore[CNN410]"))
    assert "cannot ignore CNN410: the model is not compared" in run("check", "net.yaml").out


def test_a_rename_is_a_warning(run: Command, write: Write) -> None:
    items = "".join(f"  - {{conv: 4@3x3, name: {name}}}\n" for name in ("one", "two", "three"))
    spec = f"input: 8x8x3\nlayers:\n{items}"
    write("code.yaml", spec)
    write("net.yaml", spec.replace("name: one", "name: first"))
    result = run("check", "net.yaml", "--against", "code.yaml", "--isolated")
    assert (result.code, "warning[CNN409]: first is called one in the code" in result.out) == (
        0,
        True,
    )
    assert run("check", "net.yaml", "--against", "code.yaml", "--fail-on", "warning").code == 1


# `against` in a spec.


def test_a_spec_names_a_file_beside_it(run: Command, write: Write) -> None:
    copy("resnet18.pt2", "code/exported/net.pt2")
    text = imported(run, "resnet18.pt2", "net.yaml")
    write("code/net.yaml", f"against: exported/net.pt2\n{text}")
    assert run("check", "code", "-v").out.count("69 layers as in exported/net.pt2") == 1
    write(
        "code/net.yaml", f"against: exported/net.pt2\n{text.replace('stride: 2', 'stride: 1', 1)}"
    )
    result = run("check", "code")
    assert (result.code, "error[CNN405]" in result.out) == (1, True)
    assert run("describe", "code/net.yaml").code == 0  # only check reads it


BAD = {
    "models.net:make": "against takes a .pt2, .keras or .onnx file, not 'models.net:make'",
    "net.pth": "against takes a .pt2, .keras or .onnx file, not 'net.pth'",
    "[a.pt2, b.pt2]": "against takes a text, not a list",
    "''": "against takes a .pt2, .keras or .onnx file, not ''",
}


@pytest.mark.parametrize("value", BAD)
def test_code_is_not_named_in_a_file(value: str, run: Command, write: Write) -> None:
    write("models/net.py", "raise SystemExit('run')\n")
    write("net.yaml", f"{SPEC}against: {value}\n")
    for command in ("check", "describe"):
        result = run(command, "net.yaml")
        assert result.code == 1
        assert f"]: {BAD[value]}\n" in result.out + result.err
        assert "net.yaml:6:10" in result.out + result.err
        assert "running" not in result.err
    if ":make" in value:
        assert "help: code runs only where it is typed: cnncalc check --against" in run("check").out


def test_the_path_rule(run: Command, write: Write, here: Path) -> None:
    """As for `network:`: a regular file below the repository, no part of it hidden."""
    copy("resnet18.pt2", "outside.pt2")
    copy("resnet18.pt2", "repo/.hidden/net.pt2")
    copy("resnet18.pt2", "repo/.git.pt2")
    copy("resnet18.pt2", "repo/other/net.pt2")
    os.mkdir("repo/.git")
    os.mkdir("repo/folder.pt2")
    os.symlink(here / "outside.pt2", "repo/link.pt2")
    os.symlink("/etc/passwd", "repo/passwd.pt2")
    os.mkfifo("repo/pipe.pt2")
    wrong = {
        "../../outside.pt2": "it leads out of its repository or folder",
        str(here / "outside.pt2"): "it leads out of its repository or folder",
        "../link.pt2": "it leads out of its repository or folder",
        "../passwd.pt2": "it leads out of its repository or folder",
        "../.hidden/net.pt2": "a part of its path begins with a dot",
        "../.git.pt2": "a part of its path begins with a dot",
        "../folder.pt2": "it is not a regular file",
        "../pipe.pt2": "it is not a regular file",
        "gone.pt2": "no such file or directory",
        "../\\0.pt2": "embedded null byte",
        "resnet18": None,
    }
    for path, reason in wrong.items():
        write("repo/nets/net.yaml", f'{SPEC}against: "{path}"\n')
        result = run("check", "repo/nets/net.yaml")
        if reason is None:
            assert result.code == 1
            continue
        assert (result.code, f": {reason}\n" in result.out) == (2, True), (path, result.out)
        assert "nets/net.yaml:6:10" in result.out
        assert "root:" not in result.out
    write("repo/nets/net.yaml", f"{SPEC}against: ../other/net.pt2\n")
    assert run("check", "repo/nets/net.yaml").code == 1  # read, and another network


def test_a_spec_without_a_file_names_none(
    run: Command, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy("resnet18.pt2", "net.pt2")
    text = f"{SPEC}against: net.pt2\n"
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(text.encode())))
    result = run("check", "-")
    assert (result.code, "net.pt2: this spec is no file" in result.out) == (2, True)
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(text.encode())))
    result = run("check", "-", "--against", "net.pt2")
    assert (result.code, "CNN406" in result.out or "CNN407" in result.out) == (1, True)


def test_a_model_is_compared_with_another(run: Command) -> None:
    """Where there is no text, each layer is a place of its own."""
    result = run("check", FILES / "resnet18.pt2", "--against", FILES / "resnet50.pt2")
    assert result.code == 1
    assert "layer1.0.conv1 has kernel 3 and padding 1, in the code 1 and 0" in result.out
    assert result.out.count("error[CNN405]") > 5


def test_what_is_no_model_is_an_error_at_the_word(run: Command, write: Write) -> None:
    for name, data in {"text.pt2": b"hello", "empty.onnx": b"", "list.keras": b"PK"}.items():
        Path(name).write_bytes(data)
        write("net.yaml", f"{SPEC}against: {name}\n")
        result = run("check", "net.yaml")
        assert (result.code, "error[CNN410]: cannot compare with" in result.out) == (2, True)
        assert "net.yaml:6:10" in result.out
        assert str(Path.cwd()) not in result.out


def test_operations_without_a_kind_are_named(run: Command) -> None:
    result = run("check", "resnet18", "--against", FILES / "swin_t.pt2")
    assert result.code == 2
    assert "cannot compare with" in result.out
    assert "no kind of layer stands for" in result.out
    assert run("check", "resnet18", "--against", FILES / "swin_t.pt2", "--allow-custom").code == 1


def test_names_in_a_model_are_data(run: Command, write: Write, here: Path) -> None:
    evil = "\x1b[31m::error::\u202e##[error]"
    layers = [
        {"class_name": "InputLayer", "config": {"name": "x", "batch_shape": [None, 8, 8, 3]}},
        {"class_name": "Conv2D", "config": {"name": evil, "filters": 4, "kernel_size": [3, 3]}},
    ]
    with zipfile.ZipFile("evil.keras", "w") as archive:
        config = {"class_name": "Sequential", "config": {"layers": layers}}
        archive.writestr("config.json", json.dumps(config))
    write("net.yaml", "input: 8x8x3\nlayers:\n  - conv: 5@3x3\n")
    for name in formats_of("check"):
        result = run("check", "net.yaml", "--against", "evil.keras", "--format", name)
        assert result.code == 1
        for sign in ("\x1b", "\u202e", "##[error]"):
            assert sign not in result.out
        assert "\n::error::" not in result.out or name == "github"


# `against` in pyproject.toml.


def test_settings_name_files_by_pattern(run: Command, write: Write) -> None:
    copy("resnet18.pt2", "exported/net.pt2")
    text = imported(run, "resnet18.pt2", "net.yaml")
    os.remove("net.yaml")
    write("nets/good.yaml", text)
    write("nets/bad.yaml", text.replace("stride: 2", "stride: 1", 1))
    write("other/net.yaml", SPEC)
    write("pyproject.toml", '[tool.cnncalc.against]\n"nets/*" = "exported/net.pt2"\n')
    result = run("check")
    assert (result.code, result.out.count("error[CNN405]")) == (1, 1)
    assert "nets/bad.yaml" in result.out
    assert "nets/good.yaml" not in result.out
    assert run("check", "--isolated").code == 0
    write("pyproject.toml", '[tool.cnncalc]\nagainst = "exported/net.pt2"\n')
    assert "other/net.yaml" in run("check").out
    write("other/net.yaml", f"{SPEC}against: gone.pt2\n")  # its own goes before
    assert "cannot compare with gone.pt2" in run("check").out
    typed = run("check", "other", "--against", FILES / "squeezenet1_1.pt2")
    assert "squeezenet1_1.pt2" in typed.out
    assert "gone.pt2" not in typed.out


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ('"models.net:make"', "code runs only where it is typed, for --against"),
        ('"net.pth"', "against: takes a .pt2, .keras or .onnx file, not 'net.pth'"),
        ("3", "against: takes the path of a .pt2, .keras or .onnx file, not 3"),
        ('{"a*" = 3}', 'against."a*": takes the path of a .pt2, .keras or .onnx file, not 3'),
    ],
)
def test_settings_that_are_refused(value: str, message: str, run: Command, write: Write) -> None:
    write("net.yaml", SPEC)
    write("pyproject.toml", f"[tool.cnncalc]\nagainst = {value}\n")
    result = run("check")
    assert (result.code, message in result.err) == (2, True)
    assert "pyproject.toml: tool.cnncalc.against" in result.err


def test_settings_name_what_is_below_them(run: Command, write: Write) -> None:
    copy("resnet18.pt2", "outside.pt2")
    write("project/net.yaml", SPEC)
    write("project/pyproject.toml", '[tool.cnncalc]\nagainst = "../outside.pt2"\n')
    result = run("check", "project")
    assert (result.code, "it leads out of its repository or folder" in result.out) == (2, True)


# assert_matches.


def test_assert_matches(run: Command, write: Write) -> None:
    path = FILES / "resnet18.pt2"
    cnncalc.assert_matches("resnet18", path)
    cnncalc.assert_matches("resnet18", str(path), input="96x96x3")
    cnncalc.assert_matches("resnet18", path, input=(1, 3, 96, 96))
    cnncalc.assert_matches("resnet18", path, input=cnncalc.Volume((96, 96), 3))
    cnncalc.assert_matches("resnet", path, variant="resnet18")
    cnncalc.assert_matches("resnet18", cnncalc.load(path))
    cnncalc.assert_matches("xception", FILES / "Xception.keras", input=(None, 299, 299, 3))
    write("net.yaml", imported(run, "resnet18.pt2", "net.yaml").replace("fc: 1000", "fc: 10"))
    with pytest.raises(AssertionError) as failed:
        cnncalc.assert_matches("net.yaml", path)
    text = str(failed.value)
    assert text.startswith("1 file, 69 layers: 1 error\n\nerror[CNN405]: ")
    printed = run("check", "net.yaml", "--against", path, "--select", "CNN405", "--isolated").out
    assert text.partition("\n\n")[2].strip() in printed


def test_assert_matches_of_what_cannot_be_compared() -> None:
    with pytest.raises(AssertionError, match=r"cannot compare with gone\.pt2: no such file"):
        cnncalc.assert_matches("resnet18", "gone.pt2")
    with pytest.raises(OSError, match=r"cannot check gone\.yaml"):
        cnncalc.assert_matches("gone.yaml", FILES / "resnet18.pt2")
    with pytest.raises(TypeError, match="input is a text such as '32x32x3' for a Network, not"):
        cnncalc.assert_matches("lenet", cnncalc.load("lenet"), input=(1, 1, 32, 32))
    with pytest.raises(TypeError, match="input is a text such as '32x32x3' for mynets:make, not"):
        cnncalc.assert_matches("lenet", "mynets:make", input=(1, 1, 32, 32))
    for wrong in (224, (), (1,), (1, 3, 224.5), (0, 3, 4), {"input": "32x32x1"}, b"32x32x1"):
        with pytest.raises((TypeError, ValueError), match=r"^input is "):
            cnncalc.assert_matches("lenet", cnncalc.load("lenet"), input=wrong)  # type: ignore[arg-type]
    for model in (None, 3, [], cnncalc.read("lenet")):
        with pytest.raises(TypeError, match=r"^model is a torch\.nn\.Module, a Keras model"):
            cnncalc.assert_matches("lenet", model)
