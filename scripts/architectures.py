"""Writes known networks as ONNX files, with what PyTorch computes of them, for scripts/architectures.js to compare.

    python3 scripts/architectures.py DIR [--exporter torchscript|dynamo] [NAME ...]

Needs torch, torchvision, timm, onnx and onnxscript (PyPI). Weights are random: nothing is downloaded. For every network three random
images, its outputs, and the gradient in the image of the sum of outputs times sin(0), sin(1), ...; and by how much the gradient of the
last image is off in single precision. The names that are there already are left as they are.
"""

import argparse
import contextlib
import copy
import io
import itertools
import json
import logging
import warnings
from pathlib import Path

import numpy as np
import timm
import torch
import torchvision
from torch import nn

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
# inference takes fused ops that have no ONNX form
torch.backends.mha.set_fastpath_enabled(False)

images = 3
classes = 4

torchvision_names = """alexnet convnext_tiny densenet121 efficientnet_b0 efficientnet_v2_s googlenet inception_v3 maxvit_t mnasnet0_5
mobilenet_v2 mobilenet_v3_small regnet_y_400mf resnet18 resnet50 resnext50_32x4d shufflenet_v2_x0_5 squeezenet1_1 swin_t swin_v2_t vgg11
vit_b_32 wide_resnet50_2""".split()
segmentation_names = ["deeplabv3_mobilenet_v3_large", "fcn_resnet50", "lraspp_mobilenet_v3_large"]
own_names = ["gru", "lstm", "rnn", "transformer", "unet-bilinear", "unet-nearest", "unet-transposed"]
most_parameters = 4e7


class UNet(nn.Module):
    """A small one, with group and instance normalisation, reflection and a way up of any kind."""

    def __init__(self, up):
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3, padding=1, padding_mode="reflect")
        self.norm = nn.GroupNorm(2, 8)
        self.second = nn.Sequential(nn.Conv2d(8, 16, 3, padding=1), nn.InstanceNorm2d(16, affine=True), nn.Mish())
        ways = {
            "bilinear": lambda: nn.Upsample(scale_factor=2, mode="bilinear"),
            "nearest": lambda: nn.Upsample(scale_factor=2),
            "transposed": lambda: nn.ConvTranspose2d(16, 16, 2, stride=2),
        }
        self.up = ways[up]()
        self.last = nn.Conv2d(24, classes, 1)

    def forward(self, x):
        x = nn.functional.selu(self.norm(self.first(x)))
        return self.last(torch.cat([x, self.up(self.second(nn.functional.max_pool2d(x, 2)))], 1))


class First(nn.Module):
    """The first of several outputs."""

    def __init__(self, module):
        super().__init__()
        self.module = module

    def forward(self, x):
        y = self.module(x)
        if isinstance(y, dict):
            return y["out"]
        return y[0] if isinstance(y, (tuple, list)) else y


def own(name):
    if name.startswith("unet-"):
        return UNet(name[5:]), (3, 32, 32)
    if name == "transformer":
        layer = nn.TransformerEncoderLayer(32, 4, 64, batch_first=True, activation="gelu")
        return nn.TransformerEncoder(layer, 2), (16, 32)
    layer = {"gru": nn.GRU, "lstm": nn.LSTM, "rnn": nn.RNN}[name]
    return layer(32, 16, num_layers=2, bidirectional=True, batch_first=True), (16, 32)


def timm_names():
    """The smallest network of each of timm's modules."""
    for module in timm.list_modules():
        sizes = []
        for name in timm.list_models(module=module)[:14]:
            with contextlib.suppress(Exception), torch.device("meta"):
                network = timm.create_model(name, num_classes=classes)
                side = network.default_cfg.get("input_size", (3, 224, 224))[1]
                count = sum(p.numel() for p in network.parameters())
                sizes.append((count * (side / 224) ** 2, name))
        if sizes and min(sizes)[0] < most_parameters:
            yield "timm/" + min(sizes)[1]


def build(name):
    library, _, short = name.rpartition("/")
    if library == "":
        return own(short)
    if library == "timm":
        network = timm.create_model(short, num_classes=classes)
        return network, network.default_cfg.get("input_size", (3, 224, 224))
    if short in segmentation_names:
        make = getattr(torchvision.models.segmentation, short)
        return make(weights=None, weights_backbone=None, num_classes=classes), (3, 64, 64)
    sides = {"inception_v3": 299, "alexnet": 224, "maxvit_t": 224, "swin_t": 224, "swin_v2_t": 224, "vgg11": 224, "vit_b_32": 224}
    side = sides.get(short, 64)
    return torchvision.models.get_model(short, weights=None, num_classes=classes), (3, side, side)


def differentiate(network, x):
    x = x.detach().requires_grad_(True)
    y = network(x)
    weights = torch.sin(torch.arange(y.numel(), dtype=torch.float32)).to(y.dtype).reshape(y.shape)
    (y * weights).sum().backward()
    return y.detach(), x.grad


def rounding(network, x, gradient):
    """How far the gradient is from that in double precision, of its largest value; None where a network has no such form."""
    try:
        _, exact = differentiate(copy.deepcopy(network).double(), x.double())
        return ((gradient.double() - exact).abs().max() / exact.abs().max()).item()
    except RuntimeError:
        return None


def write(name, exporter, folder):
    torch.manual_seed(0)
    network, shape = build(name)
    network = First(network).eval()
    for parameter in network.parameters():
        parameter.requires_grad_(False)
        # layers that begin with zeros would hide all before them
        if parameter.dim() > 1 and not parameter.any():
            parameter.normal_(std=0.02)
    file = folder / f"{name.replace('/', '.')}.{exporter}.onnx"
    found = {"x": [], "y": [], "gradient": []}
    for _ in range(images):
        x = torch.rand(2, *shape) - 0.5
        y, gradient = differentiate(network, x)
        for key, value in {"x": x, "y": y, "gradient": gradient}.items():
            found[key].append(value.numpy())
    torch.onnx.export(
        network, (x,), str(file), dynamo=exporter == "dynamo", input_names=["x"], output_names=["y"]
    )
    for key, values in found.items():
        np.concatenate([value.ravel() for value in values]).astype("<f4").tofile(f"{file}.{key}")
    count = sum(p.numel() for p in network.parameters())
    versions = {"torch": torch.__version__, "torchvision": torchvision.__version__, "timm": timm.__version__}
    about = {"name": name, "exporter": exporter, "images": images, "parameters": count, "versions": versions}
    about["rounding"] = rounding(network, x, gradient)
    Path(f"{file}.json").write_text(json.dumps(about))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--exporter", choices=["torchscript", "dynamo"], default="torchscript")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    known = [f"torchvision/{name}" for name in sorted(torchvision_names + segmentation_names)]
    for name in arguments.names or itertools.chain(own_names, known, timm_names()):
        if Path(f"{arguments.folder}/{name.replace('/', '.')}.{arguments.exporter}.onnx.json").exists():
            continue
        said = io.StringIO()
        try:
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                write(name, arguments.exporter, arguments.folder)
            print(f"{name}: written", flush=True)
        except Exception as error:
            print(f"{name}: PyTorch does not export it ({type(error).__name__})", flush=True)


main()
