"""Every kind and every quantity says what it is, and means what it says."""

from fractions import Fraction
from inspect import getdoc

import pytest

import cnncalc
from cnncalc.commands.lookup.vocabulary import describe_kind, list_kinds, list_quantities
from cnncalc.language.composites import COMPOSITES, WrittenComposite
from cnncalc.layers import KINDS, Operation, find_kind
from cnncalc.layers.arguments import OTHER_NAMES, canonical_name
from cnncalc.quantities import QUANTITIES, RATIO, Quantity, find_quantity

every_kind = pytest.mark.parametrize("cls", KINDS.values(), ids=list(KINDS))
every_composite = pytest.mark.parametrize("cls", COMPOSITES.values(), ids=list(COMPOSITES))
every_quantity = pytest.mark.parametrize("quantity", QUANTITIES.values(), ids=list(QUANTITIES))

# Items that examples refer to.
ONE_AND_TWO = "  - {identity: , name: one}\n  - {identity: , name: two}\n"
TOWER = "  - {conv: {filters: 4, kernel: 3, padding: 1}, name: tower}\n"


def built(item: str, input: str, before: str = ONE_AND_TWO) -> cnncalc.Network:
    return cnncalc.loads(f"input: {input}\nlayers:\n{before}  - {item}\n")


def problems(item: str, input: str, before: str = ONE_AND_TWO) -> list[cnncalc.Problem]:
    with pytest.raises(cnncalc.SpecError) as caught:
        built(item, input, before)
    return caught.value.problems


def in_one_line(text: str | None) -> str:
    return " ".join((text or "").split())


# Kinds.


@every_kind
def test_a_kind_is_documented(cls: type[Operation]) -> None:
    assert (cls.__doc__ or "").strip()
    assert (getdoc(cls) or "").split("\n\n")[0].endswith(".")
    assert cls.kind in list_kinds()
    for name, argument in cls.arguments.items():
        assert argument.name == name
        assert argument.meaning
        assert argument.type.expects
    if cls.primary:
        assert cls.primary in cls.arguments or cls.primary == "from"


@every_kind
def test_the_description_of_a_kind_names_all_there_is(cls: type[Operation]) -> None:
    text = in_one_line(describe_kind(cls.kind))
    words = set(text.replace(",", " ").split())
    assert in_one_line(getdoc(cls)) in text
    assert in_one_line(cls.example) in text
    for name in cls.aliases:
        assert name in words
    for name, argument in cls.arguments.items():
        assert name in words
        assert in_one_line(argument.meaning) in text
        assert {other for other in OTHER_NAMES.get(name, ()) if len(other) > 1} <= words


@every_kind
def test_the_example_of_a_kind_works(cls: type[Operation]) -> None:
    layer = built(cls.example, cls.example_input).layers[-1]
    assert type(layer.operation) is cls
    assert layer.kind == cls.kind


@every_kind
def test_what_a_kind_refuses_is_refused(cls: type[Operation]) -> None:
    if not cls.refused:
        assert cls.primary == "from" or {*cls.arguments} <= {"values"}
        return
    (problem,) = problems(cls.refused, cls.example_input)
    assert (problem.severity, problem.line) == ("error", 5)
    assert problem.code.name in {
        "bad-value", "impossible-layer", "does-not-divide", "window-does-not-fit",
        "padding-too-large",
    }  # fmt: skip
    assert problem.message


@every_kind
def test_names_lead_to_their_kind(cls: type[Operation]) -> None:
    for name in (cls.kind, *cls.aliases):
        for written in (name, name.upper(), name.replace("_", ""), name.replace("_", "-")):
            assert find_kind(written) == (cls, None)
            layer = built(cls.example.replace(cls.kind, written, 1), cls.example_input).layers[-1]
            assert type(layer.operation) is cls


@every_kind
def test_other_names_of_arguments_lead_to_them(cls: type[Operation]) -> None:
    for name in cls.arguments:
        assert canonical_name(name, cls.arguments) == name
        for other in OTHER_NAMES.get(name, ()):
            found = canonical_name(other, cls.arguments)
            assert found == (other if other in cls.arguments else name)


@every_kind
def test_a_kind_takes_no_other_arguments(cls: type[Operation]) -> None:
    """The known ones are listed, and a near miss is answered with the name meant."""
    (problem,) = problems(f"{cls.kind}: {{nonsense: 1}}", cls.example_input)[:1]
    assert problem.code.name in {"unknown-argument", "structure", "missing"}
    assert "nonsense" in problem.message or cls.kind in problem.message


