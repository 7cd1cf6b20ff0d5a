# Drawing tokens from logits: top-k, then top-p, then temperature, then Gumbel-max over what is left.
#
# n rows of logits, V vocabulary, m entries that may be kept (at least top_k, more where logits tie with the k-th).


class Kept(NamedTuple):
  logits : Tensor   # [n, m] descending, minus infinity where filtered out
  ids : Tensor      # [n, m] int64


# The entries whose mass strictly before them, in descending order, is below top_p. mass: of all entries that top-k left, per row.
def within_mass(logits: Tensor, largest: Tensor, mass: Tensor, top_p: float) -> Tensor:
  p = torch.exp(torch.sub(logits, largest))
  before = torch.sub(torch.cumsum(p, 1, dtype=7), p)
  return torch.lt(before, torch.mul(mass, top_p))


# logits [n, V] -> what the filters keep. top_k 0 and top_p 1 filter nothing.
def keep(logits: Tensor, top_k: int, top_p: float) -> __torch__.sampler.Kept:
  v = logits.size(1)
  k = top_k
  if k <= 0 or k > v:
    k = v
  if k == v and top_p >= 1.:
    return __torch__.sampler.Kept(logits, torch.arange(v, device=logits.device).unsqueeze(0).expand([logits.size(0), v]))
  if k < v:
    values, ids = torch.topk(logits, k, 1, True, True)
    kth = values.narrow(1, k - 1, 1)
    ties = int(torch.max(torch.sum(torch.ge(logits, kth).to(1), [1], False, dtype=3)))
    if ties > k:
      values, ids = torch.topk(logits, ties, 1, True, True)
      values = torch.masked_fill(values, torch.lt(values, kth), -inf)
    if top_p >= 1.:
      return __torch__.sampler.Kept(values, ids)
    largest = values.narrow(1, 0, 1)
    mass = torch.sum(torch.exp(torch.sub(values, largest)), [1], True, dtype=7)
  else:
    # Without top-k the kept entries are sought among the largest ones first: few rows need the whole vocabulary sorted.
    largest = torch.amax(logits, [1], True)
    mass = torch.sum(torch.exp(torch.sub(logits, largest)), [1], True, dtype=7)
    m = min(v, 1024)
    values, ids = torch.topk(logits, m, 1, True, True)
    found = torch.sum(torch.exp(torch.sub(values, largest)), [1], True, dtype=7)
    if m < v and bool(torch.any(torch.lt(found, torch.mul(mass, top_p)))):
      values, ids = torch.sort(logits, 1, True)
  inside = __torch__.sampler.within_mass(values, largest, mass, top_p)
  return __torch__.sampler.Kept(torch.masked_fill(values, torch.logical_not(inside), -inf), ids)


# Standard Gumbel noise of (word, id), both int32: an integer hash to 32 bits, to a uniform number v, to -log(-log1p(-v)).
# Small v make large noise, and there float32 is fine-grained. Products wrap; a shift of a negative number would drag its sign.
def gumbel(words: Tensor, ids: Tensor) -> Tensor:
  x = torch.bitwise_xor(words, torch.mul(ids, -1640531527))
  x = torch.bitwise_xor(x, torch.bitwise_and(torch.bitwise_right_shift(x, 16), 65535))
  x = torch.mul(x, -2048144789)
  x = torch.bitwise_xor(x, torch.bitwise_and(torch.bitwise_right_shift(x, 13), 524287))
  x = torch.mul(x, -1028477387)
  x = torch.bitwise_xor(x, torch.bitwise_and(torch.bitwise_right_shift(x, 16), 65535))
  u = torch.to(x, 6)
  u = torch.add(u, torch.mul(torch.lt(x, 0).to(6), 4294967296.))
  u = torch.clamp_max(torch.mul(torch.add(u, 0.5), 2.3283064365386963e-10), 0.99999994039535522)
  return torch.neg(torch.log(torch.neg(torch.log1p(torch.neg(u)))))


# -1 where the row's largest logit is not a finite number.
def marked(tokens: Tensor, largest: Tensor) -> Tensor:
  return torch.masked_fill(tokens, torch.logical_not(torch.isfinite(largest)), -1)


# logits [B, l, V], words [B, l] int32 random words -> tokens [B, l] int64; -1 where the logits are not finite.
def sample(logits: Tensor, words: Tensor, top_k: int, top_p: float, temperature: float) -> Tensor:
  v = logits.size(2)
  z = logits.view([-1, v])
  kept = __torch__.sampler.keep(z, top_k, top_p)
  noisy = torch.add(torch.div(kept.logits, temperature), __torch__.sampler.gumbel(words.view([-1, 1]), kept.ids.to(3)))
  drawn = torch.gather(kept.ids, 1, torch.argmax(noisy, 1, True))
  return __torch__.sampler.marked(drawn, torch.amax(z, [1], True)).view([logits.size(0), logits.size(1)])


# logits [B, l, V] -> the ids of the largest ones [B, l] int64; -1 where the logits are not finite.
def greedy(logits: Tensor) -> Tensor:
  largest, ids = torch.max(logits, 2)
  return __torch__.sampler.marked(ids, largest)


# logits [n, V] -> the probabilities [n, V] that tokens are drawn with.
def filtered_probabilities(logits: Tensor, top_k: int, top_p: float, temperature: float) -> Tensor:
  kept = __torch__.sampler.keep(logits, top_k, top_p)
  p = torch.softmax(torch.div(kept.logits, temperature), 1)
  return torch.scatter(torch.zeros_like(logits), 1, kept.ids, p)
