"""Gradients of operations where they are a matter of convention: ties, zeros, borders, NaN."""
# /// skew
# when = "tensorflow >= 2.0"
# links = ["https://www.tensorflow.org/api_docs/python/tf/GradientTape", "https://www.tensorflow.org/guide/autodiff"]
# ///
import numpy as np
import tensorflow as tf
from skew import observe


def _gradient(function, value):
    x = tf.constant(value)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x)
    return tape.gradient(y, x)


_zero = np.array([-1, 0, 2], np.float32)
for _name in ["abs", "sign", "sqrt", "square", "exp", "reciprocal", "asin", "acosh", "atanh", "floor", "round",
              "rsqrt", "erf", "lgamma", "digamma", "softplus", "xlogy", "cumsum", "cumprod", "is_nan", "l2_normalize",
              "log1p", "expm1", "sigmoid", "tanh", "erfinv", "bessel_i0", "log_sigmoid", "reduce_euclidean_norm",
              "reduce_std", "reduce_prod", "reduce_logsumexp", "cumulative_logsumexp", "multiply_no_nan",
              "divide_no_nan"]:
    def _call(x):
        function = getattr(tf.math, _name)
        return function(x, x) if _name in ("xlogy", "multiply_no_nan", "divide_no_nan") else function(x)
    observe(f"math.{_name}", lambda: _gradient(_call, _zero))
for _name in ["relu", "relu6", "elu", "selu", "leaky_relu", "gelu", "silu", "softsign", "softmax", "log_softmax",
              "l2_loss", "crelu"]:
    observe(f"nn.{_name}", lambda: _gradient(getattr(tf.nn, _name), _zero))

_ties = np.array([2, 2, 1, 2], np.float32)
OPERATIONS = {
    "reduce_min ties": (lambda x: tf.reduce_min(-x), _ties), "maximum tie": (lambda x: tf.maximum(x, 2.0), _ties),
    "minimum tie": (lambda x: tf.minimum(x, np.float32(2)), _ties),
    "top_k ties": (lambda x: tf.math.top_k(x, 2).values, _ties),
    "clip at the border": (lambda x: tf.clip_by_value(x, 1, 2), _ties),
    "clip_by_norm": (lambda x: tf.clip_by_norm(x, 1.0), _ties), "norm at zero": (tf.norm, _zero * 0),
    "sqrt at zero": (tf.sqrt, _zero * 0), "where NaN": (lambda x: tf.where(x > 0, tf.math.log(x), 0.0), _zero),
    "where NaN double": (lambda x: tf.where(x > 0, tf.math.log(tf.where(x > 0, x, 1.0)), 0.0), _zero),
    "x[array]": (lambda x: x[np.array(1)], _zero), "x[::-2]": (lambda x: x[::-2], _zero),
    "x[mask]": (lambda x: x[np.array([True, False, True])], _zero), "mod": (lambda x: x % 2, _zero),
    "one_hot": (lambda x: tf.one_hot(tf.cast(x, tf.int32), 2), _zero),
    "svd": (lambda x: tf.linalg.svd(x, compute_uv=False), np.diag([3, 1]).astype("f4")),
    "eigh equal": (lambda x: tf.linalg.eigh(x)[0], np.eye(2, dtype="f4")),
    "trace": (tf.linalg.trace, np.eye(2, dtype="f4")), "complex abs at zero": (tf.abs, np.array([0j, 1 + 1j], "c8")),
    "real of complex": (tf.math.real, np.array([1 + 2j], "c8")),
    "fft": (lambda x: tf.abs(tf.signal.fft(x)), np.array([1, 2], "c8")),
    "sigmoid crossentropy": (lambda x: tf.nn.sigmoid_cross_entropy_with_logits(np.ones(3, "f4"), x), _zero),
    "conv1d": (lambda x: tf.nn.conv1d(tf.reshape(x, (1, 3, 1)), np.ones((2, 1, 1), "f4"), 1, "SAME"), _zero),
    "text": (tf.identity, "a"),
    "nan_to_num": (lambda x: tf.where(tf.math.is_nan(x), 0.0, x), np.float32([np.nan, 1])),
}
for _name, (_function, _value) in OPERATIONS.items():
    observe(_name, lambda: _gradient(_function, _value))
del OPERATIONS
