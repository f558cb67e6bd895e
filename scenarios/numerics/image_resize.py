"""Every method of tf.image.resize, up and down: half-pixel centres, antialiasing, and dtypes of results."""
# /// skew
# links = [
#     "https://www.tensorflow.org/api_docs/python/tf/image/resize",
#     "https://www.tensorflow.org/api_docs/python/tf/compat/v1/image/resize",
# ]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

_IMAGE = np.arange(16, dtype=np.float32).reshape(1, 4, 4, 1) ** 1.5
_METHODS = ["bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic"]
for _method in _METHODS:
    for _size in [(6, 7), (3, 2)]:
        observe("%s to %dx%d" % ((_method,) + _size), lambda: tf.image.resize(_IMAGE, _size, method=_method))
    observe(_method + " antialiased", lambda: tf.image.resize(_IMAGE, (3, 2), method=_method, antialias=True))
for _name in ["BILINEAR", "NEAREST_NEIGHBOR", "BICUBIC", "AREA"]:
    observe(
        "v1 " + _name, lambda: tf.compat.v1.image.resize(_IMAGE, (6, 7), method=getattr(tf.image.ResizeMethod, _name)))
    observe(
        "v1 aligned " + _name, lambda: tf.compat.v1.image.resize(_IMAGE, (3, 2),
            method=getattr(tf.image.ResizeMethod, _name), align_corners=True))
for _dtype in ["uint8", "int32", "float16", "bfloat16", "float64"]:
    observe("bilinear of " + _dtype, lambda: tf.image.resize(tf.cast(_IMAGE, _dtype), (3, 2)))
    observe("nearest of " + _dtype, lambda: tf.image.resize(tf.cast(_IMAGE, _dtype), (3, 2), method="nearest"))
observe("same size", lambda: tf.image.resize(_IMAGE.astype(np.uint8), (4, 4)))
observe("keeps aspect ratio", lambda: tf.image.resize(_IMAGE, (8, 6), preserve_aspect_ratio=True))
observe("with padding", lambda: tf.image.resize_with_pad(_IMAGE, 3, 5))
observe("float size", lambda: tf.image.resize(_IMAGE, (3.0, 2.0)))
observe("size of numpy ints", lambda: tf.image.resize(_IMAGE, np.array([3, 2])))
observe("to nothing", lambda: tf.image.resize(_IMAGE, (0, 2)))
observe(
    "gradient of bilinear", lambda: tf.raw_ops.ResizeBilinearGrad(grads=_IMAGE, original_image=_IMAGE[:, :2, :2],
        half_pixel_centers=True))
observe("keras preprocessing", lambda: tf.keras.preprocessing.image.smart_resize(_IMAGE, (3, 2)))
