package io.tandem.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchOrderTest {

  private static long[] epoch(long examples, long seed, long epoch) {
    BatchOrder order = new BatchOrder(examples, seed);
    return LongStream.range(epoch * examples, (epoch + 1) * examples).map(order::example).toArray();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 7, 16, 17, 63, 64, 65, 1000, 4096, 4097})
  void eachEpochHasEachExampleOnce(long examples) {
    long[] all = LongStream.range(0, examples).toArray();
    for (long epoch : new long[] {0, 1, 2, 1L << 33}) {
      assertThat(epoch(examples, 42, epoch)).as("epoch %d", epoch).containsExactlyInAnyOrder(all);
    }
  }

  @Test
  void epochsAndSeedsHaveOrdersOfTheirOwn() {
    long[] first = epoch(1000, 1, 0);

    assertThat(epoch(1000, 1, 0)).isEqualTo(first);
    for (long[] other :
        new long[][] {
          epoch(1000, 1, 1),
          epoch(1000, 1, 1L << 32),
          epoch(1000, 2, 0),
          epoch(1000, 1L << 32 | 1, 0),
          LongStream.range(0, 1000).toArray()
        }) {
      long same = LongStream.range(0, 1000).filter(i -> first[(int) i] == other[(int) i]).count();
      // one place in 1,000 agrees by chance
      assertThat(same).isLessThan(10);
    }
  }

  @Test
  void eachPlaceSeesAllPartsOfTheSet() {
    int[] first = new int[10];
    for (int seed = 0; seed < 5000; seed++) {
      first[(int) new BatchOrder(10, seed).example(3)]++;
    }
    // 500 expected, six standard deviations of 21
    for (int count : first) {
      assertThat(count).isBetween(370, 630);
    }
  }
}
