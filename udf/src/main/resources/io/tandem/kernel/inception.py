# The network behind FID: Inception v3 with Google's weights of 2015-12-05, under torchvision's names. It differs from torchvision's
# network: average pools count real pixels only, the last block pools by maximum, and there are 1008 classes.
#
# A convolution has no bias of its own: the normalisation after it is folded into it, in float64, when the weights are prepared.
# On the processor weights are prepacked by oneDNN for maps of the sides that follow from 299; on a GPU, and where a plain answer
# is wanted, convolutions are libtorch's. B images, C channels, H rows, W columns; maps are [B, C, H, W].


class Convolution(NamedTuple):
  w : Tensor              # [K, C, h, w], or oneDNN's own layout
  b : Tensor              # [K]
  stride : List[int]
  padding : List[int]


class Inception:
  layout : str            # of maps: channels_last and planar are prepacked, plain is not
  images : int            # that go through together
  scalar_type : int
  convolutions : Dict[str, __torch__.inception.Convolution]
  head : Tensor           # [1008, 2048], or oneDNN's own layout
  def __init__(self: __torch__.inception.Inception, w: Dict[str, Tensor], layout: str, images: int, scalar_type: int) -> NoneType:
    self.layout = layout
    self.images = images
    self.scalar_type = scalar_type
    self.convolutions = annotate(Dict[str, __torch__.inception.Convolution], {})
    self.head = __torch__.inception.head_weights(w["fc.weight"], layout, scalar_type)
    for name in w.keys():
      if name.endswith(".conv.weight"):
        layer = name[0:len(name) - 12]
        self.convolutions[layer] = __torch__.inception.convolution(w, layer, layout, images, scalar_type)
    return None


def head_weights(w: Tensor, layout: str, scalar_type: int) -> Tensor:
  if layout == "plain":
    return w.to(scalar_type)
  return __torch__.linear.prepare(w, scalar_type)


# The side of the map that a layer takes.
def side_of(layer: str) -> int:
  sides = {"Conv2d_1": 299, "Conv2d_2a": 149, "Conv2d_2b": 147, "Conv2d_3": 73, "Conv2d_4": 73, "Mixed_5": 35, "Mixed_6a": 35, "Mixed_6b": 17, "Mixed_6c": 17, "Mixed_6d": 17, "Mixed_6e": 17, "Mixed_7a": 17, "Mixed_7b": 8, "Mixed_7c": 8}
  side = 0
  for start in sides.keys():
    if layer.startswith(start):
      side = sides[start]
  return side


