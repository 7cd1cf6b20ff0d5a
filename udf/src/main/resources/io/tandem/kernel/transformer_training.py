# The VAR transformer with autograd: what transformer.py computes for inference, from plain weights by their official names.
#
# B images, l tokens, C width, H heads, D channels of a head, Z channels of a code, V vocabulary, t number format of the products
# in the blocks and the head; everything else is in the format of the weights.


# What the scales before each one hand to it, [B, l - 1, Z]: the teacher's prefix. tokens int64 [B, l].
def inputs(q: Dict[str, Tensor], ups: List[Tensor], downs: List[Tensor], convolutions: List[int], tokens: Tensor, sides: List[int]) -> Tensor:
  codebook = q["quantize.embedding.weight"]
  features = torch.zeros([tokens.size(0), codebook.size(1), sides[-1], sides[-1]], dtype=codebook.dtype, device=codebook.device)
  maps = [features.narrow(2, 0, 0).flatten(2).transpose(1, 2)]  # of no tokens: all there is for the first scale alone
  start = 0
  for k in range(len(ups) - 1):
    count = sides[k] * sides[k]
    if start + count < tokens.size(1):
      ids = tokens.narrow(1, start, count)
      features = features + __torch__.tokeniser_training.contribution(q, ids, ups[k], convolutions[k])
      maps.append(__torch__.quantizer.resized(features, downs[k + 1]).flatten(2).transpose(1, 2))
    start = start + count
  return torch.cat(maps, 1)


# Embedded tokens [B, l, C]: the start token, then maps [B, l - 1, Z]; ends: where each scale ends.
def embed(w: Dict[str, Tensor], condition: Tensor, maps: Tensor, ends: List[int]) -> Tensor:
  levels = annotate(List[Tensor], [])
  start = 0
  for k in range(len(ends)):
    levels.append(w["lvl_embed.weight"].narrow(0, k, 1).expand([ends[k] - start, -1]))
    start = ends[k]
  position = w["pos_1LC"].narrow(1, 0, start) + torch.cat(levels)
  words = torch.linear(maps, w["word_embed.weight"], w["word_embed.bias"])
  return torch.cat([condition.unsqueeze(1) + w["pos_start"], words], 1) + position


# One attention per scale against itself and all before it. q, k, v [B, H, l, D] -> [B, H, l, D].
def attention(q: Tensor, k: Tensor, v: Tensor, ends: List[int]) -> Tensor:
  outs = annotate(List[Tensor], [])
  start = 0
  for end in ends:
    scores = torch.matmul(q.narrow(2, start, end - start), k.narrow(2, 0, end).transpose(2, 3))
    outs.append(torch.matmul(torch.softmax(scores, 3), v.narrow(2, 0, end)))
    start = end
  return torch.cat(outs, 2)


