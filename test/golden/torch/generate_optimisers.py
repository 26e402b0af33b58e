"""Writes optimisers.jsonl and schedules.jsonl beside it, with Debian's python3-torch (1.13): /usr/bin/python3 generate_optimisers.py

Every line of the first is an optimiser with its options (ours, in TypeScript's spelling) on two parameters a and b: where
they start, the learning rate and the numbers c and d of every step, and where PyTorch, in double precision, has them after
each. The loss of a step is the sum of c * a, plus half the sum of d * b * b. Every line of the second is a schedule with
its arguments and PyTorch's rates.
"""

import torch
from torch import optim
from torch.optim import lr_scheduler
from values import floats, rounded, write

steps = 8
cases = []


def case(name, optimiser, options, make, rates=None, clip=None):
    rates = rates or [0.1] * steps
    a, b = floats(3).requires_grad_(), floats(2, 2).requires_grad_()
    start = {"a": rounded(a.tolist()), "b": rounded(b.reshape(-1).tolist())}
    own = make([a, b])
    data, trajectory = [], []
    for rate in rates:
        c, d = floats(3), floats(2, 2)
        own.zero_grad()
        ((c * a).sum() + (d * b * b).sum() / 2).backward()
        if clip is not None:
            torch.nn.utils.clip_grad_norm_([a, b], clip)
        for group in own.param_groups:
            group["lr"] = rate
        own.step()
        data.append({"c": c.tolist(), "d": d.reshape(-1).tolist()})
        trajectory.append({"a": rounded(a.tolist()), "b": rounded(b.reshape(-1).tolist())})
    own_options = dict(options, **({} if clip is None else {"clipNorm": clip}))
    cases.append(
        {
            "name": name,
            "optimiser": optimiser,
            "options": own_options,
            "start": start,
            "rates": rates,
            "data": data,
            "trajectory": trajectory,
        }
    )


sgd = lambda **options: lambda parameters: optim.SGD(parameters, lr=0.1, **options)
adam = lambda **options: lambda parameters: optim.Adam(parameters, lr=0.1, **options)
adam_w = lambda **options: lambda parameters: optim.AdamW(parameters, lr=0.1, **options)
falling = [0.2, 0.2, 0.1, 0.1, 0.05, 0.05, 0.0, 0.01]

case("plain", "sgd", {}, sgd())
case("momentum", "sgd", {"momentum": 0.9}, sgd(momentum=0.9))
case("Nesterov", "sgd", {"momentum": 0.9, "nesterov": True}, sgd(momentum=0.9, nesterov=True))
case("weight decay", "sgd", {"weightDecay": 0.1}, sgd(weight_decay=0.1))
case(
    "everything, with rates that change",
    "sgd",
    {"momentum": 0.8, "nesterov": True, "weightDecay": 0.05},
    sgd(momentum=0.8, nesterov=True, weight_decay=0.05),
    rates=falling,
    clip=1.5,
)
case("momentum, with rates that change", "sgd", {"momentum": 0.9}, sgd(momentum=0.9), rates=falling)
case("clipped", "sgd", {}, sgd(), clip=0.5)
case("a limit that is not reached", "sgd", {"momentum": 0.5}, sgd(momentum=0.5), clip=100)
case("its defaults", "adam", {}, adam())
case("with rates that change", "adam", {}, adam(), rates=falling)
case("weight decay", "adam", {"weightDecay": 0.1}, adam(weight_decay=0.1))
case(
    "its own betas and epsilon, clipped",
    "adam",
    {"betas": [0.8, 0.95], "eps": 0.01},
    adam(betas=(0.8, 0.95), eps=0.01),
    clip=1,
)
case("its defaults", "adamW", {}, adam_w())
case("weight decay, with rates that change", "adamW", {"weightDecay": 0.3}, adam_w(weight_decay=0.3), rates=falling)
case(
    "its own betas and epsilon, no decay",
    "adamW",
    {"betas": [0.5, 0.9], "eps": 0.001, "weightDecay": 0},
    adam_w(betas=(0.5, 0.9), eps=0.001, weight_decay=0),
)
write(cases, "optimisers.jsonl")

schedules = []


def schedule(name, arguments, make, count, warmup=0):
    own = optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.4)
    main = make(own)
    if warmup:
        rising = lr_scheduler.LinearLR(own, start_factor=1 / warmup, total_iters=warmup - 1)
        main = lr_scheduler.SequentialLR(own, [rising, main], milestones=[warmup])
    rates = []
    for _ in range(count):
        rates.append(own.param_groups[0]["lr"])
        own.step()
        main.step()
    schedules.append({"schedule": name, "arguments": arguments, "warmup": warmup, "rates": rounded(rates)})


constant = lambda own: lr_scheduler.ConstantLR(own, factor=1)
step = lambda own: lr_scheduler.StepLR(own, 3, gamma=0.1)
cosine = lambda own: lr_scheduler.CosineAnnealingLR(own, 10)
schedule("constantRate", [0.4], constant, 5)
schedule("stepRate", [0.4, 3, 0.1], step, 10)
schedule("cosineRate", [0.4, 10], cosine, 11)
schedule("cosineRate", [0.4, 10, 0.04], lambda own: lr_scheduler.CosineAnnealingLR(own, 10, eta_min=0.04), 11)
schedule("stepRate", [0.4, 3, 0.1], step, 12, warmup=4)
schedule("cosineRate", [0.4, 10], cosine, 15, warmup=5)
write(schedules, "schedules.jsonl")
