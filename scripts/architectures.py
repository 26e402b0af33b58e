"""Writes known networks as ONNX files, with what PyTorch computes of them, for scripts/architectures.js to compare.

    python3 scripts/architectures.py DIR [--exporter torchscript|dynamo] [NAME ...]

Needs torch, torchvision, timm, transformers, onnx and onnxscript (PyPI). Weights are random: nothing is downloaded. For every network three random
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
import transformers
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

sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
words = {**sizes, "vocab_size": 100, "max_position_embeddings": 64}
embedded, picture = ("inputs_embeds", (12, 32)), ("pixel_values", (3, 32, 32))
t5 = {"d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_heads": 4, "vocab_size": 100}
mobile = {"image_size": 64, "hidden_sizes": [16, 24, 32], "neck_hidden_sizes": [8, 8, 16, 16, 24, 24, 32]}
stages = {"hidden_sizes": [8, 16, 24, 32], "depths": [1, 1, 1, 1], "num_attention_heads": [1, 2, 3, 4]}
speech = {"conv_dim": (16, 16), "conv_stride": (5, 4), "conv_kernel": (10, 8), "num_feat_extract_layers": 2}
heard = {"d_model": 32, "encoder_layers": 2, "encoder_attention_heads": 4, "encoder_ffn_dim": 64, "num_mel_bins": 8}
tokens = {"decoder_attention_heads": 4, "decoder_layers": 2, "decoder_ffn_dim": 64, "vocab_size": 100, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 1}
# small ones of transformers: class, configuration, its settings, and the input with the shape of one example
transformer_models = {
    "albert": ("AlbertModel", "AlbertConfig", {**words, "embedding_size": 32}, embedded),
    "bert": ("BertModel", "BertConfig", words, embedded),
    "clip-vision": ("CLIPVisionModel", "CLIPVisionConfig", {**sizes, "image_size": 32, "patch_size": 8}, picture),
    "deberta-v2": ("DebertaV2Model", "DebertaV2Config", {**words, "relative_attention": True, "position_buckets": 8}, embedded),
    "dinov2": ("Dinov2Model", "Dinov2Config", {**sizes, "image_size": 32, "patch_size": 8}, picture),
    "gpt2": ("GPT2Model", "GPT2Config", {"n_embd": 32, "n_layer": 2, "n_head": 4, "use_cache": False}, embedded),
    "llama": ("LlamaModel", "LlamaConfig", {**words, "num_key_value_heads": 2, "use_cache": False}, embedded),
    "mobilevit": ("MobileViTModel", "MobileViTConfig", {**mobile, "num_attention_heads": 4}, ("pixel_values", (3, 64, 64))),
    "roberta": ("RobertaModel", "RobertaConfig", words, embedded),
    "segformer": ("SegformerForSemanticSegmentation", "SegformerConfig", stages, ("pixel_values", (3, 64, 64))),
    "t5-encoder": ("T5EncoderModel", "T5Config", t5, embedded),
    "wav2vec2": ("Wav2Vec2Model", "Wav2Vec2Config", {**sizes, **speech}, ("input_values", (2000,))),
    "whisper-encoder": ("WhisperModel", "WhisperConfig", {**heard, **tokens, "max_source_positions": 20}, ("input_features", (8, 40))),
}


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
    """The first of several outputs, of an input that may have a name."""

    def __init__(self, module, name=None):
        super().__init__()
        self.module = module
        self.name = name

    def forward(self, x):
        y = self.module(x) if self.name is None else self.module(**{self.name: x})
        if isinstance(y, dict):
            return next(iter(y.values()))
        return y[0] if isinstance(y, (tuple, list)) else y


def of_transformers(name):
    model, configuration, settings, (inputs, shape) = transformer_models[name]
    made = getattr(transformers, configuration)(**settings)
    made._attn_implementation = "eager"
    network = getattr(transformers, model)(made)
    # as they are made, what comes out of small ones is next to nothing
    for parameter in network.parameters():
        parameter.data.add_(0.05 * torch.randn_like(parameter))
    if name == "whisper-encoder":
        network = network.encoder
    return First(network, inputs), shape


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
    if library == "transformers":
        return of_transformers(short)
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
    libraries = {"torch": torch, "torchvision": torchvision, "timm": timm, "transformers": transformers}
    versions = {name: library.__version__ for name, library in libraries.items()}
    about = {"name": name, "exporter": exporter, "images": images, "parameters": count, "versions": versions}
    about["rounding"] = rounding(network, x, gradient)
    Path(f"{file}.json").write_text(json.dumps(about))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--exporter", choices=["torchscript", "dynamo"], default="torchscript")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_intermixed_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    known = [f"torchvision/{name}" for name in sorted(torchvision_names + segmentation_names)]
    known += [f"transformers/{name}" for name in transformer_models]
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
