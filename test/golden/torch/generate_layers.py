"""Writes layers.jsonl beside it, with Debian's python3-torch (1.13): /usr/bin/python3 generate_layers.py

Every line is a layer by PyTorch's name with its arguments (keywords last), its parameters by PyTorch's names, an input,
and weights w of the output. PyTorch's, in double precision: the output y in training, the gradients of the sum of w * y in
the input and the parameters, the buffers after that, and where there are any the output in evaluation with them.
"""

import torch
from torch import nn
from values import floats, given, packed, rounded, write

cases = []


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(3)

    def forward(self, x):
        return x + torch.relu(self.norm(self.conv(x)))


class Composed(nn.Module):
    """A module of one's own: a list of modules, a parameter of its own, a sequence."""

    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList([Block(), Block()])
        self.scale = nn.Parameter(torch.ones(3, 1, 1))
        self.head = nn.Sequential(nn.AvgPool2d(2), nn.Flatten(), nn.Linear(12, 4), nn.LogSoftmax(-1))

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.head(x * self.scale)


class WholeLSTM(nn.Module):
    """All that an LSTM gives, as rows of its hidden size."""

    def __init__(self, state, *arguments, num_layers=1, batch_first=False, bidirectional=False, **keywords):
        super().__init__()
        self.lstm = nn.LSTM(*arguments, num_layers=num_layers, batch_first=batch_first, bidirectional=bidirectional, **keywords)
        self.state = nn.Parameter(torch.zeros(2, num_layers * (1 + bidirectional), 2, arguments[1])) if state else None

    def forward(self, x):
        y, last = self.lstm(x, None if self.state is None else tuple(self.state))
        return torch.cat([part.reshape(-1, self.lstm.hidden_size) for part in (y, *last)])


class TwoSteps(nn.Module):
    """A cell that is used twice; the input has both steps' inputs."""

    def __init__(self, *arguments, **keywords):
        super().__init__()
        self.cell = nn.LSTMCell(*arguments, **keywords)
        self.state = nn.Parameter(torch.zeros(2, 3, arguments[1]))

    def forward(self, x):
        state = tuple(self.state)
        for step in x:
            state = self.cell(step, state)
        return torch.cat(state)


class SelfAttention(nn.Module):
    """The output of heads that attend to their own sequence, then the weights, as rows."""

    def __init__(self, embedding, heads, causal=False, **keywords):
        super().__init__()
        self.causal = causal
        self.attention = nn.MultiheadAttention(embedding, heads, **keywords)

    def forward(self, x):
        length = x.shape[1 if self.attention.batch_first else 0]
        mask = torch.ones(length, length).triu(1).bool() if self.causal else None
        y, weights = self.attention(x, x, x, attn_mask=mask, average_attn_weights=False)
        return torch.cat([y.reshape(-1), weights.reshape(-1)])


class Decoder(nn.Module):
    """A caption decoder that is taught given words; a sixth size makes it look at the regions."""

    def __init__(self, words, vocabulary, features, embedding, hidden, attention=None):
        super().__init__()
        self.words = torch.tensor(words)
        decoder = nn.Module()
        decoder.embedding = nn.Embedding(vocabulary, embedding)
        decoder.firstHidden = nn.Linear(features, hidden)
        decoder.firstCell = nn.Linear(features, hidden)
        if attention is not None:
            decoder.attention = nn.Module()
            decoder.attention.regions = nn.Linear(features, attention)
            decoder.attention.query = nn.Linear(hidden, attention, bias=False)
            decoder.attention.score = nn.Linear(attention, 1, bias=False)
        decoder.lstm = nn.LSTMCell(embedding + (0 if attention is None else features), hidden)
        decoder.output = nn.Linear(hidden, vocabulary)
        self.decoder = decoder

    def forward(self, regions):
        own = self.decoder
        state = own.firstHidden(regions.mean(1)), own.firstCell(regions.mean(1))
        scores = []
        for word in self.words:
            step = own.embedding(word)
            if hasattr(own, "attention"):
                mixed = own.attention.regions(regions) + own.attention.query(state[0])[:, None]
                weights = own.attention.score(torch.relu(mixed)).softmax(1)
                step = torch.cat([step, (weights * regions).sum(1)], 1)
            state = own.lstm(step, state)
            scores.append(own.output(state[0]))
        return torch.cat(scores)


