package io.tandem.testing;

import io.tandem.kernel.LibTorch;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Computes all tests of a class with one thread: tensors of a few numbers take longer with more,
 * above all where other work keeps the cores busy.
 */
public final class SingleThread implements BeforeAllCallback, AfterAllCallback {

  private int before;

  @Override
  public void beforeAll(ExtensionContext context) {
    before = LibTorch.threads();
    LibTorch.useThreads(1);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    LibTorch.useThreads(before);
  }
}
