"""Writes goldens.jsonl beside it, with Debian's python3-torch (1.13): /usr/bin/python3 generate.py

Every line is a case: inputs, weights w of the results, PyTorch's results y in double precision, and its gradients of the
sum of w * y in every float input. Inputs are multiples of 1/64, exact in single precision; results are rounded to 9
significant digits. The names of ops and attributes are ONNX's, as in src/ops.
"""

import numpy as np
import torch
import torch.nn.functional as F
from values import coarse, floats, given, packed, rounded, write

cases = []


def case(op, name, f, inputs, **attributes):
    inputs = [x.clone().requires_grad_(x.is_floating_point()) for x in inputs]
    results = f(*inputs)
    results = results if isinstance(results, (list, tuple)) else [results]
    weights = [floats(*y.shape) if y.is_floating_point() else None for y in results]
    terms = [(w * y).sum() for w, y in zip(weights, results) if w is not None and y.requires_grad]
    gradients = [None] * len(inputs)
    if terms:
        wrt = [x for x in inputs if x.requires_grad]
        found = iter(torch.autograd.grad(sum(terms), wrt))
        gradients = [rounded(next(found).reshape(-1).tolist()) if x.requires_grad else None for x in inputs]
    cases.append(
        {
            "op": op,
            "name": name,
            "attributes": attributes,
            "inputs": [packed(x) for x in inputs],
            "weights": [None if w is None else rounded(w.reshape(-1).tolist()) for w in weights],
            "results": [packed(y) for y in results],
            "gradients": gradients,
        }
    )


def padded(x, pads, value=0.0):
    """ONNX's pads of the spatial axes (begins, then ends) by torch's (last axis first)."""
    rank = len(pads) // 2
    return F.pad(x, [p for axis in reversed(range(rank)) for p in (pads[axis], pads[rank + axis])], value=value)


# elementwise, at the kinks too
for op, f in [
    ("Abs", torch.abs),
    ("Erf", torch.erf),
    ("Exp", torch.exp),
    ("Neg", torch.neg),
    ("Relu", F.relu),
    ("Sigmoid", torch.sigmoid),
    ("Tanh", torch.tanh),
]:
    case(op, "values", f, [floats(2, 5)])
    case(op, "at zero and far away", f, [given(0.0, -0.0, 1.0, -1.0, 3.0, -3.0, 8.0, -8.0)])
case("Sqrt", "values", torch.sqrt, [floats(2, 5, low=1, high=9)])
case("Log", "values", torch.log, [floats(2, 5, low=1, high=9)])
for alpha in (0.25, -0.5):
    case("LeakyRelu", f"slope {alpha}", lambda x: F.leaky_relu(x, alpha), [coarse(3, 4)], alpha=alpha)
case(
    "HardSigmoid",
    "corners",
    F.hardsigmoid,
    [given(-4.0, -3.0, -1.5, 0.0, 2.0, 3.0, 5.0)],
    alpha=1 / 6,
    beta=0.5,
)
case("Clip", "on both bounds", lambda x: torch.clamp(x, -1, 1), [given(-2.0, -1.0, 0.0, 1.0, 2.0)], min=-1, max=1)
case("Clip", "from below", lambda x: torch.clamp(x, min=0), [coarse(7)], min=0)
case("Clip", "from above", lambda x: torch.clamp(x, max=0.5), [floats(7)], max=0.5)

for op, f in [("Add", torch.add), ("Sub", torch.sub), ("Mul", torch.mul)]:
    case(op, "both sides repeated", f, [floats(2, 1, 3), floats(4, 1)])
case("Div", "both sides repeated", torch.div, [floats(2, 1, 3), floats(4, 1, low=1, high=3)])
for op, f in [("Max", torch.maximum), ("Min", torch.minimum)]:
    case(op, "ties", f, [coarse(3, 4), coarse(3, 4)])
    case(op, "ties, both sides repeated", f, [coarse(3, 1), coarse(4)])