# What the language promises: kind, primary, names that users bring along.
PROMISED = """
conv               filters     convolution Conv2D Convolution
local_conv         filters     locally_connected unshared_conv
depthwise_conv     kernel      depthwise dwconv DepthwiseConv2D
separable_conv     filters     separable SeparableConv2D
transposed_conv    filters     conv_transpose Conv2DTranspose ConvTranspose2d deconv upconv
max_pool           kernel      MaxPooling2D MaxPool2d maxpool MaxPool max-pool
avg_pool           kernel      AveragePooling2D AvgPool2d average_pool
subsample          kernel      subsampling
global_avg_pool    -           gap GlobalAveragePooling2D
global_max_pool    -           gmp
adaptive_avg_pool  size        AdaptiveAvgPool2d
adaptive_max_pool  size        AdaptiveMaxPool2d
fc                 units       dense linear fully_connected inner_product Dense Linear
rbf                units       RBF
embedding          dimensions  Embedding
attention          heads       MultiheadAttention MultiHeadAttention self_attention
position_embedding -           positional_embedding
class_token        -           cls_token
custom             output      Custom
batch_norm         -           bn BatchNorm2d BatchNormalization
layer_norm         -           ln LayerNorm
group_norm         groups      gn
instance_norm      -           InstanceNorm2d
lrn                size        local_response_norm
scale              -           layer_scale
relu               -           ReLU
relu6              -           ReLU6
leaky_relu         -           LeakyReLU
elu                -           ELU
selu               -           SELU
gelu               -           GELU
sigmoid            -           Sigmoid
tanh               -           Tanh
swish              -           silu SiLU
hard_swish         -           Hardswish
hard_sigmoid       -           Hardsigmoid
mish               -           Mish
softplus           -           Softplus
abs                -           Abs
softmax            -           Softmax
log_softmax        -           LogSoftmax
prelu              -           PReLU
dropout            rate        spatial_dropout Dropout2d
drop_path          rate        stochastic_depth
flatten            -           Flatten
identity           -           Identity
reshape            to          Reshape
upsample           factor      UpSampling2D Upsample
resize             to          interpolate Resize
pixel_shuffle      factor      depth_to_space PixelShuffle
space_to_depth     factor      pixel_unshuffle PixelUnshuffle
channel_shuffle    groups      ChannelShuffle
slice              channels    Slice
crop               size        Cropping2D
zero_pad           padding     ZeroPadding2D
add                from        Add
concat             from        Concat
multiply           from        Multiply
subtract           from        Subtract
average            from        Average
maximum            from        Maximum
"""


@pytest.mark.parametrize("line", PROMISED.strip().splitlines(), ids=lambda line: line.split()[0])
def test_the_kinds_of_the_language(line: str) -> None:
    kind, primary, *names = line.split()
    assert KINDS[kind].primary == (None if primary == "-" else primary)
    for name in names:
        found = find_kind(name)
        assert found
        assert found == (KINDS[kind], 2 if "2" in name else None)


OTHER = """
conv: {filters: 6, kernel: 3}
    filters  out_channels channels num_filters depth K
    kernel   kernel_size filter_size size receptive_field F Kernel-Size kernelSize
conv: {filters: 6, kernel: 3, stride: 2, padding: 1, dilation: 2, bias: false}
    stride   strides S Strides
    padding  pad zero_padding P ZeroPadding
    dilation dilation_rate
    bias     use_bias useBias
max_pool: {kernel: 2}
    kernel   pool_size size kernel_size F
fc: {units: 3}
    units    out_features neurons nodes
resize: {to: 9x9, method: bilinear}
    to       size
    method   mode interpolation
upsample: {factor: 2}
    factor   scale_factor
"""


def other_names() -> list[tuple[str, str, str]]:
    found, item = [], ""
    for line in OTHER.strip().splitlines():
        if not line.startswith(" "):
            item = line
            continue
        name, *others = line.split()
        found += [(item, name, other) for other in others]
    return found


@pytest.mark.parametrize(("item", "name", "other"), other_names())
def test_the_arguments_of_the_language(item: str, name: str, other: str) -> None:
    renamed = item.replace(f"{name}:", f"{other}:")
    assert renamed != item
    layers = [built(text, "16x16x4").layers[-1] for text in (item, renamed)]
    assert layers[0].arguments == layers[1].arguments


def test_a_lone_k_is_ambiguous() -> None:
    """The filters of a lecture, the kernel of most code."""
    found = problems("conv: {filters: 3, k: 3}", "8x8x3")
    assert any("k" in problem.message for problem in found)


