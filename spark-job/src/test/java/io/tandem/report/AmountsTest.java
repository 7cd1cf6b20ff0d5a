package io.tandem.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AmountsTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0 bytes",
    "999, 999 bytes",
    "1000, 1.00 kB",
    "8040000000, 8.04 GB",
    "999499, 999 kB",
    "999500, 1.00 MB",
    "99949, 99.9 kB",
    "99950, 100 kB",
    "5000000000000000, 5000 TB"
  })
  void bytesHaveThreeDigits(long bytes, String text) {
    assertThat(Amounts.bytes(bytes)).isEqualTo(text);
  }

  @Test
  void ratesAreInGigaflops() {
    assertThat(Amounts.gigaflops(181.4e9)).isEqualTo("181 GFLOP/s");
  }
}