case("Pow", "both sides repeated", torch.pow, [floats(3, 1, low=1, high=3), floats(4)])
zeros = [given(0.0, 0.0, 0.0, 2.0, 1.5), given(0.0, 1.0, 2.0, 0.0, -0.5)]
case("Pow", "zero bases and exponents", torch.pow, zeros)
for op, f in [
    ("Equal", torch.eq),
    ("Greater", torch.gt),
    ("GreaterOrEqual", torch.ge),
    ("Less", torch.lt),
    ("LessOrEqual", torch.le),
]:
    case(op, "ties", f, [coarse(3, 1), coarse(4)])
case("Where", "all repeated", torch.where, [given(True, False).reshape(2, 1), floats(3), floats(2, 3)])

# reductions and normalised exponentials
for keepdims in (False, True):
    for op, f in [("ReduceSum", torch.sum), ("ReduceMean", torch.mean), ("ReduceMax", torch.amax)]:
        reduce = lambda x: f(x, (0, 2), keepdim=keepdims)
        case(op, f"two axes{', kept' if keepdims else ''}", reduce, [coarse(2, 3, 4)], axes=[0, -1], keepdims=keepdims)
case("ReduceMax", "all equal", lambda x: torch.amax(x, (0, 1)), [torch.ones(2, 3).double()], keepdims=False)
case("ArgMax", "rows", lambda x: torch.argmax(x, -1), [floats(3, 5)], axis=-1, keepdims=False)
for op, f in [("Softmax", F.softmax), ("LogSoftmax", F.log_softmax)]:
    case(op, "rows", lambda x: f(x, -1), [floats(3, 4)], axis=-1)
    case(op, "a middle axis", lambda x: f(x, 1), [floats(2, 3, 2)], axis=1)
    case(op, "large values", lambda x: f(x, 1), [given(1000.0, 999.0, -1000.0, 990.5).reshape(2, 2)], axis=1)

# products
case("MatMul", "both batches repeated", torch.matmul, [floats(2, 1, 2, 3), floats(3, 3, 2)])
case("MatMul", "row by batch", torch.matmul, [floats(3), floats(2, 3, 2)])
case("MatMul", "batch by column", torch.matmul, [floats(2, 2, 3), floats(3)])
linear = {"alpha": 1, "beta": 1, "transA": False, "transB": True}
case("Gemm", "linear layer", lambda x, w, b: F.linear(x, w, b), [floats(3, 4), floats(2, 4), floats(2)], **linear)
scaled = {"alpha": 0.5, "beta": -2, "transA": True, "transB": False}
case(
    "Gemm",
    "scaled",
    lambda a, b, c: torch.addmm(c, a.t(), b, alpha=0.5, beta=-2),
    [floats(4, 3), floats(4, 2), floats(3, 1)],
    **scaled,
)


# sliding windows
def convolution(name, x, w, b=True, strides=None, pads=None, dilations=None, group=1):
    rank = len(w) - 2
    strides, dilations, pads = strides or [1] * rank, dilations or [1] * rank, pads or [0] * (2 * rank)
    f = [F.conv1d, F.conv2d, F.conv3d][rank - 1]
    case(
        "Conv",
        name,
        lambda x, w, b=None: f(padded(x, pads), w, b, stride=strides, dilation=dilations, groups=group),
        [floats(*x), floats(*w)] + ([floats(w[0])] if b else []),
        strides=strides,
        pads=pads,
        dilations=dilations,
        group=group,
    )


convolution("plain", (2, 3, 5, 4), (2, 3, 3, 3), b=False)
convolution("bias and pads", (1, 2, 4, 5), (3, 2, 3, 3), pads=[1, 1, 1, 1])
convolution("odd strides and pads", (1, 2, 7, 6), (2, 2, 3, 2), strides=[3, 2], pads=[0, 1, 2, 0])
convolution("dilations", (1, 1, 7, 8), (2, 1, 2, 3), dilations=[3, 2], pads=[1, 1, 1, 1])
convolution("groups", (2, 4, 3, 3), (6, 2, 2, 2), group=2)
convolution("depthwise with stride", (1, 3, 5, 5), (3, 1, 3, 3), group=3, strides=[2, 2], pads=[1, 1, 1, 1])
convolution("one spatial axis", (2, 2, 7), (3, 2, 3), strides=[2], pads=[1, 0])
convolution("three spatial axes", (1, 2, 3, 3, 4), (2, 2, 2, 1, 3), pads=[1, 0, 1, 1, 0, 1], strides=[2, 1, 1])


