"""The functions of tf.experimental.numpy: which exist, and whether they agree with NumPy's in dtype and value."""
# /// skew
# when = "tensorflow >= 2.5"
# links = [
#     "https://www.tensorflow.org/api_docs/python/tf/experimental/numpy",
#     "https://www.tensorflow.org/guide/tf_numpy",
# ]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

_a = np.array([[3.0, -1.5], [2.0, 4.5]])
_i = np.array([[3, -1], [2, 4]])
CALLS = {
    "sum": (_i,), "prod": (_i,), "mean": (_i,), "std": (_i,), "max": (_i,), "argmax": (_a, 1), "cumsum": (_i,),
    "ptp": (_i,), "nanmean": (np.array([1, np.nan]),), "nonzero": (_i,), "where": (_i > 2, _i, 0), "clip": (_i, 0, 2),
    "round": (_a,), "around": (_a, 1), "fix": (_a,), "floor": (_a,), "sign": (_a,), "sqrt": (_i,), "sinc": (_a,),
    "heaviside": (_a, 0.5), "power": (_i, 2), "float_power": (_i, 2), "true_divide": (_i, 2), "mod": (_i, 3),
    "divmod": (_i, 3), "gcd": (_i, 2), "dot": (_i, _i), "einsum": ("ij,jk", _i, _i), "kron": (_i, [1, 2]),
    "cross": ([1, 0, 0], [0, 1, 0]), "vander": ([1, 2],), "concatenate": ([_i, _a],),
    "pad": (_i, [[1, 1], [1, 1]], "constant"),
    "take": (_i, [0, 3]), "arange": (3,), "linspace": (0, 1, 3), "geomspace": (1, 8, 4), "meshgrid": ([1, 2], [3]),
    "asarray": ([1, 2.5],), "result_type": (np.int32(1), np.float32(2)), "broadcast_to": ([1, 2], (2, 2)),
    "tri": (2,), "isin": (_i, [2]), "delete": (_i, 0), "positive": (_i,),
}


def _found(module, name):
    for part in name.split("."):
        module = getattr(module, part)
    return module


for _name, _arguments in CALLS.items():
    observe(_name, lambda: _found(tf.experimental.numpy, _name)(*_arguments))


def _compared(name):
    """What differs from NumPy's result: dtype, shape or values."""
    ours, theirs = (np.asarray(_found(module, name)(*CALLS[name])) for module in (tf.experimental.numpy, np))
    same = ours.shape == theirs.shape and bool(np.allclose(ours, theirs, equal_nan=True))
    return f"{ours.dtype} for {theirs.dtype}, " + ("equal" if same else "different")


for _name in ["sum", "mean", "std", "max", "argmax", "cumsum", "round", "around", "fix", "floor", "sign", "sqrt",
              "power", "true_divide", "arange", "linspace", "asarray", "where", "dot", "clip", "concatenate",
              "nonzero", "mod", "heaviside"]:
    observe(f"{_name} beside NumPy's", lambda: _compared(_name))
observe("names", lambda: sorted(name for name in dir(tf.experimental.numpy) if not name.startswith("_")))
observe("names that NumPy lacks", lambda: sorted(
    name for name in dir(tf.experimental.numpy) if not name.startswith("_") and not hasattr(np, name)))
observe("random.randn seeded", lambda: (tf.experimental.numpy.random.seed(3), tf.experimental.numpy.random.randn(2))[1])
observe("random.randint seeded", lambda: (
    tf.experimental.numpy.random.seed(3), tf.experimental.numpy.random.randint(0, 9, 4))[1])
observe("ndarray", lambda: tf.experimental.numpy.ndarray is tf.Tensor)
observe("class of a result", lambda: type(tf.experimental.numpy.ones(1)).__name__)
del CALLS
