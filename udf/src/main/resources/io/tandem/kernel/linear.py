# Matrix products with weights that were prepared once.
#
# On the processor a prepared weight is in oneDNN's blocked layout: libtorch would otherwise repack it at every call, which
# at few rows costs more than the product. Such products do not depend on the number of threads either; MKL's, which plain
# float32 products go to, do at some numbers of rows (5, 9 and 10 among them). On a GPU it is the plain matrix.


# w [out, in] in any number format -> the same weight, cast and laid out for `linear`.
def prepare(w: Tensor, scalar_type: int) -> Tensor:
  w = w.to(scalar_type).contiguous()
  if w.is_cuda:
    return w
  return ops.mkldnn._reorder_linear_weight(w, 64)


# x [.., in] in the weight's number format, b [out] -> x w^T + b [.., out].
def linear(x: Tensor, w: Tensor, b: Optional[Tensor]) -> Tensor:
  if w.is_mkldnn:
    y = ops.mkldnn._linear_pointwise(x, w, b, "none", [], "")
  else:
    y = torch.linear(x, w, b)
  return y


# The same, followed by GELU in its tanh approximation.
def linear_gelu(x: Tensor, w: Tensor, b: Optional[Tensor]) -> Tensor:
  if w.is_mkldnn:
    y = ops.mkldnn._linear_pointwise(x, w, b, "gelu", [], "tanh")
  else:
    y = torch.gelu(torch.linear(x, w, b), approximate="tanh")
  return y
