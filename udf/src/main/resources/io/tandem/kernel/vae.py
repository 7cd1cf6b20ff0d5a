# The tokeniser's convolutional networks: the decoder from the feature map to the image, and the encoder back
# (FoundationVision/VAR@78b9539, models/basic_vae.py).
#
# A network is a list of layers. Products are in its precision; maps, normalisation and softmax are float32. On a GPU, and where
# a plain answer is wanted, layers are computed as they are defined, on maps [B, C, H, W]; on the processor as convolution.py
# does it, on maps [H, W, C], one image after the other. B images, C channels, H rows, W columns, N = H W.


class Layer(NamedTuple):
  kind : str              # convolution, residual, attention, upsampling, downsampling, output
  norms : List[Tensor]    # weight and bias of each normalisation
  convolutions : List[__torch__.convolution.Convolution]


class Network:
  plain : bool
  scalar_type : int
  side : int              # of the map after the last layer
  layers : List[__torch__.vae.Layer]
  def __init__(self: __torch__.vae.Network, plain: bool, scalar_type: int, side: int) -> NoneType:
    self.plain = plain
    self.scalar_type = scalar_type
    self.side = side
    self.layers = annotate(List[__torch__.vae.Layer], [])
    return None


# Big maps that are free to be used again: fresh memory costs a page fault every 4 KiB.
class Spare:
  maps : List[Tensor]
  def __init__(self: __torch__.vae.Spare) -> NoneType:
    self.maps = annotate(List[Tensor], [])
    return None

def take(spare: __torch__.vae.Spare, height: int, width: int, channels: int) -> Tensor:
  found = -1
  for i in range(len(spare.maps)):
    if spare.maps[i].numel() == height * width * channels:
      found = i
  if found < 0:
    return torch.empty([height, width, channels])
  return spare.maps.pop(found).view([height, width, channels])


# Which way a 3x3 convolution is computed: one place for the rule.
def normalised_convolution(net: __torch__.vae.Network, w: Tensor, b: Tensor) -> __torch__.convolution.Convolution:
  if net.plain:
    return __torch__.vae.plain_weights(net, w, b)
  if w.size(0) < 8:
    return __torch__.convolution.taps_weights(w, b, net.scalar_type, net.side)
  if net.side >= 32 and net.side % 4 == 0:
    return __torch__.convolution.winograd_weights(w, b, net.scalar_type, net.side)
  return __torch__.convolution.direct_weights(w, b, net.scalar_type, 1, net.side)

def convolution(net: __torch__.vae.Network, w: Tensor, b: Tensor, stride: int) -> __torch__.convolution.Convolution:
  if net.plain:
    return __torch__.vae.plain_weights(net, w, b)
  return __torch__.convolution.direct_weights(w, b, net.scalar_type, stride, net.side)

def doubling(net: __torch__.vae.Network, w: Tensor, b: Tensor) -> __torch__.convolution.Convolution:
  if net.plain:
    return __torch__.vae.plain_weights(net, w, b)
  return __torch__.convolution.doubling_weights(w, b, net.scalar_type, net.side)

def plain_weights(net: __torch__.vae.Network, w: Tensor, b: Tensor) -> __torch__.convolution.Convolution:
  return __torch__.convolution.Convolution("plain", [w.to(net.scalar_type)], b.to(net.scalar_type), 0)

# A 1x1 convolution as a matrix [K, C].
def matrix(net: __torch__.vae.Network, w: Tensor, b: Tensor) -> __torch__.convolution.Convolution:
  w = w.view([w.size(0), w.size(1)])
  return __torch__.convolution.Convolution("matrix", [__torch__.linear.prepare(w, net.scalar_type)], b.to(net.scalar_type), 0)


