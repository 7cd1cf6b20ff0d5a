# Linear algebra of features and their covariances, float64.


# symmetric [d, d] -> eigenvalues [d], smallest first, and orthonormal eigenvectors as columns [d, d].
def eigen(symmetric: Tensor) -> List[Tensor]:
  values, vectors = torch.linalg_eigh(symmetric)
  return [values, vectors.contiguous()]


# matrix [n, d] -> singular values [min(n, d)], largest first.
def singular_values(matrix: Tensor) -> Tensor:
  return torch.linalg_svdvals(matrix)


# a [n, d], b [m, d] -> singular values [min(n, m)] of a b^T, largest first.
def singular_values_of_product(a: Tensor, b: Tensor) -> Tensor:
  return torch.linalg_svdvals(torch.matmul(a, b.t()))


# a [n, d], b [m, d], n >= m -> squares [m] of the singular values of a b^T, smallest first.
def squared_singular_values_of_product(a: Tensor, b: Tensor) -> Tensor:
  product = torch.matmul(a, b.t())
  return torch.linalg_eigvalsh(torch.matmul(product.t(), product))


# symmetric [d, d] -> upper triangle [d, d] whose transpose times itself it is; nothing unless its
# smallest eigenvalue exceeds `share` of its largest. Four inverse iterations on eight vectors
# estimate the smallest one; the Frobenius norm is no less than the largest.
def triangular_root(symmetric: Tensor, share: float) -> List[Tensor]:
  lower, fault = torch.linalg_cholesky_ex(symmetric)
  if int(fault) != 0:
    return annotate(List[Tensor], [])
  upper = lower.t()
  side = symmetric.size(0)
  vectors = torch.cos(torch.arange(8 * side, dtype=7)).view([side, 8])
  growth = 0.
  for i in range(4):
    vectors = vectors / __torch__.moments.lengths(vectors)
    halfway = torch.linalg_solve_triangular(lower, vectors, upper=False)
    vectors = torch.linalg_solve_triangular(upper, halfway, upper=True)
    growth = float(torch.max(__torch__.moments.lengths(vectors)))
  largest = float(torch.sqrt(torch.sum(symmetric * symmetric)))
  if 1. / growth > share * largest:
    return [upper.contiguous()]
  return annotate(List[Tensor], [])


# vectors [n, k], as columns -> their lengths [1, k].
def lengths(vectors: Tensor) -> Tensor:
  return torch.sqrt(torch.sum(vectors * vectors, [0], True))


# a float32 [n, d], b float32 [m, d] -> products [n, m] of their rows, float64.
def inner_products(a: Tensor, b: Tensor) -> Tensor:
  return torch.matmul(a.to(7), b.to(7).t())


# The same in float32.
def rough_inner_products(a: Tensor, b: Tensor) -> Tensor:
  return torch.matmul(a, b.t())
