"""Slips that type checkers find: every line marked so is refused, and no other."""

import cnncalc

net = cnncalc.load("lenet", vrs={})  # wrong
net = cnncalc.load("lenet", vars="width=2")  # wrong
net = cnncalc.load("lenet", batch="8")  # wrong
net = cnncalc.loads("input: 8x8x1", nme="net")  # wrong
net = cnncalc.laod("lenet")  # wrong

net = cnncalc.load("lenet")
net.paramters  # wrong
net["C1"].outputt  # wrong
net.layers[0].wights  # wrong
net.parameters.upper()  # wrong
net["C1"].output.values  # wrong
net[1]  # wrong
net.fan_in + 1  # wrong
net.peak_memori  # wrong
net.arithmetic_intensity / 2  # wrong
net.traffic.numerator()  # wrong

built = cnncalc.build("lenet")  # wrong
built = cnncalc.build(cnncalc.read("lenet"), variants="a")  # wrong
cnncalc.build(cnncalc.read("lenet")).parameters  # wrong
cnncalc.check(net.parameters)  # wrong

make = cnncalc.Builder("net", inputs="8x8x1")  # wrong
make = cnncalc.Builder("net", input="8x8x1")
make.layer("relu", "conv1")  # wrong
make.network()  # wrong
cnncalc.assert_matches("lenet")  # wrong
cnncalc.assert_matches("lenet", net, input=224)  # wrong
cnncalc.assert_matches("lenet", net, input=(1, 3.5))  # wrong
cnncalc.assert_matches("lenet", net, variants="a")  # wrong
cnncalc.assert_matches(3, net)  # wrong
