# What every training has in common: gradients and the step of the optimiser. Unlike the other parts, these run with autograd on.


# Tensors of their own for autograd that share the memory of w.
def leaves(w: Dict[str, Tensor]) -> Dict[str, Tensor]:
  out = annotate(Dict[str, Tensor], {})
  for name in w.keys():
    out[name] = w[name].detach().requires_grad_(True)
  return out


# Adds the gradients of `loss` to g in place. A tensor that the loss does not depend on adds nothing.
def add_gradients(loss: Tensor, leaves: Dict[str, Tensor], g: Dict[str, Tensor]) -> None:
  gradients = torch.grad([loss], list(leaves.values()), None, None, False, True)
  names = list(leaves.keys())
  for i in range(len(names)):
    gradient = gradients[i]
    if gradient is not None:
      g[names[i]].add_(gradient)


# One step of AdamW in place on weights w and moments m, v by gradients g, which are zero afterwards. Lists, since the order of a
# dictionary is not that of Java. decay: float64, weight decay of each tensor. numbers: float64 rate, beta1, beta2, epsilon, how
# many steps this makes, largest global norm. Returns the norm before clipping; where it is not finite, w, m and v stay as they are.
def adamw(w: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], decay: Tensor, numbers: Tensor) -> Tensor:
  rate, beta1, beta2, epsilon, steps, largest = float(numbers[0]), float(numbers[1]), float(numbers[2]), float(numbers[3]), float(numbers[4]), float(numbers[5])
  squares = torch.zeros([], dtype=7)
  for gradient in g:
    squares = squares + torch.sum(torch.pow(gradient.to(7), 2)).cpu()
  norm = torch.sqrt(squares)
  if not bool(torch.isfinite(norm)):
    return norm
  clip = min(1., largest / (float(norm) + 1e-6))
  correction1 = 1. - beta1 ** steps
  correction2 = 1. - beta2 ** steps
  for i in range(len(w)):
    p = w[i].detach()
    gradient = g[i].mul_(clip)
    mean = m[i]
    square = v[i]
    mean.mul_(beta1).add_(gradient, alpha=1. - beta1)
    square.mul_(beta2).addcmul_(gradient, gradient, value=1. - beta2)
    p.mul_(1. - rate * float(decay[i]))
    p.addcdiv_(mean, torch.sqrt(square / correction2).add_(epsilon), value=-rate / correction1)
    gradient.zero_()
  return norm


# x w^T + b, in number format t.
def linear(x: Tensor, w: Tensor, b: Tensor, t: int) -> Tensor:
  return torch.linear(x.to(t), w.to(t), b.to(t))


# The numbers of an int64 tensor.
def ints(t: Tensor) -> List[int]:
  return [int(n) for n in torch.unbind(t, 0)]
