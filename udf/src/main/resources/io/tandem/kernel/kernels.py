# What Java calls. Each kernel is a function of a part beside this file; the typed Java faces are in io.tandem.kernel.
class Kernels(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool

  # Numbers of Java: a copy that shares no memory with it.
  def copied(self: __torch__.Kernels, numbers: Tensor, device: str) -> Tensor:
    return torch.clone(numbers).to(torch.device(device))

  # Matrix products: the machine's own limit, against which speed is reported.
  def random_square(self: __torch__.Kernels, side: int, scalar_type: int, device: str) -> Tensor:
    numbers = torch.arange(side * side, dtype=6, device=torch.device(device))
    return torch.sin(numbers).view([side, side]).to(scalar_type)
  def product(self: __torch__.Kernels, a: Tensor, b: Tensor) -> Tensor:
    return torch.matmul(a, b)

  # Reads one number of t back, which a GPU can only give after it has computed t.
  def drain(self: __torch__.Kernels, t: Tensor) -> int:
    return int(torch.isnan(t.view([-1]).narrow(0, 0, 1)))

  # Tensors by name, to hand weights over.
  def tensors(self: __torch__.Kernels) -> Dict[str, Tensor]:
    return annotate(Dict[str, Tensor], {})
  def put(self: __torch__.Kernels, tensors: Dict[str, Tensor], name: str, tensor: Tensor) -> None:
    tensors[name] = tensor

  # The transformer.
  def transformer(self: __torch__.Kernels, w: Dict[str, Tensor], heads: int, scalar_type: int) -> __torch__.transformer.Transformer:
    return __torch__.transformer.Transformer(w, heads, scalar_type)
  def transformer_block(self: __torch__.Kernels, net: __torch__.transformer.Transformer, w: Dict[str, Tensor]) -> None:
    __torch__.transformer.add_block(net, w)
  def condition(self: __torch__.Kernels, net: __torch__.transformer.Transformer, labels: Tensor) -> __torch__.transformer.Condition:
    return __torch__.transformer.condition(net, labels)
  def condition_rows(self: __torch__.Kernels, condition: __torch__.transformer.Condition, first: int, rows: int) -> __torch__.transformer.Condition:
    return __torch__.transformer.condition_rows(condition, first, rows)
  def cache(self: __torch__.Kernels, net: __torch__.transformer.Transformer, rows: int, slots: int) -> __torch__.transformer.Cache:
    return __torch__.transformer.new_cache(net, rows, slots)
  def cache_resized(self: __torch__.Kernels, cache: __torch__.transformer.Cache, rows: int) -> __torch__.transformer.Cache:
    return __torch__.transformer.resized(cache, rows)
  def cache_rows(self: __torch__.Kernels, cache: __torch__.transformer.Cache, first: int, rows: int) -> __torch__.transformer.Cache:
    return __torch__.transformer.cache_rows(cache, first, rows)
  def cache_bytes(self: __torch__.Kernels, cache: __torch__.transformer.Cache) -> int:
    return __torch__.transformer.cache_bytes(cache)
  def step(self: __torch__.Kernels, net: __torch__.transformer.Transformer, condition: __torch__.transformer.Condition, cache: __torch__.transformer.Cache, maps: List[Tensor], start: int, kept: int, images: int, t: float) -> Tensor:
    return __torch__.transformer.step(net, condition, cache, maps, start, kept, images, t)
  def prefill(self: __torch__.Kernels, net: __torch__.transformer.Transformer, condition: __torch__.transformer.Condition, cache: __torch__.transformer.Cache, maps: List[Tensor], start: int, ends: List[int]) -> None:
    __torch__.transformer.prefill(net, condition, cache, maps, start, ends)
  def teacher_forcing(self: __torch__.Kernels, net: __torch__.transformer.Transformer, condition: __torch__.transformer.Condition, maps: List[Tensor], ends: List[int]) -> Tensor:
    return __torch__.transformer.teacher_forcing(net, condition, maps, ends)

  # The sampler.
  def sample(self: __torch__.Kernels, logits: Tensor, words: Tensor, top_k: int, top_p: float, temperature: float) -> Tensor:
    return __torch__.sampler.sample(logits, words, top_k, top_p, temperature)
  def greedy(self: __torch__.Kernels, logits: Tensor) -> Tensor:
    return __torch__.sampler.greedy(logits)
  def filtered_probabilities(self: __torch__.Kernels, logits: Tensor, top_k: int, top_p: float, temperature: float) -> Tensor:
    return __torch__.sampler.filtered_probabilities(logits, top_k, top_p, temperature)

  # The quantiser.
  def quantizer(self: __torch__.Kernels, w: Dict[str, Tensor], convolutions: int) -> __torch__.quantizer.Quantizer:
    return __torch__.quantizer.Quantizer(w, convolutions)
  def contribution(self: __torch__.Kernels, q: __torch__.quantizer.Quantizer, tokens: Tensor, up: Tensor, convolution: int) -> Tensor:
    return __torch__.quantizer.contribution(q, tokens, up, convolution)
  def next_input(self: __torch__.Kernels, features: Tensor, down: Tensor) -> Tensor:
    return __torch__.quantizer.next_input(features, down)
  def nearest(self: __torch__.Kernels, q: __torch__.quantizer.Quantizer, residual: Tensor, down: Tensor) -> Tensor:
    return __torch__.quantizer.nearest(q, residual, down)
  def add_in_place(self: __torch__.Kernels, sum: Tensor, summand: Tensor, factor: float) -> None:
    sum.add_(summand, alpha=factor)

  # The tokeniser's networks.
  def vae_network(self: __torch__.Kernels, plain: int, scalar_type: int, side: int) -> __torch__.vae.Network:
    return __torch__.vae.Network(plain != 0, scalar_type, side)
  def vae_layer(self: __torch__.Kernels, net: __torch__.vae.Network, kind: str, w: Dict[str, Tensor]) -> None:
    __torch__.vae.add_layer(net, kind, w)
  def vae_decode(self: __torch__.Kernels, net: __torch__.vae.Network, features: Tensor) -> Tensor:
    return __torch__.vae.decode(net, features)
  def vae_encode(self: __torch__.Kernels, net: __torch__.vae.Network, images: Tensor) -> Tensor:
    return __torch__.vae.encode(net, images)
  def vae_bytes(self: __torch__.Kernels, net: __torch__.vae.Network) -> int:
    return __torch__.vae.weight_bytes(net)

  # The demo's feature network.
  def feature_weights(self: __torch__.Kernels, w: Dict[str, Tensor]) -> Dict[str, Tensor]:
    return __torch__.features.prepared(w)
  def feature_rows(self: __torch__.Kernels, w: Dict[str, Tensor], images: Tensor) -> List[Tensor]:
    return __torch__.features.rows(w, images)

  # Inception, and what pictures go through before it.
  def preprocessed(self: __torch__.Kernels, bytes: Tensor, resize: str, scaling: str, side: int) -> Tensor:
    return __torch__.preprocessing.preprocessed(bytes, resize, scaling, side)
  def resized(self: __torch__.Kernels, pictures: Tensor, resize: str, side: int) -> Tensor:
    return __torch__.preprocessing.resized(pictures.to(6), resize, side).contiguous()
  def inception(self: __torch__.Kernels, w: Dict[str, Tensor], layout: str, images: int, scalar_type: int) -> __torch__.inception.Inception:
    return __torch__.inception.Inception(w, layout, images, scalar_type)
  def inception_rows(self: __torch__.Kernels, net: __torch__.inception.Inception, images: Tensor) -> List[Tensor]:
    return __torch__.inception.rows(net, images)
  def inception_lower_features(self: __torch__.Kernels, net: __torch__.inception.Inception, images: Tensor) -> List[Tensor]:
    return __torch__.inception.lower_features(net, images)

  # Linear algebra in float64.
  def eigen(self: __torch__.Kernels, symmetric: Tensor) -> List[Tensor]:
    return __torch__.moments.eigen(symmetric)
  def singular_values(self: __torch__.Kernels, matrix: Tensor) -> Tensor:
    return __torch__.moments.singular_values(matrix)
  def singular_values_of_product(self: __torch__.Kernels, a: Tensor, b: Tensor) -> Tensor:
    return __torch__.moments.singular_values_of_product(a, b)
  def squared_singular_values_of_product(self: __torch__.Kernels, a: Tensor, b: Tensor) -> Tensor:
    return __torch__.moments.squared_singular_values_of_product(a, b)
  def triangular_root(self: __torch__.Kernels, symmetric: Tensor, share: float) -> List[Tensor]:
    return __torch__.moments.triangular_root(symmetric, share)
  def inner_products(self: __torch__.Kernels, a: Tensor, b: Tensor) -> Tensor:
    return __torch__.moments.inner_products(a, b)
  def rough_inner_products(self: __torch__.Kernels, a: Tensor, b: Tensor) -> Tensor:
    return __torch__.moments.rough_inner_products(a, b)

  # Training: arguments are tensors, lists of them and tensors by name, since that is what a call with autograd can take.
  def adamw(self: __torch__.Kernels, w: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], decay: Tensor, numbers: Tensor) -> Tensor:
    return __torch__.training.adamw(w, g, m, v, decay, numbers)
  def tokeniser_gradients(self: __torch__.Kernels, w: Dict[str, Tensor], g: Dict[str, Tensor], ups: List[Tensor], downs: List[Tensor], convolutions: Tensor, images: Tensor, fixed: Tensor, weights: Tensor, scalar_type: Tensor) -> List[Tensor]:
    return __torch__.tokeniser_training.gradients(w, g, ups, downs, __torch__.training.ints(convolutions), images, fixed, weights, int(scalar_type))
  def revive(self: __torch__.Kernels, w: Dict[str, Tensor], m: Dict[str, Tensor], v: Dict[str, Tensor], codes: Tensor, rows: Tensor) -> Tensor:
    return __torch__.tokeniser_training.revive(w, m, v, codes, rows)
  def transformer_logits(self: __torch__.Kernels, w: Dict[str, Tensor], q: Dict[str, Tensor], ups: List[Tensor], downs: List[Tensor], convolutions: Tensor, tokens: Tensor, labels: Tensor, scales: Tensor, scalar_type: Tensor) -> Tensor:
    return __torch__.transformer_training.lesson_logits(w, __torch__.transformer_training.lesson(q, ups, downs, __torch__.training.ints(convolutions), tokens, labels, __torch__.training.ints(scales)), int(scalar_type))
  def transformer_gradients(self: __torch__.Kernels, w: Dict[str, Tensor], g: Dict[str, Tensor], q: Dict[str, Tensor], ups: List[Tensor], downs: List[Tensor], convolutions: Tensor, tokens: Tensor, labels: Tensor, scales: Tensor, weights: Tensor, scalar_type: Tensor) -> List[Tensor]:
    return __torch__.transformer_training.gradients(w, g, __torch__.transformer_training.lesson(q, ups, downs, __torch__.training.ints(convolutions), tokens, labels, __torch__.training.ints(scales)), weights, int(scalar_type))
  def transformer_distillation(self: __torch__.Kernels, w: Dict[str, Tensor], g: Dict[str, Tensor], teacher: Dict[str, Tensor], q: Dict[str, Tensor], ups: List[Tensor], downs: List[Tensor], convolutions: Tensor, tokens: Tensor, labels: Tensor, scales: Tensor, weights: Tensor, divergence: Tensor, scalar_type: Tensor) -> List[Tensor]:
    return __torch__.transformer_training.distillation(w, g, teacher, __torch__.transformer_training.lesson(q, ups, downs, __torch__.training.ints(convolutions), tokens, labels, __torch__.training.ints(scales)), weights, divergence, int(scalar_type))
  def feature_gradients(self: __torch__.Kernels, w: Dict[str, Tensor], g: Dict[str, Tensor], images: Tensor, labels: Tensor) -> List[Tensor]:
    return __torch__.feature_training.gradients(w, g, images, labels)
