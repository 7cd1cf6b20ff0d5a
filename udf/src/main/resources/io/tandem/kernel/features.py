# The demo's feature network: a small convolutional classifier whose last map, averaged over the picture, is the feature vector.
#
# Six 3x3 convolutions, of which every other one halves the side, each followed by group normalisation and SiLU; then a linear
# head. B pictures, H and W multiples of 8, F features, K classes. Plain operations on the number format of the weights, so that
# gradients pass.


# w: features.{i}.conv, features.{i}.norm and head by name. images [B, 3, H, W] in [0, 1] -> features [B, F], logits [B, K].
def features(w: Dict[str, Tensor], images: Tensor) -> Tuple[Tensor, Tensor]:
  x = images * 2. - 1.
  for i in range(6):
    name = "features." + str(i)
    x = torch.conv2d(x, w[name + ".conv.weight"], w[name + ".conv.bias"], [2 - i % 2, 2 - i % 2], [1, 1])
    x = torch.silu(torch.group_norm(x, 8, w[name + ".norm.weight"], w[name + ".norm.bias"], 1.e-5))
  vectors = torch.mean(x, [2, 3])
  return (vectors, torch.linear(vectors, w["head.weight"], w["head.bias"]))


# Tensors of any number format -> the same in float32.
def prepared(w: Dict[str, Tensor]) -> Dict[str, Tensor]:
  weights = annotate(Dict[str, Tensor], {})
  for name in w.keys():
    weights[name] = w[name].to(6)
  return weights


# Features [B, F] and logits [B, K]. On the processor one picture after the other: its numbers then have the same bits in any batch.
def rows(w: Dict[str, Tensor], images: Tensor) -> List[Tensor]:
  if images.is_cuda:
    vectors, logits = __torch__.features.features(w, images)
    return [vectors, logits]
  vectors = annotate(List[Tensor], [])
  logits = annotate(List[Tensor], [])
  for image in torch.unbind(images):
    vector, logit = __torch__.features.features(w, image.unsqueeze(0))
    vectors.append(vector)
    logits.append(logit)
  return [torch.cat(vectors), torch.cat(logits)]
