"""The networks of fine-tuned-networks.js and their step in PyTorch: NETWORK BATCH SIDE THREADS; the protocol of serve.js."""
import sys

import torch
from serve import serve, torch_version
from torch import nn
from torch.nn import functional as F

name, batch, side, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
torch.set_num_threads(threads)


def conv(inside, out, kernel, stride=1, groups=1, padding=None):
    return nn.Conv2d(inside, out, kernel, stride, kernel // 2 if padding is None else padding, groups=groups)


class InvertedResidual(nn.Module):
    def __init__(self, inside, out, stride, expansion):
        super().__init__()
        wide = inside * expansion
        first = [] if expansion == 1 else [conv(inside, wide, 1), nn.ReLU6()]
        self.layers = nn.Sequential(*first, conv(wide, wide, 3, stride, wide), nn.ReLU6(), conv(wide, out, 1))
        self.adds = stride == 1 and inside == out

    def forward(self, x):
        return x + self.layers(x) if self.adds else self.layers(x)


def mobilenet_v2():
    layers, inside = [conv(3, 32, 3, 2), nn.ReLU6()], 32
    for expansion, out, count, stride in [
        (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
    ]:
        for i in range(count):
            layers.append(InvertedResidual(inside, out, stride if i == 0 else 1, expansion))
            inside = out
    return nn.Sequential(*layers, conv(inside, 1280, 1), nn.ReLU6()), 1280


class Residual(nn.Module):
    def __init__(self, inside, out, stride):
        super().__init__()
        self.layers = nn.Sequential(conv(inside, out, 3, stride), nn.ReLU(), conv(out, out, 3))
        self.shortcut = nn.Identity() if stride == 1 and inside == out else conv(inside, out, 1, stride)

    def forward(self, x):
        return F.relu(self.shortcut(x) + self.layers(x))


def resnet18():
    layers, inside = [conv(3, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1)], 64
    for out in (64, 128, 256, 512):
        layers += [Residual(inside, out, 1 if inside == out else 2), Residual(out, out, 1)]
        inside = out
    return nn.Sequential(*layers), 512


class Fire(nn.Module):
    def __init__(self, inside, squeezed, out):
        super().__init__()
        self.squeeze = conv(inside, squeezed, 1)
        self.expand1 = conv(squeezed, out // 2, 1)
        self.expand3 = conv(squeezed, out // 2, 3)

    def forward(self, x):
        squeezed = F.relu(self.squeeze(x))
        return torch.cat([F.relu(self.expand1(squeezed)), F.relu(self.expand3(squeezed))], 1)


def squeezenet():
    pool = nn.MaxPool2d(3, 2)
    return nn.Sequential(
        conv(3, 64, 3, 2, padding=0), nn.ReLU(), pool,
        Fire(64, 16, 128), Fire(128, 16, 128), pool,
        Fire(128, 32, 256), Fire(256, 32, 256), pool,
        Fire(256, 48, 384), Fire(384, 48, 384), Fire(384, 64, 512), Fire(512, 64, 512),
    ), 512


layers, features = {"MobileNetV2": mobilenet_v2, "ResNet-18": resnet18, "SqueezeNet 1.1": squeezenet}[name]()
head = nn.Linear(features, 10)
optimiser = torch.optim.SGD([*layers.parameters(), *head.parameters()], lr=0.001)
pixels = torch.rand(batch, 3, side, side)
labels = torch.arange(batch) % 10


def step():
    optimiser.zero_grad()
    loss = F.cross_entropy(head(layers(pixels).mean((2, 3))), labels)
    loss.backward()
    optimiser.step()
    return loss.item()


serve(torch_version(torch, "cpu"), step)
