"""The same network and step in PyTorch; the protocol of serve.js."""
import json
import resource
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

batch, threads = int(sys.argv[1]), int(sys.argv[2])
torch.set_num_threads(threads)


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
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = self.dropout(F.relu(self.fc1(x.flatten(1))))
        return F.log_softmax(self.fc3(F.relu(self.fc2(x))), 1)


model = FashionCnn()
optimiser = torch.optim.SGD(model.parameters(), lr=0.01)
pixels = torch.rand(batch, 1, 28, 28)
labels = torch.arange(batch) % 10


def step():
    optimiser.zero_grad()
    loss = F.nll_loss(model(pixels), labels)
    loss.backward()
    optimiser.step()
    return loss.item()


with open("/proc/self/maps") as maps:
    libraries = maps.read()
blas = "OpenBLAS" if "openblas" in libraries else "MKL" if "mkl" in libraries else "reference BLAS"
print(json.dumps({"version": f"PyTorch {torch.__version__}, {blas}"}), flush=True)
for line in sys.stdin:
    times = []
    loss = 0.0
    for _ in range(int(line)):
        start = time.perf_counter()
        loss = step()
        times.append(1e3 * (time.perf_counter() - start))
    peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"times": times, "loss": loss, "peakBytes": peak}), flush=True)
