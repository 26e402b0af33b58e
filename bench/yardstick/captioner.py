"""The captioners of the recipes `captioner` and `captioner-attention`, in PyTorch, as a plain loop of one's own would be.

python3 bench/yardstick/captioner.py FOLDER [--attention] [--seed N] [--epochs N] [--device cpu|cuda]

FOLDER is what export-features.js wrote. Prints, epoch by epoch, the mean loss and BLEU-4 (NLTK's corpus_bleu) of captions
written greedily for the validation images.
"""
import argparse
import collections
import json
import math
import random
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

options = argparse.ArgumentParser()
options.add_argument("folder")
options.add_argument("--attention", action="store_true")
options.add_argument("--seed", type=int, default=1)
options.add_argument("--epochs", type=int, default=12)
options.add_argument("--device", default="cpu")
options.add_argument("--threads", type=int, default=1)
given = options.parse_args()

PAD, START, END, UNKNOWN = range(4)
BATCH, SIZE, LONGEST = 32, 512, 30

torch.set_num_threads(given.threads)
torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
torch.manual_seed(given.seed)
random.seed(given.seed)

with open(f"{given.folder}/captions.json") as file:
    described = json.load(file)
images = described["images"]
regions, channels = described["shape"]
halves = np.fromfile(f"{given.folder}/features.f16", dtype=np.float16).reshape(len(images), regions, channels)
features = torch.from_numpy(halves).to(given.device)

vocabulary = {}
for image in images:
    for words in image["tokens"] if image["split"] == "train" else []:
        for word in words:
            vocabulary.setdefault(word, len(vocabulary) + 4)
names = ["<pad>", "<start>", "<end>", "<unknown>", *vocabulary]
taught = [
    (i, [vocabulary[word] for word in words])
    for i, image in enumerate(images)
    if image["split"] == "train"
    for words in image["tokens"]
]
validation = [i for i, image in enumerate(images) if image["split"] == "val"]
references = [images[i]["tokens"] for i in validation]


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(len(names), SIZE)
        self.first_hidden, self.first_cell = nn.Linear(channels, SIZE), nn.Linear(channels, SIZE)
        self.cell = nn.LSTMCell(SIZE + (channels if given.attention else 0), SIZE)
        self.output, self.dropout = nn.Linear(SIZE, len(names)), nn.Dropout(0.5)
        if given.attention:
            self.of_regions, self.of_hidden = nn.Linear(channels, SIZE), nn.Linear(SIZE, SIZE)
            self.score = nn.Linear(SIZE, 1)

    def start(self, shown):
        mean = shown.mean(1)
        return self.first_hidden(mean), self.first_cell(mean), self.of_regions(shown) if given.attention else None

    def step(self, words, hidden, cell, shown, projected):
        seen = self.embedding(words)
        if given.attention:
            scores = self.score(F.relu(projected + self.of_hidden(hidden)[:, None])).squeeze(2)
            seen = torch.cat([seen, (scores.softmax(1)[:, None] @ shown).squeeze(1)], 1)
        return self.cell(seen, (hidden, cell))


def bleu4(candidates):
    """NLTK's corpus_bleu with its default weights, without smoothing."""
    matched, possible, ours, theirs = [0] * 4, [0] * 4, 0, 0
    for own, candidate in zip(references, candidates):
        ours += len(candidate)
        theirs += min((abs(len(words) - len(candidate)), len(words)) for words in own)[1]
        for n in range(1, 5):
            grams = lambda words: collections.Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))  # noqa: E731
            most = collections.Counter()
            for words in own:
                most |= grams(words)
            matched[n - 1] += sum((grams(candidate) & most).values())
            possible[n - 1] += max(1, len(candidate) - n + 1)
    if 0 in matched:
        return 0.0
    penalty = 1 if ours > theirs else math.exp(1 - theirs / ours)
    return penalty * math.exp(sum(math.log(a / b) for a, b in zip(matched, possible)) / 4)


def write():
    model.eval()
    with torch.no_grad():
        shown = features[validation].float()
        hidden, cell, projected = model.start(shown)
        words = torch.full((len(validation),), START, device=given.device)
        said = []
        for _ in range(LONGEST):
            hidden, cell = model.step(words, hidden, cell, shown, projected)
            words = model.output(hidden).argmax(1)
            said.append(words)
    model.train()
    rows = torch.stack(said, 1).tolist()
    return [[names[word] for word in row[: row.index(END) if END in row else None]] for row in rows]


model = Decoder().to(given.device)
optimiser = torch.optim.Adam(model.parameters(), 4e-4)
began = time.time()
for epoch in range(1, given.epochs + 1):
    random.shuffle(taught)
    losses = []
    for first in range(0, len(taught), BATCH):
        batch = taught[first : first + BATCH]
        length = max(len(words) for _, words in batch) + 1
        inputs, targets = torch.zeros(2, len(batch), length, dtype=torch.long)
        for row, (_, words) in enumerate(batch):
            inputs[row, : len(words) + 1] = torch.tensor([START, *words])
            targets[row, : len(words) + 1] = torch.tensor([*words, END])
        inputs, targets = inputs.to(given.device), targets.to(given.device)
        shown = features[[i for i, _ in batch]].float()
        hidden, cell, projected = model.start(shown)
        states = []
        for t in range(length):
            hidden, cell = model.step(inputs[:, t], hidden, cell, shown, projected)
            states.append(hidden)
        scores = model.output(model.dropout(torch.stack(states, 1)))
        loss = F.cross_entropy(scores.flatten(0, 1), targets.flatten(), ignore_index=PAD)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.detach())
    mean = torch.stack(losses).mean().item()
    print(f"epoch {epoch}: loss {mean:.4f}, BLEU-4 {bleu4(write()):.4f}, {time.time() - began:.0f} s", flush=True)
