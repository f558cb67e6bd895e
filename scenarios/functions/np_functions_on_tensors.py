"""NumPy's functions given a tensor: the type, dtype and shape of what comes back."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/reference/routines.html",
#     "https://www.tensorflow.org/api_docs/python/tf/Tensor",
#     "https://numpy.org/doc/stable/release/2.4.0-notes.html",
# ]
# ///
from operator import attrgetter as _attrgetter

import numpy as np
import tensorflow as tf
from skew import observe

# Functions of one tensor, by what else they are given.
_ALONE = """transpose ravel squeeze shape ndim size sum prod mean std var max min argmax argmin ptp any all median
cumsum cumprod diff sort argsort unique nonzero count_nonzero flatnonzero argwhere flip fliplr rot90 diag diagonal
trace tril round sign isreal iscomplexobj real imag copy asarray array ascontiguousarray atleast_3d zeros_like
ones_like nan_to_num nansum nanmean nanmax average cov corrcoef gradient bincount histogram array2string array_repr
result_type min_scalar_type isscalar iterable linalg.inv linalg.det linalg.norm linalg.eigvalsh linalg.svd linalg.qr
linalg.cholesky linalg.pinv linalg.matrix_rank fft.fft fft.rfft fft.fft2 fft.fftshift ma.array ma.masked_invalid
random.permutation""".split()
_MORE = {
    "reshape": [(4,)], "swapaxes": [0, 1], "moveaxis": [0, 1], "expand_dims": [0], "broadcast_to": [(2, 2, 2)],
    "resize": [(3, 2)],
    "tile": [2], "repeat": [2], "roll": [1], "pad": [1], "split": [2], "array_split": [2], "hsplit": [2],
    "insert": [0, 9.0],
    "append": [9.0], "delete": [0], "take": [[0, 0]], "compress": [[True, False], ], "percentile": [50],
    "quantile": [0.25],
    "partition": [1], "argpartition": [1], "searchsorted": [2.0], "digitize": [[0.5, 2.5]], "clip": [1.5, 3.0],
    "cross": [[1, 2]],
    "isin": [[1.0, 4.0]], "where": [1.0, 0.0], "put_along_axis": [np.array([[0], [1]]), 0.0, 1],
    "take_along_axis": [np.array([[0], [1]]), 1],
    "interp": [[0.0, 5.0], [0.0, 10.0]], "linalg.solve": [[1.0, 2.0]], "linalg.matrix_power": [2], "allclose": [1.0],
    "array_equal": [[[3.0, 1.0], [1.0, 4.0]]], "full_like": [7], "vander": [2], "convolve": [[1.0, 2.0]],
    "shares_memory": [1.0],
    "may_share_memory": [1.0], "astype": [np.float64], "polyval": [2.0],
}
_tensor = tf.constant([[3.0, 1.0], [1.0, 4.0]])
_VECTOR = {"bincount", "digitize", "searchsorted", "interp", "vander", "convolve", "polyval"}
_vectors = {"bincount": tf.constant([0, 2, 2]), "digitize": tf.constant([0.0, 1.0]),
    "searchsorted": tf.constant([1.0, 3.0])}

for _name in _ALONE + list(_MORE):
    _argument = _vectors.get(_name, tf.constant([1.0, 2.0])) if _name in _VECTOR else _tensor
    observe(_name, lambda: _attrgetter(_name)(np)(_argument, *_MORE.get(_name, [])))

_CASES = {
    "mean of int": lambda: np.mean(tf.constant([1, 2])),
    "mean of bfloat16": lambda: np.mean(tf.constant([1, 2], tf.bfloat16)),
    "stack": lambda: np.stack([_tensor, _tensor]),
    "meshgrid": lambda: np.meshgrid(tf.constant([1, 2]), tf.constant([3, 4])),
    "apply_along_axis": lambda: np.apply_along_axis(np.sum, 0, _tensor),
    "piecewise": lambda: np.piecewise(_tensor, [_tensor < 2], [0.0, 1.0]),
    "broadcast_arrays": lambda: np.broadcast_arrays(_tensor, 1.0),
}
for _name, _case in _CASES.items():
    observe(_name, _case)
