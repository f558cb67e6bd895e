"""Names of TensorFlow's namespaces that came or went since 1.15, and the most used among the others."""
# /// skew
# links = [
#     "https://www.tensorflow.org/api_docs/python/tf/compat/v1",
#     "https://github.com/tensorflow/tensorflow/releases/tag/v2.11.0",
#     "https://github.com/tensorflow/tensorflow/releases/tag/v2.16.1",
# ]
# ///
import inspect

import tensorflow as tf
from skew import observe

_NAMES = {
    "autodiff": "ForwardAccumulator GradientTape",
    "bitwise": "bitwise_and invert left_shift",
    "compat.v1": """
        assign ConfigProto disable_eager_execution disable_v2_behavior div enable_eager_execution estimator
        executing_eagerly_outside_functions
    """,
    "compat.v1.keras": "backend experimental layers",
    "compat.v1.layers": "batch_normalization conv2d Dense dropout",
    "compat.v1.losses": "mean_squared_error softmax_cross_entropy sparse_softmax_cross_entropy",
    "compat.v1.metrics": "accuracy auc mean",
    "compat.v1.nn": "dynamic_rnn rnn_cell static_rnn",
    "compat.v1.train": "AdamOptimizer get_global_step GradientDescentOptimizer MomentumOptimizer",
    "config": """
        functions_run_eagerly list_logical_devices list_physical_devices LogicalDeviceConfiguration
        run_functions_eagerly
    """,
    "config.experimental": """
        enable_mlir_bridge enable_op_determinism enable_tensor_float_32_execution get_device_details get_memory_info
        reset_memory_stats set_memory_growth set_synchronous_execution tensor_float_32_execution_enabled
        VirtualDeviceConfiguration
    """,
    "data": """
        AUTOTUNE Dataset DatasetSpec FixedLengthRecordDataset get_output_classes get_output_shapes get_output_types
        INFINITE_CARDINALITY IteratorSpec make_one_shot_iterator NumpyIterator Options ThreadingOptions
        UNKNOWN_CARDINALITY
    """,
    "data.experimental": """
        assert_cardinality at AutoShardPolicy AutotuneOptions cardinality CheckpointInputPipelineHook
        dense_to_ragged_batch distributed_save enable_debug_mode ExternalStatePolicy load make_csv_dataset map_and_batch
        MapVectorizationOptions OptimizationOptions Optional pad_to_cardinality parallel_interleave save snapshot
        StatsAggregator
    """,
    "debugging": """
        assert_near assert_shapes check_numerics disable_check_numerics disable_traceback_filtering
        enable_check_numerics enable_traceback_filtering experimental is_traceback_filtering_enabled
    """,
    "distribute": """
        get_strategy MirroredStrategy MultiWorkerMirroredStrategy ParameterServerStrategy ReduceOp Strategy TPUStrategy
    """,
    "distribute.experimental": """
        CentralStorageStrategy CommunicationOptions MultiWorkerMirroredStrategy PreemptionCheckpointHandler
    """,
    "dtypes.experimental": "float4_e2m1fn float8_e4m3fn float8_e5m2 int2 int4",
    "experimental": """
        async_scope dispatch_for_api dlpack dtensor DynamicRaggedShape enable_strict_mode ExtensionType float8_e4m3fn
        int4 numpy Optional register_filesystem_plugin RowPartition StructuredTensor
    """,
    "experimental.dtensor": "DVariable Layout Mesh",
    "experimental.numpy": "asarray bool_ clip dtype experimental_enable_numpy_behavior finfo float_ int_",
    "feature_column": """
        bucketized_column embedding_column input_layer linear_model numeric_column sequence_numeric_column
    """,
    "image": """
        decode_jpeg decode_jxl decode_webp non_max_suppression resize resize_bilinear resize_images
        resize_nearest_neighbor resize_with_pad ResizeMethod ssim stateless_random_brightness stateless_random_crop
    """,
    "io": """
        decode_jpeg decode_jxl decode_raw decode_webp encode_png FixedLenFeature gfile RaggedFeature tf_record_iterator
    """,
    "linalg": """
        banded_triangular_solve det eig eigh eigh_tridiagonal expm inv LinearOperator LinearOperatorDiag
        LinearOperatorPermutation LinearOperatorTridiag lu_solve
    """,
    "lookup": "KeyValueTensorInitializer StaticHashTable StaticVocabularyTable TextFileInitializer",
    "lookup.experimental": "DenseHashTable MutableHashTable",
    "math": """
        approx_max_k bincount confusion_matrix count_nonzero divide_no_nan erf erfinv is_nan ndtri sobol_sample xlog1py
    """,
    "nest": "assert_same_structure flatten is_nested map_structure",
    "nn": """
        approx_max_k avg_pool batch_normalization conv2d ctc_loss depthwise_conv2d dropout dynamic_rnn gelu
        isotonic_regression rnn_cell RNNCellDropoutWrapper silu softmax_cross_entropy_with_logits_v2 static_rnn
    """,
    "random": """
        categorical create_rng_state fold_in Generator get_global_generator multinomial normal set_random_seed set_seed
        shuffle split stateless_binomial stateless_poisson uniform
    """,
    "random.experimental": """
        Algorithm Generator get_global_generator index_shuffle stateless_fold_in stateless_shuffle stateless_split
    """,
    "saved_model": """
        Asset contains_saved_model DEBUG_DIRECTORY DEBUG_INFO_FILENAME_PB load loader LoadOptions save simple_save
        tag_constants
    """,
    "signal": "fft fftnd frame hann_window kaiser_window mfccs_from_log_mel_spectrograms rfftnd vorbis_window",
    "sparse": "bincount from_dense map_values placeholder reorder sampled_addmm sparse_dense_matmul to_dense",
    "strings": "as_string format join length",
    "summary": "create_file_writer FileWriter graph merge_all record_if scalar SummaryWriter trace_on",
    "test": """
        disable_with_predicate get_temp_dir is_built_with_cuda is_built_with_xla is_cpu_target_available
        is_gpu_available mock TestCase with_eager_op_as_function
    """,
    "train": """
        AdamOptimizer Checkpoint CheckpointManager CheckpointOptions CheckpointView ExponentialMovingAverage
        get_or_create_global_step GradientDescentOptimizer latest_checkpoint load_checkpoint MonitoredTrainingSession
        TrackableView
    """,
    "types.experimental": """
        AtomicFunction Callable ConcreteFunction FunctionType GenericFunction PolymorphicFunction
        SupportsTracingProtocol TensorLike TracingContext
    """,
}


def _kind(value):
    """What a name is, so coarsely that another way to implement it makes no difference."""
    if inspect.ismodule(value):
        return "module"
    if isinstance(value, type):
        return "built-in class" if value.__module__ == "builtins" else "class"
    if type(value).__name__ == "DType":
        return "dtype"
    return "callable" if callable(value) else "constant"


def _find(path):
    place = tf
    for part in path.split("."):
        place = getattr(place, part)
    return place


for _namespace, _names in _NAMES.items():
    for _name in _names.split():
        observe("tf.%s.%s" % (_namespace, _name), lambda: _kind(_find("%s.%s" % (_namespace, _name))))