# Arguments left out are these.
DEFAULTS = [
    (
        "conv: {filters: 6, kernel: 3}",
        "stride: 1, padding: 0, dilation: 1, groups: 1, bias: true, activation: none, "
        "rounding: floor",
    ),
    ("local_conv: {filters: 6, kernel: 3}", "stride: 1, padding: 0, dilation: 1, bias: true"),
    (
        "depthwise_conv: {kernel: 3}",
        "stride: 1, padding: 0, dilation: 1, multiplier: 1, bias: true, rounding: floor",
    ),
    (
        "separable_conv: {filters: 6, kernel: 3}",
        "stride: 1, padding: 0, dilation: 1, multiplier: 1, bias: true",
    ),
    (
        "transposed_conv: {filters: 6, kernel: 3}",
        "stride: 1, padding: 0, output_padding: 0, dilation: 1, groups: 1, bias: true",
    ),
    ("max_pool: {kernel: 3}", "stride: 3, padding: 0, dilation: 1, rounding: floor"),
    ("avg_pool: {kernel: 2x3}", "stride: 2x3, padding: 0, rounding: floor"),
    ("subsample: {}", "kernel: 2, stride: 2"),
    ("global_avg_pool: {}", "keep: true"),
    ("global_max_pool: {}", "keep: true"),
    ("fc: {units: 5}", "bias: true, activation: linear"),
    ("batch_norm: {}", "scale: true, center: true"),
    ("layer_norm: {}", "affine: true, axes: channels"),
    ("group_norm: {groups: 2}", "affine: true"),
    ("instance_norm: {}", "affine: true"),
    ("lrn: {}", "size: 5"),
    ("scale: {}", "bias: false"),
    ("prelu: {}", "shared: false"),
    ("dropout: {}", "rate: 0.5"),
    ("slice: {channels: 2}", "start: 0, every: 1"),
    ("slice: {every: 2}", "channels: 4, start: 0"),
    ("upsample: {factor: 2}", "method: nearest"),
    ("resize: {to: 5}", "method: nearest"),
    ("attention: {heads: 2}", "dimensions: 4, bias: true, output: true"),
    ("custom: {}", "parameters: 0, macs: 0, connections: 0"),
    ("zero_pad: {padding: 1}", "channels: [0, 0]"),
    ("add: {from: [one, two]}", "crop: false"),
]


@pytest.mark.parametrize(("item", "defaults"), DEFAULTS, ids=[item for item, _ in DEFAULTS])
def test_the_defaults_of_the_language(item: str, defaults: str) -> None:
    joined = item.replace("{}", "{" + defaults + "}")
    if joined == item:
        joined = f"{item[:-1]}, {defaults}}}"
    short, full = (built(text, "12x12x4").layers[-1] for text in (item, joined))
    assert short.output == full.output
    for name in QUANTITIES:
        if name != "receptive_field":
            assert short.quantity(name) == full.quantity(name)
    assert short.arguments == full.arguments


# Composites.


@every_composite
def test_a_composite_is_documented(cls: type[WrittenComposite]) -> None:
    text = in_one_line(describe_kind(cls.kind))
    assert (cls.__doc__ or "").strip()
    assert in_one_line(getdoc(cls)) in text
    assert in_one_line(cls.example) in text
    for name in cls.beside:
        assert name in text
    assert cls.kind in list_kinds()


@every_composite
def test_the_example_of_a_composite_works(cls: type[WrittenComposite]) -> None:
    before = TOWER if cls.kind == "reuse" else ""
    assert built(cls.example, "32x32x4", before).layers
    assert cls.kind in cls.example


@every_composite
def test_a_composite_refuses_what_is_no_item(cls: type[WrittenComposite]) -> None:
    for value in ("5", "[convv]"):
        found = problems(f"{cls.kind}: {value}", "32x32x4", TOWER)
        assert [problem.line for problem in found if problem.severity == "error"] == [4]


@pytest.mark.parametrize("written", ["branches", "branches:", "branches: []", "branches: {}"])
def test_branches_without_branches_are_refused(written: str) -> None:
    (problem,) = problems(written, "32x32x4")
    assert problem.code.name in {"structure", "missing"}
    assert problem.line == 5


def test_no_name_stands_for_two_things() -> None:
    folded = [
        name.replace("_", "").lower()
        for cls in KINDS.values()
        for name in {alias.replace("_", "").lower() for alias in (cls.kind, *cls.aliases)}
    ]
    assert len(folded) == len(set(folded))
    assert not set(folded) & set(COMPOSITES)


def test_an_unknown_kind_is_not_described() -> None:
    assert describe_kind("no_such_kind") is None


# Quantities.

COUNTED = {
    "neurons", "weights", "biases", "parameters", "trainable", "statistics", "connections",
    "fan_in", "positions", "without_sharing", "macs", "flops", "memory", "parameter_memory",
    "receptive_field", "layers", "weight_layers", "peak_memory", "training_memory", "traffic",
    "arithmetic_intensity", "macs_per_parameter",
}  # fmt: skip


def test_the_quantities_of_the_language() -> None:
    assert set(QUANTITIES) >= COUNTED
    assert find_quantity("multiply_adds") is QUANTITIES["macs"]
    assert find_quantity("no_such_quantity") is None


@every_quantity
def test_a_quantity_is_documented(quantity: Quantity) -> None:
    text = in_one_line(list_quantities())
    assert QUANTITIES[quantity.name] is quantity
    assert quantity.header
    assert quantity.name in text.split()
    assert in_one_line(quantity.meaning) in text
    for name in quantity.aliases:
        assert name in text
        assert find_quantity(name) is quantity


@every_quantity
def test_a_quantity_is_an_attribute_of_everything(quantity: Quantity) -> None:
    network = built("{layers: [conv: {filters: 2, kernel: 3}, fc: 3], name: group}", "8x8x3")
    for element in (network, network["group"], *network.layers):
        for name in (quantity.name, *quantity.aliases):
            value = element.quantity(name) if name == "layers" else getattr(element, name)
            sort = Fraction if quantity.adds == RATIO else int
            assert value is None or isinstance(value, sort) or quantity.name == "receptive_field"
