"""Reads .keras files (of Keras 3, and Keras 2's JSON in them): a zip file with config.json.

Every layer is there with all its arguments and with what it reads. The weights are not read.
"""

from __future__ import annotations

from typing import Any

from cnncalc.exchange.archive import Json, read_json
from cnncalc.exchange.keras_layers import Config, Refused, layer_of
from cnncalc.exchange.model import Model, ModelError, Node, Scope
from cnncalc.volume import Volume
from cnncalc.wording import visible

_NO_LAYERS = (
    "{} is a subclassed model: its file holds the name of its class, {}, and no layers; "
    "a model made as keras.Model(inputs, outputs) is saved with its layers"
)
_MODELS = ("Functional", "Sequential", "Model")
_MAX_NESTED, _MAX_LISTED = 50, 10


def read(path: str, max_size: int) -> Model:
    """The model of a .keras file. Raises ModelError, and OSError."""
    return from_config(read_json(path, "config.json", max_size), path)


def from_config(config: Config, name: str) -> Model:
    """The model of what `model.to_json()` gives, once it is read. Raises ModelError."""
    reading = _Reading(Model(name, source="Keras"))
    try:
        if config["class_name"] not in _MODELS:
            raise ModelError(_NO_LAYERS.format(visible(name), visible(config["class_name"])))
        reading.model.outputs = reading.read(config, (), [])
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        raise ModelError(
            f"{visible(name)} is not as Keras writes it: {type(error).__name__} {error}"
        ) from None
    if reading.model.unknown:
        named = ", ".join(visible(name) for _, name in reading.model.unknown[:_MAX_LISTED])
        reading.model.remarks.append(
            f"how many parameters these have is not in the file, so that none are counted: {named}"
        )
    return reading.model


