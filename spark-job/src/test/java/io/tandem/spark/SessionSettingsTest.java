package io.tandem.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import java.nio.file.Path;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionSettingsTest {

  @AfterEach
  void clear() {
    for (String name : System.getProperties().stringPropertyNames()) {
      if (name.startsWith("spark.") || name.equals("SPARK_SUBMIT")) {
        System.clearProperty(name);
      }
    }
  }

  @Test
  void runsAsManyTasksAsThereAreSlots() {
    assertThat(SessionSettings.of(3, Map.of()).master()).isEqualTo("local[3]");
  }

  @Test
  void prefersTheUsersOverPropertiesOverDefaults() {
    System.setProperty("spark.app.name", "property");
    System.setProperty("spark.driver.host", "127.0.0.2");

    SparkConf settings =
        SessionSettings.of(1, Map.of("spark.app.name", "given"))
            .orElse("spark.driver.host", "127.0.0.3")
            .orElse("spark.scheduler.mode", "FIFO")
            .embedded(Path.of("folder"));

    assertThat(settings.get("spark.app.name")).isEqualTo("given");
    assertThat(settings.get("spark.driver.host")).isEqualTo("127.0.0.2");
    assertThat(settings.get("spark.scheduler.mode")).isEqualTo("FIFO");
    assertThat(settings.get("spark.driver.bindAddress")).isEqualTo("127.0.0.1");
    assertThat(settings.get("spark.master")).isEqualTo("local[1]");
  }

  @Test
  void addsToLists() {
    SessionSettings settings = SessionSettings.of(1, Map.of("spark.plugins", "a.A, b.B"));

    assertThat(settings.plus("spark.plugins", "c.C").values())
        .containsEntry("spark.plugins", "a.A, b.B,c.C");
    assertThat(settings.plus("spark.plugins", "b.B").values())
        .containsEntry("spark.plugins", "a.A, b.B");
    assertThat(settings.plus("spark.extraListeners", "d.D").values())
        .containsEntry("spark.extraListeners", "d.D");
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "local[2]", "local[*]", "local[2,3]"})
  void refusesGpusInTheDriversJvm(String master) {
    Map<String, String> given =
        Map.of("spark.master", master, "spark.task.resource.gpu.amount", "0.5");

    assertThatThrownBy(() -> SessionSettings.of(1, given))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot use spark.task.resource.gpu.amount with master '%s': Spark gives no GPUs to tasks in the driver's JVM (executors of a cluster get them). Pass --device cuda:0, or the master of a cluster to spark-submit.",
            master);
  }

  @Test
  void refusesGpusInTheDriversJvmOfSparkSubmit() {
    System.setProperty("SPARK_SUBMIT", "true");
    System.setProperty("spark.master", "local[2]");
    System.setProperty("spark.executor.resource.gpu.amount", "1");

    assertThatThrownBy(() -> SessionSettings.of(1, Map.of()))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith(
            "Cannot use spark.executor.resource.gpu.amount with master 'local[2]': ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"local[0]", "local[x]", "local[]", "local-cluster[2,1]", "locally"})
  void refusesMalformedMasters(String master) {
    assertThatThrownBy(() -> SessionSettings.of(1, Map.of("spark.master", master)))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot use master '%s' (local[N], local[*] or local-cluster[EXECUTORS,CORES,MEGABYTES])",
            master);
  }

  @ParameterizedTest
  @ValueSource(strings = {"yarn", "spark://host:7077", "k8s://https://host"})
  void refusesMastersOfOtherMachines(String master) {
    assertThatThrownBy(() -> SessionSettings.of(1, Map.of("spark.master", master)))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot use master '%s' from here: this JVM runs Spark on its own machine (local[N] or local-cluster[EXECUTORS,CORES,MEGABYTES]). Start tandem-spark-job-all.jar with spark-submit.",
            master);
  }

  @Test
  void refusesSizesThatAreNone() {
    assertThatThrownBy(() -> SessionSettings.of(1, Map.of("spark.executor.memory", "much")))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot use spark.executor.memory 'much': it is no size (such as 2g or 1500m)");
  }

  @Test
  void leavesTheSettingsToSparkSubmit() {
    System.setProperty("SPARK_SUBMIT", "true");
    System.setProperty("spark.master", "yarn");

    SessionSettings settings = SessionSettings.of(1, Map.of()).orElse("spark.plugins", "a.A");

    assertThat(settings.submitted().get("spark.master")).isEqualTo("yarn");
    assertThat(settings.submitted().get("spark.plugins")).isEqualTo("a.A");
    assertThat(settings.isEmbedded()).isFalse();
    assertThatThrownBy(
            () ->
                SessionSettings.of(
                    1, Map.of("spark.master", "local[1]", "spark.x.password", "planted")))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot use settings of Spark after '--' (spark.master, spark.x.password): spark-submit started this. Give them to it instead.");
  }

  @Test
  void hidesSecretsOfAllSources() {
    System.setProperty("spark.hadoop.fs.s3a.secret.key", "planted-by-property");

    Redaction redaction =
        SessionSettings.of(1, Map.of("spark.x.password", "planted-by-user")).redaction();

    assertThat(redaction.text("planted-by-property planted-by-user"))
        .isEqualTo("%1$s %1$s".formatted(Redaction.REPLACEMENT));
  }
}
