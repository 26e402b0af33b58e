"""Writes the models beside it with the exporters of a current PyTorch (2.15, with onnx and onnxscript): with their outputs and gradients.

python3 generate-current.py

Each as `NAME.onnx`, its values in `NAME.onnx.data` where the exporter puts them there, and `NAME.safetensors`: x, y, and the gradient in x
of the sum of y times sin(0), sin(1), ...
"""

from pathlib import Path

import onnx
import torch
from safetensors.torch import save_file
from torch import nn

here = Path(__file__).parent


class Segmenter(nn.Module):
    """A U-Net's pieces and those of image translation: other normalisations, ways up and down, padding by reflection."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(2, 4, 3, padding=1, padding_mode="reflect")
        self.norm = nn.GroupNorm(2, 4)
        self.second = nn.Sequential(nn.Conv2d(4, 6, 3, padding=1), nn.InstanceNorm2d(6, affine=True), nn.Mish())
        self.up = nn.ConvTranspose2d(6, 4, 2, stride=2)
        self.last = nn.Conv2d(14, 3, 1)

    def forward(self, x):
        x = nn.functional.selu(self.norm(self.first(x)))
        low = self.second(nn.functional.avg_pool2d(x, 2))
        smooth = nn.functional.interpolate(low, scale_factor=2, mode="bilinear")
        return self.last(torch.cat([x, self.up(low), smooth], 1))


class Recurrent(nn.Module):
    """Sequences both ways, and sums by letters."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 4, batch_first=True, bidirectional=True)
        self.gru = nn.GRU(8, 3, batch_first=True)
        self.mix = nn.Parameter(torch.randn(3, 2))

    def forward(self, x):
        x, _ = self.lstm(x)
        x, _ = self.gru(x)
        return torch.einsum("ntc,cd->ndt", x, self.mix).softmax(-1)


def write(name, network, shape, dynamo):
    network.eval()
    x = torch.rand(shape).sub(0.5).requires_grad_(True)
    y = network(x)
    (y * torch.sin(torch.arange(y.numel(), dtype=torch.float32)).reshape(y.shape)).sum().backward()
    file = here / f"{name}.onnx"
    torch.onnx.export(network, (x.detach(),), str(file), dynamo=dynamo, input_names=["x"], output_names=["y"])
    forget_where(file)
    save_file({"x": x.detach(), "y": y.detach().contiguous(), "gradient": x.grad}, str(here / f"{name}.safetensors"))


def forget_where(file):
    """Exporters write down where each line of the network stands on their machine."""
    model = onnx.load(file, load_external_data=False)
    for proto in [*model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output]:
        proto.ClearField("doc_string")
        del proto.metadata_props[:]
    del model.graph.metadata_props[:], model.metadata_props[:]
    file.write_bytes(model.SerializeToString())


for name, make, shape in [("segmenter", Segmenter, (2, 2, 8, 6)), ("recurrent", Recurrent, (2, 5, 3))]:
    for exporter in ["torchscript", "dynamo"]:
        torch.manual_seed(0)
        write(f"{name}-{exporter}", make(), shape, exporter == "dynamo")
