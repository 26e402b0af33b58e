"""Writes the models beside it with PyTorch's exporter: Debian's python3-torch 1.13.1, no other package.

/usr/bin/python3 generate.py

Small networks that export as real ones do, each with the shape arithmetic that PyTorch writes for it. The tests compare
with ONNX Runtime on the same files, so no outputs are kept.
"""

from pathlib import Path

import torch
from torch import nn

here = Path(__file__).parent


class Residual(nn.Module):
    """A ResNet's pieces: batch norm, a residual sum, pooling to one pixel, view(size(0), -1)."""

    def __init__(self, ceil_mode):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 4, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU())
        self.block = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU6(), nn.Dropout(0.5))
        self.pool = nn.MaxPool2d(3, 2, 1, ceil_mode=ceil_mode)
        self.classifier = nn.Linear(4, 5)

    def forward(self, pixels):
        x = self.pool(self.stem(pixels))
        x = nn.functional.adaptive_avg_pool2d(x + self.block(x), 1)
        return self.classifier(x.view(x.size(0), -1))


class Attention(nn.Module):
    """A transformer's pieces: heads by view and permute, a causal mask from arange, layer norm, GELU, embeddings."""

    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(11, 8)
        self.places = nn.Embedding(6, 8)
        self.norm = nn.LayerNorm(8)
        self.project = nn.Linear(8, 24)
        self.grow = nn.Linear(8, 16)
        self.shrink = nn.Linear(16, 8)

    def forward(self, ids):
        n, t = ids.shape
        place = torch.arange(t, device=ids.device)
        x = self.words(ids) + self.places(place).unsqueeze(0).expand(n, -1, -1)
        q, k, v = self.project(self.norm(x)).view(n, t, 3, 2, 4).permute(2, 0, 3, 1, 4).unbind(0)
        scores = q @ k.transpose(-2, -1) / 4**0.5
        scores = scores.masked_fill(place.unsqueeze(0) > place.unsqueeze(1), float("-inf"))
        mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(n, t, 8)
        return x + self.shrink(nn.functional.gelu(self.grow(mixed)))


class Mobile(nn.Module):
    """A MobileNetV3's pieces: depthwise convolutions, hard swish, squeeze and excitation, chunk and cat."""

    def __init__(self):
        super().__init__()
        self.wide = nn.Sequential(nn.Conv2d(3, 8, 1), nn.Hardswish(), nn.Conv2d(8, 8, 3, padding=1, groups=8))
        self.squeeze = nn.Sequential(nn.Conv2d(8, 2, 1), nn.PReLU(2), nn.Conv2d(2, 8, 1), nn.Hardsigmoid())

    def forward(self, pixels):
        x = self.wide(pixels)
        x = x * self.squeeze(x.mean((2, 3), keepdim=True))
        left, right = x.chunk(2, 1)
        height = x.shape[2]
        return torch.cat([left[:, :, : height // 2], nn.functional.silu(right)[:, :, -(height // 2) :]], 1).flatten(2)


def randomised(model):
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if tensor.is_floating_point():
                tensor.copy_(torch.rand(tensor.shape) + 0.5 if "var" in name else torch.randn(tensor.shape) / 2)
    return model.eval()


torch.manual_seed(1)
pixels = torch.zeros(1, 3, 10, 12)
for model, example, axes, opset in [
    # before opset 10 the exporter turns ceil_mode into pads that ONNX Runtime refuses
    (Residual(ceil_mode=False), pixels, {"pixels": {0: "batch"}, "result": {0: "batch"}}, 7),
    (Residual(ceil_mode=True), pixels, {"pixels": {0: "batch"}, "result": {0: "batch"}}, 11),
    (Attention(), torch.zeros(1, 3, dtype=torch.long), {"ids": {0: "batch", 1: "length"}}, 13),
    (Mobile(), pixels, {"pixels": {0: "batch", 2: "height", 3: "width"}}, 17),
]:
    name = type(model).__name__.lower()
    torch.onnx.export(
        randomised(model),
        example,
        here / f"{name}-{opset}.onnx",
        input_names=[next(iter(axes))],
        output_names=["result"],
        dynamic_axes=axes,
        opset_version=opset,
        # keeps batch normalisation as a node of its own
        training=torch.onnx.TrainingMode.PRESERVE,
        do_constant_folding=False,
    )
