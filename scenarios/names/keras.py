"""Names of tf.keras that came or went since TensorFlow 1.15, and the most used among the others."""
# /// skew
# links = [
#     "https://keras.io/guides/migrating_to_keras_3/",
#     "https://github.com/tensorflow/tensorflow/releases/tag/v2.11.0",
#     "https://github.com/tensorflow/tensorflow/releases/tag/v2.16.1",
# ]
# ///
import inspect

import tensorflow as tf
from skew import observe

_NAMES = {
    "": """
        applications backend callbacks distillation dtensor DTypePolicy estimator experimental export InputSpec
        KerasTensor Layer layers Loss Metric RematScope saving visualization wrappers
    """,
    "activations": """
        celu elu gelu glu hard_sigmoid hard_swish hard_tanh leaky_relu log_sigmoid log_softmax mish sigmoid silu softmax
        sparse_sigmoid swish
    """,
    "applications": """
        ConvNeXtBase EfficientNetB0 EfficientNetV2B0 imagenet_utils MobileNet MobileNetV3Small RegNetX002 ResNet50
        ResNetRS50
    """,
    "backend": """
        binary_focal_crossentropy categorical_focal_crossentropy clear_session ctc_batch_cost epsilon function
        get_session get_value in_train_phase learning_phase placeholder print_tensor rnn set_floatx set_learning_phase
        set_session
    """,
    "callbacks": """
        BackupAndRestore BaseLogger Callback CallbackList EarlyStopping experimental History ModelCheckpoint
        SidecarEvaluatorModelExport SwapEMAWeights
    """,
    "config": """
        backend disable_traceback_filtering enable_flash_attention enable_unsafe_deserialization max_epochs
        set_dtype_policy
    """,
    "constraints": "MaxNorm NonNeg radial_constraint RadialConstraint UnitNorm",
    "datasets": "boston_housing california_housing mnist",
    "experimental": """
        CosineDecay CosineDecayRestarts export_saved_model LinearCosineDecay LinearModel load_from_saved_model
        NoisyLinearCosineDecay PeepholeLSTMCell SequenceFeatures SidecarEvaluator terminate_keras_multiprocessing_pools
    """,
    "initializers": """
        Constant get GlorotUniform normal Ones OrthogonalInitializer STFTInitializer uniform variance_scaling
        VarianceScaling
    """,
    "layers": """
        AbstractRNNCell Activation AdaptiveAveragePooling2D AdaptiveMaxPooling2D AugMix Conv1DTranspose CuDNNLSTM CutMix
        Dense DenseFeatures EinsumDense GroupNormalization GroupQueryAttention Identity InputSpec IntegerLookup JaxLayer
        Layer LocallyConnected1D MelSpectrogram MultiHeadAttention Normalization Pipeline RandAugment
        RandomElasticTransform RandomFlip RandomRotation Resizing ReversibleEmbedding SpectralNormalization TFSMLayer
    """,
    "layers.experimental": "EinsumDense preprocessing RandomFourierFeatures SyncBatchNormalization",
    "layers.experimental.preprocessing": "CategoryCrossing Normalization PreprocessingLayer Resizing TextVectorization",
    "losses": """
        BinaryFocalCrossentropy CategoricalFocalCrossentropy Circle cosine cosine_proximity CTC Dice huber log_cosh Loss
        mean_squared_error Reduction SparseCategoricalCrossentropy Tversky
    """,
    "metrics": """
        Accuracy AUC BinaryIoU categorical_hinge ConcordanceCorrelation cosine_proximity F1Score FBetaScore IoU log_cosh
        Mean mean_squared_error MeanIoU MeanMetricWrapper MeanRelativeError MeanTensor Metric OneHotIoU
        PearsonCorrelation R2Score RecallAtPrecision
    """,
    "mixed_precision": """
        dtype_policy DTypePolicy experimental global_policy LossScaleOptimizer Policy set_dtype_policy set_global_policy
    """,
    "models": "clone_model load_model Model model_from_config model_from_json model_from_yaml",
    "ops": """
        adaptive_average_pool angle associative_scan convert_to_numpy dot_product_attention einsum matmul
        rms_normalization saturate_cast trapezoid vectorized_map
    """,
    "optimizers": """
        Adafactor Adam AdamW deserialize experimental Ftrl Lamb legacy Lion LossScaleOptimizer Muon Optimizer
    """,
    "optimizers.experimental": "AdamW Optimizer SGD",
    "optimizers.legacy": "Adam Ftrl Optimizer SGD",
    "optimizers.schedules": "CosineDecay CosineDecayRestarts ExponentialDecay LearningRateSchedule",
    "preprocessing": """
        image image_dataset_from_directory sequence text text_dataset_from_directory timeseries_dataset_from_array
    """,
    "preprocessing.image": "apply_affine_transform DirectoryIterator ImageDataGenerator load_img smart_resize",
    "preprocessing.sequence": "pad_sequences TimeseriesGenerator",
    "preprocessing.text": "one_hot text_to_word_sequence Tokenizer tokenizer_from_json",
    "regularizers": "L1 l1 l1_l2 L1L2 L2 OrthogonalRegularizer",
    "saving": """
        custom_object_scope deserialize_keras_object KerasFileEditor load_model load_weights register_keras_serializable
        save_model save_weights serialize_keras_object
    """,
    "utils": """
        clear_session Config CustomObjectScope enable_interactive_logging experimental FeatureSpace GeneratorEnqueuer
        get_file HDF5Matrix image_dataset_from_directory is_keras_tensor legacy load_img model_to_dot multi_gpu_model
        pack_x_y_sample_weight pad_sequences PyDataset register_keras_serializable Sequence set_random_seed
        SidecarEvaluator split_dataset standardize_dtype to_ordinal unpack_x_y_sample_weight warmstart_embedding_matrix
    """,
    "wrappers": "scikit_learn SKLearnClassifier",
    "Model": """
        compute_loss distribute_strategy evaluate_generator export fit_generator get_compile_config jit_compile loss
        make_train_function name predict_classes predict_generator quantize reset_states stateless_call summary
        supports_masking to_json to_yaml train_step
    """,
    "Sequential": "predict_classes predict_proba",
    "layers.Layer": """
        add_metric add_update add_variable build_from_config compute_output_spec dtype_policy dynamic get_build_config
        get_input_at input_shape output_shape path stateless_call updates
    """,
    "losses.Loss": "call dtype from_config get_config",
    "metrics.Metric": """
        add_weight merge_state name reset_state reset_states result stateless_update_state update_state variables
    """,
    "optimizers.Optimizer": """
        add_variable add_weight apply apply_gradients assign build clipnorm compute_gradients get_config get_gradients
        get_slot get_weights iterations learning_rate load_own_variables lr minimize save_own_variables scale_loss
        stateless_apply update_step variables weights
    """,
    "callbacks.Callback": "model on_train_begin",
}


def _kind(value):
    """What a name is, so coarsely that another way to implement it makes no difference."""
    if inspect.ismodule(value):
        return "module"
    if isinstance(value, type):
        return "built-in class" if value.__module__ == "builtins" else "class"
    return "callable" if callable(value) else "constant"


def _find(path):
    place = tf.keras
    for part in path.split("."):
        place = getattr(place, part)
    return place


for _namespace, _names in _NAMES.items():
    for _name in _names.split():
        _path = (_namespace + "." + _name).lstrip(".")
        observe("tf.keras.%s" % _path, lambda: _kind(_find(_path)))
