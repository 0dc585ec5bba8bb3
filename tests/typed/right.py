"""Uses of the library that type checkers accept; assert_type is checked by them too."""

from fractions import Fraction
from typing import assert_type

import cnncalc

net = cnncalc.load("lenet")
assert_type(net, cnncalc.Network)
assert_type(net.parameters, int)
assert_type(net.macs, int)
assert_type(net.fan_in, int | None)
assert_type(net.name, str)
assert_type(net.output, cnncalc.Volume)
assert_type(net.inputs, dict[str, cnncalc.Volume])
assert_type([layer.weights for layer in net], list[int])
assert_type(net.layers[0].output, cnncalc.Volume)
assert_type(net["C1"].output, cnncalc.Volume | None)
assert_type(net["C1"].parameters, int)
assert_type(net.weight_layers, int)
assert_type(net.layer_count, int)
assert_type(net.peak_memory, int)
assert_type(net.training_memory, int)
assert_type(net.traffic, int)
assert_type(net["C1"].traffic, int)
assert_type(net.arithmetic_intensity, Fraction | None)
assert_type(net.macs_per_parameter, Fraction | None)
field = net.receptive_field
if field is not None:
    assert_type(field.text(), str)

other = cnncalc.loads("input: 8x8x1\nlayers: [relu]", name="net.yaml", dtype="float16", batch=8)
resized = cnncalc.load("resnet50", input="160x160x3", vars={"classes": 10}, strict=True)
sized = cnncalc.load("resnet50", input=cnncalc.Volume((160, 160), 3), variant="resnet50")

spec = cnncalc.read_text("input: 8x8x1\nlayers: [relu]")
built = cnncalc.build(spec, vars={}, max_layers=100)
assert_type(built.network, cnncalc.Network)
assert_type(built.problems, list[cnncalc.Problem])
assert_type(cnncalc.check(spec)[0].line, int)
assert_type(cnncalc.output_size(227, 11, stride=4), int)

try:
    cnncalc.loads("")
except cnncalc.SpecError as error:
    assert_type(error.problems, list[cnncalc.Problem])

make = cnncalc.Builder("by hand", input={"image": "8x8x1"})
x = make.layer("conv", make.inputs["image"], filters=2, kernel=3, padding="same")
with make.group("residual", x) as group:
    y = make.layer("relu", x, name="act")
    x = make.layer("add", x, y)
assert_type(group, cnncalc.Group)
assert_type(make.network(x), cnncalc.Network)
cnncalc.assert_valid("lenet", max={"parameters": "100k"})
cnncalc.assert_matches("lenet", net)
cnncalc.assert_matches("lenet", "net.pt2", input="32x32x1", variant=None)
cnncalc.assert_matches("lenet", object(), input=(1, 1, 32, 32), vars={"classes": 10})
cnncalc.assert_matches("lenet", object(), input=[None, 32, 32, 1])
cnncalc.assert_matches("lenet", object(), input=cnncalc.Volume((32, 32), 1))