# A convolution with the normalisation after it: w x s + (beta - mean s) where s = gamma / sqrt(variance + epsilon).
def convolution(w: Dict[str, Tensor], layer: str, layout: str, images: int, scalar_type: int) -> __torch__.inception.Convolution:
  factor = w[layer + ".bn.weight"].to(7) / torch.sqrt(w[layer + ".bn.running_var"].to(7) + 1.e-3)
  kernel = (w[layer + ".conv.weight"].to(7) * factor.view([-1, 1, 1, 1])).to(scalar_type)
  bias = (w[layer + ".bn.bias"].to(7) - w[layer + ".bn.running_mean"].to(7) * factor).to(scalar_type)
  stride = 1
  if layer in ["Conv2d_1a_3x3", "Mixed_6a.branch3x3", "Mixed_6a.branch3x3dbl_3", "Mixed_7a.branch3x3_2", "Mixed_7a.branch7x7x3_4"]:
    stride = 2
  padding = [kernel.size(2) // 2, kernel.size(3) // 2]
  if stride == 2 or layer in ["Conv2d_2a_3x3", "Conv2d_4a_3x3"]:
    padding = [0, 0]
  if layout == "plain":
    return __torch__.inception.Convolution(kernel, bias, [stride, stride], padding)
  # oneDNN prepacks for the layout of the maps that the weights themselves have.
  if layout == "channels_last":
    kernel = torch.clone(kernel, memory_format=2)
  side = __torch__.inception.side_of(layer)
  size = [images, kernel.size(1), side, side]
  packed = ops.mkldnn._reorder_convolution_weight(kernel, padding, [stride, stride], [1, 1], 1, size)
  return __torch__.inception.Convolution(packed, bias, [stride, stride], padding)


# The product alone.
def product(net: __torch__.inception.Inception, layer: str, x: Tensor, activation: str) -> Tensor:
  c = net.convolutions[layer]
  if c.w.is_mkldnn:
    return ops.mkldnn._convolution_pointwise(x, c.w, c.b, c.padding, c.stride, [1, 1], 1, activation, [], "")
  # The last argument keeps a GPU from rounding float32 to TF32, which it would by default.
  y = torch._convolution(x, c.w, c.b, c.stride, c.padding, [1, 1], False, [0, 0], 1, False, True, True, False)
  if activation == "relu":
    y = torch.relu_(y)
  return y

def conv(net: __torch__.inception.Inception, layer: str, x: Tensor) -> Tensor:
  return __torch__.inception.product(net, layer, x, "relu")

# Several, one after the other.
def chain(net: __torch__.inception.Inception, branch: str, ends: List[str], x: Tensor) -> Tensor:
  for end in ends:
    x = __torch__.inception.conv(net, branch + end, x)
  return x


def largest(x: Tensor, stride: int, padding: int) -> Tensor:
  return torch.max_pool2d(x, [3, 3], [stride, stride], [padding, padding], [1, 1], False)

# The mean over the real pixels around each one, then a 1x1 convolution. The other way round gives the same sums, and fewer
# channels are left to be averaged.
def averaged(net: __torch__.inception.Inception, layer: str, x: Tensor) -> Tensor:
  y = __torch__.inception.product(net, layer, x, "none")
  return torch.relu_(torch.avg_pool2d(y, [3, 3], [1, 1], [1, 1], False, False))


def block_a(net: __torch__.inception.Inception, block: str, x: Tensor) -> Tensor:
  a = __torch__.inception.conv(net, block + ".branch1x1", x)
  b = __torch__.inception.chain(net, block + ".branch5x5", ["_1", "_2"], x)
  c = __torch__.inception.chain(net, block + ".branch3x3dbl", ["_1", "_2", "_3"], x)
  d = __torch__.inception.averaged(net, block + ".branch_pool", x)
  return torch.cat([a, b, c, d], 1)

def block_b(net: __torch__.inception.Inception, block: str, x: Tensor) -> Tensor:
  a = __torch__.inception.conv(net, block + ".branch3x3", x)
  b = __torch__.inception.chain(net, block + ".branch3x3dbl", ["_1", "_2", "_3"], x)
  return torch.cat([a, b, __torch__.inception.largest(x, 2, 0)], 1)

def block_c(net: __torch__.inception.Inception, block: str, x: Tensor) -> Tensor:
  a = __torch__.inception.conv(net, block + ".branch1x1", x)
  b = __torch__.inception.chain(net, block + ".branch7x7", ["_1", "_2", "_3"], x)
  c = __torch__.inception.chain(net, block + ".branch7x7dbl", ["_1", "_2", "_3", "_4", "_5"], x)
  d = __torch__.inception.averaged(net, block + ".branch_pool", x)
  return torch.cat([a, b, c, d], 1)

def block_d(net: __torch__.inception.Inception, block: str, x: Tensor) -> Tensor:
  a = __torch__.inception.chain(net, block + ".branch3x3", ["_1", "_2"], x)
  b = __torch__.inception.chain(net, block + ".branch7x7x3", ["_1", "_2", "_3", "_4"], x)
  return torch.cat([a, b, __torch__.inception.largest(x, 2, 0)], 1)

def block_e(net: __torch__.inception.Inception, block: str, pool: str, x: Tensor) -> Tensor:
  a = __torch__.inception.conv(net, block + ".branch1x1", x)
  b = __torch__.inception.conv(net, block + ".branch3x3_1", x)
  b2a = __torch__.inception.conv(net, block + ".branch3x3_2a", b)
  b2b = __torch__.inception.conv(net, block + ".branch3x3_2b", b)
  c = __torch__.inception.chain(net, block + ".branch3x3dbl", ["_1", "_2"], x)
  c3a = __torch__.inception.conv(net, block + ".branch3x3dbl_3a", c)
  c3b = __torch__.inception.conv(net, block + ".branch3x3dbl_3b", c)
  if pool == "largest":
    d = __torch__.inception.conv(net, block + ".branch_pool", __torch__.inception.largest(x, 1, 1))
  else:
    d = __torch__.inception.averaged(net, block + ".branch_pool", x)
  return torch.cat([a, b2a, b2b, c3a, c3b, d], 1)


# x [B, 3, 299, 299], scaled -> the maps that metrics read: after each pool of the stem [B, 64, 73, 73] and [B, 192, 35, 35], the
# sFID tap [B, 7, 17, 17], before [B, 768, 17, 17] and after the last blocks [B, 2048, 8, 8].
def maps(net: __torch__.inception.Inception, x: Tensor) -> List[Tensor]:
  x = x.to(net.scalar_type)
  if net.layout == "channels_last":
    x = x.contiguous(memory_format=2)
  else:
    x = x.contiguous()
  x = __torch__.inception.chain(net, "Conv2d_", ["1a_3x3", "2a_3x3", "2b_3x3"], x)
  stem = __torch__.inception.largest(x, 2, 0)
  x = __torch__.inception.chain(net, "Conv2d_", ["3b_1x1", "4a_3x3"], stem)
  stem_end = __torch__.inception.largest(x, 2, 0)
  x = __torch__.inception.block_a(net, "Mixed_5b", stem_end)
  x = __torch__.inception.block_a(net, "Mixed_5c", x)
  x = __torch__.inception.block_a(net, "Mixed_5d", x)
  x = __torch__.inception.block_b(net, "Mixed_6a", x)
  x = __torch__.inception.block_c(net, "Mixed_6b", x)
  x = __torch__.inception.block_c(net, "Mixed_6c", x)
  x = __torch__.inception.block_c(net, "Mixed_6d", x)
  spatial = torch.narrow(x, 1, 0, 7)
  middle = __torch__.inception.block_c(net, "Mixed_6e", x)
  x = __torch__.inception.block_d(net, "Mixed_7a", middle)
  x = __torch__.inception.block_e(net, "Mixed_7b", "averaged", x)
  x = __torch__.inception.block_e(net, "Mixed_7c", "largest", x)
  return [stem, stem_end, spatial, middle, x]


# float32 maps of any side -> their means [B, C]. A pool adds in one order whatever the number of threads.
def means(x: Tensor) -> Tensor:
  return torch.avg_pool2d(x, [x.size(2), x.size(3)]).flatten(1)

# x [images, 3, 299, 299] -> features [images, 2048], the tap [images, 2023] with channels innermost, logits without bias [images,
# 1008].
def numbers(net: __torch__.inception.Inception, x: Tensor) -> List[Tensor]:
  maps = __torch__.inception.maps(net, x)
  features = __torch__.inception.means(maps[4])
  spatial = maps[2].permute([0, 2, 3, 1]).flatten(1)
  return [features, spatial, __torch__.linear.linear(features, net.head, None)]

# The same for any number of images. The last group is filled up with zeros: batches of one size are computed in one way, so that
# an image's numbers do not depend on how many come with it.
def rows(net: __torch__.inception.Inception, x: Tensor) -> List[Tensor]:
  features = annotate(List[Tensor], [])
  spatial = annotate(List[Tensor], [])
  logits = annotate(List[Tensor], [])
  for group in torch.split(x, net.images):
    count = group.size(0)
    filled = torch.constant_pad_nd(group, [0, 0, 0, 0, 0, 0, 0, net.images - count])
    numbers = __torch__.inception.numbers(net, filled)
    features.append(torch.narrow(numbers[0], 0, 0, count))
    spatial.append(torch.narrow(numbers[1], 0, 0, count))
    logits.append(torch.narrow(numbers[2], 0, 0, count))
  return [torch.cat(features), torch.cat(spatial), torch.cat(logits)]

# x [B, 3, 299, 299] -> the means of the other maps: [B, 64], [B, 192], [B, 768].
def lower_features(net: __torch__.inception.Inception, x: Tensor) -> List[Tensor]:
  maps = __torch__.inception.maps(net, x)
  return [__torch__.inception.means(maps[0]), __torch__.inception.means(maps[1]), __torch__.inception.means(maps[3])]
