package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SparkArgumentsTest {

  @TempDir Path folder;

  @Test
  void becomeSettings() {
    assertThat(
            settings(
                "--master",
                "local[4]",
                "--conf",
                "spark.a=b=c",
                "--executor-memory=4g",
                "--name",
                "x",
                "-c",
                "spark.d=",
                "--num-executors",
                "2",
                "--executor-cores",
                "1",
                "--total-executor-cores",
                "2",
                "--files",
                "f",
                "--archives",
                "g",
                "--deploy-mode",
                "client"))
        .isEqualTo(
            Map.of(
                "spark.master", "local[4]",
                "spark.a", "b=c",
                "spark.executor.memory", "4g",
                "spark.app.name", "x",
                "spark.d", "",
                "spark.executor.instances", "2",
                "spark.executor.cores", "1",
                "spark.cores.max", "2",
                "spark.files", "f",
                "spark.archives", "g"));
  }

  @Test
  void winInTheOrderOfSparkSubmit() throws IOException {
    Path file = folder.resolve("p.conf");
    Files.writeString(
        file, "# c\nspark.master  local[1]\nspark.a=file \nspark.b file\nspark.c file\n");

    assertThat(
            settings(
                "--master=local[3]",
                "--conf=spark.a=conf",
                "--conf=spark.master=local[2]",
                "--conf=spark.b=first",
                "--properties-file=" + file,
                "--conf=spark.b=second"))
        .isEqualTo(
            Map.of(
                "spark.master", "local[3]",
                "spark.a", "conf",
                "spark.b", "second",
                "spark.c", "file"));
  }

  @Test
  void areDividedFromThoseOfTandem() {
    String[] args = {"generate", "--out", "a", "--", "--master", "local", "--", "x"};

    assertThat(SparkArguments.before(args)).containsExactly("generate", "--out", "a");
    assertThat(SparkArguments.before(new String[] {"doctor"})).containsExactly("doctor");
    assertThat(SparkArguments.after(new String[] {"doctor"})).isEmpty();
    assertThat(SparkArguments.after(new String[] {"doctor", "--"}).orElseThrow().settings())
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--mastr local | Cannot pass '--mastr' to Spark: it is no option of spark-submit (the nearest is '--master')",
        "--confg=spark.x.secret=a | Cannot pass '--confg' to Spark: it is no option of spark-submit (the nearest is '--conf')",
        "local[2] | Cannot pass 'local[2]' to Spark: it is no option of spark-submit (the nearest is '--class')",
        "--master | Cannot pass --master to Spark: it has no value",
        "--conf spark.x.secret | Cannot pass --conf to Spark: its value is not KEY=VALUE",
        "--conf x.secret=a | Cannot pass the setting 'x.secret' to Spark: its settings begin with 'spark.'",
        "--driver-memory 4g | Cannot pass --driver-memory to Spark: its driver is this JVM, which runs already. Start with TANDEM_JAVA_OPTS=-Xmx4g, or with spark-submit.",
        "--conf spark.driver.memory=4g | Cannot pass the setting spark.driver.memory to Spark: its driver is this JVM, which runs already. Start with TANDEM_JAVA_OPTS=-Xmx4g, or with spark-submit.",
        "--driver-java-options -Da=b | Cannot pass --driver-java-options to Spark: its driver is this JVM, which runs already. Start with TANDEM_JAVA_OPTS='OPTIONS', or with spark-submit.",
        "--jars a.jar | Cannot pass --jars to Spark: its driver is this JVM, whose class path is fixed. Start with TANDEM_CLASSPATH=FIRST.jar:SECOND.jar, or with spark-submit.",
        "--deploy-mode cluster | Cannot pass --deploy-mode 'cluster' to Spark: it is for a cluster or for spark-submit itself (here Spark runs on this machine). Start tandem-spark-job-all.jar with spark-submit.",
        "--conf spark.submit.deployMode=cluster | Cannot pass the setting spark.submit.deployMode to Spark: it is for a cluster or for spark-submit itself (here Spark runs on this machine). Start tandem-spark-job-all.jar with spark-submit.",
        "--supervise | Cannot pass --supervise to Spark: it is for a cluster or for spark-submit itself (here Spark runs on this machine). Start tandem-spark-job-all.jar with spark-submit.",
        "--properties-file none.conf | Cannot read --properties-file 'none.conf': there is no 'none.conf'"
      })
  void areRefusedWithTheWayToSayIt(String text, String message) {
    assertThatThrownBy(() -> settings(text.split(" ")))
        .isInstanceOf(UserError.class)
        .hasMessage(message);
  }

  /** Each option of the parser inside spark-submit either works or is refused by name. */
  @Test
  void knowAllOptionsOfSparkSubmit() throws ReflectiveOperationException {
    Class<?> type = Class.forName("org.apache.spark.launcher.SparkSubmitOptionParser");
    Constructor<?> constructor = type.getDeclaredConstructor();
    constructor.setAccessible(true);
    Object parser = constructor.newInstance();
    int known = 0;
    for (String table : List.of("opts", "switches")) {
      Field field = type.getDeclaredField(table);
      field.setAccessible(true);
      for (String[] names : (String[][]) field.get(parser)) {
        for (String name : names) {
          try {
            settings(name, "spark.a=b");
          } catch (UserError e) {
            assertThat(e.getMessage()).doesNotContain("is no option of spark-submit");
          }
          known++;
        }
      }
    }
    assertThat(known).isGreaterThan(30);
  }

  private static Map<String, String> settings(String... texts) {
    return SparkArguments.parse(List.of(texts)).settings();
  }
}
