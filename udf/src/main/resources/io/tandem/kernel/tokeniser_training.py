# The tokeniser with autograd: encoder, multi-scale residual quantiser and decoder from plain weights by their official names
# (FoundationVision/VAR@78b9539, models/basic_vae.py and quant.py; its training was never released, section 3.1 of arXiv
# 2404.02905 describes it).
#
# B images, Z code channels, S side of the feature map, s side of a token map, t number format of the convolutions.


def convolution(w: Dict[str, Tensor], name: str, x: Tensor, stride: int, padding: int, t: int) -> Tensor:
  return torch.conv2d(x.to(t), w[name + ".weight"].to(t), w[name + ".bias"].to(t), [stride, stride], [padding, padding]).to(x.dtype)

def norm(w: Dict[str, Tensor], name: str, x: Tensor) -> Tensor:
  return torch.group_norm(x, 32, w[name + ".weight"], w[name + ".bias"], 1.e-6)

def residual(w: Dict[str, Tensor], name: str, x: Tensor, t: int) -> Tensor:
  h = __torch__.tokeniser_training.convolution(w, name + "conv1", torch.silu(__torch__.tokeniser_training.norm(w, name + "norm1", x)), 1, 1, t)
  h = __torch__.tokeniser_training.convolution(w, name + "conv2", torch.silu(__torch__.tokeniser_training.norm(w, name + "norm2", h)), 1, 1, t)
  if name + "nin_shortcut.weight" in w:
    x = __torch__.tokeniser_training.convolution(w, name + "nin_shortcut", x, 1, 0, t)
  return x + h

def attention(w: Dict[str, Tensor], name: str, x: Tensor, t: int) -> Tensor:
  qkv = __torch__.tokeniser_training.convolution(w, name + "qkv", __torch__.tokeniser_training.norm(w, name + "norm", x), 1, 0, t)
  q, k, v = torch.chunk(qkv.flatten(2).to(t), 3, 1)
  weights = torch.softmax(torch.matmul((q * x.size(1) ** -0.5).transpose(1, 2), k), 2)
  return x + __torch__.tokeniser_training.convolution(w, name + "proj_out", torch.matmul(v, weights.transpose(1, 2)).view(x.size()).to(x.dtype), 1, 0, t)

# The blocks of one level, and attention after each where the level has it.
def level(w: Dict[str, Tensor], name: str, x: Tensor, t: int) -> Tensor:
  i = 0
  while name + "block." + str(i) + ".conv1.weight" in w:
    x = __torch__.tokeniser_training.residual(w, name + "block." + str(i) + ".", x, t)
    if name + "attn." + str(i) + ".qkv.weight" in w:
      x = __torch__.tokeniser_training.attention(w, name + "attn." + str(i) + ".", x, t)
    i = i + 1
  return x

def middle(w: Dict[str, Tensor], name: str, x: Tensor, t: int) -> Tensor:
  x = __torch__.tokeniser_training.residual(w, name + "mid.block_1.", x, t)
  x = __torch__.tokeniser_training.attention(w, name + "mid.attn_1.", x, t)
  return __torch__.tokeniser_training.residual(w, name + "mid.block_2.", x, t)

def output(w: Dict[str, Tensor], name: str, x: Tensor, t: int) -> Tensor:
  return __torch__.tokeniser_training.convolution(w, name + "conv_out", torch.silu(__torch__.tokeniser_training.norm(w, name + "norm_out", x)), 1, 1, t)

def levels(w: Dict[str, Tensor]) -> int:
  count = 0
  while "encoder.down." + str(count) + ".block.0.conv1.weight" in w:
    count = count + 1
  return count


# Images [B, 3, H, W] in [-1, 1] -> feature maps [B, Z, S, S].
def encode(w: Dict[str, Tensor], images: Tensor, t: int) -> Tensor:
  x = __torch__.tokeniser_training.convolution(w, "encoder.conv_in", images, 1, 1, t)
  for i in range(__torch__.tokeniser_training.levels(w)):
    name = "encoder.down." + str(i) + "."
    x = __torch__.tokeniser_training.level(w, name, x, t)
    if name + "downsample.conv.weight" in w:
      x = __torch__.tokeniser_training.convolution(w, name + "downsample.conv", torch.constant_pad_nd(x, [0, 1, 0, 1]), 2, 0, t)
  x = __torch__.tokeniser_training.output(w, "encoder.", __torch__.tokeniser_training.middle(w, "encoder.", x, t), t)
  return __torch__.tokeniser_training.convolution(w, "quant_conv", x, 1, 1, t)

# Feature maps [B, Z, S, S] -> images [B, 3, H, W], not clamped.
def decode(w: Dict[str, Tensor], features: Tensor, t: int) -> Tensor:
  x = __torch__.tokeniser_training.convolution(w, "post_quant_conv", features, 1, 1, t)
  x = __torch__.tokeniser_training.convolution(w, "decoder.conv_in", x, 1, 1, t)
  x = __torch__.tokeniser_training.middle(w, "decoder.", x, t)
  count = __torch__.tokeniser_training.levels(w)
  for i in range(count):
    name = "decoder.up." + str(count - 1 - i) + "."
    x = __torch__.tokeniser_training.level(w, name, x, t)
    if name + "upsample.conv.weight" in w:
      doubled = torch.upsample_nearest2d(x, [2 * x.size(2), 2 * x.size(3)])
      x = __torch__.tokeniser_training.convolution(w, name + "upsample.conv", doubled, 1, 1, t)
  return __torch__.tokeniser_training.output(w, "decoder.", x, t)