class _Reading:
    """Reads one model. Signals are called by the names of the nodes that give them."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.ranks: dict[str, int] = {}  # the spatial axes of each signal
        self.first: dict[str, str] = {}  # the node of the first use of each layer
        self.stated: dict[str, list[int]] = {}  # what layers give, as those say that read them

    def read(self, config: Config, scopes: tuple[Scope, ...], given: list[str]) -> list[str]:
        """Add the layers of a model that reads the signals `given`; what it hands on."""
        if len(scopes) > _MAX_NESTED:
            raise ModelError(f"models are nested in models more than {_MAX_NESTED} deep")
        inner = config["config"]
        self.stated.update(_stated(inner["layers"], config["class_name"] == "Sequential"))
        if config["class_name"] == "Sequential":
            return self.sequence(inner, scopes, given)
        ends = [end[0] for end in _histories(inner["input_layers"])]
        results = {(name, 0): [signal] for name, signal in zip(ends, given, strict=False)}
        for layer in inner["layers"]:
            name = layer["config"]["name"]
            if layer["class_name"] != "InputLayer":
                for number, node in enumerate(layer["inbound_nodes"]):
                    sources = [results[name_, n][place] for name_, n, place in _histories(node)]
                    results[name, number] = self.call(layer, scopes, sources)
            elif not given:
                results[name, 0] = [self.input(layer["config"])]
        return [results[name, n][place] for name, n, place in _histories(inner["output_layers"])]

    def sequence(self, inner: Config, scopes: tuple[Scope, ...], given: list[str]) -> list[str]:
        """Add the layers of a Sequential model."""
        signals = given
        for layer in inner["layers"]:
            if not signals:
                own = layer["config"]
                shape = _shape(own) or inner.get("build_input_shape")
                signals = [self.input({**own, "batch_shape": shape})]
            if layer["class_name"] != "InputLayer":
                signals = self.call(layer, scopes, signals)
        return signals

    def input(self, config: Config) -> str:
        """An input of the network."""
        shape = _shape(config)
        if shape is None:
            raise ModelError("the model was saved before it knew its input; call it once, or give "
                             "it an Input layer")  # fmt: skip
        *sizes, channels = shape[1:]
        name: str = config["name"]
        known = None not in shape[1:]
        self.model.inputs[name] = Volume(tuple(sizes), channels) if known else None
        self.ranks[name] = len(sizes)
        return name

    def call(self, layer: Config, scopes: tuple[Scope, ...], sources: list[str]) -> list[str]:
        """Add one use of a layer, or of a model; what it hands on."""
        cls, config = layer["class_name"], layer["config"]
        name = config["name"]
        if cls in _MODELS:
            return self.read(layer, (*scopes, Scope(name, cls)), sources)
        rank = self.ranks[sources[0]]
        if cls == "Normalization":
            self.model.remarks.append(
                f"{visible(name)} normalises the input with numbers that are not counted here; "
                "Keras counts them as non-trainable"
            )
            return sources
        if cls == "MultiHeadAttention":
            sources = [*dict.fromkeys(sources)]  # the query, the value and the key
        try:
            kind, arguments = layer_of(cls, config, rank, len(sources))
        except Refused:
            kind, arguments = self.unknown(cls, name)
        if not kind:
            return sources
        path = ".".join([*(scope.name for scope in scopes), name])
        first = self.first.get(path, "")
        signal = f"{path}:{len(self.model.nodes)}"
        self.first.setdefault(path, signal)
        given = {key: value for key, value in arguments.items() if value is not None}
        self.model.nodes.append(
            Node(signal, kind, given, sources, label=name, scopes=scopes, shares=first)
        )
        self.ranks[signal] = _rank(kind, given, rank)
        return [signal]

    def unknown(self, cls: str, name: str) -> tuple[str, dict[str, Any]]:
        """A layer that no kind stands for; what reads it says what it gives."""
        self.model.unknown.append((cls, name))
        shape = self.stated.get(name)
        return "custom", {"output": "x".join(map(str, shape)) if shape else None}


def _rank(kind: str, arguments: dict[str, Any], rank: int) -> int:
    """The spatial axes of what a layer gives."""
    if kind in ("flatten", "fc") or arguments.get("keep") is False:
        return 0
    if kind == "reshape" or arguments.get("output"):
        return str(arguments.get("to") or arguments["output"]).count("x")
    return 1 if kind == "embedding" else rank


def _stated(layers: list[Config], is_sequence: bool) -> dict[str, list[int]]:
    """What layers give, by the shapes that those which read them were built for."""
    found = {}
    for before, layer in zip([None, *layers], layers, strict=False):
        shape = (layer.get("build_config") or {}).get("input_shape")
        if not isinstance(shape, list) or not all(map(_is_size, shape[1:])):
            continue
        nodes = layer.get("inbound_nodes") or []
        names = [name for node in nodes for name, _, _ in _histories(node)]
        if is_sequence and before is not None:
            names = [before["config"]["name"]]
        found.update(dict.fromkeys(names, shape[1:]))
    return found


def _is_size(size: Json) -> bool:
    return isinstance(size, int) and size > 0


def _shape(config: Config) -> list[Json] | None:
    """The input shape that a layer has, with the batch; of Keras 3 or 2."""
    return config.get("batch_shape") or config.get("batch_input_shape")


def _histories(value: Json) -> list[tuple[str, int, int]]:
    """The tensors in an argument, in order: the layer, its node and the place in what that gives.

    Keras 3 writes {"class_name": "__keras_tensor__", "config": {"keras_history": [...]}}, Keras 2
    and the lists of inputs and outputs [layer, node, place, ...].
    """
    if isinstance(value, dict):
        if value.get("class_name") == "__keras_tensor__":
            return _histories(value["config"]["keras_history"])
        return [found for part in value.values() for found in _histories(part)]
    if not isinstance(value, list):
        return []
    if len(value) >= 3 and isinstance(value[0], str) and type(value[1]) is type(value[2]) is int:
        return [(value[0], value[1], value[2])]
    return [found for part in value for found in _histories(part)]
