"""What people see when they print: doctests and logs depend on it."""
import numpy as np
import tensorflow as tf

scalar = repr(np.float32(1.5))
listed = str([np.int64(1), np.float64(2)])
boolean = repr(np.array([True])[0])
array = repr(np.array([1.0, 2.5], np.float32))
tensor = repr(tf.constant([1.0, 2.5]))
dtype = repr(np.dtype("float32"))
empty = repr(np.zeros((0, 3)))