def normalised(x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
  return torch.layer_norm(x, [x.size(2)], None, None, 1e-6) * (scale + 1) + shift


# Six modulations [B, 1, C] of a block: gates, scales and shifts of attention and feed-forward, in this order by pairs.
def modulations(w: Dict[str, Tensor], block: str, c: Tensor) -> List[Tensor]:
  if block + "ada_gss" in w:
    ada = torch.linear(c, w["shared_ada_lin.1.weight"], w["shared_ada_lin.1.bias"]).view([c.size(0), 1, 6, c.size(1)]) + w[block + "ada_gss"]
  else:
    ada = torch.linear(c, w[block + "ada_lin.1.weight"], w[block + "ada_lin.1.bias"]).view([c.size(0), 1, 6, c.size(1)])
  return torch.unbind(ada, 2)


# Logits [B, l - first, V] of the tokens from `first` to the last of ends.
def logits(w: Dict[str, Tensor], labels: Tensor, maps: Tensor, ends: List[int], first: int, t: int) -> Tensor:
  condition = torch.embedding(w["class_emb.weight"], labels)
  c = torch.silu(condition)
  x = __torch__.transformer_training.embed(w, condition, maps, ends)
  b, l, width = x.size(0), x.size(1), x.size(2)
  i = 0
  block = "blocks.0."
  while block + "attn.mat_qkv.weight" in w:
    gate1, gate2, scale1, scale2, shift1, shift2 = __torch__.transformer_training.modulations(w, block, c)
    h = __torch__.transformer_training.normalised(x, scale1, shift1)
    q_bias = w[block + "attn.q_bias"]
    bias = torch.cat([q_bias, torch.zeros_like(q_bias), w[block + "attn.v_bias"]])
    heads = w[block + "attn.scale_mul_1H11"].size(1)
    qkv = __torch__.training.linear(h, w[block + "attn.mat_qkv.weight"], bias, t).view([b, l, 3, heads, width // heads])
    q, k, v = torch.unbind(qkv.permute([2, 0, 3, 1, 4]), 0)
    scale = torch.exp(torch.clamp_max(w[block + "attn.scale_mul_1H11"], 4.605170185988092)).to(t)
    q = torch.div(q, torch.clamp_min(torch.linalg_vector_norm(q, 2, [-1], True), 1e-12)) * scale
    k = torch.div(k, torch.clamp_min(torch.linalg_vector_norm(k, 2, [-1], True), 1e-12))
    a = __torch__.transformer_training.attention(q, k, v, ends).transpose(1, 2).reshape([b, l, width])
    x = x + gate1 * __torch__.training.linear(a, w[block + "attn.proj.weight"], w[block + "attn.proj.bias"], t)
    h = __torch__.transformer_training.normalised(x, scale2, shift2)
    f = torch.gelu(__torch__.training.linear(h, w[block + "ffn.fc1.weight"], w[block + "ffn.fc1.bias"], t), approximate="tanh")
    x = x + gate2 * __torch__.training.linear(f, w[block + "ffn.fc2.weight"], w[block + "ffn.fc2.bias"], t)
    i = i + 1
    block = "blocks." + str(i) + "."
  scale, shift = torch.unbind(torch.linear(c, w["head_nm.ada_lin.1.weight"], w["head_nm.ada_lin.1.bias"]).view([b, 1, 2, width]), 2)
  h = __torch__.transformer_training.normalised(x.narrow(1, first, l - first), scale, shift)
  return __torch__.training.linear(h, w["head.weight"], w["head.bias"], t).to(x.dtype)


# Cross-entropy of each token, [B, l], in nats.
def cross_entropy(logits: Tensor, tokens: Tensor) -> Tensor:
  return torch.cross_entropy_loss(logits.transpose(1, 2), tokens, None, 0, -100, 0.)


# Divergence KL(p || q) of each token, [B, l], in nats, summed over the vocabulary, where p and q are softmax of logits / T.
def divergence(p: Tensor, q: Tensor, temperature: float) -> Tensor:
  log_p = torch.log_softmax(p / temperature, 2)
  log_q = torch.log_softmax(q / temperature, 2)
  return torch.sum(torch.exp(log_p) * (log_p - log_q), [2]) * (temperature * temperature)


# Mean over images and over all l tokens of what each token loses, each weighted as its scale is; and the mean of each scale alone.
# losses [B, l]; ends: where each scale ends, counted from the first of the l tokens; weights: one per scale.
def weighted(losses: Tensor, ends: List[int], weights: Tensor) -> Tuple[Tensor, Tensor]:
  total = torch.zeros([], dtype=losses.dtype, device=losses.device)
  means = annotate(List[Tensor], [])
  start = 0
  for k in range(len(ends)):
    of_scale = losses.narrow(1, start, ends[k] - start)
    total = total + torch.sum(of_scale) * weights[k]
    means.append(torch.mean(of_scale).detach())
    start = ends[k]
  return (total / losses.numel(), torch.stack(means))


# One batch: the teacher's prefix and what is to be learned from it.
class Lesson(NamedTuple):
  maps : Tensor         # [B, l - 1, Z]
  tokens : Tensor       # [B, l] up to the last scale to learn
  labels : Tensor       # [B]
  ends : List[int]      # where each scale ends
  first : int           # the first scale to learn

# tokens [B, l] of at least the scales up to the last one; scales: the first one to learn, and the one after the last.
def lesson(q: Dict[str, Tensor], ups: List[Tensor], downs: List[Tensor], convolutions: List[int], tokens: Tensor, labels: Tensor, scales: List[int]) -> __torch__.transformer_training.Lesson:
  sides = [up.size(1) for up in ups]
  ends = annotate(List[int], [])
  end = 0
  for side in sides:
    if len(ends) < scales[1]:
      end = end + side * side
      ends.append(end)
  known = tokens.narrow(1, 0, end)
  maps = __torch__.transformer_training.inputs(q, ups, downs, convolutions, known, sides)
  return __torch__.transformer_training.Lesson(maps, known, labels, ends, scales[0])

def first_token(lesson: __torch__.transformer_training.Lesson) -> int:
  if lesson.first == 0:
    return 0
  return lesson.ends[lesson.first - 1]

# Where each scale to learn ends, counted from its first token.
def ends_to_learn(lesson: __torch__.transformer_training.Lesson) -> List[int]:
  first = __torch__.transformer_training.first_token(lesson)
  out = annotate(List[int], [])
  for end in lesson.ends:
    if end > first:
      out.append(end - first)
  return out

# Logits of the tokens to learn.
def lesson_logits(w: Dict[str, Tensor], lesson: __torch__.transformer_training.Lesson, t: int) -> Tensor:
  return __torch__.transformer_training.logits(w, lesson.labels, lesson.maps, lesson.ends, __torch__.transformer_training.first_token(lesson), t)

def targets(lesson: __torch__.transformer_training.Lesson) -> Tensor:
  first = __torch__.transformer_training.first_token(lesson)
  return lesson.tokens.narrow(1, first, lesson.tokens.size(1) - first)


# Adds the gradients of the cross-entropy to g. weights: one per scale to learn. Returns the loss and the mean of each scale.
def gradients(w: Dict[str, Tensor], g: Dict[str, Tensor], lesson: __torch__.transformer_training.Lesson, weights: Tensor, t: int) -> List[Tensor]:
  p = __torch__.training.leaves(w)
  losses = __torch__.transformer_training.cross_entropy(__torch__.transformer_training.lesson_logits(p, lesson, t), __torch__.transformer_training.targets(lesson))
  loss, means = __torch__.transformer_training.weighted(losses, __torch__.transformer_training.ends_to_learn(lesson), weights)
  __torch__.training.add_gradients(loss, p, g)
  return [loss.detach(), means]


# The same with the divergence from a teacher, which has the same labels. divergence float64: its temperature, and 1 for
# KL(student || teacher) where 0 is KL(teacher || student).
def distillation(w: Dict[str, Tensor], g: Dict[str, Tensor], teacher: Dict[str, Tensor], lesson: __torch__.transformer_training.Lesson, weights: Tensor, divergence: Tensor, t: int) -> List[Tensor]:
  p = __torch__.training.leaves(w)
  taught = __torch__.transformer_training.lesson_logits(p, lesson, t)
  teaching = __torch__.transformer_training.lesson_logits(teacher, lesson, t)
  if float(divergence[1]) > 0.:
    losses = __torch__.transformer_training.divergence(taught, teaching, float(divergence[0]))
  else:
    losses = __torch__.transformer_training.divergence(teaching, taught, float(divergence[0]))
  loss, means = __torch__.transformer_training.weighted(losses, __torch__.transformer_training.ends_to_learn(lesson), weights)
  __torch__.training.add_gradients(loss, p, g)
  return [loss.detach(), means]
