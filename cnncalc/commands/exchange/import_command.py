"""cnncalc import: a model of a framework as a spec that a person would keep."""

from __future__ import annotations

from typing import Any

import click

from cnncalc.commands.completion import complete_spec
from cnncalc.commands.options import (
    Request,
    build_spec,
    color_option,
    fail,
    read_spec,
    spec_options,
)
from cnncalc.commands.output import check_outputs, deliver, file_option
from cnncalc.network.build import SpecError
from cnncalc.render.stream import say
from cnncalc.wording import count, visible


@click.command("import")
@click.argument("source", shell_complete=complete_spec)
@click.option("--flat", is_flag=True, help="One item a layer: no blocks and repeats.")
@click.option(
    "--unfold-batch-norm", "unfold", is_flag=True,
    help="Put back the batch norms that an ONNX exporter folded into convolutions.",
)  # fmt: skip
@file_option("Write the spec to a file; the last line says what was proved.")
@color_option
@spec_options
def import_(
    source: str, flat: bool, unfold: bool, output_file: str | None, color: str, **shared: Any
) -> int:
    """A short spec of a model: blocks, repeats, residuals and branches.

    SOURCE is a .keras, .pt2 or .onnx file, package.module:function, or a spec to write anew. What
    is written is read again and compared with the model, layer by layer, before it is shown.

    \b
    cnncalc import resnet50.keras
    cnncalc import net.pt2 -o net.yaml
    cnncalc import net.onnx --unfold-batch-norm
    """
    from cnncalc.exchange.recovery import NotRecovered, spec_text  # not for its help

    request = Request(**shared)
    if output_file is not None:
        check_outputs([output_file], [source])
    settings = [*request.settings()]
    if len(settings) != 1:
        raise click.UsageError("import makes one spec: no lists in --set and --input")
    try:
        spec, variant = read_spec(source, request.limits.size, remarks=not unfold)
        if unfold:
            _unfold(spec)
        network = build_spec(spec, request, *settings[0], variant).network
    except SpecError as error:
        fail(error, color)
        return 1
    try:
        text = spec_text(network, flat=flat)
    except NotRecovered as error:
        say(f"cnncalc: no spec of {visible(source)} was written: {visible(str(error))}")
        return 1
    deliver(text, output_file)
    lines = count(text.count("\n"), "line")
    say(
        f"{count(len(network.layers), 'layer')} in {lines}; read again, every layer has the "
        f"volume and the weights that it has in {visible(source)}"
    )
    return 0


def _unfold(spec: object) -> None:
    model = getattr(spec, "model", None)
    if model is None:
        raise click.UsageError("--unfold-batch-norm is for models in ONNX files")
    model.unfold_batch_norm()
