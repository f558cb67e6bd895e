"""DLPack cannot carry text: an error in most releases of TensorFlow, an abort in some, hence a file of its own."""
# /// skew
# links = ["https://www.tensorflow.org/api_docs/python/tf/experimental/dlpack/to_dlpack"]
# ///
import tensorflow as tf
from skew import observe

observe("to_dlpack", lambda: type(tf.experimental.dlpack.to_dlpack(tf.constant(["a", "b"]))).__name__)
