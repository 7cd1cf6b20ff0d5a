package io.tandem.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SplitMix64Test {

  @Test
  void givesThePublishedWords() {
    SplitMix64 random = SplitMix64.startingAt(1234567);

    // The example of Rosetta Code, Pseudo-random numbers/Splitmix64.
    assertThat(LongStream.generate(random::nextWord).limit(3))
        .containsExactly(6457827717110365317L, 3203168211198807973L, -8629252141511181193L);
  }

  @Test
  void agreesWithTheGeneratorOfTheLibrary() {
    SplitMix64 random = SplitMix64.startingAt(42);
    SplittableRandom library = new SplittableRandom(42);

    assertThat(LongStream.generate(random::nextWord).limit(100))
        .containsExactlyElementsOf(library.longs(100).boxed().toList());
  }

  @Test
  void numbersStayInTheirRangeAndFillIt() {
    SplitMix64 random = SplitMix64.of(7, 0);
    List<Double> numbers = Stream.generate(() -> random.uniform(-2, 3)).limit(10_000).toList();

    assertThat(numbers).allMatch(number -> number >= -2 && number < 3);
    assertThat(numbers).anyMatch(number -> number < -1.99).anyMatch(number -> number > 2.99);
  }

  @Test
  void neighbouringSeedsAndIndexesShareNoWords() {
    assertThat(
            LongStream.range(0, 50)
                .flatMap(
                    seed ->
                        LongStream.range(0, 50)
                            .flatMap(
                                index -> {
                                  SplitMix64 random = SplitMix64.of(seed, index);
                                  return LongStream.generate(random::nextWord).limit(8);
                                })))
        .doesNotHaveDuplicates();
  }
}
