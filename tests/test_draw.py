"""cnncalc draw: kinds, formats, files, and what is refused."""

from __future__ import annotations

import io
import re
import shutil
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from pictures import check_layout, layers, parse
from running import Command
from strategies import build
from test_render_pictures import check_compiles

import cnncalc
from cnncalc.commands.draw.kinds import KINDS, NO, REQUIRED, find_kind, function_of, merges
from cnncalc.commands.draw.options import NAMES, CannotDraw, Options
from cnncalc.commands.draw.windows import axes_of
from cnncalc.render import rasters
from cnncalc.render.formats import formats_of
from cnncalc.render.palette import THEMES

# A network, and a layer where one is asked for, for each kind.
EXAMPLES: dict[str, tuple[str, str | None]] = {
    name: ("lenet", "C1" if kind.layer == REQUIRED else None) for name, kind in KINDS.items()
} | {"maps": ("trace-two-filters", None)}


def words_of(kind: str) -> list[str]:
    spec, layer = EXAMPLES[kind]
    return ["draw", spec, *([layer] if layer else []), "--as", kind]


# There are wheels of svg2pdf-py for some systems only.
WITH_PDF = find_spec("svg2pdf_py") is not None
# One network of each family; the layout of all of them is tested kind by kind.
FAMILIES = sorted(path.stem for path in (Path(__file__).parent.parent / "specs").glob("*.yaml"))


# Kinds.


def test_the_kinds_are_whole() -> None:
    for kind in KINDS.values():
        assert kind.meaning
        assert {*kind.options} < {*NAMES}
        for place in filter(None, (kind.scene, kind.text, kind.mermaid, kind.places)):
            assert callable(function_of(place))


def test_every_option_is_of_some_kind_and_of_the_command(run: Command) -> None:
    page = run("draw", "--help").out
    for kind in KINDS.values():
        for name in kind.options:
            assert f"--{name.replace('_', '-')}" in page


def test_which_kind_without_as() -> None:
    assert not merges(cnncalc.load("vgg16"))
    assert all(map(merges, map(cnncalc.load, ("resnet50", "googlenet", "siamese", "unet"))))
    with pytest.raises(CannotDraw, match="no picture is called windw; did you mean window\\?"):
        find_kind("windw", cnncalc.load("lenet"))


@pytest.mark.parametrize("kind", KINDS)
def test_same_bytes(kind: str, run: Command) -> None:
    one, other = (run(*words_of(kind), "--format", "svg") for _ in range(2))
    assert one == other
    assert one.code == 0
    check_layout(one.out)


# Formats.


@pytest.mark.parametrize("kind", KINDS)
def test_files(kind: str, run: Command, tmp_path: Path) -> None:
    spec, layer = EXAMPLES[kind]
    for name in cnncalc.draw(spec, kind, layer).formats():
        if name == "pdf" and not WITH_PDF:
            continue
        path = tmp_path / f"x{formats_of('draw')[name].suffix}"
        assert run(*words_of(kind), "-o", path).code == 0
        data = path.read_bytes()
        begin = {"png": b"\x89PNG\r\n", "pdf": b"%PDF-", "svg": b"<svg ", "tikz": b"% "}
        assert data.startswith(begin.get(name, b""))
        assert len(data) > 80


def test_without_a_file(run: Command) -> None:
    """Text where a kind has one, else SVG."""
    assert run(*words_of("field")).out.startswith("softmax1   field 32×32")
    assert run(*words_of("window")).out.startswith("<svg ")
    assert run(*words_of("window"), "-o", "-").out.startswith("<svg ")


