"""Keras initializers with a seed: the weights that a reproducible training starts from."""
# /// skew
# links = [
#     "https://keras.io/api/layers/initializers/",
#     "https://github.com/tensorflow/tensorflow/releases/tag/v2.10.0",
#     "https://github.com/tensorflow/tensorflow/releases/tag/v2.16.1",
# ]
# ///
import tensorflow as tf
from skew import observe

_SEEDED = ["RandomNormal", "RandomUniform", "TruncatedNormal", "VarianceScaling", "GlorotNormal", "GlorotUniform",
    "HeNormal", "HeUniform",
           "LecunNormal", "LecunUniform", "Orthogonal"]
for _name in _SEEDED:
    observe(_name, lambda: getattr(tf.keras.initializers, _name)(seed=7)((3, 2)))
    observe("v1 " + _name.lower(), lambda: getattr(tf.compat.v1.keras.initializers, _name)(seed=7)((3, 2)))
    observe(_name + " config", lambda: sorted(getattr(tf.keras.initializers, _name)(seed=7).get_config()))


def _initializer(**more):
    return tf.keras.initializers.RandomNormal(seed=7, **more)


_CASES = {
    "float64": lambda: _initializer()((2,), dtype=tf.float64),
    "of a scalar": lambda: _initializer()(()),
    "Constant as int": lambda: tf.keras.initializers.Constant(1.5)((2,), dtype=tf.int32),
    "get": lambda: type(tf.keras.initializers.get("glorot_uniform")).__name__,
    "seed of a generator": lambda: tf.keras.initializers.RandomNormal(seed=tf.keras.random.SeedGenerator(7))((2,)),
    "tf.random_uniform_initializer": lambda: tf.random_uniform_initializer(seed=7)((2,)),
}
for _name, _case in _CASES.items():
    observe(_name, _case)
