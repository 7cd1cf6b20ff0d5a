package io.tandem.cli;

import io.tandem.kernel.LibTorch;
import io.tandem.kernel.NativeScope;
import io.tandem.kernel.ProductKernel;
import io.tandem.model.DeviceSpec;
import io.tandem.model.Precision;
import io.tandem.spark.EmbeddedSpark;
import io.tandem.spark.SessionSettings;
import java.net.URL;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Encoders;

/**
 * A program that lets each of two tasks compute with libtorch and prints, in one line per task,
 * what they found. Its arguments are settings KEY=VALUE. Public for SparkSubmit.
 */
public final class ExecutorProbe {

  private ExecutorProbe() {}

  public static void main(String[] args) {
    Map<String, String> given = new HashMap<>();
    for (String pair : args) {
      given.put(pair.split("=", 2)[0], pair.split("=", 2)[1]);
    }
    try (EmbeddedSpark spark = EmbeddedSpark.open(SessionSettings.of(2, given))) {
      System.out.println("driver " + ProcessHandle.current().pid());
      List<String> lines =
          spark.session().range(0, 2, 1, 2).map(new Probe(), Encoders.STRING()).collectAsList();
      lines.forEach(System.out::println);
    }
  }

  /** Runs where the task runs. */
  private static final class Probe implements MapFunction<Long, String> {

    private static final long serialVersionUID = 1L;

    @Override
    public String call(Long task) {
      LibTorch.start();
      try (NativeScope scope = NativeScope.open(DeviceSpec.CPU)) {
        ProductKernel.drain(ProductKernel.randomSquare(scope, 8, Precision.FP32));
      }
      URL natives =
          Thread.currentThread()
              .getContextClassLoader()
              .getResource("native/lib/pytorch.properties");
      var gpus = TaskContext.get().resourcesJMap().get("gpu");
      return "task %d pid %d gpus %s natives %s, %s"
          .formatted(
              task,
              ProcessHandle.current().pid(),
              gpus == null ? "none" : String.join(",", gpus.addresses()),
              natives == null ? "none" : natives.getPath().replaceAll(".*/([^/]*\\.jar)!.*", "$1"),
              LibTorch.version());
    }
  }
}