def test_a_terminal_is_given_no_svg(run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert run(*words_of("window")).own_words() == (
        "Error: window is no picture for a terminal: -o window.svg writes a file\n"
    )
    assert run(*words_of("window"), "--format", "png").own_words() == (
        "Error: a terminal shows no such file: name one, -o window.png\n"
    )


def page_size(pdf: bytes) -> tuple[float, float]:
    found = re.search(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", pdf)
    assert found is not None
    return float(found[1]), float(found[2])


@pytest.mark.skipif(not WITH_PDF, reason="svg2pdf-py has no wheel for this system")
def test_lengths_are_those_of_the_page(tmp_path: Path) -> None:
    """A picture of 84 mm is 84 mm wide on paper, in PDF and in LaTeX."""
    width = 84 / 25.4 * 96
    picture = cnncalc.draw("alexnet", "field", width=width)
    picture.save(tmp_path / "x.pdf")
    assert page_size((tmp_path / "x.pdf").read_bytes())[0] == pytest.approx(84 / 25.4 * 72, abs=1)
    text = str(picture.write("tikz"))
    assert "x=0.75bp" in text
    assert f"rectangle ({width:.1f}," in text


def test_lengths_on_the_command_line(run: Command) -> None:
    def width(text: str) -> float:
        out = run("draw", "alexnet", "--as", "field", "--format", "svg", "--width", text).out
        return float(parse(out).get("width", "0"))

    assert width("84mm") == width("8.4cm") == 318
    assert width("400px") == width("400") == 400
    assert width("5in") == 480
    for text in ("84 miles", "0mm", "-3mm", "mm"):
        err = run.refusal("draw", "alexnet", "--as", "field", "--width", text)
        assert "is not a length such as 84mm" in err


def test_png_has_as_many_pixels_as_asked_for(tmp_path: Path, run: Command) -> None:
    image = pytest.importorskip("PIL.Image")
    sizes = []
    for dpi in ("96", "192"):
        assert run(*words_of("window"), "-o", tmp_path / "x.png", "--dpi", dpi).code == 0
        with image.open(tmp_path / "x.png") as png:
            sizes.append(png.size)
    assert sizes[1] == tuple(2 * side for side in sizes[0])


def ink_touches_no_border(data: bytes) -> bool:
    image = pytest.importorskip("PIL.Image")
    with image.open(io.BytesIO(data)) as png:
        picture = png.convert("RGB")
    width, height = picture.size
    edges = [
        picture.crop(box)
        for box in ((0, 0, width, 2), (0, height - 2, width, height), (0, 0, 2, height),
                    (width - 2, 0, width, height))
    ]  # fmt: skip
    assert len(picture.getcolors(1 << 24) or ()) > 4
    return all(edge.getcolors() == [(edge.width * edge.height, (255, 255, 255))] for edge in edges)


def drawable(kind: str, name: str) -> list[str | None]:
    """The layers of a network that a kind is tried on."""
    if KINDS[kind].layer != REQUIRED:
        return [None]
    with_window = [layer.path for layer in cnncalc.load(name) if axes_of(layer.operation)]
    return [*with_window[:1]]


@pytest.mark.parametrize("kind", [name for name in KINDS if name != "maps"])
@pytest.mark.parametrize("name", FAMILIES[::5])  # what lies where is tested of all, as SVG
def test_every_picture_renders(kind: str, name: str) -> None:
    pytest.importorskip("resvg_py")
    for layer in drawable(kind, name):
        picture = cnncalc.draw(name, kind, layer, theme="light")
        picture.dpi = 48
        data = picture.write("png")
        assert isinstance(data, bytes)
        assert ink_touches_no_border(data)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_theme(kind: str, theme: str) -> None:
    spec, layer = EXAMPLES[kind]
    check_layout(cnncalc.draw(spec, kind, layer, theme=theme).svg())


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="there is no LaTeX")
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_compiles(kind: str, run: Command, tmp_path: Path) -> None:
    run(*words_of(kind), "--standalone", "-o", tmp_path / "x.tex")
    check_compiles((tmp_path / "x.tex").read_text("utf-8"), tmp_path)


def test_without_the_extras(run: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for module, what, extra in (("resvg_py", "PNG", "pictures"), ("svg2pdf_py", "PDF", "pdf")):
        monkeypatch.setitem(sys.modules, module, None)
        result = run(*words_of("window"), "-o", tmp_path / f"x.{what.lower()}")
        assert result.code == 2
        package = module.replace("_", "-")
        assert result.own_words() == (
            f"Error: {what} needs the package {package}: pip install 'cnncalc[{extra}]'; where "
            "there is none for this system, draw SVG, which browsers and Inkscape turn into "
            f"{what}\n"
        )
    assert not [*tmp_path.iterdir()]


def test_a_system_without_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A PNG without its texts is not written."""
    package = pytest.importorskip("resvg_py")
    own = package.svg_to_bytes
    monkeypatch.setattr(package, "svg_to_bytes", lambda **o: own(skip_system_fonts=True, **o))
    with pytest.raises(rasters.Missing, match="this system has no font for the texts"):
        cnncalc.draw("lenet", "window", "C1").write("png")
    package = pytest.importorskip("svg2pdf_py")
    monkeypatch.setattr(package.FontDatabase, "system", package.FontDatabase, raising=False)
    with pytest.raises(rasters.Missing, match="this system has no font for the texts"):
        cnncalc.draw("lenet", "window", "C1").write("pdf")


# Steps.


def test_a_file_for_every_place(run: Command, tmp_path: Path) -> None:
    words = ("draw", "trace-vertical-line", "conv1", "--as")
    result = run(*words, "window", "--frames", tmp_path / "frames")
    assert (result.code, result.err) == (0, f"36 files in {tmp_path / 'frames'}\n")
    files = sorted((tmp_path / "frames").iterdir())
    assert [files[0].name, files[-1].name] == ["window-01.svg", "window-36.svg"]
    assert len({path.read_bytes() for path in files}) == 36
    assert run(*words, "maps", "--frames", tmp_path / "maps").code == 0
    assert "conv1 at row 1, column 2" in (tmp_path / "maps" / "maps-02.svg").read_text("utf-8")


def test_too_many_places(run: Command, tmp_path: Path) -> None:
    result = run("draw", "alexnet", "conv1", "--as", "window", "--frames", tmp_path / "frames")
    assert result.own_words() == "Error: more than 1,000 places; name one with --at\n"
    assert not [*tmp_path.iterdir()]
    result = run("draw", "alexnet", "conv1", "--as", "field", "--frames", tmp_path / "frames")
    assert result.own_words() == "Error: --frames is for window, maps, not for field\n"


# Python.


def test_in_python(tmp_path: Path) -> None:
    net = cnncalc.load("lenet")
    picture = net.draw("window", "C1", at=(2, 3))
    assert repr(picture) == "<Picture: window of 'LeNet-5'>"
    assert (
        picture._repr_svg_() == picture.svg() == cnncalc.draw(net, "window", "C1", at=(2, 3)).svg()
    )
    picture.save(tmp_path / "x.svg")
    assert (tmp_path / "x.svg").read_text("utf-8") == picture.svg()
    with pytest.raises(CannotDraw, match=r"the suffix names no picture; use \.txt, \.svg"):
        picture.save(tmp_path / "x.gif")
    with pytest.raises(CannotDraw, match="window is not drawn as text; it is as svg, png"):
        picture.write("text")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"width": "84mm"}, "width is a length in px, not '84mm'"),
        ({"at": (0, 1)}, "at is a tuple of rows and columns, counted from 1, not (0, 1)"),
        ({"animate": 1}, "animate is True or False, not 1"),
        ({"theme": "drak"}, "no theme is called 'drak'; did you mean dark?"),
        ({"kernels": True}, None),
    ],
)
def test_wrong_values(options: dict[str, Any], message: str | None) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # CannotDraw is one too
        cnncalc.draw("lenet", "window", "C1", **options)
    assert message is None or str(caught.value) == message
    with pytest.raises(TypeError, match="draw has no option witdh; did you mean width\\?"):
        cnncalc.draw("lenet", "window", "C1", witdh=3)


def test_options_are_checked_by_one_table() -> None:
    defaults = Options()
    for kind in KINDS.values():
        assert {*kind.options} <= {name for name in NAMES if hasattr(defaults, name)}


# Refusals.


def test_usage(run: Command, tmp_path: Path) -> None:
    def said(*words: object) -> str:
        result = run("draw", *words)
        assert result.code == 2
        return result.own_words().removeprefix("Error: ").rstrip("\n")

    assert (
        said("lenet", "C1", "--as", "windw") == "no picture is called windw; did you mean window?"
    )
    assert said("lenet", "--as", "window") == "window is a picture of one layer: name it"
    assert said("lenet", "C9", "--as", "field").startswith("no layer C9; ")
    assert said("lenet", "C1", "--as", "window", "-o", tmp_path / "x.gif") == (
        f"{tmp_path / 'x.gif'}: the suffix names no picture; use .txt, .svg, .png, .pdf, .mmd, .tex"
    )
    assert said("lenet", "C1", "--as", "window", "--expand", "1") == (
        "--expand is for volumes, graph, profile, field, not for window"
    )
    assert said("lenet", "C1", "--as", "window", "-o", tmp_path / "no" / "x.svg").startswith(
        "-o: cannot write "
    )
    assert said("lenet", "--as", "field", "--width", "84mm") == (
        "a text is as wide as --width says in columns: a number alone"
    )
    assert said("lenet", "C1", "--as", "window", "--at", "0,1") == (
        "--at: rows and columns are counted from 1"
    )
    assert said("resnet", "--variant", "resnet18", "--set", "classes=1,2", "--as", "field") == (
        "draw takes one network: no lists in --set and --input"
    )


def test_a_spec_with_errors(run: Command, tmp_path: Path) -> None:
    spec = tmp_path / "net.yaml"
    spec.write_text("input: 4x4x1\nlayers: [conv: {filters: 1, kernel: 9}]\n")
    assert "CNN201" in run.refusal("draw", spec, "conv1", "--as", "window", code=1)


# Size and time.


@pytest.mark.parametrize("kind", [name for name in KINDS if name != "maps"])
def test_a_thousand_layers(kind: str) -> None:
    """Less than 0.3 s of processor time above the network itself, and less than 1 MB."""
    net = build("3000x1", *[{"conv": {"filters": 1, "kernel": 3}}] * 1000)
    layer = "conv500" if KINDS[kind].layer == REQUIRED else None
    assert net.receptive_fields
    cnncalc.draw("lenet", kind, "C1" if layer else None).svg()  # what is imported once
    times = []
    for _ in range(3):
        begin = time.process_time()
        text = cnncalc.draw(net, kind, layer).svg()
        times.append(time.process_time() - begin)
    assert min(times) < 0.6  # twice as much, as the processor is shared here
    assert len(text) < 1e6
    assert KINDS[kind].layer == NO or layers(parse(text))


@pytest.mark.parametrize("name", ["googlenet_aux", "inception_v3_aux"])
@pytest.mark.parametrize("kind", ["volumes", "graph", "profile", "field"])
def test_auxiliary_heads_are_drawn_where_they_run(kind: str, name: str) -> None:
    """`only: training` stands in the network, and is part of the picture under --training alone."""

    def heads(training: bool) -> list[str]:
        net = cnncalc.load(name, training=training)
        options = {} if kind == "field" else {"expand": 10**6}
        root = check_layout(cnncalc.draw(net, kind, **options).svg())
        return [path for path in layers(root) if path.startswith(("aux", "AuxLogits"))]

    assert heads(False) == []
    assert kind == "field" or heads(True)  # the field is that of the first output
