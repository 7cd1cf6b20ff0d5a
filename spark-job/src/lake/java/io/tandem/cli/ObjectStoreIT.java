package io.tandem.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.tandem.fault.Fault;
import io.tandem.fault.Fault.Effect;
import io.tandem.fault.Fault.Moment;
import io.tandem.fault.Fault.Operation;
import io.tandem.fault.FaultS3A;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs in a bucket, by S3A and the committer that renames: the same data set as on a local disk,
 * whatever step fails.
 */
class ObjectStoreIT {

  @TempDir static Path folder;

  private static S3Server server;
  private static SharedSpark spark;
  private static Map<Long, String> plain;

  @BeforeAll
  static void start() {
    server = S3Server.start(folder, "sets", "denied");
    spark = SharedSpark.open(folder.resolve("steps"), server.settings());
    Path run = folder.resolve("plain/run");
    Ran ran = SmallSet.here(run.toString());
    assertThat(ran.exitCode()).as(ran.err()).isZero();
    plain = StoredRun.samples(run);
  }

  @AfterAll
  static void stop() {
    spark.close();
    server.close();
  }

  @Test
  void aRunInABucketIsThatOfADisk() {
    Ran ran = SmallSet.here("s3a://sets/plain/run");

    assertThat(ran.exitCode()).as(ran.err()).isZero();
    assertThat(samples("s3a://sets/plain/run")).isEqualTo(plain);
    assertThat(SmallSet.here("s3a://sets/plain/run").out())
        .contains("everything is there: 24 images");
    assertThat(SmallSet.verify("s3a://sets/plain/run", 2).out())
        .contains("; 0 findings", "made again, all the same", "verdict    good");
    Ran other = SmallSet.here("s3a://sets/plain/run", "--seed", "7");
    assertThat(other.exitCode()).isEqualTo(2);
    assertThat(ran.out() + ran.err() + other.err()).doesNotContain(S3Server.SECRET);
  }

  @ParameterizedTest
  @MethodSource("steps")
  void aStepThatFailsLosesAndDoublesNothing(Operation operation, String path, Moment moment) {
    String run =
        "s3a://sets/fault-" + operation + "-" + Integer.toHexString(path.hashCode()) + moment;
    FaultS3A.arm(new Fault(operation, path, 1, moment, Effect.NO_SPACE));

    Ran ran = SmallSet.here(run + "/run");

    assertThat(FaultS3A.disarm()).as("the fault happened").isTrue();
    assertThat(ran.exitCode()).as(ran.err()).isIn(0, 2, 3);
    assertThatTheSameCommandMakesItComplete(run + "/run");
  }

  static Stream<Arguments> steps() {
    return Stream.of(
            arguments(Operation.RENAME, "_lock"),
            arguments(Operation.RENAME, "run.json"),
            arguments(Operation.RENAME, "images/wave=1/_temporary/.*attempt_.*task_"),
            arguments(Operation.RENAME, "images/wave=1/_temporary/.*-> .*images/wave=1/part-"),
            arguments(Operation.DELETE, "images/wave=1/_temporary"),
            arguments(Operation.RENAME, "latency/wave=1/_temporary/.*-> .*latency/wave=1/part-"),
            arguments(Operation.RENAME, "_waves/.*1.json"),
            arguments(Operation.DELETE, "_lock"))
        .flatMap(
            it ->
                Stream.of(Moment.values())
                    .map(moment -> arguments(it.get()[0], it.get()[1], moment)));
  }

  @ParameterizedTest
  @MethodSource
  void theDriverHalts(String path, Moment moment) throws Exception {
    String name = "halt-" + Integer.toHexString(path.hashCode()) + moment;
    String run = "s3a://sets/" + name + "/run";
    LauncherRun launcher =
        LauncherRun.local(Files.createDirectories(folder.resolve(name)))
            .jars("hadoop-aws|aws-java-sdk|wildfly")
            .with(new Fault(Operation.RENAME, path, 1, moment, Effect.HALT));
    server.settings().forEach(launcher::set);

    Ran ran = launcher.run(SmallSet.command(run));

    assertThat(ran.exitCode()).as(ran.err()).isEqualTo(137);
    assertThatTheSameCommandMakesItComplete(run);
  }

  static Stream<Arguments> theDriverHalts() {
    return Stream.of(
        arguments("images/wave=1/_temporary/.*-> .*images/wave=1/part-", Moment.AFTER),
        arguments("_waves/.*1.json", Moment.BEFORE),
        arguments("_waves/.*1.json", Moment.AFTER));
  }

  @Test
  void aBucketWithoutPermissionIsAnErrorWithExitCodeTwo() {
    Ran ran = SmallSet.here("s3a://denied/run");

    assertThat(ran.exitCode()).as(ran.err()).isEqualTo(2);
    assertThat(ran.err())
        .startsWith("Cannot write to 's3a://denied/run': the store refuses these credentials (")
        .endsWith(
            "). Choose another --out, ask for the permission, or name other credentials, which"
                + " are those of the file system (for s3a: spark.hadoop.fs.s3a.access.key and"
                + " .secret.key, or where the AWS SDK looks)."
                + System.lineSeparator())
        .doesNotContain("wrong", S3Server.SECRET, "\tat ");
  }

  @Test
  void aBucketThatIsNotThereIsAnErrorWithExitCodeTwo() {
    Ran ran = SmallSet.here("s3a://nowhere/run");

    assertThat(ran.exitCode()).as(ran.err()).isEqualTo(2);
    assertThat(ran.err())
        .startsWith("Cannot write to 's3a://nowhere/run': ")
        .contains("nowhere")
        .doesNotContain("\tat ");
  }

  private static void assertThatTheSameCommandMakesItComplete(String run) {
    Ran again = SmallSet.here(run);

    assertThat(again.exitCode()).as(again.err()).isZero();
    assertThat(samples(run)).isEqualTo(plain);
    assertThat(SmallSet.verify(run, 0).out()).contains("; 0 findings", "verdict    good");
  }

  private static Map<Long, String> samples(String run) {
    Map<Long, String> samples = new TreeMap<>();
    List<Row> rows =
        SparkSession.active()
            .read()
            .parquet(run + "/images")
            .selectExpr("sample_index", "class_id", "pixels_sha256", "tokens_sha256")
            .collectAsList();
    for (Row row : rows) {
      String text = row.getInt(1) + " " + row.getString(2) + " " + row.getString(3);
      assertThat(samples.put(row.getLong(0), text)).as("sample %d", row.getLong(0)).isNull();
    }
    return samples;
  }
}
