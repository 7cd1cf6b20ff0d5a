package io.tandem.executor;

import static io.tandem.executor.TinyRun.site;
import static io.tandem.executor.TinyRun.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.generate.DecodeConfig;
import io.tandem.plan.DecodePlan;
import io.tandem.registry.ModelRegistry;
import io.tandem.sample.SamplingConfig;
import io.tandem.testing.Decodes;
import io.tandem.testing.Serialization;
import io.tandem.testing.SingleThread;
import io.tandem.wave.Wave;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SingleThread.class)
class GenerateGroupPartitionTest {

  private static final Wave WAVE = new Wave(0, 2, 11);
  private static final int RUN = ImagesSchema.schema().size();
  private static final int PIXELS = 9;
  private static final int TOKENS = 16;
  private static final int LATENCY = 17;

  private ModelRegistry registry;

  @BeforeEach
  void open() {
    registry = ModelRegistry.ofFiles();
  }

  @AfterEach
  void close() {
    registry.close();
  }

  @Test
  void rowsAreThoseOfEachRunAlone() throws Exception {
    GenerateGroup group = group(1, 2, 3);

    List<Row> together = rows(Serialization.roundTrip(new GenerateGroupPartition(group, WAVE)));

    assertThat(together).hasSize(3 * 9);
    for (int run = 0; run < 3; run++) {
      int number = run;
      List<Row> ofRun = together.stream().filter(row -> row.getInt(RUN) == number).toList();
      List<Row> alone =
          all(
              new GeneratePartition(group.runs().get(run), WAVE)
                  .rows(List.of(0L, 1L, 2L).iterator(), site(registry)));
      assertThat(ofRun).hasSameSizeAs(alone);
      for (int i = 0; i < alone.size(); i++) {
        assertSameButForTimes(ofRun.get(i), alone.get(i));
      }
    }
  }

  @Test
  void timesSayWhatIsShared() {
    List<Row> rows = rows(new GenerateGroupPartition(group(1, 2, 3), WAVE));

    for (Row row : rows) {
      Row latency = row.getStruct(LATENCY);
      int drafted = row.getInt(RUN) + 1;
      assertThat(latency.getInt(8)).isEqualTo(Math.min(2, drafted));
      assertThat(latency.getLong(9)).isPositive().isLessThan(latency.getLong(4));
    }
    Row alone =
        all(new GeneratePartition(spec(), WAVE).rows(List.of(1L).iterator(), site(registry)))
            .get(0);
    assertThat(alone.getStruct(LATENCY).getInt(8)).isZero();
    assertThat(alone.getStruct(LATENCY).getLong(9)).isEqualTo(alone.getStruct(LATENCY).getLong(4));
  }

  @Test
  void schemaHasTheNumberOfTheRunLast() {
    Row row = rows(new GenerateGroupPartition(group(1, 2), WAVE)).get(0);

    assertThat(row.size()).isEqualTo(ImagesSchema.ofGroup().size());
    assertThat(ImagesSchema.ofGroup().fieldNames()[RUN]).isEqualTo(ImagesSchema.RUN);
  }

  @Test
  void runsThatDoNotFitTogetherAreNoGroup() {
    assertThatThrownBy(() -> new GenerateGroup(List.of(spec(), spec())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Cannot make GenerateSpec[runId=tiny");
  }

  private static void assertSameButForTimes(Row row, Row alone) {
    for (int column = 0; column < LATENCY; column++) {
      if (column != 5 && column != TOKENS) {
        assertThat(row.get(column)).as("column " + column).isEqualTo(alone.get(column));
      }
    }
    assertThat(row.getString(PIXELS)).isNotEmpty();
    assertThat((byte[]) row.get(TOKENS)).isEqualTo((byte[]) alone.get(TOKENS));
    Row[] scales = row.getStruct(LATENCY).getAs(7);
    Row[] scalesAlone = alone.getStruct(LATENCY).getAs(7);
    for (int i = 0; i < scales.length; i++) {
      for (int column : new int[] {0, 1, 2, 3, 4, 6}) {
        assertThat(scales[i].get(column)).isEqualTo(scalesAlone[i].get(column));
      }
    }
  }

  private List<Row> rows(GenerateGroupPartition partition) {
    return all(partition.rows(List.of(0L, 1L, 2L).iterator(), site(registry)));
  }

  private static List<Row> all(GeneratedRows rows) {
    List<Row> all = new ArrayList<>();
    rows.forEachRemaining(all::add);
    return all;
  }

  private static GenerateGroup group(int... draftScales) {
    return new GenerateGroup(
        IntStream.of(draftScales).mapToObj(GenerateGroupPartitionTest::run).toList());
  }

  private static GenerateSpec run(int drafted) {
    GenerateSpec spec = spec();
    DecodeConfig decode =
        Decodes.sampled(
            DecodePlan.collaborative("drafter", "refiner", drafted, TinyRun.GOLDEN.scales()),
            1.5,
            SamplingConfig.uniform(60, 0.96, 1.1, TinyRun.GOLDEN.scales()));
    return new GenerateSpec(
        "run-" + drafted, spec.models(), decode, spec.sampling(), spec.execution(), spec.output());
  }
}
