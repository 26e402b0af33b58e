"""The same network and step in PyTorch; the protocol of serve.js."""
import sys

import torch
from serve import serve, torch_version
from torch import nn
from torch.nn import functional as F

batch, threads = int(sys.argv[1]), int(sys.argv[2])
device = sys.argv[3] if len(sys.argv) > 3 else "cpu"
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


model = FashionCnn().to(device)
optimiser = torch.optim.SGD(model.parameters(), lr=0.01)
pixels = torch.rand(batch, 1, 28, 28, device=device)
labels = torch.arange(batch, device=device) % 10


def step():
    optimiser.zero_grad()
    loss = F.nll_loss(model(pixels), labels)
    loss.backward()
    optimiser.step()
    return loss.item()


serve(torch_version(torch, device), step)