def transposed(name, x, w, strides, pads, dilations, output_padding, group=1):
    case(
        "ConvTranspose",
        name,
        lambda x, w: F.conv_transpose2d(x, w, None, strides, pads, output_padding, group, dilations),
        [floats(*x), floats(*w)],
        strides=strides,
        pads=pads + pads,
        dilations=dilations,
        group=group,
        outputPadding=output_padding,
    )


transposed("strides", (1, 2, 3, 2), (2, 3, 3, 3), [2, 3], [1, 1], [1, 1], [1, 0])
transposed("groups and dilations", (2, 4, 2, 3), (4, 1, 2, 2), [1, 2], [0, 1], [2, 1], [0, 1], group=2)


def max_pool(name, x, kernel, strides, pads=None, dilations=None):
    rank = len(kernel)
    pads, dilations = pads or [0] * (2 * rank), dilations or [1] * rank
    f = [F.max_pool1d, F.max_pool2d, F.max_pool3d][rank - 1]
    case(
        "MaxPool",
        name,
        lambda x: f(padded(x, pads, -np.inf), kernel, strides, dilation=dilations),
        [x],
        kernel=kernel,
        strides=strides,
        pads=pads,
        dilations=dilations,
    )


max_pool("2 by 2", floats(2, 2, 4, 6), [2, 2], [2, 2])
max_pool("2 by 2, ties", coarse(2, 2, 4, 6), [2, 2], [2, 2])
max_pool("overlapping 4 by 4, stride 2", floats(1, 2, 8, 8), [4, 4], [2, 2])
max_pool("overlapping 4 by 4, stride 2, ties", coarse(1, 2, 8, 8), [4, 4], [2, 2])
max_pool("overlapping 3 by 3, stride 2, pads, ties", coarse(1, 2, 7, 7), [3, 3], [2, 2], pads=[1, 1, 1, 1])
max_pool("odd strides and pads, ties", coarse(1, 2, 7, 6), [3, 2], [3, 1], pads=[1, 0, 1, 1])
max_pool("stride beyond the window", coarse(1, 1, 8, 8), [2, 2], [3, 3])
max_pool("dilations, ties", coarse(1, 1, 7, 7), [2, 3], [2, 1], dilations=[3, 2])
max_pool("one spatial axis, ties", coarse(2, 2, 7), [3], [2], pads=[1, 1])
max_pool("three spatial axes, ties", coarse(1, 1, 4, 3, 4), [2, 2, 3], [2, 1, 1])


def average_pool(name, x, kernel, strides, pads, count):
    rank = len(kernel)
    f = [F.avg_pool1d, F.avg_pool2d, F.avg_pool3d][rank - 1]
    case(
        "AveragePool",
        name,
        lambda x: f(x, kernel, strides, pads, count_include_pad=count),
        [floats(*x)],
        kernel=kernel,
        strides=strides,
        pads=pads + pads,
        dilations=[1] * rank,
        countIncludePad=count,
    )


for count in (False, True):
    how = "counted" if count else "left out"
    average_pool(f"overlapping, pads {how}", (1, 2, 5, 6), [3, 3], [2, 2], [1, 1], count)
    average_pool(f"odd strides, pads {how}", (1, 2, 7, 6), [3, 2], [3, 1], [1, 0], count)
    average_pool(f"one spatial axis, pads {how}", (2, 2, 7), [3], [2], [1], count)
