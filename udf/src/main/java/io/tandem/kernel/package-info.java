/**
 * The tensor mathematics: TorchScript source in resources, compiled by libtorch, behind typed
 * calls.
 *
 * <p>The only package that knows DJL's PyTorch classes. Kernels are functions of tensors; weights,
 * caches, plans and the order of scales belong to the callers. Start at {@link
 * io.tandem.kernel.Kernels}, then read the sources beside {@code kernels.py}.
 */
package io.tandem.kernel;
