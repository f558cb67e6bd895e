"""Casts that lose something: overflow, sign, precision, NaN."""
import numpy as np
import tensorflow as tf
from skew import observe

observe("uint8 of 300", lambda: np.uint8(300))
observe("array of 300 as uint8", lambda: np.array([300], dtype=np.uint8))
observe("uint8 array set to -1", lambda: np.put(np.zeros(1, np.uint8), 0, -1))
observe("300 astype uint8", lambda: np.array([300]).astype(np.uint8))
observe("NaN astype int32", lambda: np.array([np.nan]).astype(np.int32))
observe("can_cast 300 to uint8", lambda: np.can_cast(300, np.uint8))
observe("tensor of 300 as uint8", lambda: tf.constant(300, tf.uint8))
observe("cast 300 to uint8", lambda: tf.cast(300, tf.uint8))
observe("cast -1.5 to uint8", lambda: tf.cast(tf.constant([1.5, 254.5]), tf.uint8))
observe("saturate 300 to uint8", lambda: tf.saturate_cast(tf.constant([300, -5]), tf.uint8))
observe("clip beyond uint8", lambda: np.clip(np.array([1, 2, 250], np.uint8), 0, 300))
