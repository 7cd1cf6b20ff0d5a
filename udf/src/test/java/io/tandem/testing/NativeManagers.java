package io.tandem.testing;

import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDManager;
import java.lang.reflect.Field;
import java.util.Map;

/** Counts the engine's memory managers, which DJL does not offer to. */
public final class NativeManagers {

  private NativeManagers() {}

  /** Returns how many managers and arrays hang on the engine's root manager. */
  public static int alive() {
    try (NDManager probe = NDManager.newBaseManager()) {
      Field resources = BaseNDManager.class.getDeclaredField("resources");
      resources.setAccessible(true);
      return ((Map<?, ?>) resources.get(probe.getParentManager())).size() - 1;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
