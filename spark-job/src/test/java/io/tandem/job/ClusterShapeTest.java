package io.tandem.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.executor.DeviceChoice;
import io.tandem.run.ExecutorMemory;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClusterShapeTest {

  private static final long MIB = 1L << 20;

  @Test
  void oneJvmHasItsCoresAsSlots() {
    ClusterShape shape = ClusterShape.of(Map.of("spark.master", "local[6]"));

    assertThat(shape.slots()).isEqualTo(6);
    assertThat(shape.isLocal()).isTrue();
    assertThat(ClusterShape.of(Map.of()).slots())
        .isEqualTo(Runtime.getRuntime().availableProcessors());
    assertThat(ClusterShape.of(Map.of("spark.master", "local")).slots()).isEqualTo(1);
  }

  @Test
  void tasksOfSeveralCoresLeaveFewerSlots() {
    ClusterShape shape =
        ClusterShape.of(Map.of("spark.master", "local[6]", "spark.task.cpus", "4"));

    assertThat(shape.slots()).isEqualTo(1);
    assertThat(shape.cpusPerTask()).isEqualTo(4);
  }

  @Test
  void aClusterHasTheExecutorsThatItIsAskedFor() {
    ClusterShape shape =
        ClusterShape.of(
            Map.of(
                "spark.master", "yarn",
                "spark.executor.instances", "5",
                "spark.executor.cores", "4",
                "spark.executor.memory", "6g",
                "spark.executor.memoryOverhead", "900"));

    assertThat(shape.slots()).isEqualTo(20);
    assertThat(shape.memory()).contains(new ExecutorMemory(6144 * MIB, 900 * MIB));
    assertThat(shape.hasContainers()).isTrue();
  }

  @Test
  void aClusterOnOneMachineSaysItselfHowLargeItIs() {
    ClusterShape shape = ClusterShape.of(Map.of("spark.master", "local-cluster[2,3,2048]"));

    assertThat(shape.slots()).isEqualTo(6);
    assertThat(shape.isLocal()).isFalse();
    assertThat(shape.hasContainers()).isFalse();
  }

  @Test
  void gpusLimitTheTasks() {
    Map<String, String> settings =
        Map.of(
            "spark.master", "k8s://https://cluster",
            "spark.executor.cores", "8",
            "spark.executor.resource.gpu.amount", "2",
            "spark.task.resource.gpu.amount", "1");

    assertThat(ClusterShape.of(settings).slotsPerExecutor()).isEqualTo(2);
    assertThat(ClusterShape.usualDevice(settings)).isEqualTo(DeviceChoice.GPU);
    assertThat(ClusterShape.usualDevice(Map.of())).isEqualTo(DeviceChoice.CPU);
  }

  @Test
  void rejectsNumbersThatAreNone() {
    assertThatThrownBy(
            () -> ClusterShape.of(Map.of("spark.master", "yarn", "spark.executor.cores", "many")))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot use spark.executor.cores=many (a whole number from 1 on)");
    assertThatThrownBy(
            () -> ClusterShape.of(Map.of("spark.master", "yarn", "spark.executor.memory", "big")))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot use spark.executor.memory=big (a size such as 4g or 512m)");
    assertThatThrownBy(
            () ->
                ClusterShape.of(
                    Map.of("spark.master", "yarn", "spark.task.resource.gpu.amount", "0")))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot use spark.task.resource.gpu.amount=0 (a number above 0)");
  }

  @Test
  void rejectsTasksThatFitNowhere() {
    assertThatThrownBy(
            () -> ClusterShape.of(Map.of("spark.master", "local[2]", "spark.task.cpus", "3")))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot run tasks of 3 cores on 'local[2]', which has 2. Correct --threads or"
                + " --master.");
  }
}
