"""Activations, seeded initializers, regularizers and constraints: values and what they accept."""
# /// skew
# when = "tensorflow >= 2.0"
# links = ["https://keras.io/api/layers/initializers/", "https://keras.io/api/layers/activations/"]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

_x = np.array([[-3.0, -1.0, 0.0], [0.5, 2.0, 7.0]], np.float32)
for _name in ["elu", "exponential", "gelu", "hard_sigmoid", "linear", "relu", "relu6", "selu", "sigmoid", "softmax",
              "softplus", "softsign", "swish", "silu", "tanh", "mish", "leaky_relu", "log_softmax", "hard_silu",
              "celu", "glu", "squareplus"]:
    observe(f"activation {_name}", lambda: getattr(tf.keras.activations, _name)(_x))
observe("activation relu max_value=", lambda: tf.keras.activations.relu(_x, alpha=0.5, max_value=3.0))
observe("activation softmax of 1-D", lambda: tf.keras.activations.softmax(tf.constant([1.0, 2.0])))

INITIALIZERS = {
    "constant": ("Constant", {"value": 0.5}), "constant of a list": ("Constant", {"value": [1, 2, 3]}),
    "glorot_normal": ("GlorotNormal", {"seed": 1}), "he_normal": ("HeNormal", {"seed": 1}),
    "orthogonal": ("Orthogonal", {"seed": 1}),
}
for _name, (_class, _arguments) in INITIALIZERS.items():
    observe(f"initializer {_name}", lambda: getattr(tf.keras.initializers, _class)(**_arguments)((3, 3)))
    observe(f"initializer {_name} config", lambda: getattr(tf.keras.initializers, _class)(**_arguments).get_config())


def _twice(seed):
    initializer = tf.keras.initializers.RandomNormal(seed=seed)
    return bool(np.all(np.asarray(initializer((2,))) == np.asarray(initializer((2,)))))


observe("initializer called twice", lambda: _twice(1))
observe("initializer numpy seed", lambda: tf.keras.initializers.RandomNormal(seed=np.int64(1))((2,)))
observe("initializer float64", lambda: tf.keras.initializers.RandomNormal(seed=1)((2,), dtype="float64"))
observe("initializer array as shape", lambda: tf.keras.initializers.Ones()(np.array([2, 1])))
observe("initializer get function", lambda: tf.keras.layers.Dense(1, kernel_initializer=np.ones)(tf.ones((1, 2))))
observe("initializer v1 name", lambda: tf.keras.initializers.get("uniform")((1,)).shape)
observe("after tf.keras.utils.set_random_seed", lambda: (
    tf.keras.utils.set_random_seed(3), np.asarray(tf.keras.layers.Dense(2)(tf.ones((1, 2)))))[1])

for _name, _make in {
    "l()": lambda r: r.l2(l=0.1), "get l2": lambda r: r.get("l2"),
    "Orthogonal": lambda r: r.OrthogonalRegularizer(0.1),
}.items():
    observe(f"regularizer {_name}", lambda: _make(tf.keras.regularizers)(_x))
for _name, _make in {

}.items():
    observe(f"constraint {_name}", lambda: _make(tf.keras.constraints)(tf.constant(_x)))
del INITIALIZERS
