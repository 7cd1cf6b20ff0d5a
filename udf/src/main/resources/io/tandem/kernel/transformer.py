# The VAR transformer (arXiv 2404.02905; CoDe runs the same network).
#
# R rows: B images, and once more B when guided (their unconditional halves follow). l tokens now, p tokens before them and
# including them, C width, H heads, D channels of a head, Z channels of a code, V vocabulary.
# float32: residual stream x, conditions, embeddings, head. In the precision of the weights: qkv, attention, proj, fc1, fc2.


class Block(NamedTuple):
  qkv_w : Tensor      # [3C, C]
  qkv_b : Tensor      # [3C], the middle third zero
  qk_scale : Tensor   # [2, H, 1]: what normalised queries and keys are multiplied with
  proj_w : Tensor     # [C, C]
  proj_b : Tensor
  fc1_w : Tensor      # [4C, C]
  fc1_b : Tensor
  fc2_w : Tensor      # [C, 4C]
  fc2_b : Tensor
  ada_w : List[Tensor]  # [6C, C], or none where AdaLN is shared
  ada_b : Tensor      # [6C], or the offset ada_gss of this block


class Transformer:
  heads : int
  scalar_type : int
  class_embedding : Tensor    # [classes + 1, C]
  start : Tensor              # [1, 1, C]
  position : Tensor           # [L, C], position and level embedding in one
  word_w : Tensor             # [C, Z]
  word_b : Tensor
  shared_ada : List[Tensor]   # [6C, C] and [6C], or none
  head_ada_w : Tensor         # [2C, C]
  head_ada_b : Tensor
  head_w : Tensor             # [V, C]
  head_b : Tensor
  blocks : List[__torch__.transformer.Block]
  # w: tensors by their official names, without those of the blocks.
  def __init__(self: __torch__.transformer.Transformer, w: Dict[str, Tensor], heads: int, scalar_type: int) -> NoneType:
    self.heads = heads
    self.scalar_type = scalar_type
    self.class_embedding = w["class_emb.weight"].to(6)
    self.start = w["pos_start"].to(6)
    self.position = w["pos_1LC"].to(6).squeeze(0) + torch.embedding(w["lvl_embed.weight"].to(6), w["lvl_1L"].squeeze(0))
    self.word_w = __torch__.linear.prepare(w["word_embed.weight"], 6)
    self.word_b = w["word_embed.bias"].to(6)
    self.shared_ada = annotate(List[Tensor], [])
    if "shared_ada_lin.1.weight" in w:
      self.shared_ada = [__torch__.linear.prepare(w["shared_ada_lin.1.weight"], 6), w["shared_ada_lin.1.bias"].to(6)]
    self.head_ada_w = __torch__.linear.prepare(w["head_nm.ada_lin.1.weight"], 6)
    self.head_ada_b = w["head_nm.ada_lin.1.bias"].to(6)
    self.head_w = __torch__.linear.prepare(w["head.weight"], 6)
    self.head_b = w["head.bias"].to(6)
    self.blocks = annotate(List[__torch__.transformer.Block], [])
    return None


# w: tensors of one block by their official names, without the prefix "blocks.N.".
def add_block(net: __torch__.transformer.Transformer, w: Dict[str, Tensor]) -> None:
  t = net.scalar_type
  q_scale = torch.exp(torch.clamp_max(w["attn.scale_mul_1H11"].to(6), 4.605170185988092)).view([1, net.heads, 1])
  if "ada_gss" in w:
    ada_w = annotate(List[Tensor], [])
    ada_b = w["ada_gss"].to(6).reshape([-1])
  else:
    ada_w = [__torch__.linear.prepare(w["ada_lin.1.weight"], 6)]
    ada_b = w["ada_lin.1.bias"].to(6)
  q_b = w["attn.q_bias"].to(t)
  net.blocks.append(__torch__.transformer.Block(
    __torch__.linear.prepare(w["attn.mat_qkv.weight"], t), torch.cat([q_b, torch.zeros_like(q_b), w["attn.v_bias"].to(t)]),
    torch.cat([q_scale, torch.ones_like(q_scale)]).to(t),
    __torch__.linear.prepare(w["attn.proj.weight"], t), w["attn.proj.bias"].to(t),
    __torch__.linear.prepare(w["ffn.fc1.weight"], t), w["ffn.fc1.bias"].to(t),
    __torch__.linear.prepare(w["ffn.fc2.weight"], t), w["ffn.fc2.bias"].to(t),
    ada_w, ada_b))


