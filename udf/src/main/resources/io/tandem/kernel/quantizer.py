# The multi-scale quantiser: token maps to the running feature map and back.
#
# B images, s side of a token map, n side of the next one, S side of the feature map, Z code channels, V codes. All float32.
# Resizing is a product with constant matrices from both sides: up [S, s] bicubic, down [n, S] area.


class Quantizer:
  codebook : Tensor         # [V, Z]
  distances_w : Tensor      # the same, prepared for products with rows to encode
  lengths : Tensor          # [V] squared lengths of the codes
  residual_w : List[Tensor] # residual convolutions [Z, Z, 3, 3]
  residual_b : List[Tensor]
  def __init__(self: __torch__.quantizer.Quantizer, w: Dict[str, Tensor], convolutions: int) -> NoneType:
    self.codebook = w["quantize.embedding.weight"].to(6)
    self.distances_w = __torch__.linear.prepare(self.codebook, 6)
    self.lengths = torch.sum(torch.mul(self.codebook, self.codebook), [1])
    self.residual_w = annotate(List[Tensor], [])
    self.residual_b = annotate(List[Tensor], [])
    for i in range(convolutions):
      self.residual_w.append(w["quantize.quant_resi.qresi_ls." + str(i) + ".weight"].to(6))
      self.residual_b.append(w["quantize.quant_resi.qresi_ls." + str(i) + ".bias"].to(6))
    return None


# x [B, Z, h, w] -> m x m^T, as sums: the bits of plain products would depend on the number of threads.
def resized(x: Tensor, m: Tensor) -> Tensor:
  rows = torch.sum(torch.mul(x.unsqueeze(2), m.view([1, 1, m.size(0), m.size(1), 1])), [3])
  return torch.sum(torch.mul(rows.unsqueeze(3), m.view([1, 1, 1, m.size(0), m.size(1)])), [4])


# What a token map [B, s*s] adds to the feature map, [B, Z, S, S]: half the upsampled codes, half their convolution.
def contribution(q: __torch__.quantizer.Quantizer, tokens: Tensor, up: Tensor, convolution: int) -> Tensor:
  side = up.size(1)
  codes = torch.embedding(q.codebook, tokens).transpose(1, 2).reshape([tokens.size(0), -1, side, side])
  if up.size(0) != side:
    codes = __torch__.quantizer.resized(codes, up)
  smooth = torch.conv2d(codes, q.residual_w[convolution], q.residual_b[convolution], [1, 1], [1, 1])
  return torch.add(torch.mul(codes, 0.5), torch.mul(smooth, 0.5))


# The feature map at the next scale, as a sequence [B, n*n, Z].
def next_input(features: Tensor, down: Tensor) -> Tensor:
  return __torch__.quantizer.resized(features, down).flatten(2).transpose(1, 2).contiguous()


# residual [B, Z, S, S] at the side of a scale (down [s, S]) -> ids of the nearest codes [B, s*s].
def nearest(q: __torch__.quantizer.Quantizer, residual: Tensor, down: Tensor) -> Tensor:
  z = residual
  if down.size(0) != down.size(1):
    z = __torch__.quantizer.resized(residual, down)
  rows = z.flatten(2).transpose(1, 2).reshape([-1, z.size(1)])
  distances = torch.sub(q.lengths, torch.mul(__torch__.linear.linear(rows, q.distances_w, None), 2.))
  return torch.argmin(torch.add(distances, torch.sum(torch.mul(rows, rows), [1], True)), 1).view([z.size(0), -1])
