"""Integers at their limits: overflow, division and remainder, shifts, powers, floats to integers."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/release/1.24.0-notes.html",
#     "https://numpy.org/doc/stable/release/1.20.0-notes.html",
#     "https://www.tensorflow.org/api_docs/python/tf/math/floordiv",
# ]
# ///
import operator as _operator

import numpy as np
import tensorflow as tf
from skew import observe

_LEFT, _RIGHT = [7, -7, 7, -7, 0, 6], [3, 3, -3, -3, 5, -2]
for _dtype in ["int8", "int64"]:
    _a, _b = np.array(_LEFT, _dtype), np.array(_RIGHT, _dtype)
    _least = np.array([np.iinfo(_dtype).min, 5], _dtype)
    for _name in ["floordiv", "mod", "truediv", "pow", "lshift", "rshift"]:
        _right = np.abs(_b) if "shift" in _name or _name == "pow" else _b
        observe("np %s %s" % (_dtype, _name), lambda: getattr(_operator, _name)(_a, _right))
        observe("tf %s %s" % (_dtype, _name), lambda: getattr(_operator, _name)(tf.constant(_a), tf.constant(_right)))
    observe("np %s fmod" % _dtype, lambda: np.fmod(_a, _b))
    observe("np %s // 0" % _dtype, lambda: _a // 0)
    observe("np %s %% 0" % _dtype, lambda: _a % 0)
    observe("np %s divmod 0" % _dtype, lambda: np.divmod(_a, np.zeros(6, _dtype)))
    observe("np %s scalar // 0" % _dtype, lambda: _a[0] // _a[4])
    observe("np %s abs at its limit" % _dtype, lambda: np.abs(_least))
    observe("np %s scalar overflow" % _dtype,
        lambda: np.iinfo(_dtype).max * _least[0].dtype.type(1) + _least.dtype.type(1))
    observe("np %s array overflow" % _dtype, lambda: _least - np.array(1, _dtype))
    observe("np %s sum overflow" % _dtype, lambda: np.sum(np.full(2, np.iinfo(_dtype).max, _dtype), dtype=_dtype))
    observe("tf %s // 0" % _dtype, lambda: tf.constant(_a) // tf.zeros_like(_a))
    observe("tf %s %% 0" % _dtype, lambda: tf.constant(_a) % tf.zeros_like(_a))
    observe("tf %s truncatediv" % _dtype, lambda: tf.truncatediv(_a, _b))
    observe("tf %s truncatemod" % _dtype, lambda: tf.truncatemod(_a, _b))
    observe("tf %s abs at its limit" % _dtype, lambda: tf.abs(_least))
    observe("tf %s overflow" % _dtype, lambda: tf.constant(_least) - 1)
for _dtype in ["uint8", "uint64"]:
    _u = np.array([0, 1, np.iinfo(_dtype).max], _dtype)
    observe("np %s - 1" % _dtype, lambda: _u - _u.dtype.type(1))
    observe("np %s negative" % _dtype, lambda: -_u)
    observe("np %s scalar - scalar" % _dtype, lambda: _u[0] - _u[1])
    observe("np %s // 2" % _dtype, lambda: _u // 2)
    observe("tf %s - 1" % _dtype, lambda: tf.constant(_u) - tf.constant(1, _dtype))
    observe("tf %s negative" % _dtype, lambda: -tf.constant(_u))
    observe("tf %s // 2" % _dtype, lambda: tf.constant(_u) // tf.constant(2, _dtype))
# Only floats inside the range of the integer: outside of it the result is the processor's.
_FLOATS = np.array([-1.5, -0.5, 0.5, 1.5, 2.5, 126.99])
for _dtype in ["int8", "int32", "int64", "uint8", "bool"]:
    _values = np.abs(_FLOATS) if _dtype[0] == "u" else _FLOATS
    for _source in ["float16", "float32"]:
        observe("np %s to %s" % (_source, _dtype), lambda: _values.astype(_source).astype(_dtype))
        observe("tf %s to %s" % (_source, _dtype), lambda: tf.cast(_values.astype(_source), _dtype))
    observe("tf bfloat16 to " + _dtype, lambda: tf.cast(tf.cast(tf.constant(_values), tf.bfloat16), _dtype))
_CASES = {
    "tf int ** negative": lambda: tf.pow(tf.constant([2]), tf.constant([-1])),
    "np shift by a negative": lambda: np.right_shift(np.array([8], np.uint8), np.uint8(9)),
    "np uint64 // int": lambda: np.uint64(2**63) // 2,
    "np uint64 == float": lambda: np.uint64(2**53 + 1) == 2.0**53,
    "np uint64 < int64 array": lambda: np.array([2**63], np.uint64) > np.array([-1]),
    "np int + 2**70": lambda: np.array([1]) + 2**70,
    "np bool - bool": lambda: np.array([True]) - np.array([True]),
    "np int8 * 2 mean": lambda: (np.int8([100]) * np.int8(2)).mean(),
    "tf saturate_cast": lambda: tf.saturate_cast(np.array([-1e10, 300.7, 1e10]), tf.uint8),
    "tf bool + bool": lambda: tf.constant([True]) + tf.constant([True]),
    "tf range of int8": lambda: tf.range(0, 3, dtype=tf.int8),
}
for _name, _case in _CASES.items():
    observe(_name, _case)
