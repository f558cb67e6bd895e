"""TensorFlow's elementwise functions and activations per dtype, bit for bit."""
# /// skew
# links = [
#     "https://www.tensorflow.org/api_docs/python/tf/math",
#     "https://www.tensorflow.org/api_docs/python/tf/nn",
#     "https://github.com/tensorflow/tensorflow/releases/tag/v2.9.0",
# ]
# ///
from operator import attrgetter as _attrgetter

import numpy as np
import tensorflow as tf
from skew import observe

_X = np.linspace(-4, 4, 65)
_POSITIVE = np.linspace(0.015625, 8, 65)
_UNIT = np.linspace(-0.98, 0.98, 65)
_DOMAINS = {
    "exp": _X, "math.expm1": _X, "math.log": _POSITIVE, "math.log1p": _POSITIVE, "sqrt": _POSITIVE,
    "math.rsqrt": _POSITIVE, "tanh": _X,
    "sigmoid": _X, "math.log_sigmoid": _X, "math.softplus": _X, "math.softsign": _X, "math.erf": _X, "math.erfc": _X,
    "math.erfinv": _UNIT,
    "math.ndtri": (_UNIT + 1) / 2, "math.lgamma": _POSITIVE, "math.digamma": _POSITIVE, "sin": _X * 20,
    "cos": _X * 20, "tan": _X, "asin": _UNIT,
    "atan": _X, "sinh": _X, "asinh": _X, "atanh": _UNIT, "math.reciprocal": _POSITIVE, "nn.elu": _X, "nn.selu": _X,
    "nn.gelu": _X,
    "nn.silu": _X, "nn.swish": _X, "nn.leaky_relu": _X, "nn.relu6": _X, "math.bessel_i0e": _X,
    "math.special.expint": _POSITIVE,
    "math.special.dawsn": _X,
}
_BINARY = ["pow", "atan2", "math.floormod", "math.divide_no_nan", "math.xlogy", "math.xlog1py",
    "math.squared_difference", "math.floordiv",
           "math.igamma", "math.zeta", "math.nextafter"]


def _cast(values, dtype):
    return tf.cast(tf.constant(values), dtype)


for _name, _domain in _DOMAINS.items():
    for _dtype in ["bfloat16", "float32"]:
        observe("%s %s" % (_name, _dtype), lambda: _attrgetter(_name)(tf)(_cast(_domain, _dtype)))
for _name in _BINARY:
    for _dtype in ["float32"]:
        observe("%s %s" % (_name, _dtype),
            lambda: _attrgetter(_name)(tf)(_cast(_POSITIVE + 1, _dtype), _cast(_POSITIVE[::-1] + 1, _dtype)))
observe("math.polygamma", lambda: tf.math.polygamma(np.float32([1, 2]), np.float32([0.5, 1.5])))
observe("math.betainc", lambda: tf.math.betainc(np.float32(2), np.float32(3), np.float32([0.25, 0.5])))
observe("nn.gelu approximate", lambda: tf.nn.gelu(_X[:33].astype("f4"), approximate=True))
for _name in ["exp", "sqrt", "tanh", "abs", "sigmoid"]:
    observe(_name + " complex64", lambda: getattr(tf, _name)((_X + 1j).astype(np.complex64)))
# A compiled function fuses what eager execution does one by one.
_fused = lambda x: tf.exp(tf.tanh(x) * 0.5) + tf.math.rsqrt(tf.square(x) + 1)  # noqa: E731
observe("chain eager", lambda: _fused(tf.constant(_X.astype("f4"))))
observe("chain in tf.function", lambda: tf.function(_fused)(tf.constant(_X.astype("f4"))))
