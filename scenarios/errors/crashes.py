"""Bad arguments that have killed the process in some release: each call runs in a child, and says how that ended."""
# /// skew
# links = [
#     "https://nvd.nist.gov/vuln/detail/CVE-2021-41195",
#     "https://nvd.nist.gov/vuln/detail/CVE-2021-41198",
#     "https://nvd.nist.gov/vuln/detail/CVE-2022-35934",
#     "https://nvd.nist.gov/vuln/detail/CVE-2022-35935",
# ]
# ///
import faulthandler
import os
import signal

import numpy as np
import tensorflow as tf
from skew import observe


def _end(call):
    """The signal or the class of the error that `call` ends with. Forks hang where an operation has run before."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        faulthandler.disable()
        signal.alarm(20)
        try:
            result = call()
            if not tf.executing_eagerly():
                tf.compat.v1.Session().run(result)
            told = "returns"
        except Exception as error:
            told = type(error).__name__
        os.write(write, told.encode())
        os._exit(0)
    os.close(write)
    status = os.waitpid(child, 0)[1]
    with os.fdopen(read) as pipe:
        told = pipe.read()
    return signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else told


_CALLS = {
    "max_pool2d larger than its input": lambda: tf.nn.max_pool2d(tf.ones([1, 2, 2, 1]), 3, 1, "VALID"),
    "avg_pool2d larger than its input": lambda: tf.nn.avg_pool2d(tf.ones([1, 2, 2, 1]), 3, 1, "VALID"),
    "max_pool3d larger than its input": lambda: tf.nn.max_pool3d(tf.ones([1, 2, 2, 2, 1]), 3, 1, "VALID"),
    "conv2d larger than its input": lambda: tf.nn.conv2d(tf.ones([1, 2, 2, 1]), tf.ones([3, 3, 1, 1]), 1, "VALID"),
    "max_pool2d with stride 0": lambda: tf.nn.max_pool2d(tf.ones([1, 2, 2, 1]), 1, 0, "VALID"),
    "reshape to 255 dimensions": lambda: tf.reshape([[1]], tf.constant([0] * 255, dtype=tf.int64)),
    "segment_max of a huge id": lambda: tf.math.segment_max(np.ones((1, 10, 1)), [1676240524292489355]),
    "tile to 10**24 elements": lambda: tf.tile(np.ones((1, 1, 1)), [10**8] * 3),
    "SobolSample of a vector": lambda: tf.raw_ops.SobolSample(dim=[1, 0], num_results=[1], skip=[1]),
}
for _name, _call in _CALLS.items():
    observe(_name, lambda: _end(_call))