# Adds a layer. w: its tensors by their official names.
def add_layer(net: __torch__.vae.Network, kind: str, w: Dict[str, Tensor]) -> None:
  norms = annotate(List[Tensor], [])
  convolutions = annotate(List[__torch__.convolution.Convolution], [])
  for name in ["norm", "norm1", "norm2"]:
    if name + ".weight" in w:
      norms.append(w[name + ".weight"].to(7))
      norms.append(w[name + ".bias"].to(7))
  if kind == "convolution":
    convolutions.append(__torch__.vae.convolution(net, w["conv.weight"], w["conv.bias"], 1))
  elif kind == "residual":
    convolutions.append(__torch__.vae.normalised_convolution(net, w["conv1.weight"], w["conv1.bias"]))
    convolutions.append(__torch__.vae.normalised_convolution(net, w["conv2.weight"], w["conv2.bias"]))
    if "nin_shortcut.weight" in w:
      convolutions.append(__torch__.vae.convolution(net, w["nin_shortcut.weight"], w["nin_shortcut.bias"], 1))
  elif kind == "attention":
    convolutions.append(__torch__.vae.matrix(net, w["qkv.weight"], w["qkv.bias"]))
    convolutions.append(__torch__.vae.matrix(net, w["proj_out.weight"], w["proj_out.bias"]))
  elif kind == "upsampling":
    convolutions.append(__torch__.vae.doubling(net, w["conv.weight"], w["conv.bias"]))
    net.side = 2 * net.side
  elif kind == "downsampling":
    convolutions.append(__torch__.vae.convolution(net, w["conv.weight"], w["conv.bias"], 2))
    net.side = net.side // 2
  else:
    convolutions.append(__torch__.vae.normalised_convolution(net, w["conv.weight"], w["conv.bias"]))
  net.layers.append(__torch__.vae.Layer(kind, norms, convolutions))


# x [.., N, C], normalised -> attention of one head over all N.
def attention(x: Tensor, layer: __torch__.vae.Layer) -> Tensor:
  qkv, proj = layer.convolutions[0], layer.convolutions[1]
  q, k, v = torch.chunk(__torch__.linear.linear(x.to(qkv.b.dtype), qkv.w[0], qkv.b), 3, -1)
  scores = torch.matmul(q * x.size(-1) ** -0.5, k.transpose(-2, -1))
  weighted = torch.matmul(torch.softmax(scores, -1, dtype=6).to(v.dtype), v)
  return __torch__.linear.linear(weighted, proj.w[0], proj.b).to(6)


def plain_convolution(x: Tensor, c: __torch__.convolution.Convolution, stride: int, padding: int) -> Tensor:
  return torch.conv2d(x.to(c.b.dtype), c.w[0], c.b, [stride, stride], [padding, padding]).to(6)

def plain_norm(x: Tensor, layer: __torch__.vae.Layer, index: int) -> Tensor:
  return torch.group_norm(x, 32, layer.norms[2 * index].to(6), layer.norms[2 * index + 1].to(6), 1.e-6)

# x [B, C, H, W] -> [B, C', H', W'].
def plain_layer(layer: __torch__.vae.Layer, x: Tensor) -> Tensor:
  c = layer.convolutions
  if layer.kind == "residual":
    h = __torch__.vae.plain_convolution(torch.silu(__torch__.vae.plain_norm(x, layer, 0)), c[0], 1, 1)
    h = __torch__.vae.plain_convolution(torch.silu(__torch__.vae.plain_norm(h, layer, 1)), c[1], 1, 1)
    if len(c) > 2:
      x = __torch__.vae.plain_convolution(x, c[2], 1, 0)
    y = x + h
  elif layer.kind == "attention":
    rows = __torch__.vae.plain_norm(x, layer, 0).flatten(2).transpose(1, 2)
    y = x + __torch__.vae.attention(rows, layer).transpose(1, 2).reshape(x.size())
  elif layer.kind == "upsampling":
    doubled = torch.repeat_interleave(torch.repeat_interleave(x, 2, 2), 2, 3)
    y = __torch__.vae.plain_convolution(doubled, c[0], 1, 1)
  elif layer.kind == "downsampling":
    y = __torch__.vae.plain_convolution(torch.constant_pad_nd(x, [0, 1, 0, 1]), c[0], 2, 0)
  elif layer.kind == "output":
    y = __torch__.vae.plain_convolution(torch.silu(__torch__.vae.plain_norm(x, layer, 0)), c[0], 1, 1)
  else:
    y = __torch__.vae.plain_convolution(x, c[0], 1, 1)
  return y


