"""Watches which dtype wins when an array meets a Python number.

Every public name that this script binds is recorded, in every cell of the matrix.
"""
import numpy as np
import tensorflow as tf
from skew import observe

scalar_sum = np.float32(3) + 3.0
tensor = tf.constant(np.array([1, 2, 3]))

observe("uint8 + 300", lambda: np.array([1, 2], np.uint8) + 300)
observe("cast", lambda: tf.cast(tensor, tf.int8))