average_pool("2 by 2", (2, 2, 4, 6), [2, 2], [2, 2], [0, 0], False)
case("GlobalAveragePool", "images", lambda x: F.adaptive_avg_pool2d(x, 1), [floats(2, 3, 3, 4)])

# normalisation
for name, shape in (("images", (2, 3, 2, 4)), ("vectors", (3, 2))):
    c = shape[1]
    case(
        "BatchNormalization",
        name,
        lambda x, scale, bias, mean, var: (x - mean.reshape(1, c, *[1] * (x.dim() - 2)))
        / torch.sqrt(var.reshape(1, c, *[1] * (x.dim() - 2)) + 1e-3)
        * scale.reshape(1, c, *[1] * (x.dim() - 2))
        + bias.reshape(1, c, *[1] * (x.dim() - 2)),
        [floats(*shape), floats(c), floats(c), floats(c), floats(c, low=1, high=3)],
        epsilon=1e-3,
    )
    x, scale, bias, mean, var = [torch.tensor(i["values"]).double().reshape(i["shape"]) for i in cases[-1]["inputs"]]
    own = F.batch_norm(x, mean, var, scale, bias, training=False, eps=1e-3)
    assert np.allclose(own.reshape(-1), cases[-1]["results"][0]["values"]), "torch's own agrees with the formula"
layer = lambda x, scale, bias: F.layer_norm(x, scale.shape, scale, bias, 1e-5)
case("LayerNormalization", "rows", layer, [floats(3, 4), floats(4), floats(4)], axis=-1, epsilon=1e-5)
case("LayerNormalization", "two axes", layer, [floats(2, 3, 2), floats(3, 2), floats(3, 2)], axis=1, epsilon=1e-5)
batch = lambda x, scale, bias: F.batch_norm(x, None, None, scale, bias, training=True, eps=1e-5)
case("BatchNorm2d", "training", batch, [floats(3, 2, 2, 3), floats(2), floats(2)])

# moving elements
case("Gather", "embedding", lambda w, i: F.embedding(i, w), [floats(4, 3), given([1, 3, 1], [0, 3, 3])], axis=0)
case("Gather", "a middle axis", lambda x, i: torch.index_select(x, 1, i), [floats(2, 3, 2), given(2, 0, 2)], axis=1)
add_rows = lambda x, i, u: torch.index_add(x, 0, i.reshape(-1), u)
case("ScatterND", "rows added twice", add_rows, [floats(3, 2), given([2], [0], [2]), floats(3, 2)], reduction="add")
case("OneHot", "labels", lambda i: F.one_hot(i, 4), [given(3, 0, 1)], depth=4, axis=-1, dtype="int64")
case("Pad", "a value around", lambda x: F.pad(x, (1, 0, 2, 1), value=1.5), [floats(2, 3)], pads=[2, 1, 1, 0], value=1.5)
case("Pad", "negative", lambda x: F.pad(x, (-1, 2)), [floats(2, 3)], pads=[0, -1, 0, 2], value=0)
case("Slice", "steps", lambda x: x[1:6:2, :-1], [floats(6, 3)], starts=[1, 0], ends=[6, -1], axes=[0, 1], steps=[2, 1])
case("Slice", "backwards", lambda x: x.flip(0)[1:4], [floats(5)], starts=[-2], ends=[0], axes=[0], steps=[-1])
case("Split", "a middle axis", lambda x: torch.split(x, [1, 3], 1), [floats(2, 4, 2)], sizes=[1, 3], axis=1)
case("Concat", "columns", lambda *x: torch.cat(x, -1), [floats(2, 1), floats(2, 3)], axis=-1)
case("Transpose", "a cycle of axes", lambda x: x.permute(2, 0, 1), [floats(2, 3, 2)], perm=[2, 0, 1])
case("Expand", "axes added", lambda x: x.expand(2, 3, 4), [floats(3, 1)], shape=[2, 3, 4])
case("Flatten", "from axis 2", lambda x: x.reshape(6, 4), [floats(2, 3, 2, 2)], axis=2)

