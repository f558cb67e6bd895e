"""TensorFlow's selection on arrays: where, unique, sets, sorting, segments, gather, scatter; ties, bad indices."""
# /// skew
# links = [
#     "https://www.tensorflow.org/api_docs/python/tf/gather",
#     "https://www.tensorflow.org/api_docs/python/tf/argsort",
#     "https://www.tensorflow.org/api_docs/python/tf/math/segment_sum",
# ]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

_A = np.array([[3.0, 1.0], [2.0, 4.0]], np.float32)
_V = np.array([3, 1, 2, 1, 3])
_N = np.array([2.0, np.nan, 1.0, -np.inf, -0.0, 0.0], np.float32)
_IDS = np.array([0, 0, 2])
_X = np.array([1.0, 2.0, 4.0], np.float32)
_CASES = {
    "where one branch": lambda: tf.where(_V > 1, _V),
    "unique of text": lambda: tf.unique(["b", "a", "b"]),
    "unique of a matrix": lambda: tf.unique(_A),
    "sets size": lambda: tf.sets.size(tf.sets.union(np.array([[1, 2]]), np.array([[2, 3]]))),
    "sort of NaN": lambda: tf.sort(_N),
    "sort of uint8": lambda: tf.sort(np.array([3, 255, 0], np.uint8)),
    "sort of int8": lambda: tf.sort(np.array([3, -128, 0], np.int8)),
    "sort of a scalar": lambda: tf.sort(np.float32(1)),
    "sort of text": lambda: tf.sort(["b", "a"]),
    "sort of bool": lambda: tf.sort(np.array([True, False])),
    "argsort of NaN": lambda: tf.argsort(_N),
    "approx_max_k": lambda: tf.math.approx_max_k(_X, 2),
    "searchsorted of NaN": lambda: tf.searchsorted(_X, np.array([np.nan], np.float32)),
    "histogram_fixed_width_bins": lambda: tf.histogram_fixed_width_bins(_X, [0.0, 5.0], 5),
    "histogram_fixed_width_bins of NaN": lambda: tf.histogram_fixed_width_bins(np.float32([np.nan]), [0.0, 5.0], 5),
    "segment_max": lambda: tf.math.segment_max(_X, _IDS),
    "segment_sum unsorted ids": lambda: tf.math.segment_sum(_X, _IDS[::-1]),
    "segment_sum negative ids": lambda: tf.math.segment_sum(_X, _IDS - 1),
    "unsorted_segment_mean": lambda: tf.math.unsorted_segment_mean(_X, _IDS, 3),
    "unsorted_segment_sum id too large": lambda: tf.math.unsorted_segment_sum(_X, _IDS, 2),
    "gather batch_dims": lambda: tf.gather(_A, [[1], [0]], batch_dims=1),
    "gather out of range": lambda: tf.gather(_A, [2]),
    "gather negative": lambda: tf.gather(_A, [-1]),
    "gather by uint8": lambda: tf.gather(_A, np.array([1], np.uint8)),
    "gather by int16": lambda: tf.gather(_A, np.array([1], np.int16)),
    "gather by float": lambda: tf.gather(_A, np.array([1.0])),
    "gather_nd out of range": lambda: tf.gather_nd(_A, [[0, 2]]),
    "gather_nd bad_indices_policy": lambda: tf.gather_nd(_A, [[0, 2]], bad_indices_policy="IGNORE"),
    "scatter_nd out of range": lambda: tf.scatter_nd([[3]], [1.0], [3]),
    "tensor_scatter_nd_add": lambda: tf.tensor_scatter_nd_add(_X, [[0], [0]], [1.0, 2.0]),
    "sparse to dense": lambda: tf.sparse.to_dense(tf.sparse.from_dense(_A - 1)),
    "sparse to dense unordered": lambda: tf.sparse.to_dense(tf.SparseTensor([[1, 0], [0, 1]], [1.0, 2.0], [2, 2])),
    "ragged stack": lambda: tf.ragged.stack([np.array([1, 2]), np.array([3])]),
    "ragged + number": lambda: tf.ragged.constant([[1, 2], [3]]) + 1,
    "edit_distance": lambda: tf.edit_distance(
        tf.sparse.from_dense([["a", "b"]]), tf.sparse.from_dense([["a", "c"]])),
    "switch_case": lambda: tf.switch_case(
        tf.constant(1), [lambda: tf.constant(1), lambda: tf.constant(2)]),
    "while_loop": lambda: tf.while_loop(lambda i: i < 3, lambda i: [i + 1], [tf.constant(0)]),
}
for _name, _case in _CASES.items():
    observe(_name, _case)
