"""Convolutions, pooling, softmax, normalisation and losses per dtype, bit for bit, and what the CPU kernels refuse."""
# /// skew
# links = [
#     "https://github.com/tensorflow/tensorflow/releases/tag/v2.9.0",
#     "https://www.tensorflow.org/api_docs/python/tf/nn",
# ]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

_R = np.random.RandomState(0)
_IMAGE, _KERNEL = _R.randn(1, 6, 6, 3), _R.randn(3, 3, 3, 4)
_ROWS, _LABELS = _R.randn(4, 6), np.array([0, 5, 2, 1])


def _operations(image, kernel, rows):
    one_hot = tf.one_hot(_LABELS, 6, dtype=rows.dtype)
    scale = tf.ones(3, image.dtype)
    return {
        "conv2d": lambda: tf.nn.conv2d(image, kernel, 1, "SAME"),
        "conv2d stride 2": lambda: tf.nn.conv2d(image, kernel, 2, "VALID"),
        "conv2d dilated": lambda: tf.nn.conv2d(image, kernel, 1, "SAME", dilations=2),
        "conv2d channels first": lambda: tf.nn.conv2d(tf.transpose(image, [0, 3, 1, 2]), kernel, 1, "SAME",
            data_format="NCHW"),
        "conv2d grouped": lambda: tf.nn.conv2d(image, kernel[:, :, :1, :3], 1, "SAME"),
        "conv1d": lambda: tf.nn.conv1d(image[0], kernel[0], 1, "SAME"),
        "conv3d": lambda: tf.nn.conv3d(image[None], kernel[None], [1] * 5, "SAME"),
        "depthwise_conv2d": lambda: tf.nn.depthwise_conv2d(image, kernel[..., :1], [1] * 4, "SAME"),
        "conv2d_transpose": lambda: tf.nn.conv2d_transpose(image, kernel[:, :, :2, :3], [1, 12, 12, 2], 2, "SAME"),
        "max_pool2d": lambda: tf.nn.max_pool2d(image, 2, 2, "SAME"),
        "max_pool2d too large": lambda: tf.nn.max_pool2d(image, 9, 1, "VALID"),
        "avg_pool2d": lambda: tf.nn.avg_pool2d(image, 3, 2, "SAME"),
        "max_pool_with_argmax": lambda: tf.nn.max_pool_with_argmax(image, 2, 2, "SAME")[1],
        "softmax": lambda: tf.nn.softmax(rows),
        "softmax axis 0": lambda: tf.nn.softmax(rows, axis=0),
        "log_softmax": lambda: tf.nn.log_softmax(rows),
        "logsumexp": lambda: tf.reduce_logsumexp(rows, 1),
        "sparse softmax cross entropy": lambda: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=_LABELS,
            logits=rows),
        "softmax cross entropy": lambda: tf.nn.softmax_cross_entropy_with_logits(one_hot, rows),
        "sigmoid cross entropy": lambda: tf.nn.sigmoid_cross_entropy_with_logits(labels=one_hot, logits=rows),
        "l2_loss": lambda: tf.nn.l2_loss(rows),
        "moments": lambda: tf.nn.moments(rows, 0),
        "batch_normalization": lambda: tf.nn.batch_normalization(image, scale * 0.5, scale * 2, scale, scale, 1e-3),
        "fused_batch_norm": lambda: tf.compat.v1.nn.fused_batch_norm(image, tf.cast(scale, tf.float32),
            tf.cast(scale, tf.float32))[0],
        "local_response_normalization": lambda: tf.nn.local_response_normalization(image),
        "bias_add": lambda: tf.nn.bias_add(image, scale),
    }


for _dtype in ["bfloat16", "float32"]:
    _arguments = [tf.cast(tf.constant(x), _dtype) for x in (_IMAGE, _KERNEL, _ROWS)]
    for _name, _operation in _operations(*_arguments).items():
        observe("%s %s" % (_name, _dtype), _operation)  # skew: allow flaky, bfloat16 in TensorFlow 1.15 varies
_X = _IMAGE.astype("f4")
_CASES = {
    "conv2d wrong channels": lambda: tf.nn.conv2d(_X, np.ones((1, 1, 2, 1), "f4"), 1, "SAME"),
    "conv2d of an empty batch": lambda: tf.nn.conv2d(_X[:0], _KERNEL.astype("f4"), 1, "SAME"),
    "softmax of a scalar": lambda: tf.nn.softmax(tf.constant(1.0)),
    "softmax of a vector": lambda: tf.nn.softmax(tf.constant([1.0, 2.0])),
    "softmax of infinity": lambda: tf.nn.softmax(tf.constant([np.inf, 1.0])),
    "softmax of large numbers": lambda: tf.nn.softmax(tf.constant([1e4, 1e4 + 1])),
    "softmax of ints": lambda: tf.nn.softmax(tf.constant([1, 2])),
    "log_softmax of -infinity": lambda: tf.nn.log_softmax(tf.constant([-np.inf, 0.0])),
    "sparse label out of range": lambda: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[9], logits=_ROWS[:1]),
    "embedding_lookup out of range": lambda: tf.nn.embedding_lookup(_ROWS, [4]),
    "ctc_greedy_decoder": lambda: tf.nn.ctc_greedy_decoder(_ROWS[:, None].astype("f4"), [4])[1],
    "log_poisson_loss": lambda: tf.nn.log_poisson_loss(np.float32([1, 2]), np.float32([0.5, 1])),
}
for _name, _case in _CASES.items():
    observe(_name, _case)
