"""Tensors with arrays, NumPy scalars, Python numbers and other tensors, on either side of an operator."""
# /// skew
# links = [
#     "https://www.tensorflow.org/guide/tf_numpy_type_promotion",
#     "https://www.tensorflow.org/api_docs/python/tf/convert_to_tensor",
# ]
# ///
import operator as _operator

import numpy as np
import tensorflow as tf
from skew import observe

_NAMES = ["bool", "uint8", "int32", "int64", "float16", "float32", "float64", "complex64"]
_NUMBERS = {"True": True, "3": 3, "-1": -1, "300": 300, "2**40": 2**40, "1.5": 1.5, "1e300": 1e300, "1j": 1j}
_OPERATORS = ["truediv", "floordiv", "mod", "pow", "and_", "lshift", "invert", "neg", "lt", "eq", "matmul"]


def _row(function):
    """What `function` gives for each dtype: a dtype, or the class of its error."""
    row = {}
    for name in _NAMES:
        try:
            row[name] = function(name).dtype.name
        except Exception as error:
            row[name] = type(error).__name__
    return row


for _name in _NAMES:
    _tensor = tf.cast([1, 0], _name)
    _array = np.array([1, 0]).astype(_name)
    observe(_name + " tensor + tensor", lambda: _row(lambda other: _tensor + tf.cast([1, 0], other)))
    observe(_name + " tensor + array", lambda: _row(lambda other: _tensor + np.array([1, 0]).astype(other)))
    observe(_name + " array + tensor", lambda: _row(lambda other: _array + tf.cast([1, 0], other)))
    observe(_name + " tensor + NumPy scalar", lambda: _row(lambda other: _tensor + np.array([1]).astype(other)[0]))
    observe(_name + " NumPy scalar + tensor", lambda: _row(lambda other: _array[0] + tf.cast([1, 0], other)))
    observe(_name + " np.add of tensors", lambda: _row(lambda other: np.add(_tensor, tf.cast([1, 0], other))))
for _name in ["uint8", "float32"]:
    for _text, _number in _NUMBERS.items():
        observe("%s tensor + %s" % (_name, _text), lambda: tf.cast([1, 0], _name) + _number)
for _name in ["bool", "uint8"]:
    for _operator_name in _OPERATORS:
        _tensor = tf.cast([[7, 5], [0, 1]], _name)
        _operands = [_tensor] if _operator_name in ("invert", "neg") else [_tensor, tf.cast([[2, 3], [1, 1]], _name)]
        observe("%s of %s tensor" % (_operator_name, _name), lambda: getattr(_operator, _operator_name)(*_operands))
