"""Names of blocks: the class that the uses have in the source, else what they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from cnncalc.exchange.recovery.items import (
    Branches,
    Gate,
    Items,
    Leaf,
    Residual,
    layers_of,
    parts_of,
)
from cnncalc.language.composites import COMPOSITES
from cnncalc.layers.base import find_kind
from cnncalc.network.model import Group, Network
from cnncalc.wording import fold

_PLAIN = ("Sequential", "Functional", "Model", "ModuleList", "ModuleDict", "module")
_KINDS = {
    "conv": "Conv", "depthwise_conv": "Depthwise", "batch_norm": "BN", "relu": "ReLU",
    "relu6": "ReLU6", "fc": "FC", "dropout": "Dropout", "swish": "Swish", "hard_swish": "HardSwish",
}  # fmt: skip


def block_name(uses: Sequence[Items], network: Network) -> str:
    """A telling name, which may be another block's too."""
    classes = {class_of(use, network) for use in uses}
    if len(classes) == 1 and (name := classes.pop()):
        return name
    name = _by_content(uses[0])
    return name if is_free(name) else f"{name}Block"


def class_of(items: Items, network: Network) -> str:
    """The class of the module that these layers are all of; "" where there is none.

    Layers that are written as part of others (activations, padding) need not be among them.
    """
    paths = [layer.path for layer in layers_of(items)]
    own = set(paths)
    prefix = paths[0].split(".")[:-1]
    while prefix:
        group = network.by_path.get(".".join(prefix))
        if isinstance(group, Group) and own <= {layer.path for layer in group.layers}:
            if any(layer.path not in own and layer.weights for layer in group.layers):
                return ""
            if group.kind not in _PLAIN:
                return _as_name(group.kind)
        prefix.pop()
    return ""


def _as_name(word: str) -> str:
    """A class as the name of a block, which begins with a capital and is no kind of item."""
    name = re.sub(r"\W", "", word)[:40]
    return name if name[:1].isupper() and is_free(name) else ""


def is_free(name: str) -> bool:
    """Whether a block may have the name."""
    return find_kind(name) is None and fold(name) not in COMPOSITES


def _by_content(items: Items) -> str:
    kinds = [*_kinds(items)]
    if any(isinstance(item, Residual) for item in items):
        if "depthwise_conv" in kinds:
            return "Inverted"
        return "Bottleneck" if kinds.count("conv") >= 3 else "BasicBlock"
    if any(isinstance(item, Branches) for item in items):
        return "Dense" if any(not part for item in items for part in parts_of(item)) else "Module"
    if any(isinstance(item, Gate) for item in items):
        return "Excite"
    words = [_KINDS.get(kind, "") for kind in kinds]
    return "".join(words) if all(words) and len(words) <= 3 else "Block"


def _kinds(items: Items) -> Iterator[str]:
    for item in items:
        if isinstance(item, Leaf):
            yield item.kind
        else:
            for part in parts_of(item):
                yield from _kinds(part)
