"""numpy.linalg and numpy.fft: result types, stacks, renamed arguments, and which dtypes are kept."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/release/2.0.0-notes.html",
#     "https://numpy.org/doc/stable/release/1.25.0-notes.html",
#     "https://numpy.org/doc/stable/release/1.22.0-notes.html",
#     "https://numpy.org/doc/stable/reference/routines.fft.html",
# ]
# ///
import numpy as np
from skew import observe

_S = np.array([[4.0, 1.0], [1.0, 3.0]])
_B = np.array([[1.0, 2.0], [3.0, 5.0]])
_STACK = np.stack([_S, _B])
_TALL = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]])
_X = np.array([1.0, 2.0, 0.5, -1.0])
_ROUND = lambda value: np.round(np.asarray(value),
    6)  # noqa: E731  signs of factors are left to LAPACK, their bits as well

for _dtype in ["float16", "float32", "float64", "longdouble", "complex64", "int8", "int64", "bool", "object"]:
    observe("inv of " + _dtype, lambda: np.linalg.inv(np.eye(2).astype(_dtype)).dtype)
    observe("norm of " + _dtype, lambda: np.linalg.norm(np.ones(2).astype(_dtype)))
    observe("fft of " + _dtype, lambda: np.fft.fft(np.ones(2).astype(_dtype)).dtype)
    observe("rfft of " + _dtype, lambda: np.fft.rfft(np.ones(2).astype(_dtype)).dtype)
_CASES = {
    "solve stack, b of a matrix": lambda: np.linalg.solve(_STACK, _B).shape,
    "solve stack, b of vectors": lambda: np.linalg.solve(np.stack([np.eye(3), np.eye(3)]), np.ones((2, 3))),
    "inv not square": lambda: np.linalg.inv(_TALL),
    "slogdet": lambda: np.linalg.slogdet(_S),
    "svd type": lambda: type(np.linalg.svd(_B)).__name__,
    "svd values": lambda: _ROUND(np.linalg.svd(_B, compute_uv=False)),
    "svdvals": lambda: _ROUND(np.linalg.svdvals(_B)),
    "qr raw": lambda: [part.shape for part in np.linalg.qr(_TALL, "raw")],
    "qr of a stack": lambda: [part.shape for part in np.linalg.qr(_STACK)],
    "eig type": lambda: type(np.linalg.eig(_S)).__name__,
    "eigvals of NaN": lambda: np.linalg.eigvals([[np.nan]]),
    "cholesky upper": lambda: np.linalg.cholesky(_S, upper=True),
    "lstsq": lambda: _ROUND(np.linalg.lstsq(_TALL, [1.0, 2.0, 4.0])[0]),
    "matrix_rank rtol=": lambda: np.linalg.matrix_rank(np.diag([1, 0.1]), rtol=0.5),
    "matrix_rank of a vector": lambda: np.linalg.matrix_rank([1, 0]),
    "pinv rtol=": lambda: _ROUND(np.linalg.pinv(np.diag([1, 0.1]), rtol=0.5)),
    "norm axis keepdims": lambda: np.linalg.norm(_B, axis=1, keepdims=True),
    "norm fro of a vector": lambda: np.linalg.norm([3.0, 4.0], "fro"),
    "norm of empty": lambda: np.linalg.norm(np.zeros((0, 0)), np.inf),
    "vector_norm": lambda: np.linalg.vector_norm(_B),
    "matrix_norm": lambda: np.linalg.matrix_norm(_B),
    "matrix_power": lambda: np.linalg.matrix_power([[1, 1], [1, 0]], 5),
    "linalg.cross": lambda: np.linalg.cross([1, 0, 0], [0, 1, 0]),
    "linalg.outer": lambda: np.linalg.outer([1, 2], [3, 4]),
    "linalg.outer of matrices": lambda: np.linalg.outer(_S, _B),
    "linalg.trace of a stack": lambda: np.linalg.trace(_STACK),
    "linalg.diagonal of a stack": lambda: np.linalg.diagonal(_STACK),
    "linalg.vecdot": lambda: np.linalg.vecdot([1j, 2], [1j, 2]),
    "matrix_transpose": lambda: np.linalg.matrix_transpose(_STACK),
    "mT": lambda: _STACK.mT,
    "vecdot": lambda: np.vecdot([1j, 2], [1j, 2]),
    "matvec": lambda: np.matvec(_S, [1.0, 2.0]),
    "cross of 2-d vectors": lambda: np.cross([1, 2], [3, 4]),
    "dot of bool": lambda: np.dot([True, True], [True, True]),
    "matmul of scalar": lambda: np.matmul(_S, 2),
    "einsum with a wrong size": lambda: np.einsum("ij,jk", _TALL, _TALL),
    "fft n=": lambda: np.fft.fft(_X, 6),
    "fft of empty": lambda: np.fft.fft([]),
    "fft forward": lambda: np.fft.fft(_X, norm="forward"),
    "fft unknown norm": lambda: np.fft.fft(_X, norm="none"),
    "fft out=": lambda: np.fft.fft(_X, out=np.zeros(4, complex)),
    "rfft of complex": lambda: np.fft.rfft(_X * 1j),
    "irfft of float32": lambda: np.fft.irfft(np.complex64([1, 2, 3])),
    "ihfft": lambda: np.fft.ihfft(_X),
    "fft2": lambda: np.fft.fft2(_B),
    "fftn s of -1": lambda: np.fft.fftn(_B, s=(2, -1), axes=(0, 1)),
    "fftshift": lambda: np.fft.fftshift(np.arange(5)),
}
for _name, _case in _CASES.items():
    observe(_name, _case)
