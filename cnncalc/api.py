"""What Python programs call to read and to load: read, read_text, load, loads.

A wrong argument is a TypeError or ValueError that names it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from cnncalc import problems as codes
from cnncalc.accepted import checked
from cnncalc.language.document import read_document
from cnncalc.language.folder import Disk, Folder
from cnncalc.language.model import Spec
from cnncalc.language.source import Source
from cnncalc.language.syntax import parse
from cnncalc.limits import MAX_SIZE
from cnncalc.network.build import Build, Inputs, Override, SpecError, build, of_network
from cnncalc.network.model import Network
from cnncalc.problems import Problem, Problems, TooManyErrors

_SAVE = "save the file as UTF-8"


@checked
def read_text(
    text: str, name: str = "<string>", *, base: str | os.PathLike[str] | None = None
) -> Spec:
    """The Spec of a text; its problems are raised when it is built.

    `base` is the folder in which the paths of `network:` items begin; without it they are refused.
    """
    folder = None if base is None else Disk(os.fspath(base), os.fspath(base))
    return _read_text(text, name, folder, MAX_SIZE)


def _read_text(text: str, name: str, folder: Folder | None, max_size: int) -> Spec:
    problems = Problems(stops=True)
    source = Source(name, text.removeprefix("\ufeff"))
    spec = read_document(source, parse(source, problems), problems)
    if spec.networks:
        from cnncalc.language.library import Library  # few specs take in others

        with suppress(TooManyErrors):
            library = Library(spec, len(text), max_size)
            library.resolve(spec, folder, (folder.key(name),) if folder else ())
    return spec


def read_bytes(
    data: bytes, name: str, max_size: int = MAX_SIZE, folder: Folder | None = None
) -> Spec:
    """The Spec of a file's contents. Raises SpecError for what is not a text at all.

    `folder` is where the paths of `network:` items begin; without it they are refused.
    """
    if len(data) > max_size:
        help = "allow more with --limit size=64MiB"
        raise _unreadable(name, f"the file is larger than {max_size:,} bytes", help)
    if what := _no_text(data):
        raise _unreadable(name, what, _SAVE)
    try:
        return _read_text(data.decode("utf-8"), name, folder, max_size)
    except UnicodeDecodeError as error:
        good = data[: error.start].decode("utf-8")
        message = f"not UTF-8 text: byte 0x{data[error.start]:02x}"
        raise _unreadable(name, message, _SAVE, good + "\ufffd") from None


def _no_text(data: bytes) -> str:
    """What a file is that is no text in UTF-8, as far as that can be seen without decoding it."""
    head = data[:8000]
    zeros = head[::2].count(0), head[1::2].count(0)
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or max(zeros) > len(head) // 3 > 9 * min(zeros):
        return "UTF-16 text"
    controls = len(head) - len(head.translate(None, bytes([*range(9), *range(14, 32)])))
    return "a binary file" if b"\0" in head or controls > 3 else ""


def _unreadable(name: str, message: str, help: str, text: str = "") -> SpecError:
    """The error of a file of which so much is a text; it is at the last character of that."""
    span = Source(name, text).span(max(0, len(text) - 1))
    return SpecError([Problem(codes.UNREADABLE, message, span, help=help)])


@checked
def read(path: str | os.PathLike[str], *, max_size: int = MAX_SIZE) -> Spec:
    """The Spec of a file or of a bundled network's name. Raises OSError if there is none."""
    return find(path, max_size)[0]


def find(path: str | os.PathLike[str], max_size: int = MAX_SIZE) -> tuple[Spec, str | None]:
    """The Spec of a file or bundled name, and the variant that the name stands for."""
    name, variant = locate(os.fspath(path))
    if is_model(name):
        from cnncalc import exchange  # few read models

        return exchange.read_spec(name, max_size), None
    if ":" in name:
        from cnncalc.exchange.factory import FactorySpec, is_factory  # as few

        if is_factory(name):
            return FactorySpec(name), None
    with open(name, "rb") as file:
        data = file.read(max_size + 1)
    return read_bytes(data, name, max_size, Disk.of(name)), variant


