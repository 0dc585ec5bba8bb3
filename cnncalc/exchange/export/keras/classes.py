"""Classes of layers that Keras has not, as they stand in a file that uses them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

# Functions that a file defines where it uses them.
FUNCTIONS = {
    "per_axis": '''\
def per_axis(value, x):
    """One number for each axis of maps."""
    return (value,) * (len(x) - 2) if isinstance(value, int) else tuple(value)''',
    "windows": '''\
def windows(x, kernel_size, strides, dilation_rate):
    """For each place in a window, what stands there in all windows."""
    axes = [*zip(x.shape[1:-1], kernel_size, strides, dilation_rate)]
    counts = [(n - (k - 1) * d - 1) // s + 1 for n, k, s, d in axes]
    for place in itertools.product(*map(range, kernel_size)):
        starts = [p * d for p, d in zip(place, dilation_rate)]
        ends = [a + (n - 1) * s + 1 for a, n, s in zip(starts, counts, strides)]
        rows = [slice(*row) for row in zip(starts, ends, strides)]
        yield x[(slice(None), *rows)]''',
    "crop_to_smallest": '''\
def crop_to_smallest(volumes, least=1):
    """The middle of each volume, as large as the smallest of them that count."""
    along_axes = [*zip(*(x.shape[1:-1] for x in volumes))]
    sizes = [min((n for n in along if n >= least), default=1) for along in along_axes]
    cropped = []
    for x in volumes:
        starts = [max(n - size, 0) // 2 for n, size in zip(x.shape[1:-1], sizes)]
        rows = [slice(a, a + size) for a, size in zip(starts, sizes)]
        cropped.append(x[(slice(None), *rows)])
    return cropped''',
}

CLASSES = {
    "LowestPadding": '''\
class LowestPadding(layers.Layer):
    """Rows of the lowest number around the maps, which no maximum is."""

    def __init__(self, padding, **kwargs):
        super().__init__(**kwargs)
        self.padding = padding

    def call(self, x):
        pads = per_axis(self.padding, x.shape)
        if len(x.shape) == 3 and len(pads) == 2:
            pads = [pads]
        pairs = [(pad, pad) if isinstance(pad, int) else pad for pad in pads]
        lowest = float("-inf")
        return ops.pad(x, [(0, 0), *pairs, (0, 0)], constant_values=lowest)

    def get_config(self):
        return {**super().get_config(), "padding": self.padding}''',
    "TableConv": '''\
class TableConv(layers.Layer):
    """A convolution in which each filter reads some of the maps only, by a table."""

    def __init__(
        self,
        table,
        kernel_size,
        strides=1,
        padding="valid",
        dilation_rate=1,
        activation=None,
        use_bias=True,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.table = table
        self.kernel_size = kernel_size
        self.strides = strides
        self.padding = padding
        self.dilation_rate = dilation_rate
        self.activation = keras.activations.get(activation)
        self.use_bias = use_bias

    def build(self, input_shape):
        links = sum(len(maps) for maps in self.table)
        window = per_axis(self.kernel_size, input_shape)
        self.kernel = self.add_weight(shape=(links, *window), name="kernel")
        self.bias = None
        if self.use_bias:
            shape = (len(self.table),)
            self.bias = self.add_weight(shape=shape, initializer="zeros", name="bias")

    def call(self, x):
        filters, maps = len(self.table), x.shape[-1]
        window = self.kernel.shape[1:]
        places = [[n * filters + f] for f, row in enumerate(self.table) for n in row]
        values = ops.reshape(self.kernel, (len(places), -1))
        kernel = ops.scatter(places, values, (maps * filters, values.shape[-1]))
        kernel = ops.reshape(ops.transpose(kernel), (*window, maps, filters))
        strides = per_axis(self.strides, x.shape)
        dilation = per_axis(self.dilation_rate, x.shape)
        x = ops.conv(x, kernel, strides, self.padding, dilation_rate=dilation)
        return self.activation(x if self.bias is None else x + self.bias)

    def get_config(self):
        return {
            **super().get_config(),
            "table": self.table,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "dilation_rate": self.dilation_rate,
            "activation": keras.activations.serialize(self.activation),
            "use_bias": self.use_bias,
        }''',
    "LocalConv": '''\
class LocalConv(layers.Layer):
    """A convolution with a kernel and a bias of its own at every position."""

    def __init__(
        self,
        filters,
        kernel_size,
        strides=1,
        dilation_rate=1,
        activation=None,
        use_bias=True,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.filters = filters
        self.kernel_size = kernel_size
        self.strides = strides
        self.dilation_rate = dilation_rate
        self.activation = keras.activations.get(activation)
        self.use_bias = use_bias

    def build(self, input_shape):
        slides = self.kernel_size, self.strides, self.dilation_rate
        self.slides = [per_axis(value, input_shape) for value in slides]
        axes = zip(input_shape[1:-1], *self.slides)
        sizes = [(n - (k - 1) * d - 1) // s + 1 for n, k, s, d in axes]
        values = math.prod(self.slides[0]) * input_shape[-1]
        shape = (*sizes, values, self.filters)
        self.kernel = self.add_weight(shape=shape, name="kernel")
        self.bias = None
        if self.use_bias:
            shape = (*sizes, self.filters)
            self.bias = self.add_weight(shape=shape, initializer="zeros", name="bias")

    def call(self, x):
        patches = ops.concatenate([*windows(x, *self.slides)], axis=-1)
        x = ops.squeeze(ops.matmul(ops.expand_dims(patches, -2), self.kernel), -2)
        return self.activation(x if self.bias is None else x + self.bias)

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "dilation_rate": self.dilation_rate,
            "activation": keras.activations.serialize(self.activation),
            "use_bias": self.use_bias,
        }''',
    "DilatedMaxPooling": '''\
class DilatedMaxPooling(layers.Layer):
    """The largest of values that lie apart."""

    def __init__(self, pool_size, strides=None, dilation_rate=1, **kwargs):
        super().__init__(**kwargs)
        self.pool_size = pool_size
        self.strides = pool_size if strides is None else strides
        self.dilation_rate = dilation_rate

    def call(self, x):
        slides = self.pool_size, self.strides, self.dilation_rate
        found, *others = windows(x, *(per_axis(value, x.shape) for value in slides))
        for other in others:
            found = ops.maximum(found, other)
        return found

    def get_config(self):
        return {
            **super().get_config(),
            "pool_size": self.pool_size,
            "strides": self.strides,
            "dilation_rate": self.dilation_rate,
        }''',
    "Subsampling": '''\
class Subsampling(layers.Layer):
    """The sum of each window times a trained coefficient of the map, plus a bias."""

    def __init__(self, pool_size, strides=None, activation=None, **kwargs):
        super().__init__(**kwargs)
        self.pool_size = pool_size
        self.strides = pool_size if strides is None else strides
        self.activation = keras.activations.get(activation)

    def build(self, input_shape):
        maps = (input_shape[-1],)
        self.coefficient = self.add_weight(shape=maps, name="coefficient")
        self.bias = self.add_weight(shape=maps, initializer="zeros", name="bias")

    def call(self, x):
        size, strides = (per_axis(n, x.shape) for n in (self.pool_size, self.strides))
        total = ops.average_pool(x, size, strides) * math.prod(size)
        return self.activation(total * self.coefficient + self.bias)

    def get_config(self):
        return {
            **super().get_config(),
            "pool_size": self.pool_size,
            "strides": self.strides,
            "activation": keras.activations.serialize(self.activation),
        }''',
    "AdaptivePooling": '''\
class AdaptivePooling(layers.Layer):
    """Maps of a given size; the windows follow from it, and may overlap."""

    def __init__(self, size, reduce="mean", **kwargs):
        super().__init__(**kwargs)
        self.size = size
        self.reduce = reduce

    def call(self, x):
        reduce = {"mean": ops.mean, "max": ops.max}[self.reduce]
        for axis, out in enumerate(per_axis(self.size, x.shape), 1):
            n, before = x.shape[axis], (slice(None),) * axis
            rows = [slice(i * n // out, -(-(i + 1) * n // out)) for i in range(out)]
            parts = [reduce(x[(*before, part)], axis, keepdims=True) for part in rows]
            x = ops.concatenate(parts, axis)
        return x

    def get_config(self):
        return {**super().get_config(), "size": self.size, "reduce": self.reduce}''',
    "RadialBasis": '''\
class RadialBasis(layers.Layer):
    """The squared distance of a vector to the centre of each unit."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        shape = (self.units, input_shape[-1])
        self.centres = self.add_weight(shape=shape, name="centres")

    def call(self, x):
        return ops.sum(ops.square(ops.expand_dims(x, 1) - self.centres), axis=-1)

    def get_config(self):
        return {**super().get_config(), "units": self.units}''',
    "LocalResponseNormalization": '''\
