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