# losses
classes = given(2, 0, 3)
case("crossEntropy", "classes", lambda x, t: F.cross_entropy(x, t), [floats(3, 4), classes])
case("crossEntropy", "large scores", lambda x, t: F.cross_entropy(x, t), [floats(3, 4, low=-50, high=50), classes])
smoothed = lambda x, t: F.cross_entropy(x, t, label_smoothing=0.1)
case("crossEntropy", "smoothed", smoothed, [floats(3, 4), classes], labelSmoothing=0.1)
case("nllLoss", "classes", lambda x, t: F.nll_loss(x, t), [floats(3, 4), classes])
filled_up = given(0, 3, 0, 1, 0)
for smoothing in (0, 0.1):
    masked = lambda x, t: F.cross_entropy(x, t, ignore_index=0, label_smoothing=smoothing)
    name = "smoothed, a class ignored" if smoothing else "a class ignored"
    case("crossEntropy", name, masked, [floats(5, 4), filled_up], labelSmoothing=smoothing, ignoreIndex=0)
ignored = lambda x, t: F.nll_loss(x, t, ignore_index=-1)
case("nllLoss", "what is no class ignored", ignored, [floats(3, 4), given(2, -1, 0)], ignoreIndex=-1)

over = lambda x, t: F.cross_entropy(x, t, ignore_index=0, reduction="sum") / 7
case("crossEntropy", "over a number", over, [floats(5, 4), filled_up], ignoreIndex=0, over=7)
over_smoothed = lambda x, t: F.cross_entropy(x, t, ignore_index=0, label_smoothing=0.1, reduction="sum") / 7
case("crossEntropy", "smoothed, over a number", over_smoothed, [floats(5, 4), filled_up], ignoreIndex=0, over=7, labelSmoothing=0.1)
every = lambda x, t: F.cross_entropy(x, t, label_smoothing=0.1, reduction="sum") / 2.5
case("crossEntropy", "all over a number", every, [floats(3, 4), classes], over=2.5, labelSmoothing=0.1)

for op, f in [("Sin", torch.sin), ("Cos", torch.cos)]:
    case(op, "values", f, [floats(2, 5)])


def replace_elements(x, i, updates):
    return x.index_put((i[:, 0], i[:, 1]), updates)


case("ScatterND", "elements replaced", replace_elements, [floats(2, 3), given([1, 2], [0, 0]), floats(2)], reduction="none")

# sizes whose places are whole parts of single precision
resized = {"nearest": "round_prefer_floor", "cubic": -0.75, "excludeOutside": False}
for name, mode, options, shape, sizes, attributes in [
    ("nearest, doubled", "nearest", {}, (1, 2, 3, 4), (6, 8), {"coordinates": "asymmetric", "nearest": "floor"}),
    ("linear, doubled", "bilinear", {"align_corners": False}, (1, 2, 3, 4), (6, 8), {}),
    ("linear, halved", "bilinear", {"align_corners": False}, (1, 1, 4, 8), (2, 4), {}),
    ("linear, corners aligned", "bilinear", {"align_corners": True}, (1, 1, 3, 5), (5, 9), {"coordinates": "align_corners"}),
    ("linear, one axis", "linear", {"align_corners": False}, (2, 2, 3), (6,), {}),
    ("cubic, doubled", "bicubic", {"align_corners": False}, (1, 2, 3, 4), (6, 8), {}),
    ("cubic, corners aligned", "bicubic", {"align_corners": True}, (1, 1, 3, 5), (5, 9), {"coordinates": "align_corners"}),
]:
    kind = {"nearest": "nearest", "bicubic": "cubic"}.get(mode, "linear")
    resize = lambda x: F.interpolate(x, size=sizes, mode=mode, **options)
    whole = {**resized, "mode": kind, "coordinates": "half_pixel", "sizes": [*shape[:2], *sizes], **attributes}
    case("Resize", name, resize, [floats(*shape)], **whole)

write(cases, "goldens.jsonl")