def randomised(layer):
    """Parameters and float buffers; variances stay above zero."""
    with torch.no_grad():
        for name, tensor in layer.state_dict().items():
            if tensor.is_floating_point():
                tensor.copy_(floats(*tensor.shape, low=1, high=3) if "var" in name else floats(*tensor.shape))
    return layer


def floating(layer):
    return {name: t for name, t in layer.state_dict().items() if t.is_floating_point()}


def case(name, layer, x, *arguments, type=None, **keywords):
    randomised(layer)
    before = {key: packed(t.clone()) for key, t in floating(layer).items()}
    x = x.clone().requires_grad_(x.is_floating_point())
    y = layer.train()(x)
    w = floats(*y.shape)
    wrt = dict(layer.named_parameters(), **({"input": x} if x.requires_grad else {}))
    gradients = torch.autograd.grad((w * y).sum(), list(wrt.values()))
    evaluated = layer.eval()(x)
    buffers = {key: t for key, t in layer.named_buffers() if t.is_floating_point()}
    assert buffers or torch.equal(evaluated, y)
    cases.append(
        {
            "layer": type or layer.__class__.__name__,
            "name": name,
            "arguments": [*arguments, *([keywords] if keywords else [])],
            "parameters": before,
            "input": packed(x),
            "weights": packed(w),
            "output": packed(y),
            "gradients": {key: rounded(g.reshape(-1).tolist()) for key, g in zip(wrt, gradients)},
            "buffers": {key: packed(t) for key, t in buffers.items()},
            **({"evaluated": packed(evaluated)} if buffers else {}),
        }
    )


def layer(type, name, x, *arguments, **keywords):
    case(name, getattr(nn, type)(*arguments, **keywords), x, *arguments, **keywords)


layer("Conv2d", "plain", floats(2, 3, 5, 4), 3, 4, 3)
layer("Conv2d", "stride", floats(1, 2, 7, 6), 2, 3, 3, stride=2)
layer("Conv2d", "stride and padding by axis", floats(1, 2, 7, 6), 2, 3, [3, 2], stride=[3, 1], padding=[2, 1])
layer("Conv2d", "padding", floats(2, 2, 4, 4), 2, 4, 3, padding=1)
layer("Conv2d", "dilation", floats(1, 2, 7, 8), 2, 2, 3, dilation=[2, 3], padding=[1, 0])
layer("Conv2d", "groups", floats(2, 4, 4, 4), 4, 6, 2, groups=2)
layer("Conv2d", "depthwise, no bias", floats(2, 4, 6, 6), 4, 4, 3, groups=4, stride=2, padding=1, bias=False)
layer("Conv2d", "no bias", floats(2, 1, 6, 6), 1, 4, 3, padding=1, bias=False)
layer("Conv2d", "one pixel", floats(2, 3, 3, 3), 3, 2, 1)

layer("Linear", "rows", floats(3, 5), 5, 4)
layer("Linear", "no bias", floats(3, 5), 5, 4, bias=False)
layer("Linear", "one vector", floats(5), 5, 4)
layer("Linear", "more axes", floats(2, 3, 5), 5, 4)
layer("Linear", "more axes, no bias", floats(2, 3, 5), 5, 4, bias=False)

