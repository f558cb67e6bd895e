"""Tensors of a graph in traced code: NumPy's functions, Python's conversions and control flow over them."""
# /// skew
# links = [
#     "https://www.tensorflow.org/guide/function",
#     "https://github.com/tensorflow/tensorflow/releases/tag/v2.14.0",
#     "https://numpy.org/doc/stable/release/2.0.0-notes.html",
# ]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

_two = np.array([[3.0, 1.0]], np.float32)


def _traced(function, value=_two, **arguments):
    return tf.function(function, **arguments)(tf.constant(value))


NUMPY = {
    "exp": np.exp, "asarray": np.asarray, "array": np.array, "array without copy": lambda t: np.array(t, copy=False),
    "array of float32": lambda t: np.array(t, np.float32), "array of list": lambda t: np.array([t, t]),
    "float32": np.float32, "ndim": np.ndim, "isnan": np.isnan, "clip": lambda t: np.clip(t, 0, 1),
    "zeros_like": np.zeros_like, "round": np.round, "linspace": lambda t: np.linspace(t[0, 0], 1, 3),
    "isscalar": np.isscalar, "result_type": lambda t: str(np.result_type(t)),
    "array_equal": lambda t: np.array_equal(t, t), "copy": np.copy, "atleast_2d": np.atleast_2d,
}
for _name, _function in NUMPY.items():
    # In a function of its own: what cannot be inspected cannot be traced.
    observe(f"np.{_name}", lambda: _traced(lambda t: _function(t)))
PYTHON = {
    "array @ t": lambda t: _two.T @ t, "np.float64 * t": lambda t: np.float64(2) * t, "array > t": lambda t: _two > t,
    "bool(t)": bool, "int(t)": int, "t[mask]": lambda t: t[np.array([[True, False]])], "round": round,
}
for _name, _function in PYTHON.items():
    observe(f"python: {_name}", lambda: _traced(lambda t: _function(t), autograph=False))


def _if(t):
    if t[0, 0] > np.float32(2):
        result = np.array([1.0], np.float32)
    else:
        result = np.array([2.0], np.float32)
    return result


def _if_dtypes(t):
    if t[0, 0] > 2:
        result = np.float64(1)
    else:
        result = 2
    return result


def _for_array(t):
    total = t[0, 0]
    for number in np.arange(3):
        total += number
    return total


def _for_range(t):
    total = np.int64(0)
    for number in tf.range(tf.size(t)):
        total += number
    return total


def _for_tensor(t):
    total = 0.0
    for row in t:
        total += tf.reduce_sum(row)
    return total


def _while(t):
    count = np.float32(0)
    while count < t[0, 0]:
        count += np.float32(1)
    return count


def _assert(t):
    assert t[0, 0] > 5, "small"
    return t


def _and(t):
    return t[0, 0] > 1 and np.bool_(True)


for _name, _function in {
    "if": _if, "if of other dtypes": _if_dtypes, "for over array": _for_array, "for of another int": _for_range,
    "for over tensor": _for_tensor, "while": _while, "assert": _assert, "and": _and,
}.items():
    observe(f"autograph: {_name}", lambda: _traced(_function))
del NUMPY, PYTHON
