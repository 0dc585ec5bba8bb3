"""What courses tell of every layer with weights, by its numbers alone.

Parameter sharing and sparse connections as in CS231n and in Goodfellow, Bengio and Courville,
"Deep Learning", 2016, section 9.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.layers.term import Ratio, Term

if TYPE_CHECKING:
    from cnncalc.layers.derivation import Page


def tell_sharing(page: Page) -> None:
    """What the layer would need if every unit had weights of its own."""
    layer = page.layer
    if not layer.neurons or not layer.weights:
        return
    page.section("Parameter sharing")
    if layer.without_sharing == layer.parameters:
        page.say("Nothing is shared: every unit has weights of its own.")
        return
    all_are_values = layer.neurons == layer.output.values
    words = "one for each value of the output" if all_are_values else "those of its projections"
    page.derive("units", layer.neurons, words)
    bias = 1 if layer.biases else 0
    if layer.fan_in is not None and layer.neurons * (layer.fan_in + bias) == layer.without_sharing:
        words = "a weight for each input" + (", and a bias" if bias else "")
        page.derive("parameters of one unit", layer.fan_in + bias, words)
    alone = page.derive(
        "without sharing", layer.without_sharing, "parameters if every unit had its own"
    )
    weights, biases = Term(layer.weights, "weights"), Term(layer.biases, "biases")
    shared = page.derive(
        "with sharing", weights + biases if biases else weights, "parameters that the layer has"
    )
    page.derive("factor", Ratio(alone, shared), "how many times less that is")
    if layer.positions and layer.without_sharing == layer.positions * layer.parameters:
        page.say(f"The same weights are used at all {layer.positions:,} positions.")


def tell_sparseness(page: Page) -> None:
    """How few of the inputs a unit reads, and what a fully connected layer would need."""
    layer = page.layer
    units, inputs = layer.output.values, layer.input.values
    if not layer.weights or layer.neurons != units:
        return
    page.section("Sparse connections")
    if layer.fan_in == inputs:
        page.say(f"Every unit is connected to all {inputs:,} inputs: this is a full connection.")
        return
    m = page.derive("inputs", inputs, "values of the input", letter="m")
    n = page.derive("units", units, "values of the output", letter="n")
    if layer.fan_in is not None:
        words = f"each of them reads {layer.fan_in:,} of the {inputs:,} inputs"
        k = page.derive("inputs of one unit", layer.fan_in, words, letter="k")
        page.derive("sparse connections", k * n)
    else:
        page.derive("sparse connections", layer.links)
    page.derive("full connections", m * n, "if every unit read every input")
    full = page.derive(
        "fully connected layer",
        n * (m + 1 if layer.biases else m),
        "parameters of one between the same volumes",
    )
    need = Term(layer.parameters, "parameters")
    page.derive("factor", Ratio(full, need), "how many times more than this layer has")
