# Copyright 2026 The magenta_viz Authors.
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""Names of Keras's own classes and functions that compute and no more.

Of Keras 2.9 to 3.15. They are those of its `layers`, `initializers`,
`regularizers`, `constraints` and `activations` without those that hold code, a
file's name or another library's model (Lambda, TFSMLayer, TorchModuleWrapper,
JaxLayer, FlaxLayer, Keras 2's ClassMethod and its like), and without those that
are only for others to derive from.
"""

import re

_LAYERS = frozenset(
  """
  Activation ActivityRegularization AdaptiveAveragePooling1D
  AdaptiveAveragePooling2D AdaptiveAveragePooling3D AdaptiveMaxPooling1D
  AdaptiveMaxPooling2D AdaptiveMaxPooling3D Add AdditiveAttention AlphaDropout
  Attention AugMix AutoContrast Average AveragePooling1D AveragePooling2D
  AveragePooling3D AvgPool1D AvgPool2D AvgPool3D BatchNormalization
  BatchNormalizationV1 BatchNormalizationV2 Bidirectional CategoryEncoding
  CenterCrop Concatenate ContrastLimitedAdaptiveHistogramEqualization Conv1D
  Conv1DTranspose Conv2D Conv2DTranspose Conv3D Conv3DTranspose ConvLSTM1D
  ConvLSTM2D ConvLSTM3D Convolution1D Convolution1DTranspose Convolution2D
  Convolution2DTranspose Convolution3D Convolution3DTranspose Cropping1D
  Cropping2D Cropping3D CuDNNGRU CuDNNLSTM CutMix Dense DepthwiseConv1D
  DepthwiseConv2D Discretization Dot Dropout ELU EinsumDense Embedding
  Equalization Flatten Functional GRU GRUCell GRUCellV1 GRUCellV2 GRUV1 GRUV2
  GaussianDropout GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D
  GlobalAveragePooling3D GlobalAvgPool1D GlobalAvgPool2D GlobalAvgPool3D
  GlobalMaxPool1D GlobalMaxPool2D GlobalMaxPool3D GlobalMaxPooling1D
  GlobalMaxPooling2D GlobalMaxPooling3D GroupNormalization GroupQueryAttention
  HashedCrossing Hashing Identity InputLayer IntegerLookup LSTM LSTMCell
  LSTMCellV1 LSTMCellV2 LSTMV1 LSTMV2 LayerNormalization LayerScale LeakyReLU
  LocallyConnected1D LocallyConnected2D Masking MaxNumBoundingBoxes MaxPool1D
  MaxPool2D MaxPool3D MaxPooling1D MaxPooling2D MaxPooling3D Maximum
  MelSpectrogram Minimum MixUp Model MultiHeadAttention Multiply Normalization
  PReLU Permute Pipeline RMSNormalization RNN RandAugment RandomBrightness
  RandomColorDegeneration RandomColorJitter RandomContrast RandomCrop
  RandomElasticTransform RandomErasing RandomFlip RandomFourierFeatures
  RandomGaussianBlur RandomGrayscale RandomHeight RandomHue RandomInvert
  RandomPerspective RandomPosterization RandomRotation RandomSaturation
  RandomSharpness RandomShear RandomTranslation RandomWidth RandomZoom ReLU
  RepeatVector Rescaling Reshape Resizing ReversibleEmbedding STFTSpectrogram
  SeparableConv1D SeparableConv2D SeparableConvolution1D
  SeparableConvolution2D Sequential SimpleRNN SimpleRNNCell Softmax
  Solarization SpatialDropout1D SpatialDropout2D SpatialDropout3D
  SpectralNormalization StackedRNNCells StochasticDepth StringLookup Subtract
  SyncBatchNormalization TextVectorization ThresholdedReLU TimeDistributed
  UnitNormalization UpSampling1D UpSampling2D UpSampling3D ZeroPadding1D
  ZeroPadding2D ZeroPadding3D
""".split()
)

_INITIALIZERS = frozenset(
  """
  Constant ConstantV2 GlorotNormal GlorotNormalV2 GlorotUniform
  GlorotUniformV2 HeNormal HeNormalV2 HeUniform HeUniformV2 Identity
  IdentityInitializer IdentityV2 LecunNormal LecunNormalV2 LecunUniform
  LecunUniformV2 Ones OnesV2 Orthogonal OrthogonalInitializer OrthogonalV2
  RandomNormal RandomNormalV2 RandomUniform RandomUniformV2 STFT
  STFTInitializer TruncatedNormal TruncatedNormalV2 VarianceScaling
  VarianceScalingV2 Zeros ZerosV2
""".split()
)

_REGULARIZERS = frozenset(('L1', 'L1L2', 'L2', 'OrthogonalRegularizer'))

_CONSTRAINTS = frozenset(
  ('MaxNorm', 'MinMaxNorm', 'NonNeg', 'RadialConstraint', 'UnitNorm')
)

# Of numbers' types, and of generators of random ones.
_POLICIES = frozenset(
  """
  AWQConfig AWQDTypePolicy AbsMaxQuantizer DTypePolicy DTypePolicyMap
  Float8QuantizationConfig FloatDTypePolicy GPTQConfig GPTQDTypePolicy
  Int4DTypePolicy Int4QuantizationConfig Int8QuantizationConfig Policy PolicyV1
  QuantizationConfig QuantizedDTypePolicy QuantizedFloat8DTypePolicy
  SeedGenerator
""".split()
)

# Plain data, which JSON has no other way to write.
_PLAIN = frozenset(
  """
  TensorShape __bytes__ __ellipsis__ __keras_tensor__ __numpy__ __slice__
  __tensor__ __tuple__
""".split()
)

CLASSES = frozenset().union(
  _LAYERS, _INITIALIZERS, _REGULARIZERS, _CONSTRAINTS, _POLICIES, _PLAIN
)

_FUNCTIONS = frozenset(
  """
  celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_swish
  hard_tanh leaky_relu linear log_sigmoid log_softmax mish relu relu6 selu
  sigmoid silu soft_shrink softmax softplus softsign sparse_plus
  sparse_sigmoid sparsemax squareplus swish tanh tanh_shrink threshold
""".split()
)

# Keras takes a layer's name for an activation's.
ACTIVATIONS = _FUNCTIONS | _LAYERS

# Where Keras's own classes are, in its own package or as a part of TensorFlow.
MODULE = re.compile(
  r'(tensorflow\.python\.keras|tf_keras|keras)(\.[a-z0-9_]+)*'
)

# Where Keras 3 has its operations, which a model of expressions such as `x + 1`
# has for layers. `core` has those that call functions, but for a few.
OPERATIONS_MODULE = re.compile(r'keras\.src\.ops\.(image|linalg|math|nn|numpy)')
OPERATION = re.compile('[A-Z][A-Za-z0-9]*')
CORE_MODULE = 'keras.src.ops.core'
CORE_OPERATIONS = frozenset(
  """
  Cast ConvertToTensor SaturateCast Scatter ScatterUpdate Slice SliceUpdate
  StopGradient Unstack
""".split()
)

# Keras 2's layers for the same, and the functions of TensorFlow that they may
# call: what a model computes with, by the modules that have nothing else.
TENSORFLOW_LAYERS = frozenset(('SlicingOpLambda', 'TFOpLambda'))
TENSORFLOW_FUNCTION = re.compile(
  r"""
  (compat\.v1\.)?
  (
    (image|linalg|math|nn|signal)\.[a-z][a-z0-9_]*
    | __operators__\.[a-z][a-z0-9_]*
    | (
        abs | add | add_n | argmax | argmin | broadcast_to | cast
        | clip_by_value | concat | convert_to_tensor | cos | cumsum
        | depth_to_space | divide | einsum | exp | expand_dims | eye | fill
        | floor | gather | gather_nd | identity | matmul | maximum | minimum
        | multiply | norm | one_hot | ones | ones_like | pad | pow | range
        | rank | reduce_max | reduce_mean | reduce_min | reduce_prod
        | reduce_sum | repeat | reshape | reverse | round | shape | sigmoid
        | sign | sin | size | slice | space_to_depth | split | sqrt | square
        | squeeze | stack | stop_gradient | strided_slice | subtract | tan
        | tanh | tensordot | tile | transpose | truediv | unstack | where
        | zeros | zeros_like
      )
  )
  """,
  re.VERBOSE,
)
