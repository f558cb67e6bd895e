"""Which dtype wins when arrays, NumPy scalars, Python numbers and tensors meet."""
# /// skew
# links = ["https://numpy.org/neps/nep-0050-scalar-promotion.html"]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

OPERANDS = {
    "uint8 array": np.array([1, 2], np.uint8),
    "int32 array": np.array([1, 2], np.int32),
    "float32 array": np.array([1.5, 2.5], np.float32),
    "float32 scalar": np.float32(3),
    "float64 scalar": np.float64(3),
    "python int": 3,
    "python float": 3.0,
    "large python int": 300,
}
for _left, _a in OPERANDS.items():
    for _right, _b in OPERANDS.items():
        if not ("python" in _left and "python" in _right):
            observe(f"{_left} + {_right}", lambda: np.add(_a, _b))

for _name, _operand in OPERANDS.items():
    observe(f"float32 tensor * {_name}", lambda: tf.constant([2.0, 4.0]) * _operand)
    observe(f"int64 tensor * {_name}", lambda: tf.constant([2, 4], tf.int64) * _operand)
    observe(f"constant of {_name}", lambda: tf.constant(_operand))
del OPERANDS