class LocalResponseNormalization(layers.Layer):
    """Each value divided by a power of the squares in its neighbouring channels."""

    def __init__(self, size=5, alpha=1e-4, beta=0.75, bias=1.0, **kwargs):
        super().__init__(**kwargs)
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.bias = bias

    def call(self, x):
        before = self.size // 2
        pads = [(0, 0)] * (len(x.shape) - 1) + [(before, self.size - 1 - before)]
        squares = ops.pad(ops.square(x), pads)
        total = sum(squares[..., i : i + x.shape[-1]] for i in range(self.size))
        return x / (self.bias + self.alpha / self.size * total) ** self.beta

    def get_config(self):
        return {
            **super().get_config(),
            "size": self.size,
            "alpha": self.alpha,
            "beta": self.beta,
            "bias": self.bias,
        }''',
    "Scale": '''\
class Scale(layers.Layer):
    """A trained factor for each channel."""

    def __init__(self, use_bias=False, initial=1.0, **kwargs):
        super().__init__(**kwargs)
        self.use_bias = use_bias
        self.initial = initial

    def build(self, input_shape):
        maps = (input_shape[-1],)
        start = keras.initializers.Constant(self.initial)
        self.factor = self.add_weight(shape=maps, initializer=start, name="factor")
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(shape=maps, initializer="zeros", name="bias")

    def call(self, x):
        x = x * self.factor
        return x if self.bias is None else x + self.bias

    def get_config(self):
        config = super().get_config()
        return {**config, "use_bias": self.use_bias, "initial": self.initial}''',
    "WindowAttention": '''\
