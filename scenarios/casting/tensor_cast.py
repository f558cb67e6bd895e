"""tf.cast between pairs of each kind and width, tf.saturate_cast and tf.bitcast, from the extremes of each dtype."""
# /// skew
# links = [
#     "https://www.tensorflow.org/api_docs/python/tf/cast",
#     "https://www.tensorflow.org/api_docs/python/tf/saturate_cast",
#     "https://www.tensorflow.org/api_docs/python/tf/bitcast",
# ]
# when = "tensorflow >= 2.0"
# ///
# Evaluating some 200 tensors one by one takes seconds in TensorFlow 1, which `when` leaves out for that reason.
import numpy as np
import tensorflow as tf
from skew import observe

_INTS = ["int8", "int32", "int64", "uint8", "uint32", "uint64"]
_FLOATS = ["bfloat16", "float16", "float32", "float64"]
_ALL = ["bool"] + _INTS + _FLOATS + ["complex64"]


def _row(function, names):
    """What `function` gives for each dtype, or the class of its error."""
    row = {}
    for name in names:
        try:
            row[name] = function(name)
        except Exception as error:
            row[name] = type(error).__name__
    return row


_EXTREMES = {name: np.array([np.iinfo(name).min, np.iinfo(name).max, 1, 0], name) for name in _INTS}
for _name in _INTS:
    observe(_name + " to all", lambda: _row(lambda target: tf.cast(_EXTREMES[_name], target), _ALL))
for _name in _FLOATS + ["complex64"]:
    _tensor = tf.cast([0.0, -0.0, 1.5, -1.5, 1e-7, 100.75], _name)
    _targets = ["bool", "int8", "int64"] + _FLOATS
    observe(_name + " to all", lambda: _row(lambda target: tf.cast(_tensor, target), _targets))
observe("bool to all", lambda: _row(lambda target: tf.cast([True, False], target), _ALL))
# What C leaves undefined differs between processors and between kernels.
for _target in _INTS:
    observe("float32 beyond " + _target, lambda: tf.cast([-1.5, 3e9, 1e19, np.nan, np.inf, -np.inf], _target))
for _name in ["int64", "uint64"]:
    observe(_name + " saturated", lambda: _row(lambda target: tf.saturate_cast(_EXTREMES[_name], target), _INTS))
for _name in ["float16", "float32"]:
    _tensor = tf.cast([-1.5, 300.5, 3e9, 1e19, 1e38], _name)
    observe(_name + " saturated", lambda: _row(lambda target: tf.saturate_cast(_tensor, target), _INTS))
_SIZES = ["bool", "int8", "float16", "bfloat16", "float32", "complex64"]
for _name in ["bool", "int8", "float16", "float32"]:
    _tensor = tf.cast([[1, 0, 1, 1, 0, 0, 1, 0]], _name)
    observe(_name + " bitcast", lambda: _row(lambda target: tf.bitcast(_tensor, target), _SIZES))
_CASES = {
    "float64 to float16, overflow": lambda: tf.cast(np.array([1e5, 65519.0, 65520.0]), tf.float16),
    "float64 to float32, overflow": lambda: tf.cast(np.array([1e300, -1e300, 1e-40]), tf.float32),
    "float32 to bfloat16, NaN": lambda: tf.cast([np.nan, np.inf, 3.4e38], tf.bfloat16),
    "complex to float": lambda: tf.cast([1.5 + 2j], tf.float32),
    "complex to int": lambda: tf.cast([1.5 + 2j], tf.int32),
    "saturated NaN": lambda: tf.saturate_cast([np.nan, np.inf, -np.inf], tf.int32),
    "saturated int64 to int64": lambda: tf.saturate_cast(tf.constant([7, -7], tf.int64), tf.int64),
    "saturated int64 to uint64": lambda: tf.saturate_cast(tf.constant([7, -7], tf.int64), tf.uint64),
    "saturated int64 to float32": lambda: tf.saturate_cast(tf.constant([7, -7], tf.int64), tf.float32),
    "saturated complex": lambda: tf.saturate_cast(tf.constant([300 + 2j]), tf.uint8),
    "saturated complex to complex": lambda: tf.saturate_cast(tf.constant([1e300 + 2j], tf.complex128), tf.complex64),
    "cast of 300": lambda: tf.cast(300, tf.uint8),
    "cast of 2**40": lambda: tf.cast(2**40, tf.int64),
    "cast of 0.1 to float64": lambda: tf.cast(0.1, tf.float64),
    "cast of text": lambda: tf.cast("1", tf.int32),
    "cast to text": lambda: tf.cast(1, tf.string),
    "cast to a NumPy type": lambda: tf.cast([1.7], np.int64),
    "cast to a Python type": lambda: tf.cast([1.7], int),
    "cast to quantized": lambda: tf.cast([1, 2], tf.qint8),
    "as_string of float": lambda: tf.strings.as_string([0.1, 1e10, np.nan]),
    "as_string of uint8": lambda: tf.strings.as_string(np.array([255], np.uint8)),
    "as_string of uint64": lambda: tf.strings.as_string(np.array([2**64 - 1], np.uint64)),
    "to_number": lambda: tf.strings.to_number(["1.5", " 2 ", "1e3", "nan"]),
    "to_number of bad text": lambda: tf.strings.to_number(["x"]),
    "to_number beyond int32": lambda: tf.strings.to_number(["3000000000"], tf.int32),
    "to_number as uint64": lambda: tf.strings.to_number(["7"], tf.uint64),
    "tf.dtypes.complex of two widths": lambda: tf.dtypes.complex(np.array([1.0]), np.array([2.0], np.float32)),
}
for _name, _case in _CASES.items():
    observe(_name, _case)
