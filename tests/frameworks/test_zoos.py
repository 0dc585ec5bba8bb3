"""Models of torchvision and timm, where versions that fit PyTorch are installed."""

from typing import Any

import pytest

import cnncalc
from cnncalc.exchange.recovery import spec_text

try:
    import timm
    import torchvision
except (ImportError, RuntimeError):  # a torchvision for another PyTorch lacks its operators
    pytest.skip("no torchvision and timm that fit", allow_module_level=True)

TORCHVISION = (
    "alexnet", "densenet121", "googlenet", "mobilenet_v3_small", "regnet_y_400mf", "resnet18",
    "shufflenet_v2_x0_5", "squeezenet1_1", "vgg11_bn", "vit_b_32",
)  # fmt: skip
TIMM = ("convnext_atto", "deit_tiny_patch16_224", "efficientnet_lite0", "repvgg_a0", "seresnet18")


def recovered(model: Any) -> None:
    """Its spec comes to the parameters that PyTorch counts, of what runs."""
    network = cnncalc.from_torch(model.eval(), "224x224x3")
    count = sum(weights.numel() for weights in model.parameters())
    assert network.parameters == count
    assert cnncalc.loads(spec_text(network)).parameters == count


@pytest.mark.parametrize("name", TORCHVISION)
def test_torchvision(name: str) -> None:
    options = {"aux_logits": False, "init_weights": False} if name == "googlenet" else {}
    recovered(torchvision.models.get_model(name, weights=None, **options))


@pytest.mark.parametrize("name", TIMM)
def test_timm(name: str) -> None:
    recovered(timm.create_model(name))