# What the class label decides, once for all scales.
class Condition(NamedTuple):
  embedding : Tensor                # [R, 1, C], also the start token
  blocks : List[List[Tensor]]       # per block: gate, 1 + scale and shift of attention, the same of the feed-forward; [R, 1, C] each
  head : List[Tensor]               # 1 + scale, shift; [R, 1, C] each


# labels [R] int64.
def condition(net: __torch__.transformer.Transformer, labels: Tensor) -> __torch__.transformer.Condition:
  embedding = torch.embedding(net.class_embedding, labels)
  c = torch.silu(embedding)
  shared = annotate(List[Tensor], [])
  if torch.len(net.shared_ada) > 0:
    shared = [__torch__.linear.linear(c, net.shared_ada[0], net.shared_ada[1])]
  blocks = annotate(List[List[Tensor]], [])
  for b in net.blocks:
    if torch.len(shared) > 0:
      ada = shared[0] + b.ada_b
    else:
      ada = __torch__.linear.linear(c, b.ada_w[0], b.ada_b)
    gate1, gate2, scale1, scale2, shift1, shift2 = torch.unbind(ada.view([c.size(0), 6, 1, c.size(1)]), 1)
    blocks.append([gate1.contiguous(), torch.add(scale1, 1), shift1.contiguous(), gate2.contiguous(), torch.add(scale2, 1), shift2.contiguous()])
  scale, shift = torch.unbind(__torch__.linear.linear(c, net.head_ada_w, net.head_ada_b).view([c.size(0), 2, 1, c.size(1)]), 1)
  return __torch__.transformer.Condition(embedding.unsqueeze(1), blocks, [torch.add(scale, 1), shift.contiguous()])


# `rows` rows of a condition from row `first` on, sharing its memory.
def condition_rows(condition: __torch__.transformer.Condition, first: int, rows: int) -> __torch__.transformer.Condition:
  blocks = [[m.narrow(0, first, rows) for m in ms] for ms in condition.blocks]
  return __torch__.transformer.Condition(condition.embedding.narrow(0, first, rows), blocks, [m.narrow(0, first, rows) for m in condition.head])


# Keys and values per block, [R, H, S, D] each, written in place; S is how many tokens somebody reads again.
class Cache:
  k : List[Tensor]
  v : List[Tensor]
  def __init__(self: __torch__.transformer.Cache, k: List[Tensor], v: List[Tensor]) -> NoneType:
    self.k = k
    self.v = v
    return None


