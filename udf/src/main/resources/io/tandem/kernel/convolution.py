# Convolutions of the tokeniser on the processor.
#
# A map is float32 [H, W, C], one image, channels innermost. Products are in the precision of the weights, prepacked by oneDNN;
# everything else is float32. Work goes in bands of rows that stay in the cache, and products are saved where that is exact in
# real numbers. No result depends on the number of threads.


class Convolution(NamedTuple):
  method : str       # how it is computed: a function below, or plain
  w : List[Tensor]
  b : Tensor
  band : int         # rows, or rows of tiles, at a time


# How many of `rows` to take at a time: a divisor with which `numbers` per row stay near the cache.
def band_of(rows: int, numbers: int) -> int:
  band = max(1, min(rows, 500000 // numbers))
  while rows % band != 0:
    band = band - 1
  return band


# w [K, C, kernel, kernel] in the layout that suits a map of `size` [1, C, H, W].
def prepacked(w: Tensor, scalar_type: int, stride: int, padding: int, groups: int, size: List[int]) -> Tensor:
  return ops.mkldnn._reorder_convolution_weight(w.to(scalar_type), [padding, padding], [stride, stride], [1, 1], groups, size)


# x [H, W, C] in the precision of w -> [H', W', K].
def convolved(x: Tensor, w: Tensor, b: Optional[Tensor], stride: int, padding: int, groups: int) -> Tensor:
  x = x.unsqueeze(0).permute([0, 3, 1, 2])
  y = ops.mkldnn._convolution_pointwise(x, w, b, [padding, padding], [stride, stride], [1, 1], groups, "none", [], "")
  return y.permute([0, 2, 3, 1]).squeeze(0)


# x [N, C] -> the sum of its rows [C]. Halves are added to each other until a single thread takes the rest: libtorch's own sum
# splits the columns among threads, and the order in which it adds depends on where.
def row_sum(x: Tensor) -> Tensor:
  while x.numel() >= 32768 and x.size(0) > 1:
    half = x.size(0) // 2
    y = torch.narrow(x, 0, 0, half) + torch.narrow(x, 0, half, half)
    if x.size(0) % 2 == 1:
      torch.add_(y.select(0, 0), x.select(0, 2 * half))
    x = y
  return torch.sum(x, [0])

# Sums and sums of squares of the channels of x [H, W, C], float64 [2, C].
def moments(x: Tensor) -> Tensor:
  rows = x.view([-1, x.size(2)])
  return torch.stack([__torch__.convolution.row_sum(rows), __torch__.convolution.row_sum(rows * rows)]).to(7)


# Group normalisation by the moments of a map, as a summand and a factor of each channel, float32 [2, C].
def normalisation(moments: Tensor, pixels: int, w: Tensor, b: Tensor) -> Tensor:
  share = moments.size(1) // 32
  mean, square = torch.unbind(moments.view([2, 32, share]).sum(2, True) / float(share * pixels))
  factor = w.view([32, share]) / torch.sqrt(torch.clamp(square - mean * mean, 0.) + 1.e-6)
  return torch.stack([b.view([32, share]) - mean * factor, factor]).view([2, -1]).to(6)


# x [H, W, C] -> SiLU of the normalised x. A depthwise convolution of one tap is faster than a sum, a product and libtorch's
# SiLU, whose last bits depend on where the threads' shares end.
def activated(x: Tensor, norm: Tensor) -> Tensor:
  map = x.unsqueeze(0).permute([0, 3, 1, 2])
  y = ops.mkldnn._convolution_pointwise(map, norm.select(0, 1).view([-1, 1, 1, 1]), norm.select(0, 0), [0, 0], [1, 1], [1, 1], x.size(2), "swish", [], "")
  return y.permute([0, 2, 3, 1]).squeeze(0)


# As it is defined.
def direct_weights(w: Tensor, b: Tensor, scalar_type: int, stride: int, side: int) -> __torch__.convolution.Convolution:
  padding = 0
  if stride == 1:
    padding = w.size(2) // 2
  packed = __torch__.convolution.prepacked(w, scalar_type, stride, padding, 1, [1, w.size(1), side, side])
  return __torch__.convolution.Convolution("direct", [packed], b.to(scalar_type), side)

def direct(x: Tensor, c: __torch__.convolution.Convolution, stride: int, padding: int) -> Tensor:
  return __torch__.convolution.convolved(x.to(c.b.dtype), c.w[0], c.b, stride, padding, 1).to(6)


# Winograd's F(4x4, 3x3) (Lavin and Gray, arXiv 1509.09308): 36 products make 16 outputs, which take 144 by definition. Along
# each axis a polynomial product is evaluated at 0, the roots of 1/2, the roots of 2, and infinity, where float32 loses least:
#   outputs = outputs_of [4, 6] ((filters_of [6, 3] filter) * (points_of [6, 6] inputs))
def points_of() -> Tensor:
  r = 2. ** 0.5
  return torch.tensor([[1., 0., -2.5, 0., 1., 0.], [0., -r, -2., r / 2., 1., 0.], [0., r, -2., -r / 2., 1., 0.], [0., -r / 2., -0.5, r, 1., 0.], [0., r / 2., -0.5, -r, 1., 0.], [0., 1., 0., -2.5, 0., 1.]], dtype=7)

def filters_of() -> Tensor:
  r = 2. ** 0.5
  return torch.tensor([[1., 0., 0.], [-2. / 3., -r / 3., -1. / 3.], [-2. / 3., r / 3., -1. / 3.], [1. / 6., r / 6., 1. / 3.], [1. / 6., -r / 6., 1. / 3.], [0., 0., 1.]], dtype=7)

def outputs_of() -> Tensor:
  r = 2. ** 0.5
  return torch.tensor([[1., 1., 1., 1., 1., 0.], [0., r / 2., -r / 2., r, -r, 0.], [0., 0.5, 0.5, 2., 2., 0.], [0., r / 4., -r / 4., 2. * r, -2. * r, 1.]], dtype=7)


# The products of all tiles with the 36 matrices [K, C] are a convolution of 36 groups.
def winograd_weights(w: Tensor, b: Tensor, scalar_type: int, side: int) -> __torch__.convolution.Convolution:
  filters, channels, tiles = w.size(0), w.size(1), side // 4
  band = __torch__.convolution.band_of(tiles, 36 * tiles * max(channels, filters))
  g = __torch__.convolution.filters_of()
  u = torch.matmul(torch.matmul(g, w.to(7)), g.t()).permute([2, 3, 0, 1]).reshape([36 * filters, channels, 1, 1])
  packed = __torch__.convolution.prepacked(u, scalar_type, 1, 0, 36, [1, 36 * channels, band, tiles])
  # A bias is the convolution of a map of ones with a filter of one tap.
  ones = g.select(1, 0) * __torch__.convolution.points_of().sum(1)
  biases = torch.kron(ones, ones).unsqueeze(1) * b.to(7)
  return __torch__.convolution.Convolution("winograd", [packed], biases.reshape([-1]).to(scalar_type), band)


# The convolution of SiLU(normalised x [H, W, C]) is written to out [H, W, K], or added to it. Returns the moments of out.
def winograd(x: Tensor, norm: Tensor, c: __torch__.convolution.Convolution, out: Tensor, add: bool) -> Tensor:
  height, width, channels, filters = x.size(0), x.size(1), x.size(2), out.size(2)
  band, tiles, row = c.band, width // 4, (width + 2) * channels
  n = band * tiles
  points = __torch__.convolution.points_of().to(6)
  outputs = __torch__.convolution.outputs_of()
  outputs = torch.kron(outputs, outputs).to(6).expand([n, 16, 36])
  y = torch.zeros([4 * band + 2, width + 2, channels])
  vertical = torch.empty([band, tiles, 6, 6 * channels])
  both = torch.empty([n * 6, 6, channels])
  tile = torch.empty([n, 16, filters])
  moments = torch.zeros([2, filters], dtype=7)
  ready = 0
  for top in range(0, height, 4 * band):
    # y: rows top - 1 to top + 4 band, with a border of zeros.
    if top > 0:
      torch.copy_(torch.narrow(y, 0, 0, 2), torch.narrow(y, 0, 4 * band, 2))
    until = min(top + 4 * band + 1, height)
    fresh = torch.narrow(torch.narrow(y, 0, ready - top + 1, until - ready), 1, 1, width)
    torch.copy_(fresh, __torch__.convolution.activated(torch.narrow(x, 0, ready, until - ready), norm))
    ready = until
    if top + 4 * band == height:
      torch.zero_(torch.narrow(y, 0, 4 * band + 1, 1))
    for i in range(band):
      overlapping = torch.as_strided(y, [tiles, 6, 6 * channels], [4 * channels, row, 1], 4 * i * row)
      torch.bmm(points.expand([tiles, 6, 6]), overlapping, out=vertical.select(0, i))
    torch.bmm(points.expand([n * 6, 6, 6]), vertical.view([n * 6, 6, channels]), out=both)
    transformed = both.view([band, tiles, 36 * channels]).to(c.b.dtype)
    products = __torch__.convolution.convolved(transformed, c.w[0], c.b, 1, 0, 36).to(6)
    torch.bmm(outputs, products.view([n, 36, filters]), out=tile)
    rows = torch.narrow(out, 0, top, 4 * band)
    target = rows.view([band, 4, tiles, 4 * filters]).transpose(1, 2)
    if add:
      torch.add_(target, tile.view([band, tiles, 4, 4 * filters]))
    else:
      torch.copy_(target, tile.view([band, tiles, 4, 4 * filters]))
    torch.add_(moments, __torch__.convolution.moments(rows))
  return moments


# A map s is doubled in size by nearest neighbours and then convolved with (p, q, r) along an axis. With the differences
# d[i] = s[i] - s[i-1] the two outputs at i are (p + q + r) s[i] - p d[i] and (p + q + r) s[i] + r d[i+1]: three products
# instead of six, and along both axes nine instead of 36.
def doubling_weights(w: Tensor, b: Tensor, scalar_type: int, side: int) -> __torch__.convolution.Convolution:
  filters, channels = w.size(0), w.size(1)
  band = __torch__.convolution.band_of(side, 9 * side * filters)
  w = w.to(7)
  vertical = torch.stack([-w.select(2, 0), w.select(2, 2)])             # [2, K, C, 3]
  horizontal = torch.stack([-w.select(3, 0), w.select(3, 2)])           # [2, K, C, 3]
  both = torch.stack([-vertical.select(3, 0), vertical.select(3, 2)], 1)  # [2, 2, K, C]
  matrices = [w.sum([2, 3]), horizontal.sum(3), vertical.sum(3), both]
  packed = annotate(List[Tensor], [])
  for i in range(4):
    matrix = matrices[i].reshape([-1, channels, 1, 1])
    packed.append(__torch__.convolution.prepacked(matrix, scalar_type, 1, 0, 1, [1, channels, band + i // 2, side + i % 2]))
  return __torch__.convolution.Convolution("doubling", packed, b.to(scalar_type), band)


# The convolution of x [H, W, C] doubled is written to out [2H, 2W, K]. Returns the moments of out.
def doubling(x: Tensor, c: __torch__.convolution.Convolution, out: Tensor) -> Tensor:
  height, width, channels, filters = x.size(0), x.size(1), x.size(2), out.size(2)
  band, t = c.band, c.b.dtype
  s = torch.zeros([band + 2, width + 2, channels])
  moments = torch.zeros([2, filters], dtype=7)
  for top in range(0, height, band):
    # s: rows top - 1 to top + band, with a border of zeros.
    first, last = max(top - 1, 0), min(top + band + 1, height)
    torch.zero_(torch.narrow(s, 0, 0, 1))
    torch.zero_(torch.narrow(s, 0, band + 1, 1))
    torch.copy_(torch.narrow(torch.narrow(s, 0, first - top + 1, last - first), 1, 1, width), torch.narrow(x, 0, first, last - first))
    values = torch.narrow(s, 1, 1, width)
    across = torch.narrow(s, 1, 1, width + 1) - torch.narrow(s, 1, 0, width + 1)
    down = torch.narrow(values, 0, 1, band + 1) - torch.narrow(values, 0, 0, band + 1)
    both = torch.narrow(across, 0, 1, band + 1) - torch.narrow(across, 0, 0, band + 1)
    p = __torch__.convolution.convolved(torch.narrow(values, 0, 1, band).to(t), c.w[0], c.b, 1, 0, 1).to(6)
    p_across = __torch__.convolution.convolved(torch.narrow(across, 0, 1, band).to(t), c.w[1], None, 1, 0, 1).view([band, width + 1, 2, filters])
    p_down = __torch__.convolution.convolved(down.to(t), c.w[2], None, 1, 0, 1).view([band + 1, width, 2, filters])
    p_both = __torch__.convolution.convolved(both.to(t), c.w[3], None, 1, 0, 1).view([band + 1, width + 1, 2, 2, filters])
    rows = torch.narrow(out, 0, 2 * top, 2 * band)
    for i in range(2):
      for j in range(2):
        target = rows.view([band, 2, width, 2, filters]).select(3, j).select(1, i)
        torch.add(p, torch.narrow(p_across, 1, j, width).select(2, j), out=target)
        torch.add_(target, torch.narrow(p_down, 0, i, band).select(2, i))
        torch.add_(target, torch.narrow(torch.narrow(p_both, 0, i, band), 1, j, width).select(3, j).select(2, i))
    torch.add_(moments, __torch__.convolution.moments(rows))
  return moments


# Where the filters are few, the products of all nine taps are one matrix product, and their sums are shifted.
def taps_weights(w: Tensor, b: Tensor, scalar_type: int, side: int) -> __torch__.convolution.Convolution:
  channels = w.size(1)
  band = __torch__.convolution.band_of(side, side * channels)
  matrix = w.permute([2, 3, 0, 1]).reshape([-1, channels, 1, 1])
  packed = __torch__.convolution.prepacked(matrix, scalar_type, 1, 0, 1, [1, channels, band, side + 2])
  return __torch__.convolution.Convolution("taps", [packed], b.to(6), band)


# x [H, W, C] -> the convolution of SiLU(normalised x), planar [K, H, W].
def taps(x: Tensor, norm: Tensor, c: __torch__.convolution.Convolution) -> Tensor:
  height, width, channels = x.size(0), x.size(1), x.size(2)
  band, pitch = c.band, width + 2
  y = torch.zeros([band, pitch, channels])
  products = torch.zeros([9 * c.b.size(0), (height + 2) * pitch])
  for top in range(0, height, band):
    torch.copy_(torch.narrow(y, 1, 1, width), __torch__.convolution.activated(torch.narrow(x, 0, top, band), norm))
    z = __torch__.convolution.convolved(y.to(c.w[0].dtype), c.w[0], None, 1, 0, 1)
    torch.copy_(torch.narrow(products, 1, (top + 1) * pitch, band * pitch), z.reshape([band * pitch, -1]).t())
  products = products.view([3, 3, -1, height + 2, pitch])
  out = c.b.view([-1, 1, 1]).repeat([1, height, width])
  for i in range(3):
    for j in range(3):
      torch.add_(out, torch.narrow(torch.narrow(products.select(0, i).select(0, j), 1, i, height), 2, j, width))
  return out
