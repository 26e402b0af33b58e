"""The same decoder and step in PyTorch, the projection of the regions hoisted out of the loop; the protocol of serve.js."""

import sys

import torch
from serve import serve, torch_version
from torch import nn

threads = int(sys.argv[1])
device = sys.argv[2] if len(sys.argv) > 2 else "cpu"
torch.set_num_threads(threads)
batch, length, regions, size, vocabulary = 32, 20, 49, 512, 1000


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, size)
        self.first_hidden = nn.Linear(size, size)
        self.first_cell = nn.Linear(size, size)
        self.of_regions = nn.Linear(size, size)
        self.of_hidden = nn.Linear(size, size, bias=False)
        self.score = nn.Linear(size, 1, bias=False)
        self.cell = nn.LSTMCell(2 * size, size)
        self.dropout = nn.Dropout(0.5)
        self.output = nn.Linear(size, vocabulary)

    def forward(self, features, words):
        mean = features.mean(1)
        state = self.first_hidden(mean), self.first_cell(mean)
        projected = self.of_regions(features)
        hidden = []
        for embedded in self.embedding(words):
            mixed = torch.relu(projected + self.of_hidden(state[0]).unsqueeze(1))
            weights = self.score(mixed).squeeze(2).softmax(1)
            context = torch.bmm(weights.unsqueeze(1), features).squeeze(1)
            state = self.cell(torch.cat([embedded, context], 1), state)
            hidden.append(state[0])
        return self.output(self.dropout(torch.cat(hidden)))


model = Decoder().to(device)
optimiser = torch.optim.Adam(model.parameters(), lr=4e-4)
features = torch.rand(batch, regions, size, device=device)
words = torch.randint(4, vocabulary, (length, batch), device=device)
targets = torch.randint(4, vocabulary, (length * batch,), device=device)


def step():
    optimiser.zero_grad()
    loss = nn.functional.cross_entropy(model(features, words), targets, ignore_index=0)
    loss.backward()
    optimiser.step()
    return loss.item()


serve(torch_version(torch, device), step)
