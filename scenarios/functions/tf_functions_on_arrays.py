"""TensorFlow's shape and reduction functions given arrays, each beside NumPy's convention for axes and dtypes."""
# /// skew
# links = ["https://www.tensorflow.org/api_docs/python/tf", "https://www.tensorflow.org/api_docs/python/tf/math"]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

_A = np.array([[3.0, 1.0], [2.0, 4.0]], np.float32)
_D, _I, _B = _A.astype(np.float64), _A.astype(np.int64), _A > 2
_V = np.arange(6)
_CASES = {
    "reshape wrong": lambda: tf.reshape(_V, [4]),
    "transpose of a vector": lambda: tf.transpose(_V),
    "concat scalars": lambda: tf.concat([1, 2], 0),
    "split": lambda: tf.split(_V, 3),
    "split uneven": lambda: tf.split(_V, 4),
    "pad int64 with value": lambda: tf.pad(_I, np.array([[1, 0], [0, 1]]), constant_values=7),
    "tile too few": lambda: tf.tile(_A, [2]),
    "roll no axis": lambda: tf.roll(_V, 2),
    "reverse": lambda: tf.reverse(_A, [1]),
    "squeeze wrong axis": lambda: tf.squeeze(_A, 0),
    "linspace": lambda: tf.linspace(0.0, 1.0, 3),
    "range of int and int64": lambda: tf.range(0, np.int64(3)),
    "strided_slice": lambda: tf.strided_slice(_V, [5], [0], [-2]),
    "reduce_sum of a list": lambda: tf.reduce_sum([[1, 2], [3, 4]], 0),
    "reduce_sum of bool": lambda: tf.reduce_sum(_B),
    "reduce_max": lambda: tf.reduce_max(_A, axis=1),
    "reduce_max axis out of range": lambda: tf.reduce_max(_A, axis=2),
    "reduce_std": lambda: tf.math.reduce_std(_D),
    "reduce_variance of int": lambda: tf.math.reduce_variance(_I),
    "argmax": lambda: tf.argmax(_A),
    "argmax of a scalar": lambda: tf.argmax(np.float32(1)),
    "cumprod": lambda: tf.math.cumprod(_D),
    "confusion_matrix": lambda: tf.math.confusion_matrix(np.array([0, 1, 1]), np.array([0, 1, 0])),
    "clip_by_global_norm": lambda: tf.clip_by_global_norm([_A, _A], 1.0),
    "einsum with ellipsis": lambda: tf.einsum("...ij,kj->...ik", _A[None], _A),
    "matmul": lambda: tf.matmul(_A, _A, transpose_b=True),
    "matmul of vectors": lambda: tf.matmul(_V, _V),
    "matmul to int32": lambda: tf.matmul(_A.astype(np.int8), _A.astype(np.int8), output_type=tf.int32),
    "polyval": lambda: tf.math.polyval([np.float64(1), np.float64(2)], np.float64(3)),
    "round half to even": lambda: tf.round(np.array([0.5, 1.5, -0.5, 2.5])),
    "round of int": lambda: tf.round(_I),
    "floor of int": lambda: tf.floor(_I),
    "sqrt of int": lambda: tf.sqrt(_I),
    "zero_fraction": lambda: tf.math.zero_fraction(_A - 1),
    "scan": lambda: tf.scan(lambda a, x: a + x, _V),
}
for _name, _case in _CASES.items():
    observe(_name, _case)
