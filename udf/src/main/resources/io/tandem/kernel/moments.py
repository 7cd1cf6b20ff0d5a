# Linear algebra of covariances, float64.


# symmetric [d, d] -> eigenvalues [d], smallest first, and orthonormal eigenvectors as columns [d, d].
def eigen(symmetric: Tensor) -> List[Tensor]:
  values, vectors = torch.linalg_eigh(symmetric)
  return [values, vectors.contiguous()]


# matrix [n, d] -> singular values [min(n, d)], largest first.
def singular_values(matrix: Tensor) -> Tensor:
  return torch.linalg_svdvals(matrix)