# The convolution of SiLU(normalised x), and its moments.
def normalised(x: Tensor, norm: Tensor, c: __torch__.convolution.Convolution, spare: __torch__.vae.Spare) -> Tuple[Tensor, Tensor]:
  if c.method == "winograd":
    y = __torch__.vae.take(spare, x.size(0), x.size(1), c.b.size(0) // 36)
    moments = __torch__.convolution.winograd(x, norm, c, y, False)
  else:
    y = __torch__.convolution.direct(__torch__.convolution.activated(x, norm), c, 1, 1)
    moments = __torch__.convolution.moments(y)
  return (y, moments)

# The same, added to sum in place; returns the moments of sum.
def normalised_onto(x: Tensor, norm: Tensor, c: __torch__.convolution.Convolution, sum: Tensor) -> Tensor:
  if c.method == "winograd":
    moments = __torch__.convolution.winograd(x, norm, c, sum, True)
  else:
    torch.add_(sum, __torch__.convolution.direct(__torch__.convolution.activated(x, norm), c, 1, 1))
    moments = __torch__.convolution.moments(sum)
  return moments

# x [H, W, C], which is used up, with its moments -> [H', W', C'] with its moments.
def fast_layer(layer: __torch__.vae.Layer, x: Tensor, moments: Tensor, spare: __torch__.vae.Spare) -> Tuple[Tensor, Tensor]:
  height, width, channels = x.size(0), x.size(1), x.size(2)
  c = layer.convolutions
  norm = torch.empty([0])
  if len(layer.norms) > 0:
    norm = __torch__.convolution.normalisation(moments, height * width, layer.norms[0], layer.norms[1])
  if layer.kind == "residual":
    h, moments = __torch__.vae.normalised(x, norm, c[0], spare)
    norm = __torch__.convolution.normalisation(moments, height * width, layer.norms[2], layer.norms[3])
    if len(c) > 2:
      x = __torch__.convolution.direct(x, c[2], 1, 0)
    moments = __torch__.vae.normalised_onto(h, norm, c[1], x)
    spare.maps.append(h)
  elif layer.kind == "attention":
    rows = torch.addcmul(norm.select(0, 0), x, norm.select(0, 1)).view([height * width, channels])
    torch.add_(x, __torch__.vae.attention(rows, layer).view([height, width, channels]))
    moments = __torch__.convolution.moments(x)
  elif layer.kind == "upsampling":
    y = __torch__.vae.take(spare, 2 * height, 2 * width, c[0].b.size(0))
    moments = __torch__.convolution.doubling(x, c[0], y)
    x = y
  elif layer.kind == "downsampling":
    x = __torch__.convolution.direct(torch.constant_pad_nd(x, [0, 0, 0, 1, 0, 1]), c[0], 2, 0)
    moments = __torch__.convolution.moments(x)
  elif layer.kind == "output":
    x, moments = __torch__.vae.normalised(x, norm, c[0], spare)
  else:
    x = __torch__.convolution.direct(x, c[0], 1, 1)
    moments = __torch__.convolution.moments(x)
  return (x, moments)

# x [C, H, W] -> [C', H', W'].
def fast(net: __torch__.vae.Network, x: Tensor, spare: __torch__.vae.Spare) -> Tensor:
  x = x.permute([1, 2, 0]).contiguous()
  moments = torch.empty([0])
  for layer in net.layers:
    c = layer.convolutions[0]
    if c.method == "taps":
      norm = __torch__.convolution.normalisation(moments, x.size(0) * x.size(1), layer.norms[0], layer.norms[1])
      spare.maps.append(x)
      return __torch__.convolution.taps(x, norm, c)
    x, moments = __torch__.vae.fast_layer(layer, x, moments, spare)
  return x.permute([2, 0, 1])


# float32 [B, C, H, W] -> [B, C', H', W'].
def run(net: __torch__.vae.Network, x: Tensor) -> Tensor:
  if net.plain:
    for layer in net.layers:
      x = __torch__.vae.plain_layer(layer, x)
    return x
  spare = __torch__.vae.Spare()
  images = annotate(List[Tensor], [])
  for image in torch.unbind(x):
    images.append(__torch__.vae.fast(net, image, spare))
  return torch.stack(images)


# Feature maps [B, Z, S, S] -> images in [0, 1], [B, 3, H, W].
def decode(net: __torch__.vae.Network, features: Tensor) -> Tensor:
  return (torch.clamp(__torch__.vae.run(net, features), -1., 1.) + 1.) * 0.5

# Images in [0, 1], [B, 3, H, W] -> feature maps [B, Z, S, S].
def encode(net: __torch__.vae.Network, images: Tensor) -> Tensor:
  return __torch__.vae.run(net, images * 2. - 1.).contiguous()


# The bytes of all weights.
def weight_bytes(net: __torch__.vae.Network) -> int:
  bytes = 0
  for layer in net.layers:
    for norm in layer.norms:
      bytes = bytes + norm.numel() * norm.element_size()
    for c in layer.convolutions:
      for w in c.w:
        bytes = bytes + w.numel() * w.element_size()
      bytes = bytes + c.b.numel() * c.b.element_size()
  return bytes