# What a token map [B, s*s] adds to the feature map, [B, Z, S, S].
def contribution(w: Dict[str, Tensor], tokens: Tensor, up: Tensor, index: int) -> Tensor:
  side = up.size(1)
  codes = torch.embedding(w["quantize.embedding.weight"], tokens).transpose(1, 2).reshape([tokens.size(0), -1, side, side])
  if up.size(0) != side:
    codes = __torch__.quantizer.resized(codes, up)
  name = "quantize.quant_resi.qresi_ls." + str(index)
  smooth = torch.conv2d(codes, w[name + ".weight"], w[name + ".bias"], [1, 1], [1, 1])
  return codes * 0.5 + smooth * 0.5

# rows [n, Z] -> ids of the nearest codes [n].
def nearest(codebook: Tensor, rows: Tensor) -> Tensor:
  lengths = torch.sum(codebook * codebook, [1])
  return torch.argmin(lengths - torch.matmul(rows, codebook.t()) * 2., 1)


class Quantised(NamedTuple):
  features : Tensor     # [B, Z, S, S]: the quantised map, whose gradient goes straight through to the map it stands for
  codebook_loss : Tensor    # moves codes and residual convolutions towards the encoder's map, mean over scales
  commitment_loss : Tensor  # moves the encoder's map towards the codes, mean over scales
  tokens : Tensor       # [B, l]
  rows : Tensor         # [B, l, Z]: what was left over at each token's place

# features [B, Z, S, S]; fixed: tokens [B, l] to use in place of the nearest ones, or empty.
def quantise(w: Dict[str, Tensor], features: Tensor, ups: List[Tensor], downs: List[Tensor], convolutions: List[int], fixed: Tensor) -> __torch__.tokeniser_training.Quantised:
  target = features.detach()
  left_over = target
  sum = torch.zeros_like(target)
  codebook_loss = torch.zeros([], dtype=features.dtype, device=features.device)
  commitment_loss = torch.zeros([], dtype=features.dtype, device=features.device)
  tokens = annotate(List[Tensor], [])
  rows = annotate(List[Tensor], [])
  start = 0
  for k in range(len(ups)):
    z = left_over
    if downs[k].size(0) != downs[k].size(1):
      z = __torch__.quantizer.resized(left_over, downs[k])
    z = z.flatten(2).transpose(1, 2)
    if fixed.numel() > 0:
      ids = fixed.narrow(1, start, z.size(1))
    else:
      ids = __torch__.tokeniser_training.nearest(w["quantize.embedding.weight"].detach(), z.reshape([-1, z.size(2)])).view([z.size(0), -1])
    added = __torch__.tokeniser_training.contribution(w, ids, ups[k], convolutions[k])
    sum = sum + added
    left_over = left_over - added.detach()
    codebook_loss = codebook_loss + torch.mean(torch.pow(sum - target, 2))
    commitment_loss = commitment_loss + torch.mean(torch.pow(sum.detach() - features, 2))
    tokens.append(ids)
    rows.append(z)
    start = start + z.size(1)
  straight = features + (sum - features).detach()
  return __torch__.tokeniser_training.Quantised(straight, codebook_loss / len(ups), commitment_loss / len(ups), torch.cat(tokens, 1), torch.cat(rows, 1))


# Adds the gradients of the loss on images [B, 3, H, W] in [-1, 1] to g. weights float64: of squared error, absolute error,
# codebook loss and commitment loss. Returns the loss, its four parts before weighting, tokens [B, l] and left-over rows [B, l, Z].
def gradients(w: Dict[str, Tensor], g: Dict[str, Tensor], ups: List[Tensor], downs: List[Tensor], convolutions: List[int], images: Tensor, fixed: Tensor, weights: Tensor, t: int) -> List[Tensor]:
  p = __torch__.training.leaves(w)
  images = images.to(g["quant_conv.bias"].dtype)
  q = __torch__.tokeniser_training.quantise(p, __torch__.tokeniser_training.encode(p, images, t), ups, downs, convolutions, fixed)
  error = __torch__.tokeniser_training.decode(p, q.features, t) - images
  parts = torch.stack([torch.mean(torch.pow(error, 2)), torch.mean(torch.abs(error)), q.codebook_loss, q.commitment_loss])
  loss = torch.sum(parts * weights.to(parts.dtype))
  __torch__.training.add_gradients(loss, p, g)
  return [loss.detach(), parts.detach(), q.tokens, q.rows.detach()]


# Puts rows [n, Z] in the places of codes [n], in place, and forgets their moments. Returns how many codes there are.
def revive(w: Dict[str, Tensor], m: Dict[str, Tensor], v: Dict[str, Tensor], codes: Tensor, rows: Tensor) -> Tensor:
  name = "quantize.embedding.weight"
  w[name].detach().index_copy_(0, codes, rows)
  m[name].index_fill_(0, codes, 0.)
  v[name].index_fill_(0, codes, 0.)
  return torch.scalar_tensor(w[name].size(0))