layer("MaxPool2d", "side by side", floats(2, 2, 4, 6), 2)
layer("MaxPool2d", "overlapping", floats(2, 2, 8, 8), 4, stride=2)
layer("MaxPool2d", "overlapping, padding", floats(2, 2, 7, 7), 3, stride=2, padding=1)
layer("MaxPool2d", "by axis", floats(1, 2, 7, 6), [3, 2], stride=[2, 1], padding=[1, 0])
layer("MaxPool2d", "rest left out", floats(1, 1, 5, 7), 2)
layer("AvgPool2d", "side by side", floats(2, 2, 4, 6), 2)
layer("AvgPool2d", "overlapping, padding", floats(2, 2, 7, 7), 3, stride=2, padding=1)
layer("AvgPool2d", "by axis", floats(1, 2, 7, 6), [3, 2], stride=[2, 1], padding=[1, 0])

layer("BatchNorm2d", "images", floats(3, 2, 2, 3), 2)
layer("BatchNorm2d", "its own epsilon and momentum", floats(2, 3, 3, 2), 3, eps=0.01, momentum=0.25)
layer("BatchNorm2d", "two values a channel", floats(2, 2, 1, 1), 2)
layer("LayerNorm", "rows", floats(3, 6), 6)
layer("LayerNorm", "two axes, its own epsilon", floats(2, 3, 4), [3, 4], eps=0.01)
layer("Embedding", "rows twice", given([1, 3, 1], [0, 3, 3]), 5, 4)
layer("Embedding", "one index", given(2), 5, 4)
layer("Flatten", "images", floats(2, 3, 2, 2))

far = torch.cat([floats(2, 5), given([0.0, -8.0, 8.0, 0.5, -0.5])])
for type in ("ReLU", "Sigmoid", "Tanh", "GELU", "SiLU"):
    layer(type, "values", far)
layer("LeakyReLU", "its default", far)
layer("LeakyReLU", "a slope", far, 0.25)
layer("Softmax", "rows", far, -1)
layer("Softmax", "a middle axis", floats(2, 3, 2), 1)
layer("LogSoftmax", "rows", far, -1)
layer("LogSoftmax", "a middle axis", floats(2, 3, 2), 1)

for name, x, arguments, keywords in [
    ("plain", floats(3, 2, 4), [False, 4, 3], {}),
    ("no bias, batch first", floats(2, 3, 4), [False, 4, 3], {"bias": False, "batch_first": True}),
    ("a first state, two layers", floats(3, 2, 4), [True, 4, 3], {"num_layers": 2}),
    ("both directions, two layers", floats(2, 3, 4), [True, 4, 3], {"num_layers": 2, "batch_first": True, "bidirectional": True}),
    ("one step of one example's two", floats(1, 2, 1), [True, 1, 1], {}),
]:
    case(name, WholeLSTM(*arguments, **keywords), x, *arguments, **keywords)
case("cell", TwoSteps(4, 5), floats(2, 3, 4), 4, 5)
case("cell, no bias", TwoSteps(2, 1, bias=False), floats(2, 3, 2), 2, 1, bias=False)

for name, x, arguments, keywords in [
    ("two heads", floats(3, 2, 4), [4, 2], {}),
    ("no bias, batch first, one head", floats(2, 3, 4), [4, 1, False], {"bias": False, "batch_first": True}),
    ("what comes later unseen", floats(2, 3, 4), [4, 2, True], {"batch_first": True}),
]:
    case(name, SelfAttention(*arguments, **keywords), x, *arguments, **keywords)

taught = [[1, 1], [4, 3], [0, 4], [4, 2]]
case("without attention", Decoder(taught, 5, 3, 2, 4), floats(2, 6, 3), taught, 5, 3, 2, 4)
case("with attention", Decoder(taught, 5, 3, 2, 4, 3), floats(2, 6, 3), taught, 5, 3, 2, 4, 3)

several = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8, 3))
case("layers by number", several, floats(2, 1, 6, 6))
case("lists, sequences, a parameter of its own", Composed(), floats(2, 3, 4, 4))

write(cases, "layers.jsonl")
