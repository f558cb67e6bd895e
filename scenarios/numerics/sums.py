"""Sums and moments: pairwise, sequential or blocked summation, and the dtype that is summed in."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/reference/generated/numpy.sum.html",
#     "https://github.com/tensorflow/tensorflow/releases/tag/v2.9.0",
# ]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

_X = (np.arange(1, 4001) / 7.0) % 1 + 0.1
_NUMPY = {
    "sum": np.sum, "add.reduce": np.add.reduce, "sum of every second": lambda x: x[::2].sum(),
    "sum reversed": lambda x: x[::-1].sum(),
    "sum of columns": lambda x: x.reshape(50, 80).sum(0)[:8], "sum of rows": lambda x: x.reshape(50, 80).sum(1)[:8],
    "sum of a transpose": lambda x: x.reshape(50, 80).T.sum(0)[:8],
    "sum of both axes": lambda x: x.reshape(50, 80).sum((0, 1)),
    "sum where": lambda x: np.sum(x, where=x > 0.5), "sum in float64": lambda x: x.sum(dtype=np.float64),
    "last of cumsum": lambda x: np.cumsum(x)[-1], "cumsum": lambda x: np.cumsum(x)[:16],
    "last of cumprod": lambda x: np.cumprod(x)[20],
    "mean": np.mean, "var": np.var, "std": np.std, "std of columns": lambda x: x.reshape(50, 80).std(0)[:8],
    "median": np.median,
    "norm": np.linalg.norm, "norm of rows": lambda x: np.linalg.norm(x.reshape(50, 80), axis=1)[:8],
    "norm 3": lambda x: np.linalg.norm(x, 3),
    "prod": lambda x: np.prod(x[:64]), "dot with itself": lambda x: x[:500] @ x[:500],
    "average": lambda x: np.average(x, weights=x),
    "nansum": np.nansum, "logaddexp.reduce": lambda x: np.logaddexp.reduce(x[:64]),
    "trapezoid by hand": lambda x: ((x[1:] + x[:-1]) / 2).sum(),
    "bincount with weights": lambda x: np.bincount(np.arange(4000) % 3, weights=x),
    "add.reduceat": lambda x: np.add.reduceat(x, [0, 100, 3000]),
    "einsum": lambda x: np.einsum("i->", x), "diff": lambda x: np.diff(x)[:8],
    "cov": lambda x: np.cov(x[:100], x[100:200]),
    "gradient": lambda x: np.gradient(x)[:8], "quantile": lambda x: np.quantile(x, [0.1, 0.37, 0.9]),
    "interp": lambda x: np.interp(x[:8] * 9, np.arange(10), x[:10]),
}
_TENSORFLOW = {
    "reduce_sum": tf.reduce_sum, "reduce_sum of columns": lambda x: tf.reduce_sum(tf.reshape(x, (50, 80)), 0)[:8],
    "reduce_sum of rows": lambda x: tf.reduce_sum(tf.reshape(x, (50, 80)), 1)[:8], "reduce_mean": tf.reduce_mean,
    "reduce_std": tf.math.reduce_std, "reduce_variance": tf.math.reduce_variance,
    "reduce_prod": lambda x: tf.reduce_prod(x[:64]),
    "cumsum": lambda x: tf.cumsum(x)[-4:], "norm": tf.norm, "l2_normalize": lambda x: tf.math.l2_normalize(x)[:8],
    "logsumexp": tf.reduce_logsumexp, "cumulative_logsumexp": lambda x: tf.math.cumulative_logsumexp(x[:64])[-4:],
    "segment_sum": lambda x: tf.math.segment_sum(x, np.arange(4000) // 1000),
    "add_n": lambda x: tf.add_n([x[:8], x[8:16], x[16:24]]),
    "moments": lambda x: tf.nn.moments(x, 0),
}
for _dtype in ["float16", "float32"]:
    for _name, _function in _NUMPY.items():
        observe("np %s %s" % (_name, _dtype), lambda: _function(_X.astype(_dtype)))
for _dtype in ["bfloat16", "float32"]:
    for _name, _function in _TENSORFLOW.items():
        observe("tf %s %s" % (_name, _dtype), lambda: _function(tf.cast(tf.constant(_X), _dtype)))
# What a sequential sum would lose: the small numbers behind the large one.
_LOSSY = np.array([1e8] + [1.0] * 511, np.float32)
observe("np sum of large and small", lambda: _LOSSY.sum())
observe("np sum of columns of large and small", lambda: _LOSSY[:, None].sum(0))
observe("tf sum of large and small", lambda: tf.reduce_sum(_LOSSY))
observe("float16 sum of 3000 ones", lambda: np.ones(3000, np.float16).sum())
observe("tf float16 sum of 3000 ones", lambda: tf.reduce_sum(tf.ones(3000, tf.float16)))
observe("tf bfloat16 sum of 300 ones", lambda: tf.reduce_sum(tf.ones(300, tf.bfloat16)))
observe("uint8 mean", lambda: np.full(300, 255, np.uint8).mean())
observe("int8 variance", lambda: np.array([-128, 127], np.int8).var())
