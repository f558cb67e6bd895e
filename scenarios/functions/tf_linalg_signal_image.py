"""TensorFlow's linear algebra, Fourier transforms and small image operations on arrays."""
# /// skew
# links = [
#     "https://www.tensorflow.org/api_docs/python/tf/linalg",
#     "https://www.tensorflow.org/api_docs/python/tf/signal",
#     "https://www.tensorflow.org/api_docs/python/tf/image",
# ]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

_S = np.array([[4.0, 1.0], [1.0, 3.0]])
_B = np.array([[1.0, 2.0], [3.0, 5.0]])
_X = np.array([1.0, 2.0, 0.5, -1.0], np.float32)
_IMAGE = (np.arange(24, dtype=np.float32).reshape(2, 4, 3) / 24)
_BYTES = np.arange(24, dtype=np.uint8).reshape(2, 4, 3) * 10
_CASES = {
    "inv of int": lambda: tf.linalg.inv(np.eye(2, dtype=int)),
    "inv of singular": lambda: tf.linalg.inv(np.ones((2, 2))),
    "solve": lambda: tf.linalg.solve(_S, _B),
    "solve vector": lambda: tf.linalg.solve(_S, _B[0]),
    "svd": lambda: tf.linalg.svd(_B, compute_uv=False),
    "eig": lambda: tf.linalg.eigvals(_B),
    "pinv": lambda: tf.linalg.pinv(_B),
    "norm of int": lambda: tf.norm(np.array([3, 4])),
    "normalize": lambda: tf.linalg.normalize(_B, axis=1),
    "band_part": lambda: tf.linalg.band_part(_B, 0, -1),
    "cross of 2-d vectors": lambda: tf.linalg.cross(np.array([1.0, 0.0]), np.array([0.0, 1.0])),
    "matvec": lambda: tf.linalg.matvec(_B, _B[0]),
    "LinearOperatorToeplitz": lambda: tf.linalg.LinearOperatorToeplitz(_X[:2], _X[:2]).to_dense(),
    "fft2d": lambda: tf.signal.fft2d(_B.astype("c8")),
    "fftnd": lambda: tf.signal.fftnd(_B.astype("c8"), fft_length=[2, 2]),
    "rfft padded": lambda: tf.signal.rfft(_X, [6]),
    "irfft": lambda: tf.signal.irfft(_X.astype("c8")),
    "dct 2": lambda: tf.signal.dct(_X),
    "dct 2 ortho of float64": lambda: tf.signal.dct(_X.astype("f8"), norm="ortho"),
    "dct 1": lambda: tf.signal.dct(_X, type=1),
    "dct 4": lambda: tf.signal.dct(_X, type=4),
    "idct": lambda: tf.signal.idct(_X),
    "hann_window": lambda: tf.signal.hann_window(4),
    "overlap_and_add": lambda: tf.signal.overlap_and_add(_B, 1),
    "central_crop": lambda: tf.image.central_crop(_BYTES, 0.5),
    "rgb_to_grayscale of uint8": lambda: tf.image.rgb_to_grayscale(_BYTES),
    "adjust_contrast": lambda: tf.image.adjust_contrast(_IMAGE, 2.0),
    "adjust_gamma": lambda: tf.image.adjust_gamma(_IMAGE, 2.0),
    "per_image_standardization of uint8": lambda: tf.image.per_image_standardization(_BYTES),
    "convert_image_dtype to uint8": lambda: tf.image.convert_image_dtype(_IMAGE, tf.uint8),
    "ssim": lambda: tf.image.ssim(np.ones((12, 12, 1), "f4"), np.zeros((12, 12, 1), "f4"), 1.0),
    "extract_patches": lambda: tf.image.extract_patches(_IMAGE[None], [1, 2, 2, 1], [1, 2, 2, 1], [1, 1, 1, 1],
        "VALID"),
    "non_max_suppression": lambda: tf.image.non_max_suppression(
        np.array([[0, 0, 1, 1], [0, 0, 1, 0.9], [2, 2, 3, 3]], "f4"), np.array([0.5, 0.9, 0.7], "f4"), 3),
    "decode an invalid image": lambda: tf.io.decode_image(b"nothing"),
}
for _name, _case in _CASES.items():
    observe(_name, _case)
