"""Reads .pt2 archives, as `torch.export.save` writes them: a zip file with the graph in JSON.

The archive's format is documented (docs.pytorch.org, "PT2 Archive Spec"); the weights in it are
not read. Operations have named arguments, tensors their sizes, and modules their class.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from math import prod
from typing import Any

from cnncalc.exchange.archive import read_json
from cnncalc.exchange.model import Model, ModelError, Scope
from cnncalc.exchange.tensors import Tensor, Tensors, Unknown, Where
from cnncalc.wording import visible

Sizes = tuple[int, ...]

# What an operation raises that no kind stands for, or whose arguments are used in another way.
_NO_USE = (KeyError, IndexError, TypeError, ValueError, ZeroDivisionError, Unknown)


class Call:
    """One operation of the graph: its arguments, and the tensors that it reads and gives."""

    def __init__(self, node: dict[str, Any], graph: Graph) -> None:
        self.graph = graph
        self.target = str(node["target"])
        self.given = {given["name"]: given["arg"] for given in node["inputs"]}
        self.outputs = [*_outputs(node["outputs"])]
        self.stack = _modules(node.get("metadata", {}).get("nn_module_stack", ""))

    @property
    def operation(self) -> str:
        """conv2d of torch.ops.aten.conv2d.default; in place or not is one."""
        parts = self.target.split(".")
        return (parts[3] if len(parts) > 3 else self.target).rstrip("_")

    def value(self, name: str, default: Any = None) -> Any:
        """An argument: a number, words, a list of numbers; the default where it is not given."""
        ((kind, value),) = self.given[name].items() if name in self.given else (("", default),)
        return default if kind == "as_none" else value

    def name(self, name: str) -> str:
        """The name of the tensor that an argument is; "" for none."""
        given = self.given.get(name, {}).get("as_tensor")
        return given["name"] if given else ""

    def tensor(self, name: str = "") -> Tensor:
        """The value that an argument, by default the first, is. Unknown for a weight or number."""
        found = self.graph.tensors.values.get(self.name(name or next(iter(self.given))))
        if found is None:
            raise Unknown
        return found

    def is_value(self, name: str) -> bool:
        """Whether an argument is a value, not a weight or a number."""
        return self.name(name) in self.graph.tensors.values

    def shape(self, name: str) -> Sizes | None:
        """The sizes of a weight that is given."""
        found = self.name(name)
        return self.graph.sizes[found] if found else None

    def weights(self, *names: str) -> dict[str, Any]:
        """The weights among arguments, each with how many values it has."""
        found = [name for name in map(self.name, names) if name]
        return {"weights": {name: prod(self.graph.sizes[name]) for name in found}}

    @property
    def sizes(self) -> Sizes:
        """The sizes of the result."""
        return self.graph.sizes[self.outputs[0]]

    def add(self, kind: str, *sources: Tensor, **arguments: Any) -> None:
        """The layer that this operation is."""
        tensors = sources or (self.tensor(),)
        self.graph.tensors.add(self.graph.where(self), kind, tensors, self.sizes, **arguments)


class Graph:
    """The graph of one file while it is read."""

    def __init__(self, program: dict[str, Any], model: Model) -> None:
        module = program["graph_module"]
        graph = module["graph"]
        self.tensors = Tensors(model)
        self.sizes = {name: _sizes(meta) for name, meta in graph["tensor_values"].items()}
        self.calls = [Call(node, self) for node in graph["nodes"]]
        self.parameters: dict[str, str] = {}
        for spec in module["signature"]["input_specs"]:
            ((kind, given),) = spec.items()
            if kind == "parameter":
                self.parameters[given["arg"]["name"]] = given["parameter_name"]
            elif kind == "user_input" and (tensor := given["arg"].get("as_tensor")):
                self.tensors.input(tensor["name"], self.sizes[tensor["name"]])
        self.results = [
            given["user_output"]["arg"]["as_tensor"]["name"]
            for given in module["signature"]["output_specs"]
            if "as_tensor" in given.get("user_output", {}).get("arg", {})
        ]
        # A module with one operation and no module in it is that operation; others are groups.
        self.inner = Counter(call.stack[-1][0] for call in self.calls if call.stack)
        self.outer = {path for call in self.calls for path, _ in call.stack[:-1]}

    def where(self, call: Call) -> Where:
        """Where an operation stands among the modules."""
        *outer, last = call.stack or [("", "")]
        is_leaf = last[0] not in self.outer and last[0] != ""
        stack = outer if is_leaf else call.stack
        scopes = tuple(
            Scope(path.rpartition(".")[2], kind) for path, kind in stack if path
        )  # fmt: skip
        label = last[0].rpartition(".")[2] if is_leaf else ""
        return Where(call.outputs[0], label, scopes)

    def read(self) -> None:
        """Add every operation to the model."""
        model = self.tensors.model
        for call in self.calls:
            try:
                _OPERATIONS[call.operation](call)
            except ModelError:
                raise
            except _NO_USE:
                path = call.stack[-1][0] if call.stack else ""
                sources = [name for name in map(call.name, call.given) if name]
                results = {name: self.sizes.get(name) for name in call.outputs}
                operation = call.target.removeprefix("torch.ops.")
                self.tensors.unknown(
                    operation,
                    path or "the model",
                    sources,
                    results,
                    may_follow=call.operation in _OPERATIONS,
                )
        model.outputs = [
            self.tensors.values[name].signal for name in self.results if name in self.tensors.values
        ]
        rest = [name for name in self.parameters if name not in self.tensors.users]
        if rest and not model.unknown:
            number = sum(prod(self.sizes[name]) for name in rest)
            first = visible(self.parameters[rest[0]])
            model.remarks.append(
                f"{number:,} parameters of the file are read by no operation: {first} ..."
            )


def read(path: str, max_size: int) -> Model:
    """The model of a .pt2 file. Raises ModelError, and OSError."""
    return from_program(read_json(path, "models/model.json", max_size), path)


def from_program(program: dict[str, Any], name: str) -> Model:
    """The model of what a .pt2 file holds as JSON. Raises ModelError."""
    try:
        version = str(program.get("torch_version", "")).partition("+")[0]
        model = Model(name, source=f"torch.export of PyTorch {version}".strip())
        Graph(program, model).read()
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, ModelError):
            raise
        raise ModelError(
            f"{visible(name)} is not as torch.export writes it: {type(error).__name__} {error}"
        ) from None
    return model


def _outputs(outputs: list[dict[str, Any]]) -> Iterator[str]:
    for output in outputs:
        for kind, value in output.items():
            if kind == "as_tensor":
                yield value["name"]
            elif kind == "as_tensors":
                yield from (tensor["name"] for tensor in value)


def _modules(text: str) -> list[tuple[str, str]]:
    """The path and class of each module round an operation: `key,layer1.0,pkg.BasicBlock;...`."""
    modules = []
    for part in text.split(";") if text else ():
        _, path, kind = part.split(",", 2)
        modules.append((path.partition("@")[0], kind.rpartition(".")[2]))
    return modules


def _sizes(meta: dict[str, Any]) -> Sizes:
    """The sizes of a tensor. A size that is not a number, but a symbol, raises ModelError."""
    sizes = [size.get("as_int") for size in meta["sizes"]]
    if None in sizes:
        raise ModelError("the model was exported with dynamic shapes; export it with fixed ones")
    return tuple(sizes)


# The operations. Names and defaults of arguments are those of PyTorch's native_functions.yaml.


def _per_axis(call: Call, name: str, default: int, axes: int) -> list[int]:
    given = call.value(name)
    values = given if isinstance(given, list) else [default if given is None else given]
    return values * axes if len(values) == 1 else values or [default] * axes


def _pairs(values: list[int]) -> list[list[int]]:
    return [[value, value] for value in values]


def _padding(call: Call, axes: int) -> Any:
    given = call.value("padding")
    return given if isinstance(given, str) else _pairs(_per_axis(call, "padding", 0, axes))


def _conv(call: Call) -> None:
    filters, channels, *kernel = call.shape("weight") or ()
    axes = len(kernel)
    common = {
        "kernel": kernel,
        "stride": _per_axis(call, "stride", 1, axes),
        "padding": _padding(call, axes),
        "dilation": _per_axis(call, "dilation", 1, axes),
        "bias": bool(call.name("bias")),
        **call.weights("weight", "bias"),
    }
    source, groups = call.tensor(), call.value("groups", 1)
    if groups > 1 and channels == 1 and filters % groups == 0:
        call.add("depthwise_conv", source, multiplier=filters // groups, **common)
    else:
        call.add("conv", source, filters=filters, groups=groups, **common)


def _transposed(call: Call) -> None:
    _, filters, *kernel = call.shape("weight") or ()
    axes, groups = len(kernel), call.value("groups", 1)
    call.add(
        "transposed_conv",
        call.tensor(),
        filters=filters * groups,
        kernel=kernel,
        stride=_per_axis(call, "stride", 1, axes),
        padding=_padding(call, axes),
        output_padding=_per_axis(call, "output_padding", 0, axes),
        dilation=_per_axis(call, "dilation", 1, axes),
        groups=groups,
        bias=bool(call.name("bias")),
        **call.weights("weight", "bias"),
    )


def _linear(call: Call) -> None:
    source, units = call.tensor(), (call.shape("weight") or ())[0]
    common = {"bias": bool(call.name("bias")), **call.weights("weight", "bias")}
    if len(source.sizes) == 2:
        call.add("fc", source, units=units, **common)
    elif source.channels == len(source.sizes) - 1:
        call.add("conv", source, filters=units, kernel=1, **common)
    else:
        raise Unknown


def _pool(kind: str, axes: int) -> Callable[[Call], None]:
    def add(call: Call) -> None:
        kernel = _per_axis(call, "kernel_size", 1, axes)
        rounding = "ceil" if call.value("ceil_mode", False) else None
        dilation = _per_axis(call, "dilation", 1, axes)
        call.add(
            kind,
            kernel=kernel,
            stride=call.value("stride") and _per_axis(call, "stride", 1, axes),
            padding=_pairs(_per_axis(call, "padding", 0, axes)),
            dilation=dilation if kind == "max_pool" and max(dilation) > 1 else None,
            rounding=rounding,
        )

    return add


def _adaptive(kind: str) -> Callable[[Call], None]:
    def add(call: Call) -> None:
        size = call.value("output_size")
        if set(size) == {1}:
            call.add(f"global_{kind}_pool")
        else:
            call.add(f"adaptive_{kind}_pool", size=size)

    return add


def _mean(call: Call) -> None:
    source = call.tensor()
    axes = {axis % len(source.sizes) for axis in call.value("dim", [])}
    if axes != set(source.axes):
        raise Unknown
    keep = call.value("keepdim", False)
    channels = source.channels if keep else 1
    call.add("global_avg_pool", source, keep=keep, axis=channels)


def _batch_norm(call: Call) -> None:
    if not call.name("running_mean"):
        raise Unknown
    call.add(
        "batch_norm",
        call.tensor(),
        scale=bool(call.name("weight")),
        center=bool(call.name("bias")),
        **call.weights("weight", "bias"),
    )


def _layer_norm(call: Call) -> None:
    source = call.tensor()
    shape = tuple(call.value("normalized_shape"))
    common = {"affine": bool(call.name("weight")), **call.weights("weight", "bias")}
    if len(shape) == 1 and source.channels == len(source.sizes) - 1:
        call.add("layer_norm", source, **common)
    elif shape == source.sizes[1:] and source.channels == 1:
        call.add("layer_norm", source, axes="all", **common)
    else:
        raise Unknown


def _norm(kind: str, *names: str) -> Callable[[Call], None]:
    def add(call: Call) -> None:
        arguments = {"groups": call.value("num_groups")} if "num_groups" in names else {}
        affine = bool(call.name("weight"))
        weights = call.weights("weight", "bias")
        call.add(kind, call.tensor(), affine=affine, **arguments, **weights)

    return add


def _plain(kind: str) -> Callable[[Call], None]:
    return lambda call: call.add(kind)


def _same(call: Call) -> None:
    call.graph.tensors.alias(call.outputs[0], call.tensor())


def _hardtanh(call: Call) -> None:
    if (call.value("min_val", -1), call.value("max_val", 1)) != (0.0, 6.0):
        raise Unknown
    call.add("relu6")


def _prelu(call: Call) -> None:
    shared = call.shape("weight") == (1,)
    call.add("prelu", shared=shared, **call.weights("weight"))


def _merge(kind: str) -> Callable[[Call], None]:
    """A sum, product or difference of two values, or of a value with what changes no count."""

    def add(call: Call) -> None:
        if call.is_value("self") and call.is_value("other"):
            call.add(kind, call.tensor(), call.tensor("other"))
        elif not call.is_value("self") or call.name("other"):
            _scale(call) if kind == "multiply" else _refuse(call)
        else:
            _same(call)  # with a number

    return add


def _scale(call: Call) -> None:
    value, weight = ("self", "other") if call.is_value("self") else ("other", "self")
    source, shape = call.tensor(value), call.shape(weight) or ()
    if (
        prod(shape) != source.sizes[source.channels]
        or call.name(weight) not in call.graph.parameters
    ):
        raise Unknown
    call.add("scale", source, **call.weights(weight))


def _refuse(call: Call) -> None:
    raise Unknown


def _concat(call: Call) -> None:
    tensors = call.graph.tensors.values
    sources = [tensors.get(given["name"]) for given in call.value("tensors")]
    known = [source for source in sources if source is not None]
    axis = call.value("dim", 0)
    if len(known) < len(sources) or axis % len(known[0].sizes) != known[0].channels:
        raise Unknown
    if len(known) == 1:
        call.graph.tensors.alias(call.outputs[0], known[0])
    else:
        call.add("concat", *known)


def _flatten(call: Call) -> None:
    tensors = call.graph.tensors
    tensors.reshape(call.graph.where(call), call.tensor(), call.sizes)


def _permute(call: Call) -> None:
    source = call.tensor()
    order = [axis % len(source.sizes) for axis in call.value("dims")]
    call.graph.tensors.permute(call.graph.where(call), source, tuple(order))


def _transpose(call: Call) -> None:
    source = call.tensor()
    order = [*range(len(source.sizes))]
    one, other = (call.value(name) % len(order) for name in ("dim0", "dim1"))
    order[one], order[other] = other, one
    call.graph.tensors.permute(call.graph.where(call), source, tuple(order))


def _split(call: Call) -> None:
    """Neighbouring channels as values of their own."""
    source, tensors = call.tensor(), call.graph.tensors
    if call.value("dim", 0) % len(source.sizes) != source.channels:
        raise Unknown
    start, place = 0, call.graph.where(call)
    for name in call.outputs:
        sizes = call.graph.sizes[name]
        channels = sizes[source.channels]
        where = Where(name, place.label, place.scopes)
        tensors.add(where, "slice", [source], sizes, channels=channels, start=start or None)
        start += channels


def _slice(call: Call) -> None:
    source, sizes = call.tensor(), call.sizes
    if sizes == source.sizes:
        _same(call)
        return
    if call.value("dim", 0) % len(sizes) != source.channels or call.value("step", 1) != 1:
        raise Unknown
    start = call.value("start", 0) % source.sizes[source.channels]
    call.add("slice", source, channels=sizes[source.channels], start=start)


def _upsample(call: Call) -> None:
    source = call.tensor()
    factors = []
    for axis in source.axes:
        factor, rest = divmod(call.sizes[axis], source.sizes[axis])
        if rest:
            raise Unknown
        factors.append(factor)
    call.add("upsample", source, factor=factors)


def _pad(call: Call) -> None:
    """Padding with a constant; PyTorch lists the last axis first."""
    source, given = call.tensor(), call.value("pad")
    if call.value("mode", "constant") != "constant" or min(given) < 0 or source.channels != 1:
        raise Unknown
    pairs = [[*given[i : i + 2]] for i in range(0, len(given), 2)][::-1]
    spatial = len(source.sizes) - 2
    if len(pairs) > spatial:
        raise Unknown
    pairs = [[0, 0]] * (spatial - len(pairs)) + pairs
    call.add("zero_pad", source, padding=pairs)


_OPERATIONS: dict[str, Callable[[Call], None]] = {
    **dict.fromkeys(("conv1d", "conv2d", "conv3d"), _conv),
    **dict.fromkeys(("conv_transpose1d", "conv_transpose2d", "conv_transpose3d"), _transposed),
    **{f"max_pool{axes}d": _pool("max_pool", axes) for axes in (1, 2, 3)},
    **{f"avg_pool{axes}d": _pool("avg_pool", axes) for axes in (1, 2, 3)},
    **{f"adaptive_avg_pool{axes}d": _adaptive("avg") for axes in (1, 2, 3)},
    **{f"adaptive_max_pool{axes}d": _adaptive("max") for axes in (1, 2, 3)},
    **dict.fromkeys(("view", "reshape", "flatten", "_unsafe_view"), _flatten),
    "getitem": lambda call: None,  # takes out what split and chunk have given already
    **dict.fromkeys(("contiguous", "clone", "detach", "to", "alias", "identity"), _same),
    **dict.fromkeys(("dropout", "feature_dropout", "alpha_dropout"), _plain("dropout")),
    **dict.fromkeys(("upsample_nearest2d", "upsample_bilinear2d"), _upsample),
    **dict.fromkeys(("upsample_nearest1d", "upsample_nearest3d"), _upsample),
    **dict.fromkeys(("split", "chunk", "split_with_sizes", "tensor_split"), _split),
    **{
        kind: _plain(kind)
        for kind in ("relu", "relu6", "elu", "selu", "gelu", "sigmoid", "tanh", "mish", "softplus")
    },
    **{kind: _plain(kind) for kind in ("leaky_relu", "abs", "softmax", "log_softmax")},
    "linear": _linear,
    "mean": _mean,
    "batch_norm": _batch_norm,
    "layer_norm": _layer_norm,
    "group_norm": _norm("group_norm", "num_groups"),
    "instance_norm": _norm("instance_norm"),
    "silu": _plain("swish"),
    "hardswish": _plain("hard_swish"),
    "hardsigmoid": _plain("hard_sigmoid"),
    "hardtanh": _hardtanh,
    "prelu": _prelu,
    "add": _merge("add"),
    "mul": _merge("multiply"),
    "sub": _merge("subtract"),
    "maximum": _merge("maximum"),
    "cat": _concat,
    "permute": _permute,
    "transpose": _transpose,
    "slice": _slice,
    "pad": _pad,
    "pixel_shuffle": lambda call: call.add("pixel_shuffle", factor=call.value("upscale_factor")),
    "pixel_unshuffle": lambda call: call.add(
        "space_to_depth", factor=call.value("downscale_factor")
    ),
}
