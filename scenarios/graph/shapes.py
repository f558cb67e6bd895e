"""TensorShape, TensorSpec and dtypes beside tuples, arrays and NumPy's integers."""
# /// skew
# links = [
#     "https://www.tensorflow.org/api_docs/python/tf/TensorShape",
#     "https://www.tensorflow.org/api_docs/python/tf/dtypes/DType",
# ]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

_shape, _unknown = tf.TensorShape([2, None]), tf.TensorShape(None)
CASES = {
    "of array": lambda: tf.TensorShape(np.array([2, 3])), "of int": lambda: tf.TensorShape(3),
    "of tensor": lambda: tf.TensorShape(tf.constant([2])), "== itself": lambda: _shape == tf.TensorShape([2, None]),
    "== list": lambda: tf.TensorShape([2, 3]) == [2, 3], "== text": lambda: _shape == "a",
    "[1] == None": lambda: _shape[1] == None, "len": lambda: len(_shape),
    "hash": lambda: hash(tf.TensorShape([2])) == hash(tf.TensorShape([2])),
    "hash unknown": lambda: isinstance(hash(_unknown), int), "+ array": lambda: _shape + np.array([3]),
    "is_subtype_of": lambda: tf.TensorShape([2, 3]).is_subtype_of(_shape), "iterate unknown": lambda: list(_unknown),
    "np.reshape": lambda: np.arange(2).reshape(tf.TensorShape([2, 1])),
    "tf.zeros": lambda: tf.zeros(tf.TensorShape([2])),
}
for _name, _case in CASES.items():
    observe(f"shape {_name}", _case)
SPECS = {
    "of array": lambda: str(tf.TensorSpec.from_tensor(tf.constant(np.ones(2)))),
    "dtype=np.float64": lambda: tf.TensorSpec([1], np.float64).dtype,
    "dtype=float": lambda: tf.TensorSpec([1], float).dtype,
    "compatible with list": lambda: tf.TensorSpec([2], tf.float32).is_compatible_with([1.0, 2.0]),
    "is_compatible_with numpy": lambda: tf.TensorSpec([], tf.float32).is_compatible_with(np.float32(1)),
    "np.float32 ==": lambda: np.float32 == tf.float32, "np.dtype == float32": lambda: np.dtype("f4") == tf.float32,
    "np.dtype(tf.float32)": lambda: np.dtype(tf.float32), "float32 == 'float32'": lambda: tf.float32 == "float32",
    "float32 == None": lambda: tf.float32 == None, "as_dtype datetime": lambda: tf.as_dtype(np.dtype("M8[D]")),
    "np.zeros of dtype": lambda: np.zeros(1, tf.int32),
}
for _name, _case in SPECS.items():
    observe(f"spec {_name}", _case)
del CASES, SPECS