def new_cache(net: __torch__.transformer.Transformer, rows: int, slots: int) -> __torch__.transformer.Cache:
  width = net.class_embedding.size(1)
  shape = [rows, net.heads, slots, width // net.heads]
  device = net.class_embedding.device
  k = [torch.zeros(shape, dtype=net.scalar_type, device=device) for b in net.blocks]
  v = [torch.zeros(shape, dtype=net.scalar_type, device=device) for b in net.blocks]
  return __torch__.transformer.Cache(k, v)


# A cache of `rows` rows that begins with the rows of `cache` (as many as both have).
def resized(cache: __torch__.transformer.Cache, rows: int) -> __torch__.transformer.Cache:
  out = annotate(List[List[Tensor]], [])
  for old in [cache.k, cache.v]:
    new = annotate(List[Tensor], [])
    for t in old:
      n = torch.zeros([rows, t.size(1), t.size(2), t.size(3)], dtype=t.dtype, device=t.device)
      both = min(rows, t.size(0))
      n.narrow(0, 0, both).copy_(t.narrow(0, 0, both))
      new.append(n)
    out.append(new)
  return __torch__.transformer.Cache(out[0], out[1])


# The same memory, seen as a cache of some rows only.
def cache_rows(cache: __torch__.transformer.Cache, first: int, rows: int) -> __torch__.transformer.Cache:
  return __torch__.transformer.Cache([t.narrow(0, first, rows) for t in cache.k], [t.narrow(0, first, rows) for t in cache.v])


def cache_bytes(cache: __torch__.transformer.Cache) -> int:
  total = 0
  for ts in [cache.k, cache.v]:
    for t in ts:
      total = total + t.numel() * t.element_size()
  return total


# q [R, H, l, D], k, v [R, H, p, D] -> [R, l, C]. Scores are not divided by sqrt(D): the scale is in q.
# On a processor the fused kernel is the faster one in float32 only; in bfloat16 two products per row run at twice its rate, and
# one row's scores stay in the cache.
def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
  if q.is_cuda or q.dtype == 6:
    a = torch.scaled_dot_product_attention(q, k, v, None, 0., False, scale=1.)
    return a.transpose(1, 2).reshape([q.size(0), q.size(2), q.size(1) * q.size(3)])
  out = torch.empty([q.size(0), q.size(2), q.size(1), q.size(3)], dtype=q.dtype)
  for row in range(q.size(0)):
    scores = torch.matmul(q[row], k[row].transpose(1, 2))
    out[row].transpose(0, 1).copy_(torch.matmul(torch.softmax(scores, 2), v[row]))
  return out.view([q.size(0), q.size(2), q.size(1) * q.size(3)])


# All blocks on tokens of one or several scales that follow the first `start` tokens. x [R, l, C] is changed in place.
# ends: where each scale ends, counted from `start`. Tokens see their own scale and all before it, so each scale is one call
# of attention without a mask. kept: how many tokens of x go into the cache, first ones first.
# depth: number of blocks to run; the block after them, if there is one, makes keys and values only.
def run_blocks(net: __torch__.transformer.Transformer, x: Tensor, condition: __torch__.transformer.Condition, cache: __torch__.transformer.Cache, start: int, ends: List[int], kept: int, depth: int) -> Tensor:
  r = x.size(0)
  l = x.size(1)
  c = x.size(2)
  for i in range(torch.len(net.blocks)):
    b = net.blocks[i]
    gate1, scale1, shift1, gate2, scale2, shift2 = condition.blocks[i]
    h = torch.addcmul(shift1, torch.layer_norm(x, [c], None, None, 1e-6), scale1).to(net.scalar_type)
    qkv = __torch__.linear.linear(h, b.qkv_w, b.qkv_b).view([r, l, 3, net.heads, c // net.heads])
    qk = qkv.narrow(2, 0, 2)
    qk.mul_(torch.div(b.qk_scale, torch.clamp_min(torch.linalg_vector_norm(qk, 2, [-1], True), 1e-12)))
    q, k, v = torch.unbind(qkv.permute([2, 0, 3, 1, 4]), 0)
    if kept > 0:
      cache.k[i].narrow(2, start, kept).copy_(k.narrow(2, 0, kept))
      cache.v[i].narrow(2, start, kept).copy_(v.narrow(2, 0, kept))
    if i < depth:
      if kept == l:
        ks = cache.k[i].narrow(2, 0, start + l)
        vs = cache.v[i].narrow(2, 0, start + l)
      else:
        ks = torch.cat([cache.k[i].narrow(2, 0, start), k], 2)
        vs = torch.cat([cache.v[i].narrow(2, 0, start), v], 2)
      outs = annotate(List[Tensor], [])
      first = 0
      for end in ends:
        outs.append(__torch__.transformer.attend(q.narrow(2, first, end - first), ks.narrow(2, 0, start + end), vs.narrow(2, 0, start + end)))
        first = end
      if torch.len(outs) == 1:
        a = outs[0]
      else:
        a = torch.cat(outs, 1)
      x.addcmul_(gate1, __torch__.linear.linear(a, b.proj_w, b.proj_b))
      h = torch.addcmul(shift2, torch.layer_norm(x, [c], None, None, 1e-6), scale2).to(net.scalar_type)
      f = __torch__.linear.linear_gelu(h, b.fc1_w, b.fc1_b)
      x.addcmul_(gate2, __torch__.linear.linear(f, b.fc2_w, b.fc2_b))
  return x


# Inputs [R, l, C] of tokens from `first` on: the start token where that is 0, then maps [B, ., Z] that the running feature map
# gave, for all R rows.
def embed(net: __torch__.transformer.Transformer, condition: __torch__.transformer.Condition, maps: List[Tensor], first: int) -> Tensor:
  r = condition.embedding.size(0)
  parts = annotate(List[Tensor], [])
  position = first
  if first == 0:
    parts.append(condition.embedding + net.start + net.position.narrow(0, 0, 1))
    position = 1
  for m in maps:
    words = __torch__.linear.linear(m, net.word_w, net.word_b) + net.position.narrow(0, position, m.size(1))
    position = position + m.size(1)
    parts.append(words.repeat([r // m.size(0), 1, 1]))
  return torch.cat(parts, 1)


# Logits [R, l, V] of hidden states [R, l, C].
def head(net: __torch__.transformer.Transformer, x: Tensor, condition: __torch__.transformer.Condition) -> Tensor:
  h = torch.addcmul(condition.head[1], torch.layer_norm(x, [x.size(2)], None, None, 1e-6), condition.head[0])
  return __torch__.linear.linear(h, net.head_w, net.head_b)


# Guided logits [B, l, V] of hidden states [2B, l, C]: (1 + t) conditional - t unconditional. The head is linear, so the rows
# are combined before it and the product is done once.
def guided_head(net: __torch__.transformer.Transformer, x: Tensor, condition: __torch__.transformer.Condition, t: float) -> Tensor:
  b = x.size(0) // 2
  h = torch.addcmul(condition.head[1], torch.layer_norm(x, [x.size(2)], None, None, 1e-6), condition.head[0])
  with_label = h.narrow(0, 0, b)
  h = torch.add(with_label, torch.sub(with_label, h.narrow(0, b, b)), alpha=t)
  return __torch__.linear.linear(h, net.head_w, net.head_b)


# Logits [B, l, V] of the scale whose inputs are `maps` (none for the first scale), guided by strength t where the condition has
# 2B rows. Its first `kept` tokens go into the cache.
def step(net: __torch__.transformer.Transformer, condition: __torch__.transformer.Condition, cache: __torch__.transformer.Cache, maps: List[Tensor], start: int, kept: int, images: int, t: float) -> Tensor:
  x = __torch__.transformer.embed(net, condition, maps, start)
  x = __torch__.transformer.run_blocks(net, x, condition, cache, start, [x.size(1)], kept, torch.len(net.blocks))
  if x.size(0) == images:
    return __torch__.transformer.head(net, x, condition)
  else:
    return __torch__.transformer.guided_head(net, x, condition, t)


# Fills the cache with the scales that begin at token `start` and end at `start + ends`.
def prefill(net: __torch__.transformer.Transformer, condition: __torch__.transformer.Condition, cache: __torch__.transformer.Cache, maps: List[Tensor], start: int, ends: List[int]) -> None:
  x = __torch__.transformer.embed(net, condition, maps, start)
  __torch__.transformer.run_blocks(net, x, condition, cache, start, ends, x.size(1), torch.len(net.blocks) - 1)


# Logits [R, L, V] of all tokens when the inputs of all scales are given.
def teacher_forcing(net: __torch__.transformer.Transformer, condition: __torch__.transformer.Condition, maps: List[Tensor], ends: List[int]) -> Tensor:
  x = __torch__.transformer.embed(net, condition, maps, 0)
  cache = __torch__.transformer.new_cache(net, x.size(0), x.size(1))
  x = __torch__.transformer.run_blocks(net, x, condition, cache, 0, ends, x.size(1), torch.len(net.blocks))
  return __torch__.transformer.head(net, x, condition)
