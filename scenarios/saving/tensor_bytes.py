"""Tensors as bytes and files: serialized, raw, records, prototypes, checkpoints, NumPy files and pickles."""
# /// skew
# links = [
#     "https://www.tensorflow.org/api_docs/python/tf/io",
#     "https://www.tensorflow.org/api_docs/python/tf/train/Checkpoint",
#     "https://www.tensorflow.org/api_docs/python/tf/make_ndarray",
# ]
# ///
import copy
import io
import pickle

import numpy as np
import tensorflow as tf
from skew import observe

for _dtype in ["bool", "uint16", "float16", "complex64", "bfloat16"]:
    _tensor = tf.cast(tf.constant([0, 1, 2]), _dtype)
    observe(f"parse_tensor {_dtype}", lambda: tf.io.parse_tensor(tf.io.serialize_tensor(_tensor), _dtype))
observe("serialize_tensor text", lambda: tf.io.serialize_tensor(np.array(["a", "bc"])))
observe("serialize_tensor array", lambda: tf.io.serialize_tensor(np.array([1, 2])))
observe("parse_tensor of another dtype", lambda: tf.io.parse_tensor(tf.io.serialize_tensor([1]), tf.float32))
observe("decode_raw", lambda: tf.io.decode_raw(np.array([1, 2], "<i2").tobytes(), tf.int16))
observe("decode_raw big endian", lambda: tf.io.decode_raw(
    np.array([1, 2], ">i2").tobytes(), tf.int16, little_endian=False))
observe("decode_raw of part of an item", lambda: tf.io.decode_raw(b"abc", tf.int16))
observe("read of tofile", lambda: (
    np.arange(2, dtype="f4").tofile("r"), tf.io.decode_raw(tf.io.read_file("r"), tf.float32))[1])
observe("encode_png of int64", lambda: tf.io.encode_png(np.array([[[0, 128, 255]]])))

PROTOS = {
    "int": np.array([1, 2]), "float64": np.array([1.5]), "float16": np.array([1.5], np.float16),
    "bool": np.array([True]),
    "text": np.array(["a"]), "uint64": np.array([2 ** 63], np.uint64), "complex": np.array([1j]),
    "scalar": np.float32(2),
    "list": [1, 2.5], "object": np.array([b"a", "b"], object), "datetime": np.array(["2024-01-31"], "M8[D]"),
    "repeated": np.ones(4, np.float32),
}
for _name, _value in PROTOS.items():
    observe(f"make_ndarray {_name}", lambda: tf.make_ndarray(tf.make_tensor_proto(_value)))
observe("make_tensor_proto dtype too small", lambda: tf.make_ndarray(tf.make_tensor_proto(300, tf.uint8)))
observe("make_tensor_proto bytes", lambda: tf.make_tensor_proto(np.array([1, 2])).SerializeToString())
observe("make_tensor_proto shape", lambda: tf.make_ndarray(tf.make_tensor_proto(np.float32(2), shape=[3])))


def _record(feature):
    example = tf.train.Example(features=tf.train.Features(feature={"f": feature}))
    with tf.io.TFRecordWriter("r.tfrecord") as writer:
        writer.write(example.SerializeToString())
    (record,) = tf.compat.v1.io.tf_record_iterator("r.tfrecord")
    return tf.train.Example.FromString(record).features.feature["f"]


observe("feature of int64 array", lambda: list(_record(
    tf.train.Feature(int64_list=tf.train.Int64List(value=np.array([1, 2])))).int64_list.value))
observe("feature of bool array", lambda: list(tf.train.Int64List(value=np.array([True])).value))
observe("feature of float array as int", lambda: list(tf.train.Int64List(value=np.array([1.0])).value))
observe("feature of float64 array", lambda: list(_record(
    tf.train.Feature(float_list=tf.train.FloatList(value=np.array([0.1])))).float_list.value))
observe("feature of int array as float", lambda: list(tf.train.FloatList(value=np.array([1])).value))
observe("feature of np.str_", lambda: list(tf.train.BytesList(value=[np.str_("a")]).value))
observe("feature of np.bytes_", lambda: list(tf.train.BytesList(value=[np.bytes_(b"a")]).value))
observe("feature of 2-D array", lambda: list(tf.train.FloatList(value=np.ones((2, 2))).value))
observe("parse_single_example", lambda: tf.io.parse_single_example(
    tf.train.Example(features=tf.train.Features(feature={
        "f": tf.train.Feature(float_list=tf.train.FloatList(value=[1, 2]))})).SerializeToString(),
    {"f": tf.io.FixedLenFeature([2], tf.float32), "d": tf.io.FixedLenFeature([], tf.int64, default_value=np.int64(7))}))


def _checkpoint(value, into):
    path = tf.train.Checkpoint(v=tf.Variable(value)).save("checkpoint")
    target = tf.Variable(into)
    tf.train.Checkpoint(v=target).restore(path)
    return target, [name for name, _ in tf.train.list_variables(path)]


observe("Checkpoint", lambda: _checkpoint(np.array([1.0, 2.0]), np.zeros(2)))
observe("Checkpoint into another shape", lambda: _checkpoint(np.ones(2), np.zeros(3)))
observe("Checkpoint into another dtype", lambda: _checkpoint(np.ones(2), np.zeros(2, np.float32)))
observe("Checkpoint reader", lambda: tf.train.load_variable(
    tf.train.Checkpoint(v=tf.Variable(np.array([3, 4]))).write("reader"), "v/.ATTRIBUTES/VARIABLE_VALUE"))


def _npy(value):
    file = io.BytesIO()
    np.save(file, value)
    file.seek(0)
    return np.load(file, allow_pickle=True)


observe("np.save of a tensor", lambda: _npy(tf.constant([1.5])))
observe("np.save of a variable", lambda: _npy(tf.Variable([1.5])))
observe("np.save of bfloat16", lambda: _npy(tf.cast([1.5], tf.bfloat16).numpy()))
observe("np.savez of tensors", lambda: (np.savez("t.npz", a=tf.constant([1])), np.load("t.npz")["a"])[1])
observe("pickle of a tensor", lambda: pickle.loads(pickle.dumps(tf.constant([1.5]))))
observe("pickle of a variable", lambda: pickle.loads(pickle.dumps(tf.Variable([1.5]))))
observe("pickle of a shape", lambda: pickle.loads(pickle.dumps(tf.TensorShape([1, None]))))
observe("deepcopy of a tensor", lambda: copy.deepcopy(tf.constant([1.5])))
observe("np.savetxt of a tensor", lambda: np.savetxt(io.StringIO(), tf.constant([[1.5]])))
del PROTOS
