package io.tandem.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tandem.job.Throughput.Done;
import io.tandem.job.Throughput.Point;
import io.tandem.job.Throughput.Stretch;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ThroughputTest {

  private static final double EXACT = 1e-9;

  @Test
  void anEvenPaceIsALevelLine() {
    List<Done> done = new ArrayList<>();
    for (int i = 1; i <= 240; i++) {
      done.add(new Done(1e9 + 0.5 * i, 0.5, 4));
    }
    Collections.shuffle(done, new Random(1));

    List<Stretch> stretches = Throughput.of(done).stretches();

    assertThat(stretches).hasSize(1);
    assertThat(stretches.get(0).points()).hasSize(60);
    assertThat(stretches.get(0).points())
        .allSatisfy(point -> assertThat(point.imagesPerSecond()).isCloseTo(8, within(1e-3)));
    assertThat(stretches.get(0).points().get(0).seconds()).isCloseTo(1, within(1e-3));
  }

  @Test
  void tasksAtOnceAddUp() {
    List<Done> done = new ArrayList<>();
    for (int i = 1; i <= 100; i++) {
      done.add(new Done(i, 1, 4));
      done.add(new Done(i, 1, 4));
    }

    assertThat(Throughput.of(done).stretches().get(0).points())
        .allSatisfy(point -> assertThat(point.imagesPerSecond()).isCloseTo(8, within(EXACT)));
  }

  @Test
  void pausesAreCutOut() {
    List<Done> done = new ArrayList<>();
    for (int i = 1; i <= 30; i++) {
      done.add(new Done(i, 1, 2));
      done.add(new Done(86_400 + i, 1, 6));
    }

    List<Stretch> stretches = Throughput.of(done).stretches();

    assertThat(stretches).hasSize(2);
    assertThat(stretches.get(0).points())
        .allSatisfy(point -> assertThat(point.imagesPerSecond()).isCloseTo(2, within(EXACT)));
    assertThat(stretches.get(1).points())
        .allSatisfy(
            point -> {
              assertThat(point.imagesPerSecond()).isCloseTo(6, within(EXACT));
              assertThat(point.seconds()).isBetween(30.0, 60.0);
            });
  }

  @Test
  void noImageGetsLost() {
    List<Done> done = new ArrayList<>();
    Random random = new Random(3);
    double time = 0;
    for (int i = 0; i < 500; i++) {
      time += random.nextDouble();
      done.add(new Done(time, 2 * random.nextDouble(), 1 + random.nextInt(8)));
    }
    // No batch may have begun before the first one, or a part of it is outside.
    done.set(0, new Done(done.get(0).endSeconds(), 5, 3));

    List<Point> points = Throughput.of(done).stretches().get(0).points();

    double width = points.get(1).seconds() - points.get(0).seconds();
    assertThat(points.stream().mapToDouble(point -> point.imagesPerSecond() * width).sum())
        .isCloseTo(done.stream().mapToLong(Done::images).sum(), within(1e-6));
  }

  @Test
  void nothingGivesNothing() {
    assertThat(Throughput.of(List.of()).stretches()).isEmpty();
    assertThat(Throughput.of(List.of(new Done(5, 0, 3))).stretches())
        .containsExactly(new Stretch(List.of()));
    assertThat(Throughput.of(List.of(new Done(5, 2, 3))).stretches())
        .containsExactly(new Stretch(List.of(new Point(1, 1.5))));
  }
}
