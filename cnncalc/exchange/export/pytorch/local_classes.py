"""Small classes for what PyTorch has no module of; a file gets those that it uses.

They are for any number of spatial axes. Volumes have their channels at axis 1.
"""

from __future__ import annotations

LOCAL = {
    "frozen": '''\
def frozen(module, trained=False):
    """The module, whose weights are trained or not."""
    return module.requires_grad_(trained)''',
    "stretched": '''\
def stretched(x, axes):
    """The volume with sizes of 1 for the axes that it lacks."""
    return x.reshape(*x.shape, *[1] * (axes - x.dim() + 2))''',
    "cropped": '''\
def cropped(*volumes):
    """The volumes, cut out of their middles to the smallest; a size of 1 stays."""
    for axis in range(2, volumes[0].dim()):
        size = min((v.shape[axis] for v in volumes if v.shape[axis] > 1), default=1)
        starts = [max(v.shape[axis] - size, 0) // 2 for v in volumes]
        pairs = zip(volumes, starts)
        volumes = [v[(slice(None),) * axis + (slice(s, s + size),)] for v, s in pairs]
    return volumes''',
    "SamePad": '''\
class SamePad(nn.Module):
    """Rows around the input, so that it has a window for each stride (TensorFlow)."""

    def __init__(self, kernel, stride, dilation, value=0.0):
        super().__init__()
        self.windows = list(zip(kernel, stride, dilation))
        self.value = value

    def forward(self, x):
        pads = []
        for size, (kernel, stride, dilation) in zip(x.shape[2:], self.windows):
            reach = (-(-size // stride) - 1) * stride + dilation * (kernel - 1) + 1
            missing = max(reach - size, 0)
            pads = [missing // 2, missing - missing // 2, *pads]
        return F.pad(x, pads, value=self.value)''',
    "MeanInside": '''\
class MeanInside(nn.Module):
    """The mean of each window, of which rows outside the input are no part."""

    def __init__(self, pad, pool):
        super().__init__()
        self.pad = pad
        self.pool = pool

    def forward(self, x):
        inside = self.pool(self.pad(torch.ones_like(x[:1, :1])))
        return self.pool(self.pad(x)) / inside''',
    "TableConv": '''\
class TableConv(nn.Module):
    """A convolution of which each filter reads the input maps that a table lists."""

    def __init__(self, in_channels, table, kernel_size, bias=True, **window):
        super().__init__()
        links = [(row, map_) for row, maps in enumerate(table) for map_ in maps]
        self.shape = (len(table), in_channels, *kernel_size)
        self.rows, self.maps = zip(*links)
        self.weight = nn.Parameter(torch.empty(len(links), *kernel_size))
        nn.init.normal_(self.weight, std=0.1)
        self.bias = nn.Parameter(torch.zeros(len(table))) if bias else None
        self.conv = (F.conv1d, F.conv2d, F.conv3d)[len(kernel_size) - 1]
        self.window = window

    def forward(self, x):
        weight = self.weight.new_zeros(self.shape)
        weight[self.rows, self.maps] = self.weight
        return self.conv(x, weight, self.bias, **self.window)''',
    "LocalConv": '''\
class LocalConv(nn.Module):
    """A convolution with a kernel and a bias of its own at every position."""

    def __init__(self, in_channels, filters, kernel_size, size, bias=True, **window):
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = window.get("stride", (1,) * len(size))
        self.dilation = window.get("dilation", (1,) * len(size))
        values = in_channels * math.prod(kernel_size)
        self.weight = nn.Parameter(torch.empty(*size, filters, values))
        nn.init.normal_(self.weight, std=values**-0.5)
        self.bias = nn.Parameter(torch.zeros(filters, *size)) if bias else None

    def forward(self, x):
        windows = x
        for axis, (kernel, stride, dilation) in enumerate(
            zip(self.kernel_size, self.stride, self.dilation), 2
        ):
            windows = windows.unfold(axis, dilation * (kernel - 1) + 1, stride)
            windows = windows[..., ::dilation]
        axes = len(self.kernel_size)
        windows = windows.movedim(1, axes + 1).flatten(axes + 1)
        y = (self.weight @ windows.unsqueeze(-1)).squeeze(-1).movedim(-1, 1)
        return y if self.bias is None else y + self.bias''',
    "Subsample": '''\
class Subsample(nn.Module):
    """The sum of each window, times a coefficient for each map, plus a bias (LeCun)."""

    def __init__(self, channels, pool, values):
        super().__init__()
        self.pool = pool
        self.values = values
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        shape = (-1, *[1] * (x.dim() - 2))
        sums = self.pool(x) * self.values
        return sums * self.weight.view(shape) + self.bias.view(shape)''',
    "RBF": '''\
class RBF(nn.Module):
    """The squared distance of the input to a centre for each unit (LeCun)."""

    def __init__(self, in_features, units):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(units, in_features))

    def forward(self, x):
        return (x.unsqueeze(-2) - self.weight).square().sum(-1)''',
    "Embedding": '''\
class Embedding(nn.Embedding):
    """A vector for each number of a word, with the channels at axis 1."""

    def forward(self, words):
        return super().forward(words.long()).movedim(-1, 1)''',
    "ChannelNorm": '''\
class ChannelNorm(nn.LayerNorm):
    """Layer normalisation over the channels of each position."""

    def forward(self, x):
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)''',
    "Scale": '''\
class Scale(nn.Module):
    """A factor for each channel, and a bias if it has one."""

    def __init__(self, channels, bias=False):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels)) if bias else None

    def forward(self, x):
        shape = (-1, *[1] * (x.dim() - 2))
        y = x * self.weight.view(shape)
        return y if self.bias is None else y + self.bias.view(shape)''',
    "without": '''\
def without(module, parameter):
    """The module without one of its parameters."""
    module.register_parameter(parameter, None)
    return module''',
    "Attention": '''\
class Attention(nn.Module):
    """Multi-head self-attention over all positions, or over those of a window."""

    def __init__(self, channels, size, heads, bias=True, window=None, project=True):
        super().__init__()
        self.heads = heads
        self.window = window
        self.qkv = nn.Linear(channels, 3 * size, bias)
        self.project = nn.Linear(size, channels, bias) if project else nn.Identity()

    def forward(self, x):
        sizes = x.shape[2:]
        counts = [size // w for size, w in zip(sizes, self.window or sizes)]
        for axis, count in enumerate(counts):
            x = x.unflatten(2 + 2 * axis, (count, -1))
        axes = range(len(sizes))
        order = (0, *[2 + 2 * a for a in axes], *[3 + 2 * a for a in axes], 1)
        x = x.permute(order)
        shape = x.shape
        x = x.flatten(1 + len(sizes), -2)
        qkv = self.qkv(x).unflatten(-1, (3, self.heads, -1)).movedim(-3, 0)
        y = F.scaled_dot_product_attention(*qkv.transpose(-2, -3))
        y = self.project(y.transpose(-2, -3).flatten(-2)).reshape(*shape[:-1], -1)
        back = [0, len(shape) - 1]
        for axis in axes:
            back += [1 + axis, 1 + len(sizes) + axis]
        return y.permute(back).reshape(len(y), -1, *sizes)''',
    "PositionEmbedding": '''\
class PositionEmbedding(nn.Module):
    """A trained value for every value of the volume, added to it."""

    def __init__(self, channels, *sizes):
        super().__init__()
        self.weight = nn.Parameter(0.02 * torch.randn(1, channels, *sizes))

    def forward(self, x):
        return x + self.weight''',
    "ClassToken": '''\
class ClassToken(nn.Module):
    """One more position, of trained values, before the others."""

    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1, channels, 1))

    def forward(self, x):
        return torch.cat([self.weight.expand(len(x), -1, -1), x], 2)''',
    "DropPath": '''\
class DropPath(nn.Module):
    """Skips its input at random, for whole examples, while training."""

    def __init__(self, rate):
        super().__init__()
        self.rate = rate

    def forward(self, x):
        if not self.training or self.rate == 0:
            return x
        kept = torch.rand(len(x), *[1] * (x.dim() - 1), device=x.device) >= self.rate
        return x * kept / (1 - self.rate)''',
    "Abs": '''\
class Abs(nn.Module):
    """The absolute value."""

    def forward(self, x):
        return x.abs()''',
    "Reshape": '''\
class Reshape(nn.Module):
    """The same values, read position by position, in another volume."""

    def __init__(self, channels, *sizes):
        super().__init__()
        self.shape = (*sizes, channels)

    def forward(self, x):
        return x.movedim(1, -1).reshape(len(x), *self.shape).movedim(-1, 1)''',
    "PixelShuffle": '''\
class PixelShuffle(nn.Module):
    """Channels become positions: every axis gets `factor` times as long."""

    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def forward(self, x):
        for axis in reversed(range(2, x.dim())):
            x = x.unflatten(1, (-1, self.factor)).movedim(2, axis + 1)
            x = x.flatten(axis, axis + 1)
        return x''',
    "SpaceToDepth": '''\
class SpaceToDepth(nn.Module):
    """Positions become channels: every axis gets `factor` times as short."""

    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def forward(self, x):
        for axis in range(2, x.dim()):
            x = x.unflatten(axis, (-1, self.factor)).movedim(axis + 1, 2)
            x = x.flatten(1, 2)
        return x''',
    "ChannelShuffle": '''\
class ChannelShuffle(nn.Module):
    """Mixes the channels of several groups."""

    def __init__(self, groups):
        super().__init__()
        self.groups = groups

    def forward(self, x):
        return x.unflatten(1, (self.groups, -1)).transpose(1, 2).flatten(1, 2)''',
    "Slice": '''\
class Slice(nn.Module):
    """Some neighbouring channels, or each n-th row and column."""

    def __init__(self, start=0, channels=None, every=()):
        super().__init__()
        stop = None if channels is None else start + channels
        steps = [slice(None, None, step) for step in every]
        self.places = (slice(None), slice(start, stop), *steps)

    def forward(self, x):
        return x[self.places]''',
    "Crop": '''\
class Crop(nn.Module):
    """Takes rows off the sides: a pair for each axis."""

    def __init__(self, *pairs):
        super().__init__()
        self.pairs = pairs

    def forward(self, x):
        for axis, (before, after) in enumerate(self.pairs, 2):
            x = x.narrow(axis, before, x.shape[axis] - before - after)
        return x''',
    "Pad": '''\
class Pad(nn.Module):
    """Rows around the input, last axis first as in F.pad."""

    def __init__(self, *pads, value=0.0):
        super().__init__()
        self.pads = pads
        self.value = value

    def forward(self, x):
        return F.pad(x, self.pads, value=self.value)''',
}
