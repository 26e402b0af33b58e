"""Networks of src/models and of the test in PyTorch, and safetensors by hand: Debian has no package for them.

    /usr/bin/python3 networks.py NETWORK FILE …

loads each file into its network as `load_state_dict` does, strictly, and prints their outputs for `images()` as JSON.
"""

import json
import struct
import sys

import torch
import torch.nn.functional as F
from torch import nn


class FashionCnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3)
        self.fc1 = nn.Linear(1152, 600)
        self.dropout = nn.Dropout(0.3)
        self.fc2 = nn.Linear(600, 120)
        self.fc3 = nn.Linear(120, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2).flatten(1)
        x = self.dropout(F.relu(self.fc1(x)))
        return F.log_softmax(self.fc3(F.relu(self.fc2(x))), 1)


class Normalised(nn.Module):
    """With batch normalisation; the test has the same network."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 2, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(2)
        self.conv2 = nn.Conv2d(2, 3, 5, padding=2, bias=False)
        self.norm2 = nn.BatchNorm2d(3)
        self.fc1 = nn.Linear(147, 8)
        self.fc2 = nn.Linear(8, 6)
        self.fc3 = nn.Linear(6, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.norm1(self.conv1(x))), 2)
        x = F.max_pool2d(F.relu(self.norm2(self.conv2(x))), 2).flatten(1)
        x = F.relu(self.fc2(F.relu(self.fc1(x))))
        return F.log_softmax(self.fc3(x), 1)


networks = {"fashion-cnn": FashionCnn, "normalised": Normalised}
types = {"F32": torch.float32, "F64": torch.float64, "F16": torch.float16, "I64": torch.int64}
names = {dtype: name for name, dtype in types.items()}


def images():
    """Four images that a formula gives."""
    i = torch.arange(4 * 784)
    return ((i * 31 + (i // 784) * 77) % 257).reshape(4, 1, 28, 28) / 256


def written(state):
    header, data = {}, b""
    for name, tensor in state.items():
        content = tensor.contiguous().numpy().tobytes()
        offsets = [len(data), len(data) + len(content)]
        header[name] = {"dtype": names[tensor.dtype], "shape": list(tensor.shape), "data_offsets": offsets}
        data += content
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def read(content):
    (length,) = struct.unpack("<Q", content[:8])
    header, data = json.loads(content[8 : 8 + length]), bytearray(content[8 + length :])
    header.pop("__metadata__", None)
    state = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        flat = torch.frombuffer(data[begin:end], dtype=types[entry["dtype"]])
        state[name] = flat.reshape(entry["shape"]).clone()
    return state


def outputs(network):
    with torch.no_grad():
        return network.eval()(images()).reshape(-1).tolist()


if __name__ == "__main__":
    computed = []
    for name, path in zip(sys.argv[1::2], sys.argv[2::2]):
        network = networks[name]()
        with open(path, "rb") as file:
            network.load_state_dict(read(file.read()), strict=True)
        computed.append(outputs(network))
    print(json.dumps(computed))
