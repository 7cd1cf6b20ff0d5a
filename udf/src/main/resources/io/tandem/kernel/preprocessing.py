# From the bytes of pictures to what a feature network takes, as the tools that made the published numbers do it.
#
# B pictures of H rows and W columns; the new side is S. Every step is float32 unless it says otherwise.


# A line of `length` pixels -> for each of S: the pixel before it, the one behind it, and how far it lies behind the first.
# TensorFlow 1, ResizeBilinear without align_corners: the left ends of both lines coincide, not their middles.
def corner_aligned(length: int, side: int, like: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
  scale = torch.full([1], float(length), dtype=6, device=like.device) / float(side)
  at = torch.arange(side, dtype=6, device=like.device) * scale
  before = torch.floor(at).to(4)
  return (before, torch.clamp(before + 1, None, length - 1), at - before.to(6))


# before and behind of one shape -> the values between them; behind is used up.
def between(before: Tensor, behind: Tensor, distance: Tensor) -> Tensor:
  return torch.add_(torch.mul_(torch.sub_(behind, before), distance), before)


# x [B, H, W, 3] -> [B, S, S, 3], along the rows first.
def tensorflow_bilinear(x: Tensor, side: int) -> Tensor:
  pictures, height, width = x.size(0), x.size(1), x.size(2)
  before, behind, distance = __torch__.preprocessing.corner_aligned(width, side, x)
  rows = x.reshape([pictures, height, 3 * width])
  colours = torch.arange(3, device=x.device)
  left = torch.index_select(rows, 2, (before.unsqueeze(1) * 3 + colours).flatten())
  right = torch.index_select(rows, 2, (behind.unsqueeze(1) * 3 + colours).flatten())
  rows = __torch__.preprocessing.between(left, right, torch.repeat_interleave(distance, 3))
  before, behind, distance = __torch__.preprocessing.corner_aligned(height, side, x)
  above = torch.index_select(rows, 1, before)
  below = torch.index_select(rows, 1, behind)
  return __torch__.preprocessing.between(above, below, distance.unsqueeze(1)).view([pictures, side, side, 3])


# x [B, 3, H, W] -> [B, 3, S, S] by Pillow's bicubic filter on pictures of mode F: sums are float64, what lies between the two
# passes is float32. Not rounded to whole numbers, but kept in the range of bytes.
def pillow_bicubic(x: Tensor, side: int) -> Tensor:
  rows = torch._upsample_bicubic2d_aa(x.to(7), [x.size(2), side], False, None, None).to(6)
  y = torch._upsample_bicubic2d_aa(rows.to(7), [side, side], False, None, None).to(6)
  return torch.clamp(y, 0., 255.)


def resized(x: Tensor, resize: str, side: int) -> Tensor:
  if resize == "tensorflow_bilinear":
    return __torch__.preprocessing.tensorflow_bilinear(x, side).permute([0, 3, 1, 2])
  x = x.permute([0, 3, 1, 2]).contiguous()
  if resize == "pillow_bicubic":
    return __torch__.preprocessing.pillow_bicubic(x, side)
  if resize == "torch_bilinear_antialiased":
    return torch._upsample_bilinear2d_aa(x, [side, side], False, None, None)
  return torch.upsample_bilinear2d(x, [side, side], False, None, None)


# Bytes [B, H, W, 3] -> [B, 3, S, S]. Scaling centred: (v - 128) / 128; unit: to [0, 1] before the resize, to [-1, 1] after it.
def preprocessed(bytes: Tensor, resize: str, scaling: str, side: int) -> Tensor:
  x = bytes.to(6)
  if scaling == "unit":
    return torch.sub_(torch.mul_(__torch__.preprocessing.resized(x / 255., resize, side), 2.), 1.)
  y = __torch__.preprocessing.resized(x, resize, side)
  return (y - 128.) / 128.
