"""TensorFlow's stateless random operations: their streams are documented to stay the same."""
# /// skew
# links = [
#     "https://www.tensorflow.org/guide/random_numbers",
#     "https://www.tensorflow.org/guide/versions",
#     "https://www.tensorflow.org/api_docs/python/tf/random",
# ]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

_SEED = [1, 2]
_UNIFORM = ["float16", "bfloat16", "float32", "float64", "int32", "int64", "uint32", "uint64"]
for _dtype in _UNIFORM:
    _limits = {"maxval": 100} if "int" in _dtype else {}
    observe("uniform " + _dtype, lambda: tf.random.stateless_uniform([4], _SEED, dtype=getattr(tf, _dtype), **_limits))
observe("uniform int32 full range", lambda: tf.random.stateless_uniform([4], _SEED, None, None, tf.int32))
for _dtype in ["float16", "bfloat16", "float32", "float64"]:
    observe("normal " + _dtype, lambda: tf.random.stateless_normal([4], _SEED, dtype=getattr(tf, _dtype)))
    observe("truncated normal " + _dtype,
        lambda: tf.random.stateless_truncated_normal([4], _SEED, dtype=getattr(tf, _dtype)))
for _algorithm in ["philox", "threefry", "auto_select"]:
    observe("uniform by " + _algorithm, lambda: tf.random.stateless_uniform([4], _SEED, alg=_algorithm))
    observe("normal by " + _algorithm, lambda: tf.random.stateless_normal([3], _SEED, alg=_algorithm))
_IMAGE = np.arange(27, dtype=np.float32).reshape(3, 3, 3) / 27
_CASES = {
    "binomial": lambda: tf.random.stateless_binomial([4], _SEED, 10.0, 0.3),
    "gamma": lambda: tf.random.stateless_gamma([3], _SEED, alpha=2.0, beta=3.0),
    "gamma of small alpha": lambda: tf.random.stateless_gamma([3], _SEED, alpha=0.2),
    "gamma float64": lambda: tf.random.stateless_gamma([3], _SEED, alpha=np.float64(2.0), dtype=tf.float64),
    "poisson": lambda: tf.random.stateless_poisson([4], _SEED, 4.0),
    "poisson of int32": lambda: tf.random.stateless_poisson([4], _SEED, 4.0, dtype=tf.int32),
    "shuffle": lambda: tf.random.experimental.stateless_shuffle(tf.range(6), _SEED),
    "shuffle by index": lambda: tf.random.experimental.index_shuffle(3, [1, 2], 5),
    "split": lambda: tf.random.split(_SEED, 2),
    "fold_in": lambda: tf.random.fold_in(_SEED, 3),
    "seed of int64": lambda: tf.random.stateless_uniform([2], np.array(_SEED, np.int64)),
    "seed of floats": lambda: tf.random.stateless_uniform([2], [1.0, 2.0]),
    "seed of one number": lambda: tf.random.stateless_uniform([2], 1),
    "seed of three numbers": lambda: tf.random.stateless_uniform([2], [1, 2, 3]),
    "shape of numpy int": lambda: tf.random.stateless_uniform(np.int64(2), _SEED),
    "uniform of int without a limit": lambda: tf.random.stateless_uniform([2], _SEED, dtype=tf.int32),
    "uniform minval = maxval": lambda: tf.random.stateless_uniform([2], _SEED, 5, 5, tf.int32),
    "dropout": lambda: tf.nn.experimental.stateless_dropout(tf.ones([8]), 0.5, _SEED),
    "contrast": lambda: tf.image.stateless_random_contrast(_IMAGE, 0.2, 0.8, _SEED),
    "sobol": lambda: tf.math.sobol_sample(2, 4),
}
for _name, _case in _CASES.items():
    observe(_name, _case)
