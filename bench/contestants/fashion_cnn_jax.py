"""The same network and step in JAX, compiled as one function; the protocol of serve.js."""
import os
import sys

batch, threads = int(sys.argv[1]), int(sys.argv[2])
device = sys.argv[3] if len(sys.argv) > 3 else "cpu"
os.environ["JAX_PLATFORMS"] = device
if device == "cpu":
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])

import jax  # noqa: E402  (reads the environment above)
import jax.numpy as jnp  # noqa: E402
from jax import lax, random  # noqa: E402
from serve import serve  # noqa: E402

layouts = ("NCHW", "OIHW", "NCHW")
keys = random.split(random.key(1), 16)


def drawn(key, shape, fan_in):
    return random.uniform(key, shape, minval=-1, maxval=1) / fan_in**0.5


parameters = {
    "conv1": (drawn(keys[0], (16, 1, 3, 3), 9), drawn(keys[1], (16,), 9)),
    "conv2": (drawn(keys[2], (32, 16, 3, 3), 144), drawn(keys[3], (32,), 144)),
    "fc1": (drawn(keys[4], (1152, 600), 1152), drawn(keys[5], (600,), 1152)),
    "fc2": (drawn(keys[6], (600, 120), 600), drawn(keys[7], (120,), 600)),
    "fc3": (drawn(keys[8], (120, 10), 120), drawn(keys[9], (10,), 120)),
}


def convolve(x, weights, padding):
    weight, bias = weights
    return lax.conv_general_dilated(x, weight, (1, 1), padding, dimension_numbers=layouts) + bias[:, None, None]


def pool(x):
    return lax.reduce_window(x, -jnp.inf, lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")


def loss_of(own, pixels, labels, key):
    x = pool(jax.nn.relu(convolve(pixels, own["conv1"], "SAME")))
    x = pool(jax.nn.relu(convolve(x, own["conv2"], "VALID"))).reshape(pixels.shape[0], -1)
    x = jax.nn.relu(x @ own["fc1"][0] + own["fc1"][1])
    x = jnp.where(random.bernoulli(key, 0.7, x.shape), x / 0.7, 0)
    x = jax.nn.relu(x @ own["fc2"][0] + own["fc2"][1])
    scores = jax.nn.log_softmax(x @ own["fc3"][0] + own["fc3"][1])
    return -scores[jnp.arange(len(labels)), labels].mean()


@jax.jit
def train(own, pixels, labels, key):
    key, masks = random.split(key)
    loss, gradients = jax.value_and_grad(loss_of)(own, pixels, labels, masks)
    return jax.tree.map(lambda value, gradient: value - 0.01 * gradient, own, gradients), loss, key


pixels = random.uniform(keys[10], (batch, 1, 28, 28))
labels = jnp.arange(batch) % 10
key = keys[11]


def step():
    global parameters, key
    parameters, loss, key = train(parameters, pixels, labels, key)
    return float(loss)


serve(f"JAX {jax.__version__}, {jax.devices()[0].platform}", step)
