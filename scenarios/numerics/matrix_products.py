"""Products of matrices and vectors per dtype in NumPy and TensorFlow, and how far they are from exact."""
# /// skew
# links = [
#     "https://github.com/tensorflow/tensorflow/releases/tag/v2.9.0",
#     "https://numpy.org/doc/stable/reference/generated/numpy.matmul.html",
#     "https://www.tensorflow.org/api_docs/python/tf/linalg/matmul",
# ]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

_R = np.random.RandomState(0)
_A, _B = _R.rand(16, 24), _R.rand(24, 16)
for _dtype in ["float16", "float32", "float64", "int8"]:
    _scale = 100 if "int" in _dtype else 1
    _a, _b = (_A * _scale).astype(_dtype), (_B * _scale).astype(_dtype)
    observe("np matmul " + _dtype, lambda: _a @ _b)
    observe("np matvec " + _dtype, lambda: _a @ _b[:, 0])
    observe("np dot of vectors " + _dtype, lambda: np.dot(_a[0], _b[:, 0]))
    observe("np matmul with its transpose " + _dtype, lambda: _a @ _a.T)
    observe("np matmul strided " + _dtype, lambda: _a[::2, ::3] @ _b[::3, ::2])
    observe("np inner " + _dtype, lambda: np.inner(_a[:4], _a[4:8]))
    observe("np einsum " + _dtype, lambda: np.einsum("ij,jk->ik", _a, _b))
    observe("np einsum optimized " + _dtype, lambda: np.einsum("ij,jk->ik", _a, _b, optimize=True))
    observe("tf matmul " + _dtype, lambda: tf.matmul(_a, _b))
    observe("tf matmul transposed " + _dtype, lambda: tf.matmul(_a, _a, transpose_b=True))
    observe("tf einsum " + _dtype, lambda: tf.einsum("ij,jk->ik", _a, _b))
_bf = lambda x: tf.cast(tf.constant(x), tf.bfloat16)  # noqa: E731
_STACK = np.stack([_A, _A[::-1]]).astype(np.float32)
_CASES = {
    "tf matmul bfloat16": lambda: tf.matmul(_bf(_A), _bf(_B)),
    "tf matvec float32": lambda: tf.linalg.matvec(_A.astype("f4"), _B[:, 0].astype("f4")),
    "tf batched matmul float32": lambda: tf.matmul(_STACK, _B[None].astype("f4")),
    "np batched matmul float32": lambda: _STACK @ _B.astype("f4"),
    "np matmul of inf and 0": lambda: np.array([[np.inf, 1.0]]) @ np.array([[0.0], [1.0]]),
    "tf matmul of denormals": lambda: tf.matmul(np.float32([[1e-30]]), np.float32([[1e-10]])),
    "tf float16 accumulates 4097 ones": lambda: tf.matmul(np.ones((1, 4097), "f2"), np.ones((4097, 1), "f2")),
    "np correlate float64": lambda: np.correlate(_A[0], _B[:5, 0], "same"),
    "np vdot complex64": lambda: np.vdot((_A[0] + 1j).astype("c8"), (_A[1] - 1j).astype("c8")),
    "np solve float64": lambda: np.linalg.solve(_A[:4, :4] + 4 * np.eye(4), _B[:4, 0]),
    "tf det float32": lambda: tf.linalg.det(_A[:4, :4].astype("f4")),
    "np fft float32": lambda: np.fft.fft(_A[0].astype("f4")),
    "tf fft complex64": lambda: tf.signal.fft(_A[0].astype("c8")),
    "tf rfft float32": lambda: tf.signal.rfft(_A[0].astype("f4")),
}
for _name, _case in _CASES.items():
    observe(_name, _case)
