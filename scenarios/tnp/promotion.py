"""Which dtype wins in tf.experimental.numpy, beside NumPy's own rules."""
# /// skew
# when = "tensorflow >= 2.5"
# links = [
#     "https://www.tensorflow.org/guide/tf_numpy_type_promotion",
#     "https://numpy.org/neps/nep-0050-scalar-promotion.html",
# ]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

OPERANDS = {
    "uint8 array": np.array([1], np.uint8), "int32 array": np.array([1], np.int32),
    "float32 array": np.array([1], np.float32), "float64 array": np.array([1.0]), "float32 scalar": np.float32(1),
    "python int": 1, "python float": 1.0, "float32 tensor": tf.constant([1.0]),
}
# Both orders give the same, so half of the table is enough.
_names = list(OPERANDS)
for _position, _left in enumerate(_names):
    for _right in _names[_position:]:
        observe(f"{_left} + {_right}", lambda: tf.experimental.numpy.add(OPERANDS[_left], OPERANDS[_right]).dtype)
for _name in ["int8", "uint8", "int32", "uint64", "float16", "float32", "bool"]:
    observe(f"sum of {_name}", lambda: tf.experimental.numpy.sum(np.ones(2, _name)).dtype)
    observe(f"mean of {_name}", lambda: tf.experimental.numpy.mean(np.ones(2, _name)).dtype)
observe("uint8 array + 300", lambda: tf.experimental.numpy.add(OPERANDS["uint8 array"], 300))
observe("prefer_float32", lambda: (tf.experimental.numpy.experimental_enable_numpy_behavior(prefer_float32=True),
                                  tf.experimental.numpy.add(1.0, 2).dtype)[1])
del OPERANDS