def is_model(path: str) -> bool:
    """Whether a path names a file of a framework, by its suffix."""
    return path.endswith((".keras", ".onnx", ".pt2"))


def locate(name: str) -> tuple[str, str | None]:
    """The file of a path or bundled name, and the variant that the name stands for."""
    is_word = os.path.basename(name) == name and not os.path.splitext(name)[1]
    if not is_word or os.path.exists(name):
        return name, None
    from cnncalc.language import bundled  # only for a name that is no file

    return bundled.locate(name) or (name, None)


def built(spec: Build | Network | Spec | str | os.PathLike[str]) -> Build:
    """What is built of a spec, a path or a bundled network's name; errors as for `load`."""
    if isinstance(spec, Build):
        return spec
    if isinstance(spec, Network):
        return of_network(spec)
    variant = None
    if not isinstance(spec, Spec):
        spec, variant = find(spec)
    return build(spec, variant=variant)


@checked
def load(
    path: str | os.PathLike[str],
    *,
    vars: Mapping[str, Override] | None = None,
    input: Inputs | None = None,
    variant: str | None = None,
    strict: bool = False,
    dtype: str = "float32",
    batch: int = 1,
    training: bool = False,
    weight_dtype: str | None = None,
    optimizer: str = "sgd",
    allow_custom: bool = False,
) -> Network:
    """The network of a file, or of a bundled network's name such as "lenet".

    >>> import cnncalc
    >>> cnncalc.load("resnet50", input="160x160x3", vars={"classes": 10}).parameters
    23528522

    `vars` are other values for vars of the spec, `input` another volume (by name, where there are
    several inputs), `variant` a member of the family. `strict` makes an error of a window that does
    not fit evenly. `dtype` and `batch` are for the memory, in bytes. `training` counts what items
    with `only: training` cost too; `weight_dtype`, int4 too, is that of parameters where it is
    another one, and `optimizer` is sgd, momentum or adam, for training_memory. With `allow_custom`
    operations of a model file that no kind stands for are layers whose numbers are stated.

    Raises SpecError with every located problem of a spec that has errors, OverrideError for a var,
    input, variant or dtype that does not exist, and OSError if there is no such file.
    """
    spec, own_variant = find(path)
    return build(
        spec, vars=vars, input=input, variant=variant or own_variant, strict=strict, dtype=dtype,
        batch=batch, training=training, weight_dtype=weight_dtype, optimizer=optimizer,
        allow_custom=allow_custom,
    ).network  # fmt: skip


@checked
def loads(
    text: str,
    *,
    name: str = "<string>",
    base: str | os.PathLike[str] | None = None,
    vars: Mapping[str, Override] | None = None,
    input: Inputs | None = None,
    variant: str | None = None,
    strict: bool = False,
    dtype: str = "float32",
    batch: int = 1,
    training: bool = False,
    weight_dtype: str | None = None,
    optimizer: str = "sgd",
) -> Network:
    """The network of a text, which problems call `name`; options and errors as for `load`.

    `base` is the folder in which the paths of `network:` items begin; without it they are refused.
    """
    return build(
        read_text(text, name, base=base), vars=vars, input=input, variant=variant, strict=strict,
        dtype=dtype, batch=batch, training=training,
        weight_dtype=weight_dtype, optimizer=optimizer,
    ).network  # fmt: skip


def _html(network: Network) -> str:
    from cnncalc.commands.describe.notebook import network_html  # only notebooks ask for it

    return network_html(network)


def _draw(network: Network, *args: Any, **options: Any) -> object:
    """A picture of the network, as `cnncalc.draw` makes it."""
    from cnncalc.commands.draw.picture import picture_of  # only who asks for a picture

    return picture_of(network, *args, **options)


Network._repr_html_ = _html
Network.draw = _draw
