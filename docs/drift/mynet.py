"""The network of drift.md in PyTorch; make() returns it."""

import torch
from torch import nn


class Block(nn.Module):
    """Two convolutions, and a shortcut around them."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        body = torch.relu(self.norm1(self.conv1(x)))
        return torch.relu(x + self.norm2(self.conv2(body)))


class Net(nn.Module):
    """A small residual network for images of 32x32 pixels."""

    def __init__(self, width: int = 32, blocks: int = 3) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, width, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(width)
        self.pool = nn.MaxPool2d(2)
        self.blocks = nn.Sequential(*(Block(width) for _ in range(blocks)))
        self.drop = nn.Dropout()
        self.logits = nn.Linear(width, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.blocks(self.pool(torch.relu(self.norm(self.stem(x)))))
        return self.logits(self.drop(x.mean((2, 3))))


def make() -> nn.Module:
    """What the spec describes."""
    return Net()