class WindowAttention(layers.Layer):
    """Self-attention over all positions, or over those of a window."""

    def __init__(
        self, heads, dimensions, use_bias=True, project=True, window=None, **kwargs
    ):
        super().__init__(**kwargs)
        self.heads = heads
        self.dimensions = dimensions
        self.use_bias = use_bias
        self.project = project
        self.window = window

    def build(self, input_shape):
        maps = input_shape[-1]
        units = 3 * self.dimensions
        self.kernel = self.add_weight(shape=(maps, units), name="kernel")
        self.bias = self.output_kernel = self.output_bias = None
        if self.use_bias:
            zeros = {"shape": (units,), "initializer": "zeros"}
            self.bias = self.add_weight(**zeros, name="bias")
        if self.project:
            shape = (self.dimensions, maps)
            self.output_kernel = self.add_weight(shape=shape, name="output_kernel")
        if self.project and self.use_bias:
            zeros = {"shape": (maps,), "initializer": "zeros"}
            self.output_bias = self.add_weight(**zeros, name="output_bias")

    def call(self, x):
        sizes = x.shape[1:-1]
        window = sizes if self.window is None else per_axis(self.window, x.shape)
        counts = [n // size for n, size in zip(sizes, window)]
        parts = [n for pair in zip(counts, window) for n in pair]
        axes = range(1, 2 * len(sizes) + 1)
        order = [0, *axes[::2], *axes[1::2], len(axes) + 1]
        x = ops.transpose(ops.reshape(x, (-1, *parts, x.shape[-1])), order)
        x = self.attend(ops.reshape(x, (-1, math.prod(window), x.shape[-1])))
        x = ops.reshape(x, (-1, *counts, *window, x.shape[-1]))
        back = [0, *(n for pair in zip(axes, axes[len(sizes) :]) for n in pair)]
        x = ops.transpose(x, [*back, len(axes) + 1])
        return ops.reshape(x, (-1, *sizes, x.shape[-1]))

    def attend(self, x):
        """Attention of all positions of a row."""
        length, depth = x.shape[1], self.dimensions // self.heads
        x = ops.matmul(x, self.kernel)
        x = x if self.bias is None else x + self.bias
        x = ops.reshape(x, (-1, length, 3, self.heads, depth))
        query, key, value = (ops.transpose(x[:, :, n], (0, 2, 1, 3)) for n in range(3))
        shares = ops.matmul(query, ops.transpose(key, (0, 1, 3, 2))) / depth**0.5
        x = ops.matmul(ops.softmax(shares), value)
        x = ops.reshape(ops.transpose(x, (0, 2, 1, 3)), (-1, length, self.dimensions))
        x = x if self.output_kernel is None else ops.matmul(x, self.output_kernel)
        return x if self.output_bias is None else x + self.output_bias

    def get_config(self):
        return {
            **super().get_config(),
            "heads": self.heads,
            "dimensions": self.dimensions,
            "use_bias": self.use_bias,
            "project": self.project,
            "window": self.window,
        }''',
    "ChannelShuffle": '''\
class ChannelShuffle(layers.Layer):
    """The channels of all groups in turn."""

    def __init__(self, groups, **kwargs):
        super().__init__(**kwargs)
        self.groups = groups

    def call(self, x):
        *sizes, maps = x.shape[1:]
        x = ops.reshape(x, (-1, *sizes, self.groups, maps // self.groups))
        return ops.reshape(ops.swapaxes(x, -1, -2), (-1, *sizes, maps))

    def get_config(self):
        return {**super().get_config(), "groups": self.groups}''',
    "DepthToSpace": '''\
class DepthToSpace(layers.Layer):
    """Channels become rows and columns."""

    def __init__(self, factor, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, x):
        *sizes, maps = x.shape[1:]
        count, f = len(sizes), self.factor
        maps //= f**count
        x = ops.reshape(x, (-1, *sizes, maps, *[f] * count))
        pairs = [n for axis in range(1, count + 1) for n in (axis, axis + count + 1)]
        x = ops.transpose(x, (0, *pairs, count + 1))
        return ops.reshape(x, (-1, *(n * f for n in sizes), maps))

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}''',
    "SpaceToDepth": '''\
class SpaceToDepth(layers.Layer):
    """Rows and columns become channels."""

    def __init__(self, factor, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, x):
        *sizes, maps = x.shape[1:]
        count, f = len(sizes), self.factor
        parts = [n for size in sizes for n in (size // f, f)]
        x = ops.reshape(x, (-1, *parts, maps))
        axes = range(1, 2 * count + 1)
        x = ops.transpose(x, (0, *axes[::2], 2 * count + 1, *axes[1::2]))
        return ops.reshape(x, (-1, *parts[::2], maps * f**count))

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}''',
    "ClassToken": '''\
class ClassToken(layers.Layer):
    """One more position before the others, of trained values."""

    def build(self, input_shape):
        self.token = self.add_weight(shape=(1, 1, input_shape[-1]), name="token")

    def call(self, x):
        token = ops.zeros_like(x[:, :1]) + self.token
        return ops.concatenate([token, x], axis=1)''',
    "PositionEmbedding": '''\
class PositionEmbedding(layers.Layer):
    """A vector of trained values for every position, added to it."""

    def build(self, input_shape):
        self.positions = self.add_weight(shape=input_shape[1:], name="positions")

    def call(self, x):
        return x + self.positions''',
    "Resize": '''\
class Resize(layers.Layer):
    """Maps of another size, by repeating values or by interpolating between them."""

    def __init__(self, size, method="nearest", **kwargs):
        super().__init__(**kwargs)
        self.size = size
        self.method = method

    def call(self, x):
        for axis, out in enumerate(self.size, 1):
            n = x.shape[axis]
            if self.method == "nearest":
                x = ops.take(x, [i * n // out for i in range(out)], axis)
                continue
            places = [min(max((i + 0.5) * n / out - 0.5, 0), n - 1) for i in range(out)]
            below = [int(place) for place in places]
            above = [min(place + 1, n - 1) for place in below]
            share = [place - row for place, row in zip(places, below)]
            shape = [1] * len(x.shape)
            shape[axis] = out
            share = ops.reshape(ops.convert_to_tensor(share, dtype=x.dtype), shape)
            x = ops.take(x, below, axis) * (1 - share) + ops.take(x, above, axis) * share
        return x

    def get_config(self):
        return {**super().get_config(), "size": self.size, "method": self.method}''',
}


def needed(texts: Iterable[str]) -> Iterator[str]:
    """The functions that texts call, each before those that call it."""
    whole = "\n".join(texts)
    for name, text in FUNCTIONS.items():
        if re.search(rf"\b{name}\(", whole):
            yield text
