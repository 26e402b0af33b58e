"""Writes encoder.onnx beside it: a small network that tells five of Fashion-MNIST's ten classes apart.

/usr/bin/python3 train.py, with Debian's python3-torch (1.13); a minute on one core. It learns from the first five classes of
the sample in data/ and is exported as PyTorch exports: its last hidden tensor is `/relu3/Relu_output_0`.
"""

import gzip
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

here = Path(__file__).parent
sample = here.parent.parent / "data" / "fashion-mnist-sample"
torch.manual_seed(1)
torch.set_num_threads(1)


def read(name, header):
    return np.frombuffer(gzip.decompress((sample / name).read_bytes()), np.uint8, offset=header)


pixels = torch.tensor(read("train-images-idx3-ubyte.gz", 16)).reshape(-1, 1, 28, 28) / 256
labels = torch.tensor(read("train-labels-idx1-ubyte.gz", 8)).long()
pixels, labels = pixels[labels < 5], labels[labels < 5]


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
        self.norm1 = nn.BatchNorm2d(8)
        self.pool1 = nn.MaxPool2d(2)
        self.conv2 = nn.Conv2d(8, 16, 3)
        self.norm2 = nn.BatchNorm2d(16)
        self.pool2 = nn.MaxPool2d(3)
        self.fc1 = nn.Linear(256, 32)
        self.relu3 = nn.ReLU()
        self.fc2 = nn.Linear(32, 5)

    def forward(self, x):
        x = self.pool1(F.relu(self.norm1(self.conv1(x))))
        x = self.pool2(F.relu(self.norm2(self.conv2(x))))
        return self.fc2(self.relu3(self.fc1(x.view(x.size(0), -1))))


encoder = Encoder()
optimiser = torch.optim.Adam(encoder.parameters(), lr=0.003)
for epoch in range(12):
    for batch in torch.randperm(len(labels)).split(50):
        optimiser.zero_grad()
        loss = F.cross_entropy(encoder.train()(pixels[batch]), labels[batch])
        loss.backward()
        optimiser.step()
    print(f"epoch {epoch + 1}: loss {loss.item():.4f}")

torch.onnx.export(
    encoder.eval(),
    torch.zeros(1, 1, 28, 28),
    here / "encoder.onnx",
    input_names=["images"],
    output_names=["logits"],
    dynamic_axes={"images": {0: "batch"}, "logits": {0: "batch"}},
    opset_version=13,
    # keeps batch normalisation as a node of its own
    training=torch.onnx.TrainingMode.PRESERVE,
    do_constant_folding=False,
)
